package team

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func TestStoresAndPeopleAreCalledByTheirIDs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nobody := shop.NewID(noon)
	must(t, b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE store SET name = '{"en": "Only English"}' WHERE brand_id = $1 AND id = $2`, b.Brand, b.S2)
		if err != nil {
			return err
		}
		names, err := NamesOf(t.Context(), tx, b.Brand, []shop.ID{b.S1, b.Amy, b.S2, b.Ben, nobody, {}})
		if err != nil {
			return err
		}
		first, err := StoreByID(t.Context(), tx, b.Brand, b.S1)
		if err != nil {
			return err
		}
		people, err := StaffByIDs(t.Context(), tx, b.Brand, []shop.ID{b.Amy, b.Ben})
		want := map[shop.ID]Name{b.S1: {first.Code, first.Name}, b.S2: {"S2", shop.Text{shop.English: "Only English"}}}
		for id, p := range people {
			want[id] = Name{p.EmployeeNo, shop.Text{shop.TraditionalChinese: p.Name}}
		}
		if d := cmp.Diff(want, names); d != "" || len(want) != 4 {
			t.Error(d)
		}
		return err
	}))
}
