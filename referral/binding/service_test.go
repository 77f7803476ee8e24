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
	"homestore/referral/scan"
)

// Scenario 01: she scans at 14:00, joins at 21:01, and is the shop's from 14:00 on.
func TestShelfToSofaBindsFromTheScanOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	scanned := b.at("2026-03-01 14:00")
	k1 := b.scan(b.S1, shop.ID{}, scanned)
	c1 := b.customer()
	bought := b.at("2026-03-01 21:00")
	b.is("before she joined", c1, bought, "unbound")
	b.at("2026-03-01 21:01")
	if out := b.join(c1, k1); !out.Bound || out.Err() != nil {
		t.Fatalf("%+v", out)
	}
	b.is("from the scan on", c1, scanned, "S1 -")
	b.is("not before", c1, scanned.Add(-time.Minute), "unbound")
	b.is("when she bought", c1, bought, "S1 -")
	if d := cmp.Diff([]time.Time{scanned}, b.heard.since, cmp.Comparer(time.Time.Equal)); d != "" {
		t.Errorf("who credits must hear of it with the instant of the scan: %s", d)
	}
	h := b.history(c1)
	if len(h) != 1 || h[0].Evidence.Scan != k1 || h[0].Evidence.Code != "T1" || !h[0].Evidence.ScannedAt.Equal(scanned) {
		t.Errorf("evidence %+v", h)
	}
	b.do(func(tx pgx.Tx) error {
		p, err := customer.ProfileOf(t.Context(), tx, b.Brand, c1)
		if p.HomeStore != b.S1 || !p.HomeSince.Equal(scanned) {
			t.Errorf("profile %+v", p)
		}
		return err
	})
}

// Scenario 09, as far as bindings go.
func TestClaimsAndHerOwnChoice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fails := func(why string, err error, want *shop.Refusal) {
		t.Helper()
		if want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", why, err, want)
		}
	}
	b.at("2026-01-05 10:00")
	c1 := b.customer()
	fails("the till", b.claim(Attempt{Customer: c1, Store: b.S1, Staff: b.Amy, Source: FromTill}), nil)
	fails("another's code", b.claim(Attempt{Customer: c1, Store: b.S2, Staff: b.Ben, Source: FromStaffCode}), ErrAlreadyBound)
	sixth := b.at("2026-01-06 10:00")
	fails("no reason", b.transfer(c1, b.S2, b.Ben, " "), ErrReason)
	b.is("the first wins", c1, sixth, "S1 amy")
	if d := cmp.Diff([]string{"S1 amy till won", "S2 ben staff_code already_bound"}, b.claims(c1)); d != "" {
		t.Error(d)
	}
	seventh := b.at("2026-01-07 10:00")
	fails("transfer", b.transfer(c1, b.S2, b.Ben, "moved house"), nil)
	tenth := b.at("2026-01-10 10:00")
	fails("she chooses", b.choose(c1, b.s3), nil)
	b.is("before the transfer", c1, seventh.Add(-time.Minute), "S1 amy")
	b.is("before her choice", c1, tenth.Add(-time.Minute), "S2 ben")
	b.is("her choice", c1, b.at("2026-01-11 10:00"), "S3 -")
	b.at("2026-04-10 09:59")
	fails("a minute too soon", b.choose(c1, shop.ID{}), ErrChoiceTooSoon)
	b.at("2026-04-10 10:00")
	fails("after 90 days", b.choose(c1, shop.ID{}), nil)
	b.at("2026-04-11 10:00")
	fails("a till after her choice", b.claim(Attempt{Customer: c1, Store: b.S1, Staff: b.Amy, Source: FromTill}), ErrCustomerChoice)
	fails("a manager after her choice", b.transfer(c1, b.S1, shop.ID{}, "please"), ErrCustomerChoice)
	b.is("nobody", c1, b.at("2026-04-12 10:00"), "nobody")
	if n := len(b.heard.since); n != 4 {
		t.Errorf("%d changes were told, want 4", n)
	}
}

