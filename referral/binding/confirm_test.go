package binding

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/clienteling/visit"
)

func (b bundle) her(who shop.ID) shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: who}
}

// asked is a customer whom Amy claims at the till under a policy that asks her.
func (b bundle) asked() (shop.ID, Hold) {
	b.Helper()
	b.policy(func(p *team.Policy) { p.Confirm = team.ConfirmTill })
	who := b.customer()
	b.must(b.claim(Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: FromTill}), ErrUnconfirmed)
	holds, _, err := b.s.HerClaims(b.Context(), b.her(who), shop.Page{Limit: 10})
	if err != nil || len(holds) != 1 || holds[0].WaitsFor != ForCustomer {
		b.Fatalf("%v %+v", err, holds)
	}
	return who, holds[0]
}

func TestSheConfirmsWhoWonHer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, h := b.asked()
	b.is("while she is asked", who, noon, "unbound")
	b.at("2026-03-02 08:00")
	if _, err := b.s.Confirm(t.Context(), b.her(b.customer()), h.ID); !errors.Is(err, ErrHoldUnknown) {
		t.Errorf("somebody else confirms: %v", err)
	}
	if _, _, err := b.s.Release(t.Context(), b.hq(), h.ID, "she would have"); !errors.Is(err, ErrHoldDecided) {
		t.Errorf("a manager confirms for her: %v", err)
	}
	out, err := b.s.Confirm(t.Context(), b.her(who), h.ID)
	b.must(err, nil)
	if !out.Bound {
		t.Errorf("%+v", out)
	}
	b.is("from when she was enrolled", who, noon, "S1 amy")
	_, err = b.s.Confirm(t.Context(), b.her(who), h.ID)
	b.must(err, ErrHoldDecided)
}

func TestSheDeniesOrForgets(t *testing.T) {
	t.Parallel()
	b := setup(t)
	no, h := b.asked()
	b.must(b.s.Deny(t.Context(), b.her(no), h.ID), nil)
	forgets := b.customer()
	b.must(b.claim(Attempt{Customer: forgets, Store: b.S1, Staff: b.Amy, Source: FromTill}), ErrUnconfirmed)
	*b.clock = noon.Add(48*time.Hour - time.Millisecond)
	if n, err := b.s.Lapse(t.Context(), b.Brand); n != 0 || err != nil {
		t.Errorf("a moment too soon: %d %v", n, err)
	}
	*b.clock = noon.Add(48 * time.Hour)
	holds, _, err := b.s.HerClaims(t.Context(), b.her(forgets), shop.Page{Limit: 10})
	b.must(err, nil)
	_, err = b.s.Confirm(t.Context(), b.her(forgets), holds[0].ID)
	b.must(err, ErrHoldDecided)
	for _, want := range []int{1, 0} {
		if n, err := b.s.Lapse(t.Context(), b.Brand); n != want || err != nil {
			t.Errorf("%d lapsed, want %d: %v", n, want, err)
		}
	}
	if d := cmp.Diff([]string{"S1 amy till to_confirm", "S1 amy till denied"}, b.claims(no)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"S1 amy till to_confirm", "S1 amy till not_confirmed"}, b.claims(forgets)); d != "" {
		t.Error(d)
	}
}

func TestWhichClaimsSheIsAskedAbout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		source Source
		policy team.Confirm
		want   bool
	}{
		{FromTill, team.ConfirmNone, false}, {FromTill, team.ConfirmTill, true}, {FromTill, team.ConfirmStaff, false}, {FromTill, team.ConfirmBoth, true},
		{FromStaffCode, team.ConfirmNone, false}, {FromStaffCode, team.ConfirmTill, false}, {FromStaffCode, team.ConfirmStaff, true}, {FromStaffCode, team.ConfirmBoth, true},
		{FromScan, team.ConfirmBoth, false}, {FromImport, team.ConfirmBoth, false}, {FromInvoice, team.ConfirmBoth, false},
	} {
		if got := needsConfirming(tt.source, tt.policy); got != tt.want {
			t.Errorf("%s under %s: %t", tt.source, tt.policy, got)
		}
	}
}

// show proves that she stands before somebody, by the code in her app.
func (b bundle) show(who shop.ID, to shop.Actor) Showing {
	b.Helper()
	visits, err := visit.New(b.pool, func() time.Time { return *b.clock }, make([]byte, 32))
	b.mustBe(err)
	code, err := visits.IssueMemberCode(b.Context(), b.her(who))
	b.mustBe(err)
	return func(ctx context.Context, tx pgx.Tx) (visit.Visit, error) {
		return visits.Show(ctx, tx, to, shop.ID{}, code.Code)
	}
}

