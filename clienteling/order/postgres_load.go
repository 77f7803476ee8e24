package order

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Load reads one order with its lines, refunds and fulfilments. shop.ErrNotFound when the brand has no such order.
func Load(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Order, error) {
	orders, err := LoadMany(ctx, db, brand, []shop.ID{id})
	if err != nil {
		return Order{}, err
	}
	if len(orders) == 0 {
		return Order{}, shop.ErrNotFound
	}
	return orders[0], nil
}

// LoadMany reads orders in the sequence of their ids, which is that in which they were placed. Ids that the brand does not
// have are left out.
func LoadMany(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) ([]Order, error) {
	found, err := loadKept(ctx, db, brand, ids, forReading)
	if err != nil {
		return nil, err
	}
	return sorted(found), nil
}

func sorted(found map[shop.ID]*kept) []Order {
	orders := make([]Order, 0, len(found))
	for _, k := range found {
		orders = append(orders, k.whole())
	}
	slices.SortFunc(orders, func(a, b Order) int { return compareID(a.ID, b.ID) })
	return orders
}

// NameOf finds an order by what a source calls it; shop.ErrNotFound when it has not come.
func NameOf(ctx context.Context, db postgres.DB, brand shop.BrandID, source, name string) (shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT subject_id FROM fact_key
		WHERE brand_id = $1 AND source = $2 AND kind = 'order' AND external_id = $3 AND sequence = 0 AND subject_id IS NOT NULL`, brand, source, name)
	if err != nil {
		return shop.ID{}, fmt.Errorf("find order %q: %w", name, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[shop.ID])
	if err != nil {
		return shop.ID{}, fmt.Errorf("find order %q: %w", name, err)
	}
	if len(ids) == 0 {
		return shop.ID{}, shop.ErrNotFound
	}
	return ids[0], nil
}

func compareID(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) }

// span is the smallest and the largest id. Queries repeat it beside the ids themselves, which PostgreSQL does not use to leave
// partitions out before it begins.
func span(ids []shop.ID) (first, last shop.ID) {
	return slices.MinFunc(ids, compareID), slices.MaxFunc(ids, compareID)
}

const (
	forReading = false
	forUpdate  = true
)

// loadKept reads orders as they are kept, in one round trip; with a lock in the sequence of their ids.
func loadKept(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID, lock bool) (map[shop.ID]*kept, error) {
	found := make(map[shop.ID]*kept, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	ids = slices.Compact(slices.SortedFunc(slices.Values(ids), compareID))
	locking := ""
	if lock {
		locking = " FOR UPDATE"
	}
	look := func(sql, locking string) string { return ofEachOrder + sql + locking + `) AS f` }
	return found, readKept(ctx, db, brand, found, locking, look, brand, ids, ids[0], ids[len(ids)-1])
}

// readKept sends all selects of an order in one batch, each as look makes it, and puts what comes into found.
func readKept(
	ctx context.Context, db postgres.DB, brand shop.BrandID, found map[shop.ID]*kept, locking string, look func(sql, locking string) string, args ...any,
) error {
	b := &pgx.Batch{}
	each := func(sql, locking string, scan func(pgx.Rows) error) {
		b.Queue(look(sql, locking), args...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := scan(rows); err != nil {
					rows.Close()
					return err
				}
			}
			return rows.Err()
		})
	}
	each(selectOrders, locking, func(rows pgx.Rows) error { return scanOrder(rows, brand, found) })
	each(selectEdits, "", func(rows pgx.Rows) error { return scanEdit(rows, found) })
	each(selectLines, "", func(rows pgx.Rows) error { return scanLine(rows, found) })
	each(selectRefunds, "", func(rows pgx.Rows) error { return scanRefund(rows, found) })
	each(selectFulfilments, "", func(rows pgx.Rows) error { return scanFulfilment(rows, found) })
	each(selectAdjustments, "", func(rows pgx.Rows) error { return scanAdjustment(rows, found) })
	each(selectExchanges, "", func(rows pgx.Rows) error { return scanExchange(rows, found) })
	if err := db.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("load orders: %w", err)
	}
	return nil
}

// ofEachOrder looks up one order after the other, and OFFSET 0 keeps it so. Asked for all of them with ANY, PostgreSQL reads
// everything between the first and the last where it has no statistics of a year yet: 80,000 lines for 800.
const ofEachOrder = `
	SELECT f.* FROM unnest($2::uuid[]) AS w (order_id) CROSS JOIN LATERAL (`

const (
	selectOrders = `
		SELECT id, source, external_id, version, placed_at, recorded_at, state, customer_id, channel, store_id, staff_id, currency, tax_bp,
			discount_minor, clicks, assist_store_id, assist_staff_id, pickup_store_id, cash_on_pickup, deliver_later, paid_at, cancelled_at, said_by, campaign,
			employee_discount, exchange_of
		FROM sales_order WHERE brand_id = $1 AND id = w.order_id AND id BETWEEN $3 AND $4 OFFSET 0`
	selectEdits = `
		SELECT order_id, version, edited_at
		FROM order_edit WHERE brand_id = $1 AND order_id = w.order_id AND order_id BETWEEN $3 AND $4 ORDER BY version OFFSET 0`
	selectLines = `
		SELECT order_id, version, line_no, external_id, sku, name, category, kind, quantity, unit_price_minor, discount_minor, tax_included
		FROM order_line WHERE brand_id = $1 AND order_id = w.order_id AND order_id BETWEEN $3 AND $4 ORDER BY version, line_no OFFSET 0`
	selectRefunds = `
		SELECT order_id, refund_no, external_id, kind, refunded_at, amount_minor, lines, outcome
		FROM refund WHERE brand_id = $1 AND order_id = w.order_id AND order_id BETWEEN $3 AND $4 ORDER BY refund_no OFFSET 0`
	selectFulfilments = `
		SELECT order_id, fulfilment_no, external_id, kind, store_id, fulfilled_at, lines
		FROM fulfilment WHERE brand_id = $1 AND order_id = w.order_id AND order_id BETWEEN $3 AND $4 ORDER BY fulfilment_no OFFSET 0`
	selectAdjustments = `
		SELECT order_id, adjustment_no, external_id, line, amount_minor, adjusted_at
		FROM price_adjustment WHERE brand_id = $1 AND order_id = w.order_id AND order_id BETWEEN $3 AND $4 ORDER BY adjustment_no OFFSET 0`
)

func scanOrder(rows pgx.Rows, brand shop.BrandID, found map[shop.ID]*kept) error {
	o := Order{Brand: brand}
	var paidAt, cancelledAt *time.Time
	var by *saidBy
	err := rows.Scan(&o.ID, &o.Source, &o.ExternalID, &o.Version, &o.PlacedAt, &o.RecordedAt, &o.State, &o.Customer, &o.Channel, &o.Store, &o.Staff,
		&o.Currency, &o.TaxBP, &o.Discount, &o.Clicks, &o.AssistStore, &o.AssistStaff, &o.PickupStore, &o.CashOnPickup, &o.DeliverLater,
		&paidAt, &cancelledAt, &by, &o.Campaign, &o.EmployeeDiscount, &o.ExchangeOf)
	o.PlacedAt, o.RecordedAt, o.PaidAt, o.CancelledAt = o.PlacedAt.UTC(), o.RecordedAt.UTC(), orZero(paidAt), orZero(cancelledAt)
	if len(o.Clicks) == 0 {
		o.Clicks = nil
	}
	if by == nil {
		all := allBy(o.Version)
		by = &all
	}
	found[o.ID] = &kept{head: o, said: *by}
	return err
}

func orZero(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}

func scanEdit(rows pgx.Rows, found map[shop.ID]*kept) error {
	var order shop.ID
	var v version
	if err := rows.Scan(&order, &v.Number, &v.At); err != nil {
		return err
	}
	if k := found[order]; k != nil { // nil: it came after the orders were read
		v.At = v.At.UTC()
		k.addVersion(v)
	}
	return nil
}

// scanLine puts a line into its version. Version 1 has no row of its own: it is as old as the order.
func scanLine(rows pgx.Rows, found map[shop.ID]*kept) error {
	var order shop.ID
	var number int
	var l Line
	err := rows.Scan(&order, &number, &l.No, &l.ExternalID, &l.SKU, &l.Name, &l.Category, &l.Kind, &l.Quantity, &l.UnitPrice, &l.Discount, &l.TaxIncluded)
	if err != nil {
		return err
	}
	k := found[order]
	if k == nil {
		return nil
	}
	at := slices.IndexFunc(k.versions, func(v version) bool { return v.Number == number })
	if at < 0 {
		k.addVersion(version{Number: number, At: k.head.PlacedAt})
		at = slices.IndexFunc(k.versions, func(v version) bool { return v.Number == number })
	}
	k.versions[at].Lines = append(k.versions[at].Lines, l)
	return nil
}

func scanRefund(rows pgx.Rows, found map[shop.ID]*kept) error {
	var order shop.ID
	var no int
	var r keptRefund
	var lines []byte
	if err := rows.Scan(&order, &no, &r.ExternalID, &r.Kind, &r.At, &r.Amount, &lines, &r.Outcome); err != nil {
		return err
	}
	if err := json.Unmarshal(lines, &r.Named); err != nil {
		return fmt.Errorf("refund %d of order %s: %w", no, order, err)
	}
	k := found[order]
	if k == nil {
		return nil
	}
	r.At = r.At.UTC()
	k.refunds, k.papers.refunds = append(k.refunds, r), no
	return nil
}

func scanFulfilment(rows pgx.Rows, found map[shop.ID]*kept) error {
	var order shop.ID
	var no int
	var p keptParcel
	if err := rows.Scan(&order, &no, &p.ExternalID, &p.Kind, &p.Store, &p.At, &p.Named); err != nil {
		return err
	}
	k := found[order]
	if k == nil {
		return nil
	}
	p.At = p.At.UTC()
	k.parcels, k.papers.parcels = append(k.parcels, p), no
	return nil
}

func scanAdjustment(rows pgx.Rows, found map[shop.ID]*kept) error {
	var order shop.ID
	var no int
	var a keptAdjustment
	if err := rows.Scan(&order, &no, &a.ExternalID, &a.Line, &a.Amount, &a.At); err != nil {
		return err
	}
	k := found[order]
	if k == nil {
		return nil
	}
	a.At = a.At.UTC()
	k.adjusted, k.papers.adjusted = append(k.adjusted, a), no
	return nil
}
