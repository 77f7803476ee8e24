package binding

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func (b bundle) follow() {
	b.Helper()
	if err := b.s.Follow(b.Context(), b.Brand); err != nil {
		b.Fatal(err)
	}
}

func (b bundle) profile(who shop.ID) (p customer.Profile) {
	b.Helper()
	b.do(func(tx pgx.Tx) (err error) {
		p, err = customer.ProfileOf(b.Context(), tx, b.Brand, who)
		return err
	})
	return p
}

func (b bundle) leaves(who shop.ID, at time.Time, heirs ...Heir) Handover {
	b.Helper()
	h, err := b.s.StaffLeaves(b.Context(), b.hq(), Departure{Staff: who, Heirs: heirs, Terms: Terms{At: at}})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

func (b bundle) won(store, staff shop.ID) shop.ID {
	b.Helper()
	c := b.customer()
	if err := b.claim(Attempt{Customer: c, Store: store, Staff: staff, Source: FromImport}); err != nil {
		b.Fatal(err)
	}
	return c
}

func TestWhoLeavesInTheFutureIsHereUntilThen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.won(b.S1, b.Amy)
	last := b.at("2026-04-01 18:00")
	*b.clock = noon
	if h := b.leaves(b.Amy, last); h.Customers != 1 || h.Preview {
		t.Errorf("%+v", h)
	}
	b.follow()
	if p := b.profile(c); p.HomeStaff != b.Amy {
		t.Errorf("her profile is ahead of its time: %+v", p)
	}
	*b.clock = last.Add(-time.Minute)
	c2 := b.won(b.S1, b.Amy)
	b.is("a minute before", c, last.Add(-time.Minute), "S1 amy")
	b.is("from then on", c, last, "S1 pool")
	b.is("whom she won on her last day", c2, last, "S1 pool")
	*b.clock = last
	if err := b.claim(Attempt{Customer: b.customer(), Store: b.S1, Staff: b.Amy, Source: FromTill}); !errors.Is(err, ErrNotAssigned) {
		t.Errorf("she wins a customer after she has left: %v", err)
	}
	b.follow()
	if p := b.profile(c); p.HomeStore != b.S1 || !p.HomeStaff.IsZero() {
		t.Errorf("her profile does not follow: %+v", p)
	}
	h := b.holder(c, last)
	if !h.Since.Equal(noon) || h.Source != FromImport || h.Succession.IsZero() {
		t.Errorf("what the binding rests on is lost: %+v", h)
	}
}

func TestPastOfACustomerSaysWhoTookOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.won(b.S1, b.Amy)
	*b.clock = noon.Add(time.Hour)
	left := b.leaves(b.Amy, noon.Add(time.Hour), Heir{Person: Named, Staff: b.Ben})
	closed, err := b.s.StoreCloses(t.Context(), b.hq(), Closure{Store: b.S1, Heirs: []Heir{{Store: b.s3}}, Terms: Terms{At: noon.Add(2 * time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	manager := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: b.Ben, Stores: []shop.ID{b.s3}}
	if _, err := b.s.PastOf(t.Context(), manager, c); !errors.Is(err, customer.ErrUnknown) {
		t.Errorf("the successor's manager sees her before she is hers: %v", err)
	}
	*b.clock = noon.Add(2 * time.Hour)
	past, err := b.s.PastOf(t.Context(), manager, c)
	if err != nil {
		t.Fatal(err)
	}
	var by []shop.ID
	for _, p := range past.Passages {
		by = append(by, p.To.Succession)
	}
	if d := cmp.Diff([]shop.ID{left.Succession.ID, closed.Succession.ID}, by); d != "" || len(past.Bindings) != 1 {
		t.Errorf("%s", d)
	}
	if err := func() error {
		_, err := b.s.Transfer(t.Context(), manager, Transfer{Customers: []shop.ID{c}, Store: b.S2, Reason: "lives there"})
		return err
	}(); err != nil {
		t.Errorf("the successor's manager cannot give her away: %v", err)
	}
}

func TestFollowingLooksAtEveryCustomerOnceMoreAndThenIsDone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var theirs []shop.ID
	for range followAtOnce + 5 {
		theirs = append(theirs, b.won(b.S1, b.Amy))
	}
	hers := b.won(b.S2, b.Ben)
	*b.clock = noon.Add(time.Hour)
	b.heard.since = nil
	if h := b.leaves(b.Amy, time.Time{}, Heir{Person: Pool, Share: 2}, Heir{Person: Named, Staff: b.Ben, Share: 1}); h.Customers != len(theirs) || h.ByHeir[0]+h.ByHeir[1] != len(theirs) {
		t.Errorf("%d customers, %v", h.Customers, h.ByHeir)
	}
	b.follow()
	if len(b.heard.since) != len(theirs) || !b.heard.since[0].Equal(noon.Add(time.Hour)) {
		t.Errorf("%d were told, want %d", len(b.heard.since), len(theirs))
	}
	audited := func() (n int) {
		for _, c := range theirs {
			b.do(func(tx pgx.Tx) error {
				records, _, err := audit.OfCustomer(t.Context(), tx, b.Brand, c, shop.Page{Limit: 10})
				n += len(records)
				return err
			})
		}
		return n
	}
	before := audited()
	*b.clock = noon.Add(2 * time.Hour)
	b.follow()
	if audited() != before {
		t.Error("the second look writes what is there already")
	}
	b.heard.since = nil
	b.follow()
	if len(b.heard.since) != 0 {
		t.Error("it never ends")
	}
	for _, c := range append(theirs, hers) {
		if p, h := b.profile(c), b.holder(c, *b.clock); p.HomeStore != h.Store || p.HomeStaff != h.Staff {
			t.Errorf("profile %+v, holder %+v", p, h)
		}
	}
}

func TestWhatCannotBeASuccession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	leaves := func(actor shop.Actor, who shop.ID, at time.Time, heirs ...Heir) error {
		_, err := b.s.StaffLeaves(t.Context(), actor, Departure{Staff: who, Heirs: heirs, Terms: Terms{At: at}})
		return err
	}
	closes := func(store shop.ID, heirs ...Heir) error {
		_, err := b.s.StoreCloses(t.Context(), b.hq(), Closure{Store: store, Heirs: heirs})
		return err
	}
	moves := func(who, from, to shop.ID, m team.Move) error {
		_, err := b.s.StaffMoves(t.Context(), b.hq(), Relocation{Staff: who, From: from, To: to, Move: m})
		return err
	}
	manager := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: b.Ben, Stores: []shop.ID{b.S1, b.S2}}
	for _, c := range []struct {
		why  string
		err  error
		want error
	}{
		{"a manager is not head office", leaves(manager, b.Amy, noon), shop.ErrForbidden},
		{"nobody", leaves(b.hq(), shop.NewID(noon), noon), shop.ErrNotFound},
		{"no name", leaves(b.hq(), shop.ID{}, noon), shop.ErrFields},
		{"too long ago", leaves(b.hq(), b.Amy, noon.AddDate(-2, 0, 0)), ErrEffective},
		{"too far ahead", leaves(b.hq(), b.Amy, noon.AddDate(2, 0, 0)), ErrEffective},
		{"she is her own heir", leaves(b.hq(), b.Amy, noon, Heir{Person: Named, Staff: b.Amy}), ErrHeir},
		{"an heir who is not", leaves(b.hq(), b.Amy, noon, Heir{Person: Named, Staff: shop.NewID(noon)}), ErrHeir},
		{"an heir without a name", leaves(b.hq(), b.Amy, noon, Heir{Person: Named}), shop.ErrFields},
		{"a share below nothing", leaves(b.hq(), b.Amy, noon, Heir{Person: Pool, Share: -1}), shop.ErrFields},
		{"a store without a successor", closes(b.S1), shop.ErrFields},
		{"its own successor", closes(b.S1, Heir{Store: b.S1}), ErrHeir},
		{"a successor that is not", closes(b.S1, Heir{Store: shop.NewID(noon)}), team.ErrStoreUnknown},
		{"a store that is not", closes(shop.NewID(noon), Heir{Store: b.S1}), shop.ErrNotFound},
		{"to where she is", moves(b.Amy, b.S1, b.S1, team.Move{}), ErrHeir},
		{"to nowhere", moves(b.Amy, b.S1, shop.ID{}, team.Move{}), shop.ErrFields},
		{"a rule of its own", moves(b.Amy, b.S1, b.S2, team.Move{Store: "both"}), shop.ErrFields},
		{"she may leave", leaves(b.hq(), b.Amy, noon), nil},
		{"not twice", leaves(b.hq(), b.Amy, noon), team.ErrStaffLeft},
		{"nor be an heir any more", leaves(b.hq(), b.Ben, noon, Heir{Person: Named, Staff: b.Amy}), ErrHeir},
		{"a store may close", closes(b.S1, Heir{Store: b.S2}), nil},
		{"not twice", func() error { *b.clock = noon.Add(days(1)); return closes(b.S1, Heir{Store: b.S2}) }(), team.ErrStoreClosed},
		{"nor be a successor any more", closes(b.S2, Heir{Store: b.S1}), team.ErrStoreClosed},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, c.err, c.want)
		}
	}
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE succession SET effective_at = effective_at - interval '1 day' WHERE brand_id = $1`, b.Brand)
		return err
	})
	if err == nil {
		t.Error("the application may change a succession")
	}
}
