package manager_test

import (
	"net/http"
	"testing"

	"homestore/clienteling/shop"
)

// handedOver is the answer to an act about people, and to the list of its customers.
type handedOver struct {
	Succession struct {
		named
		Kind  string
		At    string
		Heirs []struct {
			Person string
			Staff  shop.ID
			Store  shop.ID
			Share  int
		}
	}
	Preview   bool
	Customers int
	ByHeir    []int `json:"by_heir"`
	Items     []struct {
		Customer shop.ID
		From, To struct {
			Store, Staff shop.ID
			Pool         bool
		}
	}
}

// b.won() is a customer of Amy's at S1.
func TestALeavingIsPreviewedThenDoneAndItsCustomersAreListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.won()
	leave := "/v1/manager/staff/" + b.Amy.String() + "/leave"
	body := object{"at": "2026-11-23T04:00:00Z", "heirs": []object{{"staff": b.Ben, "share": 1}}, "note": "she likes oak"}
	var seen, done, list handedOver
	b.post("manager", leave, body).refused(http.StatusForbidden, "forbidden", "")
	body["preview"] = true
	b.post("hq", leave, body).into(http.StatusCreated, &seen)
	if !seen.Preview || seen.Customers != 1 || len(seen.ByHeir) != 1 || seen.ByHeir[0] != 1 {
		t.Errorf("%+v", seen)
	}
	var none page
	b.get("hq", "/v1/manager/successions").into(http.StatusOK, &none)
	if len(none.Items) != 0 {
		t.Errorf("a preview has left %+v", none.Items)
	}
	delete(body, "preview")
	b.post("hq", leave, body).into(http.StatusCreated, &done)
	if done.Preview || done.Customers != 1 || done.Succession.Kind != "leave" || done.Succession.Heirs[0].Staff != b.Ben {
		t.Errorf("%+v", done)
	}
	b.post("hq", leave, body).refused(http.StatusConflict, "staff_left", "")
	var all page
	b.get("manager", "/v1/manager/successions").into(http.StatusOK, &all)
	if len(all.Items) != 1 || all.Items[0].ID != done.Succession.ID {
		t.Errorf("her store's manager sees %+v", all.Items)
	}
	b.get("manager", "/v1/manager/successions/"+done.Succession.ID.String()+"/customers").into(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Customer != who || list.Items[0].From.Staff != b.Amy || list.Items[0].To.Staff != b.Ben || list.Items[0].To.Store != b.S1 {
		t.Errorf("%+v", list)
	}
	var past struct {
		Bindings []struct{ Staff shop.ID }
		Passages []struct{ Succession shop.ID }
	}
	b.get("manager", "/v1/manager/customers/"+who.String()+"/bindings").into(http.StatusOK, &past)
	if len(past.Bindings) != 1 || past.Bindings[0].Staff != b.Amy || len(past.Passages) != 1 || past.Passages[0].Succession != done.Succession.ID {
		t.Errorf("%+v", past)
	}
}

func TestAMoveAndAClosingSayWhomTheyPassOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.won()
	var moved, closed handedOver
	b.post("hq", "/v1/manager/staff/"+b.Amy.String()+"/move", object{"from_store": b.S1, "to_store": b.S2, "move": object{"store": "follow"}}).into(http.StatusCreated, &moved)
	if h := moved.Succession.Heirs; moved.Customers != 1 || len(h) != 1 || h[0].Store != b.S2 || h[0].Person != "keep" {
		t.Errorf("%+v", moved)
	}
	b.post("hq", "/v1/manager/stores/"+b.S2.String()+"/close", object{"heirs": []object{{"store": b.S1}, {"store": b.Web, "share": 3}}}).into(http.StatusCreated, &closed)
	if closed.Customers != 1 || len(closed.ByHeir) != 2 || closed.ByHeir[0]+closed.ByHeir[1] != 1 {
		t.Errorf("%+v", closed)
	}
	b.post("hq", "/v1/manager/stores/"+b.S1.String()+"/close", object{"heirs": []object{}}).refused(http.StatusUnprocessableEntity, "fields_invalid", "heirs")
	b.post("hq", "/v1/manager/staff/"+b.Ben.String()+"/leave", object{"at": "2036-01-01T00:00:00Z"}).refused(http.StatusUnprocessableEntity, "effective_at_out_of_range", "")
}
