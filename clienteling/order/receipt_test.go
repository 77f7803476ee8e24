package order

import (
	"testing"
	"time"
)

func parcel(n int, lines ...int) Fulfilment {
	return Fulfilment{Kind: Ship, At: after(n), Lines: lines}
}

func TestWhenAnOrderIsReceived(t *testing.T) {
	t.Parallel()
	exchanged := Line{No: 9, Kind: Merchandise, Quantity: 1, UnitPrice: 500, AddedAt: after(5)}
	tests := []struct {
		why    string
		change func(*Order)
		want   time.Time
	}{
		{"nothing was sent", func(*Order) {}, time.Time{}},
		{"all in one parcel that names no lines", func(o *Order) { o.Fulfilments = []Fulfilment{parcel(2)} }, after(2)},
		{"the last of several parcels, in whatever sequence they were heard of", func(o *Order) { o.Fulfilments = []Fulfilment{parcel(4, 2), parcel(2, 1)} }, after(4)},
		{"one merchandise line is missing", func(o *Order) { o.Fulfilments = []Fulfilment{parcel(2, 1, 3)} }, time.Time{}},
		{"the missing line came back wholly", func(o *Order) {
			o.Fulfilments = []Fulfilment{parcel(2, 1)}
			o.Refunds = []Refund{refund("a", 6, pieces(2, 2))}
		}, after(2)},
		{"the missing line came back in part", func(o *Order) {
			o.Fulfilments = []Fulfilment{parcel(2, 1)}
			o.Refunds = []Refund{refund("a", 6, pieces(2, 1))}
		}, time.Time{}},
		{"the missing line was exchanged for nothing", func(o *Order) {
			o.Fulfilments = []Fulfilment{parcel(2, 1)}
			o.Exchanges = []Exchange{{ExternalID: "x", At: after(6), Out: []int{2}}}
		}, after(2)},
		{"all came back and nothing was ever sent", func(o *Order) { o.Refunds = []Refund{refund("a", 6).as(Void)} }, time.Time{}},
		{"a till order is in her hands", func(o *Order) { o.Channel = Till }, noon},
		{"a till order that is not paid yet", func(o *Order) { o.Channel, o.CashOnPickup = Till, true }, time.Time{}},
		{"a till order that is paid later", func(o *Order) { o.Channel, o.CashOnPickup, o.PaidAt = Till, true, after(3) }, after(3)},
		{"a till order that is delivered", func(o *Order) {
			o.Channel, o.DeliverLater = Till, true
			o.Fulfilments = []Fulfilment{parcel(3)}
		}, after(3)},
		{"collected and not yet paid", func(o *Order) { o.CashOnPickup, o.Fulfilments = true, []Fulfilment{parcel(3)} }, time.Time{}},
		{"paid after it was collected", func(o *Order) {
			o.CashOnPickup, o.Fulfilments, o.PaidAt = true, []Fulfilment{parcel(3)}, after(4)
		}, after(4)},
		{"paid before it was collected", func(o *Order) {
			o.CashOnPickup, o.Fulfilments, o.PaidAt = true, []Fulfilment{parcel(3)}, after(1)
		}, after(3)},
		{"paid and not collected", func(o *Order) { o.CashOnPickup, o.PaidAt = true, after(1) }, time.Time{}},
		{"an exchange after receipt does not move it, nor does its parcel", func(o *Order) {
			o.Fulfilments = []Fulfilment{parcel(2), parcel(8, 9)}
			o.Withdrawn = []Withdrawn{{Line: o.Lines[1], At: after(5)}}
			o.Lines = []Line{o.Lines[0], o.Lines[2], exchanged}
		}, after(2)},
		{"an exchange before receipt: what was taken out need not come, what came in must", func(o *Order) {
			o.Fulfilments = []Fulfilment{parcel(2, 1), parcel(8, 9)}
			o.Withdrawn = []Withdrawn{{Line: o.Lines[1], At: after(5)}}
			o.Lines = []Line{o.Lines[0], o.Lines[2], exchanged}
		}, after(8)},
		{"nor does what was added after receipt and taken out again, with another change", func(o *Order) {
			o.Fulfilments = []Fulfilment{parcel(2)}
			o.Withdrawn = []Withdrawn{{Line: exchanged, At: after(7)}}
			o.Lines = append(o.Lines, Line{No: 10, Kind: Merchandise, Quantity: 1, UnitPrice: 500, AddedAt: after(7)})
		}, after(2)},
		{"an edit before the only parcel, which names no lines", func(o *Order) {
			o.Lines = append(o.Lines, exchanged)
			o.Fulfilments = []Fulfilment{parcel(6)}
		}, after(6)},
		{"an edit after that parcel adds a line that was not in it, which changes nothing", func(o *Order) {
			o.Lines = append(o.Lines, exchanged)
			o.Fulfilments = []Fulfilment{parcel(4)}
		}, after(4)},
	}
	for _, tt := range tests {
		o := bought()
		o.Channel = Online
		tt.change(&o)
		if got := o.ReceivedAt(o.Returned(o.Amounts(), false)); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", tt.why, got, tt.want)
		}
	}
}
