package order

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// However an order is read, it is the same order: edited, sent, given back, exchanged, its price adjusted.
func TestAPageHoldsWhatEachOrderIsByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var ids []shop.ID
	for n := range 5 {
		f := b.sofa(fmt.Sprint("order-", n))
		f.PlacedAt = placed.Add(time.Duration(n) * time.Second)
		at := f.PlacedAt.Add(time.Hour)
		ids = append(ids, b.apply(f).Order)
		edited := append(f.Lines[:len(f.Lines):len(f.Lines)], Line{ExternalID: "9", SKU: "LAMP", Kind: Merchandise, Quantity: 2, UnitPrice: 500})
		for _, more := range []Fact{
			WasEdited{Order: f.Order, Version: 2, At: at, Lines: edited},
			WasFulfilled{Order: f.Order, ExternalID: f.Order + "f1", Kind: Ship, Store: b.S1, At: at},
			WasFulfilled{Order: f.Order, ExternalID: f.Order + "f2", Kind: Ship, Store: b.S2, At: at.Add(time.Minute)},
			WasRefunded{Order: f.Order, ExternalID: f.Order + "r1", At: at, Lines: []RefundedLine{{Line: "9", Quantity: 1}}},
			WasRefunded{Order: f.Order, ExternalID: f.Order + "r2", At: at, Amount: 7},
			WasAdjusted{Order: f.Order, ExternalID: f.Order + "a1", At: at, Lines: []AdjustedLine{{Line: "9", Amount: 3}}},
			WasExchanged{Order: f.Order, ExternalID: f.Order + "x1", At: at.Add(time.Hour), Out: []string{"11"}, In: []Line{{ExternalID: "21", SKU: "CHAIR", Quantity: 1, UnitPrice: 900}}},
		}[:min(2*n+1, 7)] {
			b.apply(more)
		}
	}
	b.read(func(tx pgx.Tx) error {
		want, err := LoadMany(t.Context(), tx, b.Brand, ids)
		if err != nil {
			return err
		}
		in := Span{From: ids[0], Until: shop.FloorID(placed.Add(4 * time.Second))} // not the last one
		if n, err := Count(t.Context(), tx, b.Brand, in); n != 4 || err != nil {
			t.Errorf("counted %d, %v", n, err)
		}
		var got []Order
		for pages := 1; !in.From.IsZero(); pages++ {
			var orders []Order
			if orders, in, err = Page(t.Context(), tx, b.Brand, in, 3); err != nil {
				return err
			}
			if got = append(got, orders...); len(got) != min(3*pages, 4) {
				t.Errorf("after %d pages there are %d orders", pages, len(got))
			}
		}
		if !reflect.DeepEqual(got, want[:4]) {
			t.Errorf("got  %+v\nwant %+v", got, want[:4])
		}
		return nil
	})
}

func TestTheOrdersOfManyCustomersAreThoseOfEach(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var customers []shop.ID
	for n := range 6 {
		f := b.sofa(fmt.Sprint("order-", n))
		f.PlacedAt = placed.Add(-time.Duration(n) * 24 * time.Hour)
		f.Identities = []customer.Identity{{Kind: customer.WebShop, Value: fmt.Sprint("shopify:", n%2)}}
		b.apply(f)
		customers = append(customers, b.load(f.Order).Customer)
	}
	b.read(func(tx pgx.Tx) error {
		all, err := OfCustomers(t.Context(), tx, b.Brand, append(customers[:2], shop.NewID(placed)))
		if err != nil || len(all) != 2 {
			t.Errorf("%v, %v", all, err)
		}
		for _, who := range customers[:2] {
			if hers, err := IDsOfCustomer(t.Context(), tx, b.Brand, who, time.Time{}); err != nil || len(hers) != 3 || !slices.Equal(all[who], hers) {
				t.Errorf("%v, want %v, %v", all[who], hers, err)
			}
		}
		return nil
	})
}
