package order

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

func (b *bundle) erase(who shop.ID) {
	b.t.Helper()
	people := customer.New(b.pool, b.s.now, b.s)
	if _, err := people.Erase(b.t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Ben}, who, "asked"); err != nil {
		b.t.Fatal(err)
	}
}

// known is somebody with a telephone number and an address.
func (b *bundle) known(number, address string) (who shop.ID) {
	b.t.Helper()
	err := b.pool.Brand(b.t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		who, err = customer.Resolve(b.t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.Phone, Value: number, Verified: true}, {Kind: customer.Email, Value: address, Verified: true}}, today)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return who
}

// An order of somebody who was erased stays hers, whatever a platform says once more of who she was, and counts for nobody new.
func TestOrdersOfSomebodyErasedStayHers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(b.sofa("o1"))
	lin := b.load("o1").Customer
	b.erase(lin)
	again := b.sofa("o1")
	again.Version = 2
	again.Identities = append(again.Identities, customer.Identity{Kind: customer.Phone, Value: "+886912345678"})
	b.want(again, Applied, "")
	b.want(WasRefunded{Order: "o1", ExternalID: "r1", At: today, Amount: 100}, Applied, "")
	if o := b.load("o1"); o.Customer != lin || o.Version != 2 {
		t.Errorf("it is %s's now, version %d", o.Customer, o.Version)
	}
	b.read(func(tx pgx.Tx) error {
		p, err := customer.ProfileOf(t.Context(), tx, b.Brand, lin)
		if p.Orders != 1 || p.SpentMinor != 26250-100 {
			t.Errorf("her figures are %+v", p)
		}
		var people int
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM customer WHERE brand_id = $1`, b.Brand).Scan(&people); err != nil || people != 1 {
			t.Errorf("%d customers, %v", people, err)
		}
		return err
	})
	if b.apply(b.sofa("o2")); b.load("o2").Customer == lin {
		t.Error("her account leads to her still")
	}
}

func (b *inboxBundle) bodyOf(externalID string) (body string) {
	b.t.Helper()
	b.read(func(tx pgx.Tx) error {
		return tx.QueryRow(b.t.Context(), `SELECT convert_from(body, 'UTF8') FROM inbox WHERE brand_id = $1 AND external_id = $2`, b.Brand, externalID).Scan(&body)
	})
	return body
}

func TestMessagesThatNamedSomebodyErasedAreEmptied(t *testing.T) {
	t.Parallel()
	b := setupInbox(t)
	lin := b.known("+886912345678", "lin@example.com")
	order := b.sofa("o1")
	order.Identities, order.Customer = nil, lin
	b.apply(order)
	told := map[string]string{
		"m1": "refund o1",
		"m2": "what? Mail: Lin@Example.com",
		"m3": "nothing (0912) 345-678",
		"m4": "what? 0987-654-321",
		"m5": "refund o9 lin@example.com",
	}
	for name, body := range told {
		if err := b.work(b.receive(name, body), 1); err != nil {
			t.Fatal(err)
		}
	}
	b.erase(lin)
	for name, want := range map[string]MessageState{"m1": MessageApplied, "m2": MessageIgnored, "m3": MessageIgnored, "m5": MessageWaiting} {
		if m := b.byExternalID(name); b.bodyOf(name) != "" || m.Note != NoteErased || m.State != want {
			t.Errorf("%s holds %q: %s %q", name, b.bodyOf(name), m.State, m.Note)
		}
		if err := b.inbox.Replay(t.Context(), b.Brand, b.byExternalID(name).ID); !errors.Is(err, ErrMessageErased) {
			t.Errorf("%s may be replayed: %v", name, err)
		}
	}
	if b.bodyOf("m4") != told["m4"] {
		t.Errorf("somebody else's message holds %q", b.bodyOf("m4"))
	}
	if err := b.work(b.receive("m6", "order o1"), 1); err != nil || b.bodyOf("m6") != "" {
		t.Errorf("what is told of her afterwards holds %q, %v", b.bodyOf("m6"), err)
	}
}

// A hash says who paid for whom. One that says it of nobody goes with her.
func TestWhatSomebodyErasedPaidWithStaysWhereItSaysWhoPaidForWhom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, friend, amy := b.known("+886912345671", "lin@example.com"), b.known("+886912345672", "friend@example.com"), b.known("+886912345673", "amy@example.com")
	if err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		return customer.MarkStaff(t.Context(), tx, shop.System(b.Brand), amy, b.Amy, today)
	}); err != nil {
		t.Fatal(err)
	}
	ids := map[string]shop.ID{}
	for _, o := range []struct {
		name, card string
		who        shop.ID
	}{{"amy's own", "amy's", amy}, {"friend's", "amy's", friend}, {"lin's", "lin's", lin}, {"lin's second", "lin's", lin}} {
		f := b.sofa(o.name)
		f.Identities, f.Customer, f.Payment = nil, o.who, o.card
		f.PlacedAt = placed.Add(time.Duration(len(ids)) * time.Minute)
		ids[o.name] = b.apply(f).Order
	}
	for _, who := range []shop.ID{lin, friend, amy} {
		b.erase(who)
	}
	b.read(func(tx pgx.Tx) error {
		alike, err := PaidAlike(t.Context(), tx, b.Brand, []shop.ID{ids["friend's"], ids["lin's second"]})
		if len(alike[ids["friend's"]]) != 1 || alike[ids["friend's"]][0] != amy || len(alike[ids["lin's second"]]) != 0 {
			t.Errorf("paid alike: %v", alike)
		}
		return err
	})
}