func TestFirstOrLastTouchWinsAndUsesUpOneClick(t *testing.T) {
	t.Parallel()
	b := setup(t)
	early, late := b.scan(b.S1, shop.ID{}, noon.Add(-2*time.Hour)), b.scan(b.S2, b.Ben, noon.Add(-time.Hour))
	c1, c2 := b.customer(), b.customer()
	b.join(c1, late, early)
	b.is("first touch", c1, noon, "S1 -")
	if d := cmp.Diff([]string{"S1 - scan won", "S2 ben scan already_bound"}, b.claims(c1)); d != "" {
		t.Errorf("the other click is kept as a claim: %s", d)
	}
	if out := b.join(c2, early); !errors.Is(out.Err(), ErrClickUsed) {
		t.Errorf("a click that has bound somebody: %+v", out)
	}
	b.is("the used click bound nobody else", c2, noon, "unbound")
	if out := b.join(c2, late); !out.Bound {
		t.Errorf("the click that did not win is not used up: %+v", out)
	}
	b.do(func(tx pgx.Tx) error {
		scans, err := scan.New(scan.Parts{Pool: b.pool}).OfCustomer(t.Context(), tx, b.Brand, c2)
		if len(scans) != 1 || scans[0].ID != late {
			t.Errorf("the clicks not used up by others are hers: %+v", scans)
		}
		return err
	})
}

func TestClickThatCannotWinLetsTheNextOneWin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.customer()
	b.do(func(tx pgx.Tx) error {
		return customer.MarkStaff(t.Context(), tx, shop.System(b.Brand), c, b.Amy, noon)
	})
	own, shelf := b.scan(b.S1, b.Amy, noon.Add(-2*time.Hour)), b.scan(b.S2, shop.ID{}, noon.Add(-time.Hour))
	stranger := b.scan(b.S1, b.Ben, noon.Add(-3*time.Hour)) // he does not work at S1
	if out := b.join(c, own, shelf, stranger); !out.Bound || out.Refusal != nil {
		t.Errorf("%+v", out)
	}
	if d := cmp.Diff([]string{"S1 ben scan not_assigned", "S1 amy scan self_referral", "S2 - scan won"}, b.claims(c)); d != "" {
		t.Error(d)
	}
}

func TestInvoiceBindsOneCustomerOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c1, c2 := b.customer(), b.customer()
	invoice := func(c shop.ID) Attempt {
		return Attempt{Customer: c, Store: b.S1, Source: FromInvoice, Invoice: "ab12345678"}
	}
	if err := b.claim(invoice(c1)); err != nil {
		t.Fatal(err)
	}
	shown := invoice(c2)
	shown.Invoice = " AB12345678"
	if err := b.claim(shown); !errors.Is(err, ErrInvoiceUsed) {
		t.Errorf("again: %v", err)
	}
	if d := cmp.Diff([]string{"S1 - invoice invoice_used"}, b.claims(c2)); d != "" {
		t.Errorf("the refused claim is kept: %s", d)
	}
}

func TestReplacedAtTheInstantItBeganHeldNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.customer()
	if err := b.claim(Attempt{Customer: c, Store: b.S1, Source: FromTill}); err != nil {
		t.Fatal(err)
	}
	if err := b.transfer(c, b.S2, shop.ID{}, "wrong till"); err != nil {
		t.Fatal(err)
	}
	b.is("the later one holds her", c, noon, "S2 -")
	h := b.history(c)
	if len(h) != 2 || !h[0].From.Equal(noon) || !h[0].Until.Equal(noon) || h[0].Store != b.S1 || !h[1].IsLive() {
		t.Errorf("%+v", h)
	}
}

