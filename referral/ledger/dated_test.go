package ledger

import (
	"testing"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// The order was placed at noon of 1 March and changed on the 9th.
func TestWhatIsPostedIsDatedWhenItCameAbout(t *testing.T) {
	t.Parallel()
	march := func(day int) time.Time { return noon.AddDate(0, 0, day-1) }
	sale, back := at(s1, plan.HomeStore, ""), at(s1, plan.HomeStore, "refund:r1")
	fee := cell{key{Role: plan.PickupStore, To: s1, Parcel: "f1", Currency: "TWD"}, ""}
	expense, pending := Account{Kind: Expense, Currency: "TWD"}, Account{Pending, s1, "TWD"}
	first := Transfer{ID: shop.NewID(noon), Kind: Credited, Role: plan.HomeStore, Minor: 600, Line: 1, Debit: expense, Credit: pending}
	taken := Transfer{ID: shop.NewID(noon), Kind: Refunded, Role: plan.HomeStore, Minor: 200, Line: 1, Fact: "refund:r1", Debit: pending, Credit: expense, Reverses: first.ID}
	reason := []byte(`{"because":true}`)
	tests := []struct {
		why    string
		want   map[cell]wish
		have   posted
		kind   TransferKind
		minor  int64
		day    int
		reason string
	}{
		{"a sale when it was placed", map[cell]wish{sale: {Minor: 600, At: noon, Reason: reason}}, posted{}, Credited, 600, 1, string(reason)},
		{"of an order that earned nobody before: when it changed", map[cell]wish{sale: {Minor: 600, At: noon, Reason: reason}}, posted{IsKnown: true}, Credited, 600, 9, string(reason)},
		{"a parcel when it was handed over, whatever was known", map[cell]wish{fee: {Minor: 60, At: march(5), Reason: reason}}, posted{IsKnown: true}, Credited, 60, 5, string(reason)},
		{"a refund by its own day", map[cell]wish{sale: {Minor: 600, At: noon}, back: {Minor: -200, At: march(6), Reason: reason}},
			posted{IsKnown: true, Transfers: []Transfer{first}}, Refunded, 200, 6, string(reason)},
		{"what a refund took too much: when that was found", map[cell]wish{sale: {Minor: 600, At: noon}, back: {Minor: -150, At: march(6), Reason: reason}},
			posted{IsKnown: true, Transfers: []Transfer{first, taken}}, Corrected, 50, 9, string(reason)},
		{"a share that is no more: when it went", nil, posted{IsKnown: true, Transfers: []Transfer{first}}, Corrected, 600, 9, `{"credited_anew":true}`},
		{"a refund of which nobody speaks any more", map[cell]wish{sale: {Minor: 600, At: noon}}, posted{IsKnown: true, Transfers: []Transfer{first, taken}}, Corrected, 200, 9, `{"credited_anew":true}`},
	}
	for _, tt := range tests {
		got := difference(tt.want, tt.have, order.Order{ID: orderID, Currency: "TWD", ChangedAt: march(9)}, act{march(20), march(20)})
		if len(got) != 1 {
			t.Errorf("%s: %+v", tt.why, got)
			continue
		}
		if g := got[0]; g.Kind != tt.kind || g.Minor != tt.minor || !g.EffectiveAt.Equal(march(tt.day)) || string(g.Reason) != tt.reason || !g.PostedAt.Equal(march(20)) {
			t.Errorf("%s: %s of %d on %s because %s", tt.why, g.Kind, g.Minor, g.EffectiveAt, g.Reason)
		}
	}
}

// The order was placed at noon of 1 March, and something of it came back on the 6th: both move with what changes whose they are.
func TestWhatIsHeardOfLateIsDatedWhenItHappenedAndNotBeforeTheOrder(t *testing.T) {
	t.Parallel()
	march := func(day int) time.Time { return noon.AddDate(0, 0, day-1) }
	is, back := at(s2, plan.HomeStaff, ""), at(s2, plan.HomeStaff, "refund:r1")
	expense, pending := Account{Kind: Expense, Currency: "TWD"}, Account{Pending, s1, "TWD"}
	first := Transfer{ID: shop.NewID(noon), Kind: Credited, Role: plan.HomeStaff, Minor: 600, Line: 1, Debit: expense, Credit: pending, EffectiveAt: noon}
	taken := Transfer{ID: shop.NewID(noon), Kind: Refunded, Role: plan.HomeStaff, Minor: 200, Line: 1, Fact: "refund:r1", Debit: pending, Credit: expense,
		Reverses: first.ID, EffectiveAt: march(6)}
	want := map[cell]wish{is: {Minor: 600, At: noon}, back: {Minor: -200, At: march(6)}}
	for _, tt := range []struct {
		why        string
		at, vested time.Time
		day        int // of March
	}{
		{"between the order and its return", march(4), time.Time{}, 4},
		{"before the order", march(-9), time.Time{}, 1},
		{"after both", march(8), time.Time{}, 8},
		{"now", march(20), time.Time{}, 20},
		{"before it became payable", march(4), march(9), 9},
	} {
		have := posted{IsKnown: true, Transfers: []Transfer{first, taken}, Vested: tt.vested}
		got := difference(want, have, order.Order{ID: orderID, PlacedAt: noon, Currency: "TWD"}, act{tt.at, march(20)})
		if n := net(got); n[s1] != -400 || n[s2] != 400 {
			t.Errorf("%s: %v", tt.why, n)
		}
		for _, g := range got {
			if !g.EffectiveAt.Equal(march(tt.day)) || !g.PostedAt.Equal(march(20)) {
				t.Errorf("%s: %s of %d for %q is dated %s", tt.why, g.Kind, g.Minor, g.Fact, g.EffectiveAt)
			}
		}
	}
}

func TestASaleEarnsWhenItWasPlacedAndEachParcelWhenItWasHandedOver(t *testing.T) {
	t.Parallel()
	o := order.Order{PlacedAt: noon, Fulfilments: []order.Fulfilment{{At: noon.Add(time.Hour)}, {ExternalID: "f1", At: noon.Add(2 * time.Hour)}, {ExternalID: "f2", At: noon.Add(3 * time.Hour)}}}
	for parcel, hours := range map[string]time.Duration{"": 0, "f1": 2, "f2": 3, "gone": 0} {
		if got := earnedAt(o, attribution.Credit{Parcel: parcel}); !got.Equal(noon.Add(hours * time.Hour)) {
			t.Errorf("parcel %q earns at %s", parcel, got)
		}
	}
}
