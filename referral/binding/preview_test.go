package binding

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

func (b bundle) preview(p team.Policy, days int) Preview {
	b.Helper()
	v, err := b.s.PreviewPolicy(b.Context(), b.hq(), p, days)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// busyMonth is some customers with whom everything happens that a policy has a say in.
func busyMonth(b bundle) (touched, idle, chooser, moved shop.ID) {
	b.at("2026-03-01 10:00")
	touched, idle, chooser, moved = b.customer(), b.customer(), b.customer(), b.customer()
	first, last := b.scan(b.S1, shop.ID{}, b.at("2026-03-01 11:00")), b.scan(b.S2, shop.ID{}, b.at("2026-03-02 11:00"))
	b.at("2026-03-03 10:00")
	b.join(touched, first, last)
	_ = b.claim(Attempt{Customer: idle, Store: b.S1, Staff: b.Amy, Source: FromTill})
	_ = b.claim(Attempt{Customer: moved, Store: b.S1, Source: FromTill})
	_ = b.choose(chooser, b.S2)
	b.at("2026-03-20 10:00")
	_ = b.claim(Attempt{Customer: idle, Store: b.S2, Staff: b.Ben, Source: FromTill}) // already_bound
	_ = b.claim(Attempt{Customer: chooser, Store: b.S1, Source: FromTill})            // customer_choice
	_ = b.claim(Attempt{Customer: moved, Store: b.S2, Staff: b.Amy, Source: FromTill})
	_, _ = b.s.Transfer(b.Context(), b.hq(), Transfer{Customers: []shop.ID{moved}, Store: b.s3, Reason: "r"})
	b.at("2026-03-31 10:00")
	return touched, idle, chooser, moved
}

func TestUnderThePolicyThatWasNothingWouldHaveChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	busyMonth(b)
	for _, days := range []int{1, 15, 29, 366} {
		if v := b.preview(team.DefaultPolicy(), days); v.Changed != 0 || days > 12 && v.Customers == 0 {
			t.Errorf("%d days: %+v", days, v)
		}
	}
}

func TestAPreviewSaysWhoWouldBeWhose(t *testing.T) {
	t.Parallel()
	after := 14
	for _, tc := range []struct {
		why    string
		change func(*team.Policy)
		days   int
		who    func(touched, idle shop.ID) shop.ID
		to     func(bundle) (store, staff shop.ID)
	}{
		{"the last touch wins", func(p *team.Policy) { p.Touch = "last" }, 60,
			func(touched, _ shop.ID) shop.ID { return touched }, func(b bundle) (shop.ID, shop.ID) { return b.S2, shop.ID{} }},
		{"whoever comes after two idle weeks wins", func(p *team.Policy) { p.RebindInactiveDays = &after }, 60,
			func(_, idle shop.ID) shop.ID { return idle }, func(b bundle) (shop.ID, shop.ID) { return b.S2, b.Ben }},
		{"also when she was won before the days that are looked at", func(p *team.Policy) { p.RebindInactiveDays = &after }, 12,
			func(_, idle shop.ID) shop.ID { return idle }, func(b bundle) (shop.ID, shop.ID) { return b.S2, b.Ben }},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			touched, idle, _, _ := busyMonth(b)
			p := team.DefaultPolicy()
			tc.change(&p)
			v := b.preview(p, tc.days)
			store, staff := tc.to(b)
			if v.Changed != 1 || len(v.Examples) != 1 || v.Examples[0].Customer != tc.who(touched, idle) ||
				v.Examples[0].Store != b.S1 || v.Examples[0].ToStore != store || v.Examples[0].ToStaff != staff {
				t.Fatalf("%+v", v)
			}
			var holds, would int
			for _, s := range v.Stores {
				holds, would = holds+s.Holds, would+s.Would
			}
			if holds != v.Customers || would != v.Customers {
				t.Errorf("of %d customers the stores hold %d and would hold %d", v.Customers, holds, would)
			}
			b.is("nothing has changed", tc.who(touched, idle), *b.clock, map[bool]string{true: "S1 -", false: "S1 amy"}[tc.who(touched, idle) == touched])
		})
	}
}

// asked counts the questions to the database.
type asked struct {
	postgres.DB
	questions int
}

func (a *asked) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	a.questions++
	return a.DB.Query(ctx, sql, args...)
}

func (a *asked) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	a.questions++
	return a.DB.QueryRow(ctx, sql, args...)
}

func TestAPreviewOfManyCustomersAsksNoMoreThanThatOfOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	touched, idle, chooser, moved := busyMonth(b)
	b.do(func(tx pgx.Tx) error {
		one, many := &asked{DB: tx}, &asked{DB: tx}
		if _, err := pastsOf(t.Context(), one, b.Brand, []shop.ID{idle}); err != nil {
			return err
		}
		all, err := pastsOf(t.Context(), many, b.Brand, []shop.ID{touched, idle, chooser, moved})
		if one.questions != many.questions || len(all.bindings) != 4 || len(all.claims) != 4 {
			t.Errorf("%d questions for one, %d for four: %+v", one.questions, many.questions, all)
		}
		return err
	})
}

func TestAPreviewIsHeadOfficesAndOfDaysThatCanBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	manager := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, Stores: []shop.ID{b.S1}}
	if _, err := b.s.PreviewPolicy(t.Context(), manager, team.DefaultPolicy(), 7); !errors.Is(err, shop.ErrForbidden) {
		t.Error(err)
	}
	for _, days := range []int{0, 367} {
		if _, err := b.s.PreviewPolicy(t.Context(), b.hq(), team.DefaultPolicy(), days); !errors.Is(err, shop.ErrFields) {
			t.Errorf("%d days: %v", days, err)
		}
	}
}

func TestATransferIsSeenBeforeItIsDone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, idle, chooser, _ := busyMonth(b)
	manager := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, Stores: []shop.ID{b.S1, b.S2}}
	seen, err := b.s.PreviewTransfer(t.Context(), manager, Transfer{Customers: []shop.ID{chooser, idle, idle}, Store: b.S2, Staff: b.Ben})
	if err != nil || len(seen) != 2 {
		t.Fatalf("%+v, %v", seen, err)
	}
	for _, o := range seen {
		if o.Customer == chooser && !errors.Is(o.Refusal, ErrCustomerChoice) {
			t.Errorf("she chose herself: %v", o.Refusal)
		}
		if o.Customer == idle && (o.Refusal != nil || o.Store != b.S1 || o.Staff != b.Amy || o.ToStore != b.S2 || o.ToStaff != b.Ben) {
			t.Errorf("%+v", o)
		}
	}
	b.is("nothing has changed", idle, *b.clock, "S1 amy")
	far := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, Stores: []shop.ID{b.s3}}
	if _, err := b.s.PreviewTransfer(t.Context(), far, Transfer{Customers: []shop.ID{idle}, Store: b.s3}); !errors.Is(err, customer.ErrUnknown) {
		t.Errorf("another store's customer: %v", err)
	}
	if _, err := b.s.PreviewTransfer(t.Context(), manager, Transfer{Customers: []shop.ID{idle}, Store: b.S2, Staff: shop.NewID(time.Now())}); !errors.Is(err, team.ErrStaffUnknown) {
		t.Errorf("to nobody: %v", err)
	}
}