func TestPolicyLetsAnIdleCustomerBeWonAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.customer()
	if err := b.claim(Attempt{Customer: c, Store: b.S1, Source: FromTill}); err != nil {
		t.Fatal(err)
	}
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO policy (brand_id, id, begins_at, rules) VALUES ($1, $2, $3, '{"rebind_inactive_days": 30}')`,
			b.Brand, shop.FloorID(noon), noon)
		return err
	})
	*b.clock = noon.Add(days(29))
	if err := b.claim(Attempt{Customer: c, Store: b.S2, Source: FromTill}); !errors.Is(err, ErrAlreadyBound) {
		t.Errorf("after 29 days: %v", err)
	}
	*b.clock = noon.Add(days(30))
	if err := b.claim(Attempt{Customer: c, Store: b.S2, Source: FromTill}); err != nil {
		t.Errorf("after 30 days: %v", err)
	}
	b.is("until then", c, noon.Add(days(30)-time.Minute), "S1 -")
	b.is("from then on", c, noon.Add(days(30)), "S2 -")
}

func TestWhoeverHearsCanUndoTheBinding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.customer()
	b.heard.err = errors.New("the book is closed")
	if err := b.claim(Attempt{Customer: c, Store: b.S1, Source: FromTill}); !errors.Is(err, b.heard.err) {
		t.Fatal(err)
	}
	if len(b.history(c)) != 0 || len(b.claims(c)) != 0 {
		t.Error("a binding without its credits is there")
	}
}

func TestWhoMayClaimAndTransfer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.customer()
	amy := shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Stores: []shop.ID{b.S1}}
	manager := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: b.Amy, Stores: []shop.ID{b.S1}}
	her := shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: c}
	claim := func(actor shop.Actor, a Attempt) error {
		_, err := b.s.Claim(t.Context(), actor, a)
		return err
	}
	transfer := func(actor shop.Actor, who, to shop.ID) error {
		_, err := b.s.Transfer(t.Context(), actor, Transfer{Customers: []shop.ID{who}, Store: to, Reason: "asked for it"})
		return err
	}
	for _, tc := range []struct {
		why  string
		err  error
		want error
	}{
		{"staff for another store", claim(amy, Attempt{Customer: c, Store: b.S2, Source: FromTill}), shop.ErrForbidden},
		{"staff cannot import", claim(amy, Attempt{Customer: c, Store: b.S1, Source: FromImport}), shop.ErrForbidden},
		{"a customer for another", claim(her, Attempt{Customer: b.customer(), Store: b.S1, Staff: b.Amy, Source: FromStaffCode}), shop.ErrForbidden},
		{"a customer at a till", claim(her, Attempt{Customer: c, Store: b.S1, Source: FromTill}), shop.ErrForbidden},
		{"an integration with a staff code", claim(shop.Actor{Brand: b.Brand, Role: shop.RoleIntegration}, Attempt{Customer: c, Store: b.S1, Staff: b.Amy, Source: FromStaffCode}), shop.ErrForbidden},
		{"a store that is not", claim(shop.System(b.Brand), Attempt{Customer: c, Store: shop.NewID(noon), Source: FromTill}), team.ErrStoreUnknown},
		{"a customer who is not", claim(shop.System(b.Brand), Attempt{Customer: shop.NewID(noon), Store: b.S1, Source: FromTill}), customer.ErrUnknown},
		{"an invoice without its number", claim(shop.System(b.Brand), Attempt{Customer: c, Store: b.S1, Source: FromInvoice}), shop.ErrFields},
		{"a source of its own", claim(shop.System(b.Brand), Attempt{Customer: c, Store: b.S1, Source: ByTransfer}), shop.ErrFields},
		{"staff cannot transfer", transfer(amy, c, b.S1), shop.ErrForbidden},
		{"a manager into another's store", transfer(manager, c, b.S2), customer.ErrUnknown},
		{"a manager takes in whom nobody has won", transfer(manager, c, b.S1), nil},
		{"and gives her away", transfer(manager, c, b.S2), nil},
		{"and cannot take her back", transfer(manager, c, b.S1), customer.ErrUnknown},
		{"staff cannot choose for her", func() error { _, err := b.s.Choose(t.Context(), amy, b.S1); return err }(), shop.ErrForbidden},
		{"she cannot choose what is not", b.choose(c, shop.NewID(noon)), team.ErrStoreUnknown},
	} {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.why, tc.err, tc.want)
		}
	}
	b.do(func(tx pgx.Tx) error {
		records, _, err := audit.OfCustomer(t.Context(), tx, b.Brand, c, shop.Page{Limit: 10})
		if len(records) != 2 || records[0].Act != "customer_bound" || records[0].Actor != manager.Pseudonym() {
			t.Errorf("A11: %+v", records)
		}
		return err
	})
}

func TestTransferOfSeveralIsAllOrNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c1, c2 := b.customer(), b.customer()
	if err := b.choose(c2, b.s3); err != nil {
		t.Fatal(err)
	}
	hq := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ}
	_, err := b.s.Transfer(t.Context(), hq, Transfer{Customers: []shop.ID{c1, c2}, Store: b.S1, Reason: "new shop"})
	if !errors.Is(err, ErrCustomerChoice) {
		t.Errorf("%v", err)
	}
	b.is("the other did not move either", c1, noon, "unbound")
}
