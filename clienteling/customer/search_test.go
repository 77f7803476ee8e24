package customer

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
)

// enrol makes a member of a store.
func (b bundle) enrol(name string, i Identity, store shop.ID) (id shop.ID) {
	b.Helper()
	id = b.resolve(i)
	b.do(func(tx pgx.Tx) error {
		if _, err := Join(b.Context(), tx, shop.System(b.brand), id, Joining{Details: Details{Name: name}}, now); err != nil {
			return err
		}
		return NoteHome(b.Context(), tx, b.brand, id, store, shop.ID{}, now)
	})
	return id
}

func (b bundle) search(f Fragment) string {
	b.Helper()
	var names []string
	b.do(func(tx pgx.Tx) error {
		found, err := Search(b.Context(), tx, b.brand, f)
		for i := len(found) - 1; i >= 0; i-- {
			names = append(names, found[i].Name+" "+MaskPhone(found[i].Phone))
		}
		return err
	})
	return strings.Join(names, ", ")
}

func TestCustomersAreFoundByNameAndEnding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, name := range []string{"林小美", "林大同", "陳小美", "Amy Lin"} {
		store := b.f.S1
		if i == 2 {
			store = b.f.S2
		}
		b.enrol(name, phone(10678+i*1000, true), store)
	}
	s1 := []shop.ID{b.f.S1}
	for _, tc := range []struct {
		why  string
		f    Fragment
		want []string
	}{
		{"the surname", Fragment{Text: "林"}, []string{"林小美", "林大同"}},
		{"the given name, in one's own store", Fragment{Text: "小美", Stores: s1}, []string{"林小美"}},
		{"the given name, in the whole brand", Fragment{Text: "小美"}, []string{"林小美", "陳小美"}},
		{"small letters", Fragment{Text: "lin"}, []string{"Amy Lin"}},
		{"the last digits", Fragment{Text: "678", Stores: s1}, []string{"林小美", "林大同", "Amy Lin"}},
		{"more of the last digits", Fragment{Text: "1-1678"}, []string{"林大同"}},
		{"a fragment of a customer elsewhere", Fragment{Text: "2678", Stores: s1}, nil},
		{"no stores at all", Fragment{Text: "678", Stores: []shop.ID{}}, nil},
		{"a LIKE pattern is a name without letters or finds nothing", Fragment{Text: "%ab%"}, nil},
	} {
		got := b.search(tc.f)
		for _, name := range tc.want {
			if !strings.Contains(got, name) {
				t.Errorf("%s: %s, without %s", tc.why, got, name)
			}
		}
		if n := strings.Count(got, "•••"); n != len(tc.want) {
			t.Errorf("%s: %d found (%s), want %v", tc.why, n, got, tc.want)
		}
	}
	for _, short := range []string{"", "78", "%", " - ", "+"} {
		err := b.pool.Read(t.Context(), b.brand, func(tx pgx.Tx) error {
			_, err := Search(t.Context(), tx, b.brand, Fragment{Text: short})
			return err
		})
		if !errors.Is(err, ErrFragment) {
			t.Errorf("%q: %v", short, err)
		}
	}
}

func TestWholeNumbersFindHerAnywhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.enrol("林小美", phone(10678, true), b.f.S2)
	var no string
	b.do(func(tx pgx.Tx) error {
		identities, err := Identities(t.Context(), tx, b.brand, id)
		for _, i := range identities {
			if i.Kind == MemberNo {
				no = i.Value
			}
		}
		return err
	})
	for _, text := range []string{"0912-310-678", "+886 912 310 678", no, no[:3] + " " + no[3:]} {
		b.do(func(tx pgx.Tx) error {
			got, err := FindWhole(t.Context(), tx, b.brand, text, "TW")
			if err != nil || got != id {
				t.Errorf("%s: %s, %v", text, got, err)
			}
			return nil
		})
	}
	b.do(func(tx pgx.Tx) error {
		if _, err := FindWhole(t.Context(), tx, b.brand, "678", "TW"); !errors.Is(err, ErrUnknown) {
			t.Errorf("a fragment named her whole: %v", err)
		}
		return nil
	})
}

// Row-level security is on: an operator that is not leakproof would read every row of the brand.
func TestSearchesAreServedByIndexes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
			return err
		}
		for _, tc := range []struct{ why, query, index, cond string }{
			{"ending", `SELECT customer_id FROM identity e WHERE e.brand_id = $1 AND e.kind = 'phone' AND e.ending ~>=~ '876' AND e.ending ~<~ '877'`,
				"identity_by_ending", "ending ~>=~"},
			{"tokens", `SELECT customer_id FROM customer_token t WHERE t.brand_id = $1 AND t.token = ANY ('{小美,林小}')`, "customer_token_pkey", "token = ANY"},
		} {
			rows, err := tx.Query(t.Context(), fmt.Sprintf(`EXPLAIN %s`, strings.ReplaceAll(tc.query, "$1", fmt.Sprint(b.brand))))
			if err != nil {
				return err
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			plan := strings.Join(lines, "\n")
			if _, cond, _ := strings.Cut(plan, "Index Cond:"); !strings.Contains(plan, tc.index) || !strings.Contains(strings.SplitN(cond, "\n", 2)[0], tc.cond) {
				t.Errorf("%s is not served by %s:\n%s", tc.why, tc.index, plan)
			}
		}
		return nil
	})
}

func TestAnotherBrandsCustomersAreNotThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.enrol("林小美", phone(10678, true), b.f.S1)
	other := b
	other.brand = postgrestest.Brand(t, b.pool).Brand
	if got := other.search(Fragment{Text: "林小美"}); got != "" {
		t.Errorf("found %s", got)
	}
	if got := other.resolve(phone(10678, true)); got == id {
		t.Error("one customer of two brands")
	}
}
