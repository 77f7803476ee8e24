package order

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestANameFindsTheOrdersOfEverySource(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ours := b.apply(b.sofa("1001")).Order
	b.apply(b.sofa("1002"))
	theirs, err := b.s.Apply(t.Context(), b.Brand, "till", b.sofa("1001"))
	if err != nil {
		t.Fatal(err)
	}
	b.read(func(tx pgx.Tx) error {
		found, err := Named(t.Context(), tx, b.Brand, "1001")
		if len(found) != 2 || !slices.Contains(found, ours) || !slices.Contains(found, theirs.Order) {
			t.Errorf("1001 is %v", found)
		}
		if err != nil {
			return err
		}
		found, err = Named(t.Context(), tx, b.Brand, "1003")
		if len(found) != 0 {
			t.Errorf("1003 is %v", found)
		}
		return err
	})
}
