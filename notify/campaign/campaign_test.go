package campaign

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/notify/delivery"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // 12:00 in Taipei

func TestAudienceIsReadStrictly(t *testing.T) {
	t.Parallel()
	const id = "019aa9a4-2800-7c11-8a01-5f0e6d1b7a10"
	for _, tc := range []struct {
		why, text string
		ok        bool
	}{
		{"everybody", `{"all": true}`, true},
		{"a store's", `{"home_store": "` + id + `"}`, true},
		{"named ones", `{"customers": ["` + id + `"]}`, true},
		{"a misspelt key would address nobody, or everybody", `{"home_shop": "` + id + `"}`, false},
		{"a key of a later version", `{"all": true, "except": ["` + id + `"]}`, false},
		{"nobody", `{}`, false},
		{"two at once", `{"all": true, "home_store": "` + id + `"}`, false},
		{"not all", `{"all": false}`, false},
		{"no id", `{"home_store": "S1"}`, false},
		{"an empty id among the named", `{"customers": ["` + id + `", ""]}`, false},
		{"no object", `"all"`, false},
	} {
		var a Audience
		err := json.Unmarshal([]byte(tc.text), &a)
		if err == nil {
			err = Draft{Name: "n", Offer: shop.NewID(noon), Audience: a}.check(noon)
		}
		if (err == nil) != tc.ok || err != nil && !errors.Is(err, shop.ErrFields) {
			t.Errorf("%s: %v", tc.why, err)
		}
		if tc.ok {
			kept, err := json.Marshal(a)
			var again Audience
			if err != nil || json.Unmarshal(kept, &again) != nil || again.All != a.All || again.HomeStore != a.HomeStore || !slices.Equal(again.Customers, a.Customers) {
				t.Errorf("%s: kept as %s, %v", tc.why, kept, err)
			}
		}
	}
}

func TestWhoMayAddressWhom(t *testing.T) {
	t.Parallel()
	s1, s2 := shop.NewID(noon), shop.NewID(noon)
	manager := shop.Actor{Role: shop.RoleManager, Stores: []shop.ID{s1}}
	for _, tc := range []struct {
		why         string
		actor       shop.Actor
		audience    Audience
		isEmergency bool
		ok          bool
	}{
		{"head office, everybody, at once", shop.Actor{Role: shop.RoleHQ}, Audience{All: true}, true, true},
		{"a manager, her store's customers", manager, Audience{HomeStore: s1}, false, true},
		{"not as an emergency", manager, Audience{HomeStore: s1}, true, false},
		{"not another store's", manager, Audience{HomeStore: s2}, false, false},
		{"not everybody", manager, Audience{All: true}, false, false},
		{"not a list of her own making", manager, Audience{Customers: []shop.ID{s1}}, false, false},
		{"staff: one by one", shop.Actor{Role: shop.RoleStaff, Stores: []shop.ID{s1}}, Audience{HomeStore: s1}, false, false},
		{"finance reads", shop.Actor{Role: shop.RoleFinance}, Audience{All: true}, false, false},
	} {
		if err := mayAddress(tc.actor, tc.audience, tc.isEmergency); (err == nil) != tc.ok {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}

func TestPagesOfNamedCustomersMissNobody(t *testing.T) {
	t.Parallel()
	var a Audience
	for range 25 {
		id := shop.NewID(noon)
		a.Customers = append(a.Customers, id, id)
	}
	a = a.sorted()
	var seen []shop.ID
	for after := (shop.ID{}); ; after = seen[len(seen)-1] {
		next := a.namedAfter(after, 7)
		if len(next) == 0 {
			break
		}
		seen = append(seen, next...)
	}
	if len(seen) != 25 || !slices.Equal(seen, a.Customers) {
		t.Errorf("%d of 25 in pages", len(seen))
	}
}

func TestCountsAddUp(t *testing.T) {
	t.Parallel()
	x, y, z := shop.NewID(noon), shop.NewID(noon), shop.NewID(noon)
	var c Counts
	c.add(delivery.Addressed{Customers: []shop.ID{x}, Lost: map[shop.ID]delivery.Why{y: delivery.NoConsent, z: delivery.NoConsent}})
	c.lose(delivery.NotOurs, 2)
	c.lose(delivery.NotOurs, 0)
	if c.Audience != 5 || c.Intended != 1 || c.Lost[delivery.NoConsent] != 2 || c.Lost[delivery.NotOurs] != 2 {
		t.Errorf("%+v", c)
	}
}
