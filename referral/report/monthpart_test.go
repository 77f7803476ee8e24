package report

import (
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

var (
	s1, s2, web = shop.ID{15: 1}, shop.ID{15: 2}, shop.ID{15: 3}
	amy         = attribution.StaffOf(shop.ID{15: 9})
)

func earns(role plan.Role, store shop.ID, minor int64) ledger.Credit {
	return ledger.Credit{Role: role, To: attribution.StoreOf(store), Store: store, Minor: minor, Line: 1, Volume: big.NewRat(1000, 1)}
}

func TestOneGroundSaysToWhomRevenueBelongs(t *testing.T) {
	t.Parallel()
	online := earns(plan.OnlineTeam, web, 10)
	for _, c := range []struct {
		why     string
		credits []ledger.Credit
		want    map[shop.ID]int64
	}{
		{"nobody earns: who sold", nil, map[shop.ID]int64{web: 1001}},
		{"only the web team: who sold", []ledger.Credit{online}, map[shop.ID]int64{web: 1001}},
		{"home, whatever displays there were", []ledger.Credit{online, earns(plan.DisplayStore, s2, 99), earns(plan.HomeStore, s1, 30)}, map[shop.ID]int64{s1: 1001}},
		{"home by its person alone", []ledger.Credit{earns(plan.HomeStaff, s1, 30), earns(plan.DisplayStore, s2, 99)}, map[shop.ID]int64{s1: 1001}},
		{"two displays, by what they earn", []ledger.Credit{earns(plan.DisplayStore, s2, 10), earns(plan.DisplayStore, s1, 10)}, map[shop.ID]int64{s1: 501, s2: 500}},
		{"a display and its person are one store's", []ledger.Credit{earns(plan.DisplayStore, s2, 10), earns(plan.DisplayStaff, s2, 20), earns(plan.DisplayStore, s1, 10)}, map[shop.ID]int64{s1: 250, s2: 751}},
		{"displays that were rounded to nothing share alike", []ledger.Credit{earns(plan.DisplayStore, s2, 0), earns(plan.DisplayStore, s1, 0)}, map[shop.ID]int64{s1: 501, s2: 500}},
		{"who helped", []ledger.Credit{online, earns(plan.AssistStaff, s2, 5)}, map[shop.ID]int64{s2: 1001}},
		{"who packs does not", []ledger.Credit{earns(plan.PackingStore, s2, 60)}, map[shop.ID]int64{web: 1001}},
	} {
		p := partOf(order.Order{Store: web, State: order.Placed, Currency: "TWD"}, 1001, c.credits, time.UTC)
		after, before := map[shop.ID]int64{}, map[shop.ID]int64{}
		for _, s := range p.Stores {
			if s.After != 0 {
				after[s.Store] = s.After
			}
			if s.Before != 0 {
				before[s.Store] = s.Before
			}
		}
		if d := cmp.Diff(c.want, after) + cmp.Diff(map[shop.ID]int64{web: 1001}, before); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
	}
}
