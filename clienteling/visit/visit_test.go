package visit

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

var (
	noon = time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC) // in Taipei
	s1   = shop.ID{15: 1}
	s2   = shop.ID{15: 2}
	amy  = shop.ID{15: 11}
	ben  = shop.ID{15: 12}
	lin  = shop.ID{15: 21}
)

// The matrix: who asks × whose customer she is × what visit she is on × what the brand's policy says.
func TestWhoSeesWhom(t *testing.T) {
	t.Parallel()
	askers := map[string]shop.Actor{
		"staff":       {Role: shop.RoleStaff, ID: amy, Store: s1, Stores: []shop.ID{s1}},
		"manager":     {Role: shop.RoleManager, ID: amy, Store: s1, Stores: []shop.ID{s1}},
		"helper":      {Role: shop.RoleStaff, ID: amy, Store: s1}, // on a device of the shop, today without an assignment
		"hq":          {Role: shop.RoleHQ, ID: amy},
		"finance":     {Role: shop.RoleFinance, ID: amy},
		"integration": {Role: shop.RoleIntegration, ID: amy, Scopes: []string{"orders:write"}},
		"herself":     {Role: shop.RoleCustomer, ID: lin},
		"another":     {Role: shop.RoleCustomer, ID: ben},
		"system":      {Role: shop.RoleSystem},
		"nobody":      {},
	}
	homes := map[string]shop.ID{"home": s1, "elsewhere": s2, "unbound": {}}
	code := func(store, staff shop.ID, ago time.Duration) []Visit {
		return []Visit{{Customer: lin, Store: store, Staff: staff, Proof: ByMemberCode, ProvenAt: noon.Add(-ago)}}
	}
	till := func(store, staff shop.ID, ago time.Duration) []Visit {
		return []Visit{{Customer: lin, Store: store, Staff: staff, Proof: ByTill, ProvenAt: noon.Add(-ago)}}
	}
	visits := map[string][]Visit{
		"no visit": nil, "showed me her code": code(s1, amy, time.Hour), "showed a colleague her code": code(s1, ben, time.Hour),
		"showed me her code elsewhere": code(s2, amy, time.Hour), "code two hours ago": code(s1, amy, Lasts), "code just under two hours ago": code(s1, amy, Lasts-time.Millisecond),
		"bought here": till(s1, ben, time.Hour), "bought here two hours ago": till(s1, shop.ID{}, Lasts), "bought elsewhere": till(s2, amy, time.Hour),
		"code from a clock ahead of ours": code(s1, amy, -time.Second),
	}
	opens := map[string]bool{
		"showed me her code": true, "code just under two hours ago": true, "bought here": true, "code from a clock ahead of ours": true,
	}
	policies := map[string]circle{
		"store": {stores: []shop.ID{s1}, why: "home_store"}, "region": {stores: []shop.ID{s1, s2}, why: "policy_region"}, "brand": {everybody: true, why: "policy_brand"},
	}
	var seen int
	for who, actor := range askers {
		for where, home := range homes {
			for how, on := range visits {
				for policy, around := range policies {
					if who == "helper" && policy != "brand" {
						around.stores = actor.Stores
					}
					want := MemberOnly
					switch {
					case who == "hq" || who == "herself" || who == "system":
						want = Full
					case who == "finance" || who == "integration" || who == "another" || who == "nobody":
						want = Nothing
					case policy == "brand" || opens[how]:
						want = Full
					case who != "helper" && (where == "home" || where == "elsewhere" && policy == "region"):
						want = Full
					}
					got, why := sightOf(actor, lin, home, around, on, noon)
					if got != want || why == "" {
						t.Errorf("%s, customer %s, %s, policy %s: %s (%s), want %s", who, where, how, policy, got, why, want)
					}
					seen++
				}
			}
		}
	}
	if seen != 10*3*10*3 {
		t.Errorf("%d cases", seen)
	}
}

func TestNeighboursAreStoresOfTheSameRegion(t *testing.T) {
	t.Parallel()
	all := []team.Store{{ID: shop.ID{1}, Region: "north"}, {ID: shop.ID{2}, Region: "north"}, {ID: shop.ID{3}, Region: "south"}, {ID: shop.ID{4}}, {ID: shop.ID{5}}}
	for _, tc := range []struct {
		why       string
		own, want []shop.ID
	}{
		{"the other store of the north", []shop.ID{{1}}, []shop.ID{{1}, {2}}},
		{"somebody who works in two regions", []shop.ID{{1}, {3}}, []shop.ID{{1}, {3}, {2}}},
		{"a store of no region has no neighbours", []shop.ID{{4}}, []shop.ID{{4}}},
		{"nobody without a store has any", nil, nil},
	} {
		if d := cmp.Diff(tc.want, neighbours(all, tc.own)); d != "" {
			t.Errorf("%s: %s", tc.why, d)
		}
	}
}

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"abcd-efgh": "ABCDEFGH", " 0o1i l234": "00111234", "ABCDEFGH": "ABCDEFGH",
		"": "", "ABCDEFG": "", "ABCDEFGHJ": "", "ABCDEFGU": "", "ＡBCDEFGH": "", strings.Repeat("-", 1000): "",
	} {
		got, ok := foldCode(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %t", in, got, ok)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		code := newCode()
		if folded, ok := foldCode(code); !ok || folded != code || seen[code] {
			t.Fatalf("%q", code)
		}
		seen[code] = true
	}
}
