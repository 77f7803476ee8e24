package order

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func TestWhoBoughtBeforeAndWhatSheBoughtNext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, minutes := range []int{0, 1, 1, 2, 3} {
		f := b.sofa(fmt.Sprint("o", i))
		f.PlacedAt = placed.Add(time.Duration(minutes) * time.Minute)
		if i == 0 {
			f.State = Test
		}
		b.want(f, Applied, "")
	}
	b.want(WasCancelled{Order: "o1", At: placed.Add(time.Hour)}, Applied, "")
	nobodys := b.sofa("nobody's")
	nobodys.Identities, nobodys.PlacedAt = nil, placed.Add(time.Hour)
	b.want(nobodys, Applied, "")

	var all []Order
	names := map[shop.ID]string{}
	for _, name := range []string{"o0", "o1", "o2", "o3", "o4", "nobody's"} {
		o := b.load(name)
		all, names[o.ID] = append(all, o), name
	}
	b.read(func(tx pgx.Tx) error {
		returning, err := OfReturning(t.Context(), tx, b.Brand, all)
		if err != nil {
			return err
		}
		want := map[shop.ID]bool{all[3].ID: true, all[4].ID: true}
		if !maps.Equal(returning, want) {
			t.Errorf("returning %v: a test order is none, a cancelled one is, and two of one instant are both the first; want %v", returning, want)
		}
		for after, want := range [][]string{{"o1", "o2"}, {"o3"}, {"o3"}, {"o4"}, nil, nil} {
			ids, err := NextOf(t.Context(), tx, b.Brand, all[after:after+1])
			if err != nil {
				return err
			}
			var got []string
			for _, id := range ids {
				got = append(got, names[id])
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after %s: %s", all[after].ExternalID, diff)
			}
		}
		return nil
	})
}
