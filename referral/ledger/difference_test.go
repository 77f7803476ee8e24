package ledger

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

var (
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	orderID = shop.NewID(noon)
	s1      = attribution.StoreOf(shop.NewID(noon))
	s2      = attribution.StoreOf(shop.NewID(noon))
)

func at(to attribution.Beneficiary, role plan.Role, fact string) cell {
	return cell{key{Role: role, To: to, Line: 1, Currency: "TWD"}, fact}
}

// net is what the transfers leave each holder with.
func net(transfers []Transfer) map[attribution.Beneficiary]int64 {
	out := map[attribution.Beneficiary]int64{}
	for _, t := range transfers {
		if t.gives() {
			out[t.holder()] += t.Minor
		} else {
			out[t.holder()] -= t.Minor
		}
	}
	return out
}

func TestDifferenceIsWhatIsMissingInTheBook(t *testing.T) {
	t.Parallel()
	home, display := at(s1, plan.HomeStore, ""), at(s1, plan.DisplayStore, "")
	back := at(s1, plan.HomeStore, "refund:r1")
	given := func(kind TransferKind, c cell, minor int64) Transfer {
		return Transfer{ID: shop.NewID(noon), Kind: kind, Role: c.Role, Minor: minor, Line: c.Line, Fact: c.Fact,
			Debit: Account{Kind: Expense, Currency: "TWD"}, Credit: Account{Pending, c.To, "TWD"}}
	}
	first := given(Credited, home, 600)
	tests := []struct {
		why  string
		want map[cell]wish
		have posted
		post []TransferKind
		net  int64 // of s1, by what is posted now
	}{
		{"nothing was posted yet", map[cell]wish{home: {Minor: 600}}, posted{}, []TransferKind{Credited}, 600},
		{"the book says so already", map[cell]wish{home: {Minor: 600}}, posted{Transfers: []Transfer{first}}, nil, 0},
		{"a binding came late: display is taken back, home is given", map[cell]wish{home: {Minor: 600}},
			posted{Transfers: []Transfer{given(Credited, display, 400)}}, []TransferKind{Credited, Corrected}, 200},
		{"an edit made it more", map[cell]wish{home: {Minor: 700}}, posted{Transfers: []Transfer{first}}, []TransferKind{Corrected}, 100},
		{"a refund takes a part back", map[cell]wish{home: {Minor: 600}, back: {Minor: -200}},
			posted{Transfers: []Transfer{first}}, []TransferKind{Refunded}, -200},
		{"nobody earns any more", nil, posted{Transfers: []Transfer{first}}, []TransferKind{Corrected}, -600},
		{"what vested stays out of the sum", map[cell]wish{home: {Minor: 600}},
			posted{Vested: noon, Transfers: []Transfer{first, {ID: shop.NewID(noon), Kind: Vested, Role: plan.HomeStore, Minor: 600,
				Debit: Account{Pending, s1, "TWD"}, Credit: Account{Payable, s1, "TWD"}}}}, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got := difference(tt.want, tt.have, order.Order{ID: orderID, Currency: "TWD"}, act{noon, noon})
			if len(got) != len(tt.post) {
				t.Fatalf("posted %d transfers, want %v: %+v", len(got), tt.post, got)
			}
			for i, kind := range tt.post {
				if got[i].Kind != kind {
					t.Errorf("transfer %d is a %s, want %s", i, got[i].Kind, kind)
				}
			}
			if n := net(got)[s1]; n != tt.net {
				t.Errorf("net %d, want %d", n, tt.net)
			}
		})
	}
}

func TestAfterVestingOnlyPayableMovesAndNothingIsDatedBefore(t *testing.T) {
	t.Parallel()
	vested := noon.AddDate(0, 0, 20)
	original := Transfer{ID: shop.NewID(noon), Kind: Credited, Role: plan.HomeStore, Minor: 600, Line: 1,
		Debit: Account{Kind: Expense, Currency: "TWD"}, Credit: Account{Pending, s1, "TWD"}}
	want := map[cell]wish{at(s1, plan.HomeStore, ""): {Minor: 600, At: noon}, at(s1, plan.HomeStore, "refund:r1"): {Minor: -100, At: noon.AddDate(0, 0, 3)}}
	got := difference(want, posted{Transfers: []Transfer{original}, Vested: vested}, order.Order{ID: orderID, Currency: "TWD"}, act{vested.AddDate(0, 0, 1), vested.AddDate(0, 0, 1)})
	if len(got) != 1 || got[0].Debit.Kind != Payable || !got[0].EffectiveAt.Equal(vested) || got[0].Reverses != original.ID {
		t.Fatalf("got %+v", got)
	}
}

