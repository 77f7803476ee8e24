package catalogue

import (
	"errors"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func sofa(skus ...string) Product {
	p := Product{ExternalID: "P1", Name: shop.Text{shop.TraditionalChinese: "沙發", shop.English: "Sofa"}, Category: "sofa"}
	for _, sku := range skus {
		p.Variants = append(p.Variants, Variant{SKU: sku, Name: shop.Text{shop.English: sku}, PriceMinor: 32000, Currency: "TWD"})
	}
	return p
}

func TestPutTwiceIsOneProduct(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	s := New(pool, func() time.Time { return noon })
	system := shop.System(f.Brand)
	if err := s.Put(t.Context(), system, []Product{sofa("grey", "blue")}); err != nil {
		t.Fatal(err)
	}
	first, _, err := s.BySKU(t.Context(), f.Brand, "grey")
	if err != nil || len(first.Variants) != 2 || first.Name.In(shop.English) != "Sofa" || first.Description == nil {
		t.Fatalf("%+v %v", first, err)
	}
	changed := sofa("grey", "green")
	changed.Variants[0].PriceMinor = 28000
	if err := s.Put(t.Context(), system, []Product{changed}); err != nil {
		t.Fatal(err)
	}
	again, v, err := s.BySKU(t.Context(), f.Brand, "grey")
	if err != nil || again.ID != first.ID || v.PriceMinor != 28000 || len(again.Variants) != 3 {
		t.Errorf("told again: %+v %+v %v", again, v, err)
	}
	other := postgrestest.Brand(t, pool)
	if _, _, err := s.BySKU(t.Context(), other.Brand, "grey"); !errors.Is(err, ErrSKUUnknown) {
		t.Errorf("another brand's article: %v", err)
	}
}

func TestListGoesPageByPage(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	s := New(pool, func() time.Time { return noon })
	var products []Product
	for _, id := range []string{"a", "b", "c"} {
		p := sofa("sku-" + id)
		p.ExternalID = id
		products = append(products, p)
	}
	if err := s.Put(t.Context(), shop.System(f.Brand), products); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	page := shop.Page{Limit: 2}
	for range 2 {
		some, next, err := s.List(t.Context(), f.Brand, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range some {
			seen[p.ExternalID] = true
			if len(p.Variants) != 1 || p.Variants[0].SKU != "sku-"+p.ExternalID {
				t.Errorf("%+v", p)
			}
		}
		if page, err = shop.NewPage(next, 2); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 3 {
		t.Errorf("two pages of two showed %v", seen)
	}
}

func TestWrongProductsAreRefusedWithEveryField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		change func(p *Product)
		field  string
	}{
		{"no name in any language", func(p *Product) { p.Name = nil }, "name"},
		{"a name of nothing", func(p *Product) { p.ExternalID = "" }, "external_id"},
		{"one SKU twice", func(p *Product) { p.Variants[1].SKU = p.Variants[0].SKU }, "variants.sku"},
		{"a price below nothing", func(p *Product) { p.Variants[0].PriceMinor = -1 }, "variants.price_minor"},
		{"a currency that nobody books", func(p *Product) { p.Variants[0].Currency = "XXX" }, "variants.currency"},
	} {
		p := sofa("grey", "blue")
		c.change(&p)
		var refusal *shop.Refusal
		if err := check([]Product{p}); !errors.As(err, &refusal) || len(refusal.Fields) != 1 || refusal.Fields[0].Name != c.field {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	if err := check(make([]Product, mostProducts+1)); !errors.Is(err, ErrTooMany) {
		t.Errorf("a catalogue at once: %v", err)
	}
	if staff := New(nil, time.Now).Put(t.Context(), shop.Actor{Role: shop.RoleStaff}, nil); !errors.Is(staff, shop.ErrForbidden) {
		t.Errorf("staff changed the catalogue: %v", staff)
	}
}
