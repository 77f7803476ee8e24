package order

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
)

// A till that numbers its refunds 1, 2, … within each order would lose all but the first of them.
func TestANumberOfAnotherOrdersFactIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(b.sofa("W-1"))
	b.apply(b.sofa("W-2"))
	refund := func(order, number string) Fact {
		return WasRefunded{Order: order, ExternalID: number, At: placed.Add(time.Hour), Lines: []RefundedLine{{Line: "11", Quantity: 1}}}
	}
	refused := func(facts ...Fact) {
		t.Helper()
		if _, err := b.s.ApplyMany(t.Context(), b.Brand, source, facts); !errors.Is(err, ErrOfAnother) {
			t.Errorf("%+v: %v", facts, err)
		}
	}
	b.want(refund("W-1", "1"), Applied, "")
	b.want(refund("W-1", "1"), Ignored, "")
	refused(refund("W-2", "1"))
	refused(refund("W-3", "1")) // its order has not come
	refused(refund("W-1", "2"), refund("W-2", "2"))
	b.want(WasRefunded{Order: "W-2", ExternalID: "1", Kind: Allowance, At: placed.Add(time.Hour), Amount: 100}, Applied, "") // papers of different kinds are numbered apart
	if _, err := b.s.Apply(t.Context(), b.Brand, "till", b.sofa("W-2")); err != nil {
		t.Fatal(err)
	}
	if r, err := b.s.Apply(t.Context(), b.Brand, "till", refund("W-2", "1")); err != nil || r.Outcome != Applied {
		t.Errorf("the 1 of another system: %+v %v", r, err)
	}

	b.want(refund("W-3", "3"), Waiting, "")
	b.want(refund("W-1", "3"), Applied, "")
	b.want(b.sofa("W-3"), Applied, NoteOfAnother)
	if o := b.load("W-3"); len(o.Refunds) != 0 {
		t.Errorf("%+v", o.Refunds)
	}
}

func TestWhatWasPaidInAnotherCurrencyIsInNoSum(t *testing.T) {
	t.Parallel()
	b := setup(t) // a brand of TWD
	abroad := b.sofa("HK-1")
	abroad.Currency, abroad.PlacedAt = "HKD", placed.Add(time.Hour)
	b.apply(b.sofa("TW-1"))
	b.apply(abroad)
	who := b.load("HK-1").Customer
	b.wantProfile(who, 2, 26250)
	b.want(WasRefunded{Order: "HK-1", ExternalID: "1", At: placed.Add(2 * time.Hour), Lines: []RefundedLine{{Line: "11", Quantity: 1}}}, Applied, "")
	b.wantProfile(who, 2, 26250)
	b.read(func(tx pgx.Tx) error {
		p, err := customer.ProfileOf(t.Context(), tx, b.Brand, who)
		if p.Currency != "TWD" || !p.LastOrder.Equal(abroad.PlacedAt) {
			t.Errorf("%+v", p)
		}
		return err
	})
}