func TestReturnOfBeforeMovesWhenWhatChangesItHappened(t *testing.T) {
	t.Parallel()
	home, back, other := at(s1, plan.HomeStore, ""), at(s1, plan.HomeStore, "refund:r1"), at(s2, plan.HomeStore, "refund:r1")
	returned, edited, now := noon.AddDate(0, 0, 3), noon.AddDate(0, 1, 0), noon.AddDate(0, 1, 1)
	gave := Transfer{ID: shop.NewID(noon), Kind: Credited, Role: plan.HomeStore, Minor: 600, Line: 1,
		Debit: Account{Kind: Expense, Currency: "TWD"}, Credit: Account{Pending, s1, "TWD"}}
	took := Transfer{ID: shop.NewID(noon), Kind: Refunded, Role: plan.HomeStore, Minor: 300, Line: 1, Fact: "refund:r1", Reverses: gave.ID,
		Debit: Account{Pending, s1, "TWD"}, Credit: Account{Kind: Expense, Currency: "TWD"}}
	for _, tt := range []struct {
		why     string
		book    []Transfer
		changed time.Time // by a fact of the order; zero: by whose customer she is
		want    map[cell]wish
		dated   time.Time // of what is taken back
	}{
		{"the refund itself", []Transfer{gave}, returned, map[cell]wish{home: {Minor: 600, At: noon}, back: {Minor: -300, At: returned}}, returned},
		{"an edit that makes it more", []Transfer{gave, took}, edited, map[cell]wish{home: {Minor: 800, At: noon}, back: {Minor: -400, At: returned}}, edited},
		{"another home, whose return it is now", []Transfer{gave, took}, time.Time{},
			map[cell]wish{at(s2, plan.HomeStore, ""): {Minor: 600, At: noon}, other: {Minor: -300, At: returned}}, now},
		{"a home where nobody earned anything before", nil, time.Time{},
			map[cell]wish{at(s2, plan.HomeStore, ""): {Minor: 600, At: noon}, other: {Minor: -300, At: returned}}, now},
	} {
		o := order.Order{ID: orderID, Currency: "TWD", ChangedAt: tt.changed}
		found := false
		for _, got := range difference(tt.want, posted{IsKnown: true, Transfers: tt.book}, o, act{now, now}) {
			if got.Kind == Refunded {
				if found = true; !got.EffectiveAt.Equal(tt.dated) {
					t.Errorf("%s: dated %v, want %v", tt.why, got.EffectiveAt, tt.dated)
				}
			}
		}
		if !found {
			t.Errorf("%s: nothing is taken back", tt.why)
		}
	}
}

// Whatever sequence of wishes the facts lead to, the book ends with the last one, and no original gives back more than it gave.
func TestBookFollowsAnySequenceOfWishes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var book []Transfer
		var want map[cell]wish
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			want = map[cell]wish{}
			for _, to := range []attribution.Beneficiary{s1, s2} {
				share := rapid.Int64Range(0, 1000).Draw(t, "share")
				if share > 0 {
					want[at(to, plan.HomeStore, "")] = wish{Minor: share, At: noon}
				}
				if back := rapid.Int64Range(0, share).Draw(t, "back"); back > 0 {
					want[at(to, plan.HomeStore, "refund:r1")] = wish{Minor: -back, At: noon}
				}
			}
			book = append(book, difference(want, posted{Transfers: book}, order.Order{ID: orderID, Currency: "TWD"}, act{noon, noon})...)
			if again := difference(want, posted{Transfers: book}, order.Order{ID: orderID, Currency: "TWD"}, act{noon, noon}); len(again) != 0 {
				t.Fatalf("the same wishes posted %d more transfers", len(again))
			}
		}
		sums := map[attribution.Beneficiary]int64{}
		for c, w := range want {
			sums[c.To] += w.Minor
		}
		for to, n := range net(book) {
			if n != sums[to] {
				t.Fatalf("%s has %d, want %d", to, n, sums[to])
			}
		}
		left := map[shop.ID]int64{}
		for _, tr := range book {
			if tr.gives() {
				left[tr.ID] += tr.Minor
			} else if left[tr.Reverses] -= tr.Minor; left[tr.Reverses] < 0 {
				t.Fatalf("transfer %s gave back more than it gave", tr.Reverses)
			}
		}
	})
}
