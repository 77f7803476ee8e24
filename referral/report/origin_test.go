package report

import (
	"testing"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

func TestAnOrderBelongsToOneDisplay(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 3, 30, 4, 0, 0, 0, time.UTC)
	id := func() shop.ID { return shop.NewID(monday) }
	home, other, amy, tagA, tagB, tagC := id(), id(), id(), id(), id(), id()
	scanA, scanB, click := shop.NewID(monday), shop.NewID(monday.Add(time.Hour)), id()
	scans := map[shop.ID]Origin{
		scanA: {Scan: scanA, Tag: tagA, Store: other, Placement: "shelf"},
		scanB: {Scan: scanB, Tag: tagB, Store: home, Staff: amy, Placement: "window"},
	}
	earns := func(role plan.Role, store shop.ID, scan shop.ID) (ledger.Credit, attribution.Why) {
		return ledger.Credit{Role: role, Store: store}, attribution.Why{Grounds: []attribution.Ground{{Evidence: attribution.Evidence{Scan: scan, At: scan.Time()}}}}
	}
	lost := func(store, scan shop.ID, why attribution.LostTo) ledger.Lost {
		return ledger.Lost{Role: plan.DisplayStore, ToKind: attribution.ToStore, To: store, Why: why, Evidence: attribution.Evidence{Scan: scan, At: scan.Time()}}
	}
	creditA, whyA := earns(plan.DisplayStore, other, scanA)
	creditB, whyB := earns(plan.DisplayStaff, home, scanB)
	creditHome, whyHome := earns(plan.HomeStore, home, shop.ID{})
	bound := binding.Holder{Bound: true, Store: home, Staff: amy}
	byClick := binding.Evidence{Scan: click, Tag: tagC, Placement: "shelf"}
	ofClick := Origin{Scan: click, Tag: tagC, Store: home, Staff: amy, Placement: "shelf"}
	for _, tt := range []struct {
		why     string
		credits []ledger.Credit
		whys    []attribution.Why
		lost    []ledger.Lost
		home    binding.Holder
		won     binding.Evidence
		want    Origin
	}{
		{"a display earns, also beside a home", []ledger.Credit{creditHome, creditA}, []attribution.Why{whyHome, whyA}, nil, bound, byClick, scans[scanA]},
		{"several displays share: the one scanned last", []ledger.Credit{creditA, creditB}, []attribution.Why{whyA, whyB}, nil, bound, byClick, scans[scanB]},
		{"her home store's own display is paid as home", []ledger.Credit{creditHome}, []attribution.Why{whyHome}, []ledger.Lost{lost(home, scanB, attribution.SameStore)}, bound, byClick, scans[scanB]},
		{"a display that lost to her home earned nothing", []ledger.Credit{creditHome}, []attribution.Why{whyHome}, []ledger.Lost{lost(other, scanA, attribution.HomeWins)}, bound, byClick, ofClick},
		{"an earlier display lost to a later one", []ledger.Credit{creditA}, []attribution.Why{whyA}, []ledger.Lost{lost(home, scanB, attribution.NotLast)}, bound, byClick, scans[scanA]},
		{"no display: the click that bound her", []ledger.Credit{creditHome}, []attribution.Why{whyHome}, nil, bound, byClick, ofClick},
		{"bound at the till: the store and the person alone", nil, nil, nil, bound, binding.Evidence{By: "staff:x"}, Origin{Store: home, Staff: amy}},
		{"she chose none", nil, nil, nil, binding.Holder{Bound: true}, binding.Evidence{}, Origin{}},
		{"nobody won her", nil, nil, nil, binding.Holder{}, binding.Evidence{}, Origin{}},
		{"nothing is known of the scan any more: its store is", []ledger.Credit{{Role: plan.DisplayStore, Store: other}},
			[]attribution.Why{{Grounds: []attribution.Ground{{Evidence: attribution.Evidence{Scan: click, At: monday}}}}}, nil, bound, byClick, Origin{Scan: click, Store: other}},
	} {
		b := basis{displays: displaysOf(tt.credits, tt.whys, tt.lost), home: tt.home, won: tt.won}
		if got := b.origin(scans); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.why, got, tt.want)
		}
	}
}

func TestRevenueIsMerchandiseWithoutTaxThatStayed(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 30, 4, 0, 0, 0, time.UTC)
	sofa := order.Order{
		State: order.Placed, TaxBP: 500, Discount: 1050, PlacedAt: at,
		Lines: []order.Line{
			{No: 1, Kind: order.Merchandise, Quantity: 2, UnitPrice: 5250, TaxIncluded: true}, {No: 2, Kind: order.Shipping, Quantity: 1, UnitPrice: 105, TaxIncluded: true},
			{No: 3, Kind: order.GiftCard, Quantity: 1, UnitPrice: 1000},
		},
	}
	half := order.Refund{Kind: order.RefundPaid, At: at, Lines: []order.RefundLine{{No: 1, Quantity: 1}}}
	for _, tt := range []struct {
		why  string
		make func(*order.Order)
		want worth
	}{
		{"after the discount, without tax, shipping and gift cards", func(*order.Order) {}, worth{1, 9000, 0}},
		{"half went back", func(o *order.Order) { o.Refunds = []order.Refund{half} }, worth{1, 4500, 4500}},
		{"the allowance for the same goods is the same return", func(o *order.Order) {
			o.Refunds = []order.Refund{half, {Kind: order.Allowance, At: at, Lines: half.Lines}}
		}, worth{1, 4500, 4500}},
		{"all went back, and it was an order", func(o *order.Order) { o.Refunds = []order.Refund{{Kind: order.Void, At: at}} }, worth{1, 0, 9000}},
		{"a cancelled order is none", func(o *order.Order) { o.State = order.Cancelled }, worth{}},
		{"a test is none", func(o *order.Order) { o.State = order.Test }, worth{}},
	} {
		o := sofa
		tt.make(&o)
		if got := worthOf(o); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.why, got, tt.want)
		}
	}
}

func TestAnHourIsThatOfTheBrandsClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ why, zone, at, want string }{
		{"whole hours", "Asia/Taipei", "2026-03-31T16:59:59.999Z", "2026-03-31T16:00:00Z"},
		{"half an hour off", "Asia/Kolkata", "2026-03-31T18:29:59Z", "2026-03-31T17:30:00Z"},
		{"and its midnight", "Asia/Kolkata", "2026-03-31T18:30:00Z", "2026-03-31T18:30:00Z"},
		{"01:30 in summer time", "Europe/London", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z"},
		{"01:30 once more, in winter time", "Europe/London", "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := hourOf(at, zone).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.why, got, tt.want)
		}
	}
}

func TestAWeekBeginsOnMonday(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{"2026-11-22": "2026-11-16", "2026-11-23": "2026-11-23", "2026-11-29": "2026-11-23", "2027-01-01": "2026-12-28"} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := mondayOf(at).Format(time.DateOnly); got != want {
			t.Errorf("%s lies in the week of %s, want %s", day, got, want)
		}
	}
}
