package catalogue

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
)

func TestReferencesNameArticlesOrWholeProducts(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f, other := postgrestest.Brand(t, pool), postgrestest.Brand(t, pool)
	s := New(pool, func() time.Time { return noon })
	two := sofa("grey", "blue")
	two.Variants[1].PriceMinor = 36000
	same := sofa("P1") // an article that is called as the first product
	same.ExternalID, same.Variants[0].PriceMinor = "P2", 900
	if err := s.Put(t.Context(), shop.System(f.Brand), []Product{two}); err != nil {
		t.Fatal(err)
	}
	ask := func(brand shop.BrandID, references ...string) (found map[string]Offered) {
		t.Helper()
		err := pool.Read(t.Context(), brand, func(tx pgx.Tx) (err error) {
			found, err = OfferedBy(t.Context(), tx, brand, references)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	found := ask(f.Brand, "blue", "P1", "green")
	if blue := found["blue"]; blue.Variant.In(shop.English) != "blue" || blue.LeastMinor != 36000 || blue.MostMinor != 36000 || blue.Name.In(shop.English) != "Sofa" {
		t.Errorf("an article: %+v", blue)
	}
	if whole := found["P1"]; whole.Variant.In(shop.English) != "" || whole.LeastMinor != 32000 || whole.MostMinor != 36000 || whole.Currency != "TWD" {
		t.Errorf("a product: %+v", whole)
	}
	if len(found) != 2 || len(ask(other.Brand, "blue")) != 0 || ask(f.Brand) != nil {
		t.Errorf("of these there are no others: %+v", found)
	}
	if err := s.Put(t.Context(), shop.System(f.Brand), []Product{same}); err != nil {
		t.Fatal(err)
	}
	if article := ask(f.Brand, "P1")["P1"]; article.LeastMinor != 900 {
		t.Errorf("a text that is both names the article: %+v", article)
	}
}