func (b bundle) mustBe(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func TestTellingTheCashierHerCodeIsAYes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, _ := b.asked()
	b.at("2026-03-01 12:20")
	j, err := b.s.EnrolAtTill(t.Context(), b.amy(), shop.ID{}, Membership{Show: b.show(who, b.amy())})
	b.must(err, nil)
	if len(j.Refused) > 0 || j.Home.Staff != b.Amy {
		t.Errorf("%+v", j)
	}
	b.is("from when she was asked", who, noon, "S1 amy")
	if d := cmp.Diff([]string{"S1 amy till to_confirm", "S1 amy till won"}, b.claims(who)); d != "" {
		t.Error(d)
	}
	other := b.customer()
	j, err = b.s.EnrolAtTill(t.Context(), b.amy(), shop.ID{}, Membership{Show: b.show(other, b.amy())})
	b.must(err, nil)
	if j.Home.Staff != b.Amy {
		t.Errorf("who shows her code at once is not asked again: %+v", j)
	}
	if e := b.history(other)[0].Evidence; e.Visit.IsZero() {
		t.Errorf("the visit is no evidence: %+v", e)
	}
}

// A shop that enrols another's customer again gets nowhere with her number; with her fresh member code it claims her, and the
// policy's cool-down decides. Both people and both managers see it.
func TestAbuse07ATillTakesNobodysCustomerByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.enrol(b.amy(), "0912345678")
	who := first.Customer
	if j := b.enrol(b.ben(), "0912345678"); len(j.Refused) != 1 || !errors.Is(j.Refused[0], ErrProofNeeded) {
		t.Fatalf("her number alone: %+v", j)
	}
	shown := b.show(who, b.ben())
	if _, err := b.s.EnrolAtTill(t.Context(), b.amy(), shop.ID{}, Membership{Show: shown}); !errors.Is(err, visit.ErrPlace) {
		t.Errorf("a code that was shown to somebody else: %v", err)
	}
	j, err := b.s.EnrolAtTill(t.Context(), b.ben(), shop.ID{}, Membership{Show: shown})
	b.must(err, nil)
	if len(j.Refused) != 1 || !errors.Is(j.Refused[0], ErrAlreadyBound) {
		t.Errorf("for life: %+v", j)
	}
	idle := 90
	b.policy(func(p *team.Policy) { p.RebindInactiveDays = &idle })
	*b.clock = noon.Add(days(89))
	j, err = b.s.EnrolAtTill(t.Context(), b.ben(), shop.ID{}, Membership{Show: b.show(who, b.ben())})
	b.must(err, nil)
	if len(j.Refused) != 1 {
		t.Errorf("within the cool-down: %+v", j)
	}
	*b.clock = noon.Add(days(90))
	j, err = b.s.EnrolAtTill(t.Context(), b.ben(), shop.ID{}, Membership{Show: b.show(who, b.ben())})
	b.must(err, nil)
	if len(j.Refused) > 0 || j.Home.Staff != b.Ben {
		t.Errorf("after it: %+v", j)
	}
	for why, by := range map[string]shop.Actor{"who lost her": b.amy(), "who won her": b.ben(), "the losing manager": b.boss(b.S1), "the winning manager": b.boss(b.S2)} {
		holds := b.holds(by)
		if len(holds) != 3 || holds[0].State != HoldTold || holds[0].AgainstStaff != b.Amy || holds[0].Staff != b.Ben {
			t.Errorf("%s: %+v", why, holds)
		}
	}
	her, _, err := b.s.HerClaims(t.Context(), b.her(who), shop.Page{Limit: 10})
	if err != nil || len(her) != 3 {
		t.Errorf("she herself: %v %+v", err, her)
	}
}

func TestAbuse34AScreenshotOfACodeWorksOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	visits, err := visit.New(b.pool, func() time.Time { return *b.clock }, make([]byte, 32))
	b.mustBe(err)
	who := b.customer()
	code, err := visits.IssueMemberCode(t.Context(), b.her(who))
	b.mustBe(err)
	_, err = visits.ShowMemberCode(t.Context(), b.amy(), shop.ID{}, code.Code)
	b.must(err, nil)
	for why, by := range map[string]shop.Actor{"the same person": b.amy(), "another shop": b.ben()} {
		if _, err := visits.ShowMemberCode(t.Context(), by, shop.ID{}, code.Code); !errors.Is(err, visit.ErrCode) {
			t.Errorf("%s uses it again: %v", why, err)
		}
	}
	kept, err := visits.IssueMemberCode(t.Context(), b.her(who))
	b.mustBe(err)
	*b.clock = kept.ExpiresAt
	if _, err := visits.ShowMemberCode(t.Context(), b.ben(), shop.ID{}, kept.Code); !errors.Is(err, visit.ErrCode) {
		t.Errorf("a picture of yesterday's screen: %v", err)
	}
	b.do(func(tx pgx.Tx) error {
		claims, err := Claims(t.Context(), tx, b.Brand, who)
		if len(claims) != 0 {
			t.Errorf("%+v", claims)
		}
		return err
	})
}
