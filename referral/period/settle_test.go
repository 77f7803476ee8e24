package period_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/target"
)

// setupTill is a brand whose tills earn 4 % for the store and 1 % for who served, 7 days after the sale, and whose staff earn 1 %
// more of what lies above 100,000 in a month.
func setupTill(t *testing.T) *bundle {
	t.Helper()
	b := setup(t, postgrestest.New(t))
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 2, "first_day": "2026-02-01", "hold_days": 7, "leaver": "pool",
		"rules": [{"role": "selling_store", "rate_bp": 400}, {"role": "selling_staff", "rate_bp": 100}],
		"tiers": [{"role": "selling_staff", "kind": "marginal", "steps": [{"from_minor": 100000, "extra_bp": 100}]}]}`), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(b.pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		t.Fatal(err)
	}
	return b
}

// till is a sale by Amy at her store.
func (b *bundle) till(name string, at time.Time, price int64) order.WasPlaced {
	return order.WasPlaced{Order: name, PlacedAt: at, Channel: order.Till, Store: b.S1, Staff: b.Amy, Currency: "TWD",
		Lines: []order.Line{{SKU: "SOFA", Category: "sofa", Kind: order.Merchandise, Quantity: 1, UnitPrice: price}}}
}

func (b *bundle) statement(month time.Time, to attribution.Beneficiary) period.Statement {
	b.t.Helper()
	var found period.Statement
	b.in(func(tx pgx.Tx) error {
		all, err := period.Statements(b.t.Context(), tx, b.Brand, month)
		for _, s := range all {
			if s.To == to {
				found = s
			}
		}
		return err
	})
	return found
}

func (b *bundle) balance(to attribution.Beneficiary, kind ledger.AccountKind) int64 {
	b.t.Helper()
	var minor int64
	b.in(func(tx pgx.Tx) error {
		all, err := ledger.Balances(b.t.Context(), tx, b.Brand, to, "TWD")
		minor = all[kind]
		return err
	})
	return minor
}

func (b *bundle) closes(month time.Time) {
	b.t.Helper()
	if err := b.close(month); err != nil {
		b.t.Fatal(err)
	}
}

var april = march.AddDate(0, 1, 0)

func TestATierOfAClosedMonthIsTruedUpByTheNextClose(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	amy := attribution.StaffOf(b.Amy)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 140000))
	b.at("2026-04-02 09:00")
	b.closes(march)
	if s := b.statement(march, amy); s.Movement != 1800 || s.Stated != 1800 || s.Carried != 0 {
		t.Errorf("March: %+v", s)
	}
	b.at("2026-04-10 12:00")
	b.apply(b.till("o2", march.Add(12*time.Hour), 20000)) // heard of when March was closed
	b.at("2026-05-02 09:00")
	b.closes(april)
	if s := b.statement(april, amy); s.Movement != 400 || s.Stated != 400 {
		t.Errorf("April: %+v, want 200 and 200 of March's tier", s)
	}
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.at("2026-04-20 12:00"), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
	b.at("2026-06-02 09:00")
	b.closes(april.AddDate(0, 1, 0))
	if s := b.statement(april.AddDate(0, 1, 0), amy); s.Movement != -2000 || s.Stated != 0 || s.Carried != -2000 {
		t.Errorf("May: %+v, want 1,400 taken back and all of March's tier", s)
	}
	if s := b.statement(march, amy); s.Movement != 1800 || s.Stated != 1800 {
		t.Errorf("March changed: %+v", s)
	}
	b.invariants("")
}

func TestPreviewSaysWhatACloseStatesAndKeepsNothing(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	amy := attribution.StaffOf(b.Amy)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 140000))
	b.apply(b.till("o2", b.at("2026-03-30 12:00"), 1000))
	b.at("2026-04-02 09:00")
	if _, err := b.book.Vest(t.Context(), b.Brand, b.clock()); err != nil {
		t.Fatal(err)
	}
	before := b.dated()
	for range 2 {
		p, err := b.periods.Preview(t.Context(), shop.System(b.Brand), march)
		if err != nil {
			t.Fatal(err)
		}
		stated := map[attribution.Beneficiary]int64{}
		for _, s := range p.Statements {
			stated[s.To] = s.Stated
		}
		if stated[amy] != 1810 || stated[attribution.StoreOf(b.S1)] != 5600 {
			t.Errorf("the preview states %v", stated)
		}
		if len(p.Checks) != 1 || p.Checks[0] != (period.Finding{Code: period.NotPayableYet, Count: 1}) {
			t.Errorf("findings %+v, want the order whose return period is not over", p.Checks)
		}
	}
	if after := b.dated(); len(after) != 1 || after["2026-03"] != before["2026-03"] {
		t.Errorf("the preview left transfers: %v, before %v", after, before)
	}
	if err := b.periods.Close(t.Context(), shop.System(b.Brand), march); err != nil {
		t.Fatal(err)
	}
	if s := b.statement(march, amy); s.Stated != 1810 || s.PendingClosing != 10 {
		t.Errorf("the close states %+v", s)
	}
	if _, err := b.periods.Preview(t.Context(), shop.System(b.Brand), april); !errors.Is(err, period.ErrNotOver) {
		t.Errorf("preview of a month that is not over: %v", err)
	}
	b.invariants("")
}

func TestACloseThatWasBrokenOffIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	amy := attribution.StaffOf(b.Amy)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 140000))
	b.apply(b.till("o2", b.at("2026-04-02 12:00"), 10000))
	b.at("2026-05-02 09:00")
	if _, err := b.book.Vest(t.Context(), b.Brand, b.clock()); err != nil {
		t.Fatal(err)
	}
	b.in(func(tx pgx.Tx) error { // all that a close does before its statements
		_, err := b.book.CloseMonth(t.Context(), tx, shop.System(b.Brand), march, b.clock())
		return err
	})
	b.closes(april)
	if s := b.statement(march, amy); s.Stated != 1800 {
		t.Errorf("March: %+v", s)
	}
	if s := b.statement(april, amy); s.Stated != 100 || s.Opening != 0 {
		t.Errorf("April: %+v", s)
	}
	b.in(func(tx pgx.Tx) error {
		for _, month := range []time.Time{march, april} {
			p, err := period.PeriodOf(t.Context(), tx, b.Brand, month)
			if err != nil || p.Head.Seals == 0 {
				t.Errorf("%s: %+v %v, want the end of the chain of seals", month, p, err)
			}
		}
		return nil
	})
	b.invariants("")
}

func TestACloseThatWasBrokenOffIsFinishedInTheNameOfWhoClosed(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 140000))
	b.at("2026-05-02 09:00")
	if _, err := b.book.Vest(t.Context(), b.Brand, b.clock()); err != nil {
		t.Fatal(err)
	}
	finance := shop.Actor{Brand: b.Brand, Role: shop.RoleFinance, ID: b.Ben}
	b.in(func(tx pgx.Tx) error {
		_, err := b.book.CloseMonth(t.Context(), tx, finance, march, b.clock())
		return err
	})
	for range 2 {
		if err := b.periods.Finish(t.Context(), b.Brand); err != nil {
			t.Fatal(err)
		}
	}
	if s := b.statement(march, attribution.StaffOf(b.Amy)); s.Stated != 1800 {
		t.Errorf("March: %+v", s)
	}
	b.in(func(tx pgx.Tx) error {
		p, err := period.PeriodOf(t.Context(), tx, b.Brand, march)
		if err != nil || p.Head.Seals == 0 || p.ClosedBy != finance.Pseudonym() {
			t.Errorf("%+v %v, want the end of the chain of seals, and %s", p, err, finance.Pseudonym())
		}
		return nil
	})
	b.invariants("")
}

func TestPoolIsDividedByTheHoursOfTheOrdersMonthAndAgainWhenTheyAreMended(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	targets := target.New(b.pool, b.clock)
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 30000))
	b.at("2026-03-05 12:00")
	b.in(func(tx pgx.Tx) error { // Amy leaves: what she has pending is the pool's
		_, err := tx.Exec(t.Context(), `UPDATE staff SET left_at = $3, left_on = '2026-03-05' WHERE brand_id = $1 AND id = $2`, b.Brand, b.Amy, b.clock())
		if err != nil {
			return err
		}
		return b.book.StaffLeft(t.Context(), tx, b.Brand, b.Amy, b.clock())
	})
	pool := attribution.PoolOf(b.S1)
	if got := b.balance(pool, ledger.Pending); got != 300 || b.balance(attribution.StaffOf(b.Amy), ledger.Pending) != 0 {
		t.Errorf("the pool has %d pending", got)
	}
	b.at("2026-04-02 09:00")
	p, err := b.periods.Preview(t.Context(), shop.System(b.Brand), march)
	if err != nil || len(p.Checks) != 1 || p.Checks[0] != (period.Finding{Code: period.PoolsWithoutHours, Count: 1}) {
		t.Errorf("findings %+v %v", p.Checks, err)
	}
	b.closes(march)
	if s := b.statement(march, pool); s.Stated != 0 || s.Carried != 300 {
		t.Errorf("nobody's hours are known: %+v", s)
	}
	set := func(minutes int64) {
		t.Helper()
		if err := targets.SetHours(t.Context(), shop.System(b.Brand), target.Hours{Month: march, Store: b.S1, Staff: b.Ben, Minutes: minutes}); err != nil {
			t.Fatal(err)
		}
	}
	set(600)
	b.at("2026-05-02 09:00")
	b.closes(april)
	if s := b.statement(april, attribution.StaffOf(b.Ben)); s.Stated != 300 {
		t.Errorf("hours that came late: %+v", s)
	}
	set(0) // he had not worked there after all
	b.at("2026-06-02 09:00")
	b.closes(april.AddDate(0, 1, 0))
	if s := b.statement(april.AddDate(0, 1, 0), attribution.StaffOf(b.Ben)); s.Movement != -300 || s.Carried != -300 {
		t.Errorf("hours that were wrong: %+v", s)
	}
	if got := b.balance(pool, ledger.Payable); got != 300 {
		t.Errorf("the pool has %d", got)
	}
	b.invariants("")
}

func TestPayoutsArePartialFailAndNeverExceedTheStatement(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	amy, store := attribution.StaffOf(b.Amy), attribution.StoreOf(b.S1)
	finance := shop.Actor{Brand: b.Brand, Role: shop.RoleFinance, ID: b.Ben}
	b.apply(b.till("o1", b.at("2026-03-02 12:00"), 100000))
	b.at("2026-04-02 09:00")
	if _, err := b.periods.Pay(t.Context(), finance, march, nil, "march"); !errors.Is(err, period.ErrOpen) {
		t.Errorf("paying an open month: %v", err)
	}
	b.closes(march)
	record := func(p ...period.Payout) error {
		_, err := b.periods.RecordPayouts(t.Context(), finance, march, p)
		return err
	}
	if err := record(period.Payout{To: amy, Currency: "TWD", Outcome: period.Paid, Minor: 400, Reference: "b1"}, period.Payout{To: store, Currency: "TWD", Outcome: period.Failed, Note: "account closed"}); err != nil {
		t.Fatal(err)
	}
	if got := b.balance(amy, ledger.Paid); got != 400 || b.balance(amy, ledger.Stated) != 600 || b.balance(store, ledger.Stated) != 4000 {
		t.Errorf("paid %d", got)
	}
	for why, tt := range map[string]struct {
		p    period.Payout
		want error
	}{
		"more than what is left":  {period.Payout{To: amy, Currency: "TWD", Outcome: period.Paid, Minor: 601}, period.ErrOverpaid},
		"below zero":              {period.Payout{To: amy, Currency: "TWD", Outcome: period.Paid, Minor: -1}, period.ErrOverpaid},
		"somebody without one":    {period.Payout{To: attribution.StaffOf(b.Ben), Currency: "TWD", Outcome: period.Paid}, period.ErrNoStatement},
		"an outcome that is none": {period.Payout{To: amy, Currency: "TWD", Outcome: "maybe"}, period.ErrOutcome},
	} {
		if err := record(period.Payout{To: store, Currency: "TWD", Outcome: period.Paid}, tt.p); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", why, err, tt.want)
		}
	}
	if got := b.balance(store, ledger.Paid); got != 0 {
		t.Errorf("a refused file paid %d of it", got)
	}
	for range 2 { // the second finds nothing left
		if _, err := b.periods.Pay(t.Context(), finance, march, nil, "rest"); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.balance(amy, ledger.Paid); got != 1000 || b.balance(store, ledger.Paid) != 4000 {
		t.Errorf("Amy was paid %d", got)
	}
	if err := record(period.Payout{To: amy, Currency: "TWD", Outcome: period.Failed}); !errors.Is(err, period.ErrPaidAlready) {
		t.Errorf("a try to pay what is paid: %v", err)
	}
	b.invariants("")
}

func TestAbuse29NobodyApprovesHerOwnAdjustment(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	b.at("2026-03-02 12:00")
	hq, finance := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Amy}, shop.Actor{Brand: b.Brand, Role: shop.RoleFinance, ID: b.Ben}
	ask := func(by shop.Actor, to attribution.Beneficiary, minor int64, reason string) (period.Adjustment, error) {
		return b.periods.Adjust(t.Context(), by, period.Adjustment{To: to, Minor: minor, Reason: reason})
	}
	for why, tt := range map[string]struct {
		to     attribution.Beneficiary
		minor  int64
		reason string
		want   error
	}{
		"her own account": {attribution.StaffOf(b.Amy), 100, "for me", shop.ErrOwnApproval},
		"without reason":  {attribution.StoreOf(b.S1), 100, " ", period.ErrReason},
		"of nothing":      {attribution.StoreOf(b.S1), 0, "why not", period.ErrNothing},
		"nobody":          {attribution.StaffOf(shop.NewID(b.clock())), 5, "who is it", period.ErrAdjustWhom},
	} {
		if _, err := ask(hq, tt.to, tt.minor, tt.reason); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", why, err, tt.want)
		}
	}
	a, err := ask(hq, attribution.StaffOf(b.Ben), -70, "was credited twice by hand")
	if err != nil || a.Outcome != "" {
		t.Fatalf("%+v %v, want it to wait for a second person", a, err)
	}
	for who, by := range map[string]shop.Actor{"who asked": hq, "whose account it is": finance} {
		if _, err := b.periods.DecideAdjustment(t.Context(), by, a.ID, period.Approved, ""); !errors.Is(err, shop.ErrOwnApproval) {
			t.Errorf("%s approves: %v", who, err)
		}
	}
	if got := b.balance(attribution.StaffOf(b.Ben), ledger.Payable); got != 0 {
		t.Errorf("%d posted before anybody approved", got)
	}
	other := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(b.clock())}
	if _, err := b.periods.DecideAdjustment(t.Context(), other, a.ID, period.Approved, "seen"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.periods.DecideAdjustment(t.Context(), other, a.ID, period.Refused, ""); !errors.Is(err, period.ErrDecided) {
		t.Errorf("decided again: %v", err)
	}
	if got := b.balance(attribution.StaffOf(b.Ben), ledger.Payable); got != -70 {
		t.Errorf("%d posted", got)
	}
	b.at("2026-04-02 12:00")
	b.closes(march)
	if s := b.statement(march, attribution.StaffOf(b.Ben)); s.Movement != -70 || s.Carried != -70 || s.Stated != 0 {
		t.Errorf("%+v", s)
	}
	b.invariants("")
}

// The program that asks may die before it hears the answer, and asks again under the same id.
func TestAnAdjustmentAskedForTwiceIsPostedOnce(t *testing.T) {
	t.Parallel()
	b := setupTill(t)
	b.at("2026-03-02 12:00")
	policy := team.DefaultPolicy()
	policy.AdjustmentLimitMinor = 100
	people, err := team.New(b.pool, b.clock, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := people.SetPolicy(t.Context(), shop.System(b.Brand), policy, b.clock()); err != nil {
		t.Fatal(err)
	}
	finance := shop.Actor{Brand: b.Brand, Role: shop.RoleFinance, ID: b.Ben}
	for minor, outcome := range map[int64]string{70: period.Approved, 700: ""} {
		asked := period.Adjustment{ID: shop.NewID(b.clock()), To: attribution.StaffOf(b.Amy), Minor: minor, Reason: "a fair"}
		first, err := b.periods.Adjust(t.Context(), finance, asked)
		if err != nil || first.ID != asked.ID || first.Outcome != outcome {
			t.Fatalf("%+v %v", first, err)
		}
		b.at("2026-03-02 12:01")
		again, err := b.periods.Adjust(t.Context(), finance, asked)
		if err != nil || again.ID != first.ID || again.Outcome != outcome || !again.AskedAt.Equal(first.AskedAt) {
			t.Errorf("%+v, asked for again: %+v %v", first, again, err)
		}
	}
	if got := b.balance(attribution.StaffOf(b.Amy), ledger.Payable); got != 70 {
		t.Errorf("%d posted, want 70 once", got)
	}
	b.invariants("")
}
