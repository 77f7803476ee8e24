package manager_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// The order of buy was placed two hours before noon, and is told of at noon.
func TestAbuse14ADisputeSeesWhichClicksCameLate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.twoRoles()
	before, after := noon.Add(-3*time.Hour), noon.Add(-time.Hour)
	clicks := []shop.ID{shop.NewID(before), shop.NewID(after)}
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, staff_id, placement, kind, device, scanned_at)
SELECT $1, id, id, 'AAAAAAAAAA', $3, $4, 'shelf', 'in_app', decode(repeat('ab', 16), 'hex'), id_time(id) FROM unnest($2::uuid[]) AS t (id)`,
			b.Brand, clicks, b.S1, b.Amy)
		return postgres.RowAt(noon, err)
	})
	if err != nil {
		t.Fatal(err)
	}
	id := b.buy(b.Fixture, "1001", b.won())
	_, err = b.orders.Apply(t.Context(), b.Brand, "shopify", order.WasPlaced{
		Order: "1001", Version: 2, At: noon, PlacedAt: noon.Add(-2 * time.Hour), Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500, Clicks: clicks,
		Lines: []order.Line{{SKU: "SOFA", Name: "三人沙發", Quantity: 1, UnitPrice: 21000, TaxIncluded: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var e struct {
		Scans []struct {
			ID           shop.ID
			Tag          string
			Store, Staff named
			At           time.Time
			Late         string
		}
	}
	b.get("manager", "/v1/manager/orders/"+id.String()).into(http.StatusOK, &e)
	if len(e.Scans) != 2 || e.Scans[0].ID != clicks[0] || e.Scans[0].Late != "" || e.Scans[1].Late != "after_order" {
		t.Fatalf("%+v", e.Scans)
	}
	if s := e.Scans[1]; s.Tag != "AAAAAAAAAA" || s.Store.ID != b.S1 || s.Staff.ID != b.Amy || s.Staff.Name == "" || !s.At.Equal(after) {
		t.Errorf("%+v", s)
	}
}
