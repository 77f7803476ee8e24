package binding

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestHolderIsTheBindingAndWhoTookOverSince(t *testing.T) {
	t.Parallel()
	var s1, s2, s3, amy, ben = shop.NewID(noon), shop.NewID(noon), shop.NewID(noon), shop.NewID(noon), shop.NewID(noon)
	names := map[shop.ID]string{s1: "S1", s2: "S2", s3: "S3", amy: "amy", ben: "ben", {}: "-"}
	day := func(n int) time.Time { return noon.Add(days(n)) }
	leaves := func(who shop.ID, n int, h Heir) Succession {
		return Succession{ID: shop.NewID(noon), Kind: Leaving, Staff: who, At: day(n), Heirs: []Heir{h}, RecordedAt: day(n)}
	}
	moves := func(who, from shop.ID, n int, h Heir) Succession {
		return Succession{ID: shop.NewID(noon), Kind: Moving, Staff: who, Store: from, At: day(n), Heirs: []Heir{h}, RecordedAt: day(n)}
	}
	closes := func(store, to shop.ID, n int) Succession {
		return Succession{ID: shop.NewID(noon), Kind: Closing, Store: store, At: day(n), Heirs: []Heir{{Store: to, Person: Keep}}, RecordedAt: day(n)}
	}
	pool, toBen := Heir{Person: Pool}, Heir{Person: Named, Staff: ben}
	amys := Binding{Store: s1, Staff: amy, From: noon, RecordedAt: noon}
	for _, c := range []struct {
		why  string
		won  Binding
		by   []Succession
		at   int
		want string
	}{
		{"nobody took over", amys, nil, 9, "S1 amy"},
		{"the day before she leaves", amys, []Succession{leaves(amy, 5, pool)}, 4, "S1 amy"},
		{"the very instant", amys, []Succession{leaves(amy, 5, pool)}, 5, "S1 pool"},
		{"a named heir, the store stays", amys, []Succession{leaves(amy, 5, toBen)}, 6, "S1 ben"},
		{"another's leaving", amys, []Succession{leaves(ben, 5, pool)}, 6, "S1 amy"},
		{"a chain", amys, []Succession{leaves(amy, 5, toBen), leaves(ben, 7, pool)}, 8, "S1 pool"},
		{"in the middle of the chain", amys, []Succession{leaves(amy, 5, toBen), leaves(ben, 7, pool)}, 6, "S1 ben"},
		{"the heir left before she inherited", amys, []Succession{leaves(ben, 3, pool), leaves(amy, 5, toBen)}, 6, "S1 ben"},
		{"a circle of people ends", amys, []Succession{leaves(amy, 5, toBen), leaves(ben, 6, Heir{Person: Named, Staff: amy})}, 9, "S1 amy"},
		{"the store alone has no staff part to pass on", Binding{Store: s1, From: noon, RecordedAt: noon}, []Succession{leaves(amy, 5, pool)}, 6, "S1 -"},
		{"won after she came back", Binding{Store: s1, Staff: amy, From: day(6), RecordedAt: day(6)}, []Succession{leaves(amy, 5, pool)}, 7, "S1 amy"},
		{"won at that instant, before it was recorded", Binding{Store: s1, Staff: amy, From: day(5), RecordedAt: day(5)}, []Succession{leaves(amy, 5, pool)}, 7, "S1 pool"},
		{"a scan of before, recorded after", Binding{Store: s1, Staff: amy, From: day(4), RecordedAt: day(8)}, []Succession{leaves(amy, 5, pool)}, 8, "S1 pool"},
		{"she moves: stay and keep", amys, []Succession{moves(amy, s1, 5, Heir{Person: Keep})}, 6, "S1 amy"},
		{"she moves: follow and keep", amys, []Succession{moves(amy, s1, 5, Heir{Store: s2, Person: Keep})}, 6, "S2 amy"},
		{"she moves: stay and pool", amys, []Succession{moves(amy, s1, 5, pool)}, 6, "S1 pool"},
		{"she moves: follow and pool", amys, []Succession{moves(amy, s1, 5, Heir{Store: s2, Person: Pool})}, 6, "S2 pool"},
		{"she moves from elsewhere", amys, []Succession{moves(amy, s2, 5, pool)}, 6, "S1 amy"},
		{"the store closes: the person keeps", amys, []Succession{closes(s1, s2, 5)}, 6, "S2 amy"},
		{"the pool is that of the successor", amys, []Succession{leaves(amy, 3, pool), closes(s1, s2, 5)}, 6, "S2 pool"},
		{"the successor closes too", amys, []Succession{closes(s1, s2, 5), closes(s2, s3, 7)}, 8, "S3 amy"},
		{"and before that", amys, []Succession{closes(s1, s2, 5), closes(s2, s3, 7)}, 6, "S2 amy"},
		{"won for a store that has closed, by an old tag", Binding{Store: s1, From: day(9), RecordedAt: day(9)}, []Succession{closes(s1, s2, 5), closes(s2, s3, 7)}, 9, "S3 -"},
		{"she chose nobody", Binding{From: noon, RecordedAt: noon}, []Succession{closes(s1, s2, 5)}, 6, "- -"},
	} {
		h := heldBy(c.won, c.by, day(c.at))
		got := names[h.Store] + " " + names[h.Staff]
		if h.Pool {
			got = names[h.Store] + " pool"
		}
		if got != c.want || !h.Since.Equal(c.won.From) {
			t.Errorf("%s: %s since %s, want %s", c.why, got, h.Since, c.want)
		}
	}
}

// 3 : 2 : 1 of 6,000 customers. The lot is drawn from her id, so the parts are those of a draw, not of a count: within five
// standard deviations.
func TestSeveralHeirsHaveCustomersByTheirShares(t *testing.T) {
	t.Parallel()
	s := Succession{ID: shop.NewID(noon), Kind: Leaving, Staff: shop.NewID(noon), Heirs: []Heir{{Person: Pool, Share: 3}, {Person: Pool, Share: 2}, {Person: Pool, Share: 1}}}
	next := Succession{Staff: shop.NewID(noon), Heirs: []Heir{{Share: 1}, {Share: 1}}}
	var counts, passedOn [3]int
	for range 6000 {
		c := shop.NewID(noon)
		first := s.heirOf(c)
		counts[first]++
		if s.heirOf(c) != first {
			t.Fatal("the lot of a customer changes")
		}
		if first == 0 {
			passedOn[next.heirOf(c)]++
		}
	}
	for i, want := range []int{3000, 2000, 1000} {
		if off := counts[i] - want; off < -200 || off > 200 {
			t.Errorf("heir %d has %d customers of 6,000, want about %d", i+1, counts[i], want)
		}
	}
	if off := passedOn[0] - passedOn[1]; off < -300 || off > 300 {
		t.Errorf("the first heir's customers fall to %v when she leaves in her turn", passedOn)
	}
}
