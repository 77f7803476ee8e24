package order

import (
	"testing"
	"time"
)

func TestLinesAddUpToTheFiguresOfTheOrder(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	o := Order{
		State: Placed, PlacedAt: at, Currency: "TWD", TaxBP: 500, Discount: 101,
		Lines: []Line{
			{No: 1, Kind: Merchandise, Quantity: 3, UnitPrice: 333, TaxIncluded: true},
			{No: 2, Kind: Merchandise, Quantity: 1, UnitPrice: 1000, TaxIncluded: true},
			{No: 3, Kind: Shipping, Quantity: 1, UnitPrice: 100, TaxIncluded: true},
		},
	}
	tests := []struct {
		why     string
		refunds []Refund
		want    []int64
	}{
		{"nothing went back", nil, []int64{0, 0, 0}},
		{"one of three pieces, rounded half up", []Refund{{ExternalID: "r1", Kind: RefundPaid, At: at, Lines: []RefundLine{{No: 1, Quantity: 1}}}}, []int64{316, 0, 0}},
		{"the whole order", []Refund{{ExternalID: "r1", Kind: Void, At: at}}, []int64{949, 949, 100}},
	}
	for _, tt := range tests {
		o.Refunds = tt.refunds
		var paid, refunded int64
		for i, b := range o.Bought() {
			paid, refunded = paid+b.Paid, refunded+b.Refunded
			if b.Refunded != tt.want[i] {
				t.Errorf("%s: line %d gave back %d, want %d", tt.why, b.No, b.Refunded, tt.want[i])
			}
		}
		if f := o.Figures(); f.Paid != paid || f.Refunded != refunded {
			t.Errorf("%s: lines come to %d less %d, the order to %+v", tt.why, paid, refunded, f)
		}
	}
}
