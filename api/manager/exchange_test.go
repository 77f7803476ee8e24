package manager_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// counting says of every exchange whether it is an edit of its order.
type counting bool

func (keeps counting) KeepsOnExchange(context.Context, pgx.Tx, shop.BrandID, time.Time) (bool, error) {
	return bool(keeps), nil
}

type exchanged struct {
	Order struct {
		ExchangeOf shop.ID `json:"exchange_of"`
		Exchanges  []struct {
			ExternalID string `json:"external_id"`
			At         time.Time
			Keeps      bool
			Out, In    []struct {
				No        int
				SKU, Name string
			}
		}
	}
}

// What went is told by its name although the order has it no more.
func TestAnOrderTellsWhatWasExchanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chair := []order.Line{{ExternalID: "2", SKU: "CHAIR", Name: "椅子", Quantity: 1, UnitPrice: 21000, TaxIncluded: true}}
	exchange := func(name string, keeps bool) (old, made exchanged) {
		t.Helper()
		b.orders.Exchanging(counting(keeps))
		id := b.buy(b.Fixture, name, shop.ID{})
		paper := order.WasExchanged{Order: name, ExternalID: name + "-x", At: noon.Add(-time.Hour), Out: []string{"1"}, In: chair}
		if _, err := b.orders.Apply(t.Context(), b.Brand, "shopify", paper); err != nil {
			t.Fatal(err)
		}
		b.get("hq", "/v1/manager/orders/"+id.String()).into(http.StatusOK, &old)
		if keeps {
			return old, made
		}
		var other shop.ID
		err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT id FROM sales_order WHERE brand_id = $1 AND external_id = $2`, b.Brand, name+"-x").Scan(&other)
		})
		if err != nil {
			t.Fatal(err)
		}
		b.get("hq", "/v1/manager/orders/"+other.String()).into(http.StatusOK, &made)
		if made.Order.ExchangeOf != id || len(made.Order.Exchanges) != 0 {
			t.Errorf("the order that was made says %+v", made)
		}
		return old, made
	}
	kept, _ := exchange("K-1", true)
	if x := kept.Order.Exchanges; len(x) != 1 || x[0].ExternalID != "K-1-x" || !x[0].Keeps || !x[0].At.Equal(noon.Add(-time.Hour)) ||
		len(x[0].Out) != 1 || x[0].Out[0].SKU != "SOFA" || x[0].Out[0].Name != "三人沙發" || len(x[0].In) != 1 || x[0].In[0].SKU != "CHAIR" || x[0].In[0].No != 2 {
		t.Errorf("kept: %+v", x)
	}
	anew, _ := exchange("A-1", false)
	if x := anew.Order.Exchanges; len(x) != 1 || x[0].Keeps || len(x[0].Out) != 1 || x[0].Out[0].SKU != "SOFA" || len(x[0].In) != 0 {
		t.Errorf("anew: %+v", x)
	}
	var plain exchanged
	b.get("hq", "/v1/manager/orders/"+b.buy(b.Fixture, "P-1", shop.ID{}).String()).into(http.StatusOK, &plain)
	if diff := cmp.Diff(exchanged{}, plain); diff != "" {
		t.Errorf("an order without: %s", diff)
	}
}
