package order

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// rows is everything that a batch writes, sent in one round trip.
type rows struct {
	*batch
	statements pgx.Batch
	at         []time.Time // of each statement: when its rows lie, should their partition be missing
}

func newRows(b *batch) *rows {
	r := &rows{batch: b}
	r.queueNewOrders()
	r.queueChangedOrders()
	r.queuePayments()
	r.queueVersions()
	r.queuePapers()
	r.queueDoneWaiting()
	return r
}

// PostgreSQL would plan the check of each line's foreign key anew, since a plan for any order, over all years, looks dearer
// than one for this order: 96 us a line against 10.
const (
	planOnce = `SET LOCAL plan_cache_mode = force_generic_plan`
	planFree = `SET LOCAL plan_cache_mode = auto`
)

func (r *rows) isEmpty() bool { return r.statements.Len() == 0 }

func (r *rows) queue(at time.Time, sql string, args ...any) {
	r.statements.Queue(sql, args...)
	r.at = append(r.at, at)
}

func (r *rows) write(ctx context.Context, tx pgx.Tx) error {
	var b pgx.Batch
	b.Queue(planOnce)
	b.QueuedQueries = append(b.QueuedQueries, r.statements.QueuedQueries...)
	b.Queue(planFree)
	sent := tx.SendBatch(ctx, &b)
	defer func() { _ = sent.Close() }() // its error is the one that Exec has returned
	if _, err := sent.Exec(); err != nil {
		return err
	}
	for _, at := range r.at {
		if _, err := sent.Exec(); err != nil {
			return postgres.RowAt(at, err)
		}
	}
	_, err := sent.Exec()
	return err
}

// heads is the columns of sales_order that can change, as arrays.
type heads struct {
	ids, customers, stores, staff, assistStores, assistStaff, pickups, exchangeOf []shop.ID
	placed                                                                        []time.Time
	names, states, channels, currencies, clicks, campaigns                        []string
	versions, discounts, paid, refunded                                           []int64
	taxes                                                                         []int32
	cash, later, atStaffPrice                                                     []bool
	paidAt, cancelledAt                                                           []*time.Time
	saidBy                                                                        []*string
}

func (h *heads) add(w *work) {
	o, sum := w.after, w.after.Figures()
	h.ids, h.customers, h.stores, h.staff = append(h.ids, o.ID), append(h.customers, o.Customer), append(h.stores, o.Store), append(h.staff, o.Staff)
	h.assistStores, h.assistStaff = append(h.assistStores, o.AssistStore), append(h.assistStaff, o.AssistStaff)
	h.pickups, h.placed = append(h.pickups, o.PickupStore), append(h.placed, o.PlacedAt)
	h.names, h.states, h.channels = append(h.names, o.ExternalID), append(h.states, string(o.State)), append(h.channels, string(o.Channel))
	h.currencies, h.clicks = append(h.currencies, string(o.Currency)), append(h.clicks, arrayText(o.Clicks))
	h.versions, h.discounts = append(h.versions, int64(o.Version)), append(h.discounts, o.Discount)
	h.paid, h.refunded, h.taxes = append(h.paid, sum.Paid), append(h.refunded, sum.Refunded), append(h.taxes, int32(o.TaxBP))
	h.cash, h.later = append(h.cash, o.CashOnPickup), append(h.later, o.DeliverLater)
	h.paidAt, h.cancelledAt = append(h.paidAt, orNil(o.PaidAt)), append(h.cancelledAt, orNil(o.CancelledAt))
	h.saidBy, h.campaigns, h.atStaffPrice = append(h.saidBy, w.kept.saidText()), append(h.campaigns, o.Campaign), append(h.atStaffPrice, o.EmployeeDiscount)
	h.exchangeOf = append(h.exchangeOf, o.ExchangeOf)
}

// saidText is NULL for nearly all orders: those that are told once, or whole each time.
func (k *kept) saidText() *string {
	if k.said.isAll(k.head.Version) {
		return nil
	}
	text := jsonOf(k.said)
	return &text
}

// arrayText is ids as PostgreSQL writes an array: unnest cannot unpack an array of arrays row by row.
func arrayText(ids []shop.ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return "{" + strings.Join(texts, ",") + "}"
}

func orNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// queueNewOrders inserts year by year, so that a year whose partition is missing is known.
func (r *rows) queueNewOrders() {
	years := map[int]*heads{}
	for _, w := range r.work {
		if w.isChanged && w.isNew() {
			year := w.after.PlacedAt.Year()
			if years[year] == nil {
				years[year] = &heads{}
			}
			years[year].add(w)
		}
	}
	for _, year := range slices.Sorted(maps.Keys(years)) {
		h := years[year]
		r.queue(h.placed[0], `
			INSERT INTO sales_order (brand_id, source, recorded_at, id, placed_at, external_id, version, state, customer_id, channel, store_id,
				staff_id, currency, tax_bp, discount_minor, paid_minor, refunded_minor, clicks, assist_store_id, assist_staff_id, pickup_store_id,
				cash_on_pickup, deliver_later, paid_at, cancelled_at, said_by, campaign, employee_discount, exchange_of)
			SELECT $1, $2, $3, o.id, o.placed_at, o.external_id, o.version, o.state, o.customer_id, o.channel, o.store_id,
				o.staff_id, o.currency, o.tax_bp, o.discount, o.paid, o.refunded, o.clicks::uuid[], o.assist_store, o.assist_staff, o.pickup_store,
				o.cash, o.later, o.paid_at, o.cancelled_at, o.said_by::jsonb, o.campaign, o.employee_discount, o.exchange_of
			FROM unnest($4::uuid[], $5::timestamptz[], $6::text[], $7::bigint[], $8::text[], $9::uuid[], $10::text[], $11::uuid[],
				$12::uuid[], $13::text[], $14::int[], $15::bigint[], $16::bigint[], $17::bigint[], $18::text[], $19::uuid[], $20::uuid[], $21::uuid[],
				$22::boolean[], $23::boolean[], $24::timestamptz[], $25::timestamptz[], $26::text[],
				$27::text[], $28::boolean[], $29::uuid[])
				AS o (id, placed_at, external_id, version, state, customer_id, channel, store_id,
				staff_id, currency, tax_bp, discount, paid, refunded, clicks, assist_store, assist_staff, pickup_store, cash, later, paid_at, cancelled_at,
				said_by, campaign, employee_discount, exchange_of)`,
			r.brand, r.source, r.now, h.ids, h.placed, h.names, h.versions, h.states, h.customers, h.channels, h.stores,
			h.staff, h.currencies, h.taxes, h.discounts, h.paid, h.refunded, h.clicks, h.assistStores, h.assistStaff, h.pickups,
			h.cash, h.later, h.paidAt, h.cancelledAt, h.saidBy, h.campaigns, h.atStaffPrice, h.exchangeOf)
	}
}

// queueChangedOrders updates one by one: for a statement over all of them PostgreSQL may read every order between the first and
// the last.
func (r *rows) queueChangedOrders() {
	for _, w := range r.work {
		if !w.isChanged || w.isNew() {
			continue
		}
		o, sum := w.after, w.after.Figures()
		r.queue(o.PlacedAt, `
			UPDATE sales_order SET version = $3, state = $4, customer_id = $5, channel = $6, store_id = $7, staff_id = $8, currency = $9, tax_bp = $10,
				discount_minor = $11, paid_minor = $12, refunded_minor = $13, clicks = $14, assist_store_id = $15, assist_staff_id = $16,
				pickup_store_id = $17, cash_on_pickup = $18, deliver_later = $19, paid_at = $20, cancelled_at = $21,
				said_by = $22::jsonb, campaign = $23, employee_discount = $24
			WHERE brand_id = $1 AND id = $2`,
			r.brand, o.ID, o.Version, o.State, o.Customer, o.Channel, o.Store, o.Staff, o.Currency, o.TaxBP,
			o.Discount, sum.Paid, sum.Refunded, orEmpty(o.Clicks), o.AssistStore, o.AssistStaff,
			o.PickupStore, o.CashOnPickup, o.DeliverLater, orNil(o.PaidAt), orNil(o.CancelledAt), w.kept.saidText(),
			o.Campaign, o.EmployeeDiscount)
	}
}

// queueVersions writes the lines of each new version, and when it was made.
func (r *rows) queueVersions() {
	var edits struct {
		orders []shop.ID
		number []int64
		at     []time.Time
	}
	var l lineColumns
	for _, w := range r.work {
		for _, v := range w.added.versions {
			if v.Number != 1 || len(v.Lines) == 0 {
				edits.orders, edits.number, edits.at = append(edits.orders, w.id), append(edits.number, int64(v.Number)), append(edits.at, v.At)
			}
			l.add(w.id, v)
		}
	}
	if len(edits.orders) > 0 {
		r.queue(edits.orders[0].Time(), `
			INSERT INTO order_edit (brand_id, recorded_at, order_id, version, edited_at)
			SELECT $1, $2, e.order_id, e.version, e.edited_at
			FROM unnest($3::uuid[], $4::bigint[], $5::timestamptz[]) AS e (order_id, version, edited_at)`,
			r.brand, r.now, edits.orders, edits.number, edits.at)
	}
	if len(l.orders) > 0 {
		r.queue(l.orders[0].Time(), `
			INSERT INTO order_line (brand_id, order_id, version, line_no, external_id, sku, name, category, kind, quantity, unit_price_minor,
				discount_minor, tax_included)
			SELECT $1, l.order_id, l.version, l.line_no, l.external_id, l.sku, l.name, l.category, l.kind, l.quantity, l.unit_price, l.discount, l.tax_included
			FROM unnest($2::uuid[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[],
				$11::bigint[], $12::bigint[], $13::boolean[])
				AS l (order_id, version, line_no, external_id, sku, name, category, kind, quantity, unit_price, discount, tax_included)`,
			r.brand, l.orders, l.versions, l.numbers, l.names, l.skus, l.texts, l.categories, l.kinds, l.quantities, l.prices, l.discounts, l.taxed)
	}
}

// lineColumns is lines as arrays, one per column.
type lineColumns struct {
	orders                                []shop.ID
	versions                              []int64
	numbers                               []int32
	names, skus, texts, categories, kinds []string
	quantities, prices, discounts         []int64
	taxed                                 []bool
}

func (c *lineColumns) add(order shop.ID, v version) {
	for _, l := range v.Lines {
		c.orders, c.versions, c.numbers = append(c.orders, order), append(c.versions, int64(v.Number)), append(c.numbers, int32(l.No))
		c.names, c.skus, c.texts = append(c.names, l.ExternalID), append(c.skus, l.SKU), append(c.texts, l.Name)
		c.categories, c.kinds = append(c.categories, l.Category), append(c.kinds, string(l.Kind))
		c.quantities, c.prices = append(c.quantities, l.Quantity), append(c.prices, l.UnitPrice)
		c.discounts, c.taxed = append(c.discounts, l.Discount), append(c.taxed, l.TaxIncluded)
	}
}

// queuePapers writes refunds, fulfilments, price adjustments and exchanges, numbered on within their order.
func (r *rows) queuePapers() {
	for _, w := range r.work {
		at := w.id.Time()
		for _, f := range w.added.refunds {
			w.kept.papers.refunds++
			r.queue(at, `
				INSERT INTO refund (brand_id, order_id, refund_no, external_id, kind, refunded_at, recorded_at, amount_minor, lines, outcome)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10)`,
				r.brand, w.id, w.kept.papers.refunds, f.ExternalID, f.Kind, f.At, r.now, f.Amount, jsonOf(orEmpty(f.Named)), f.Outcome)
		}
		for _, f := range w.added.parcels {
			w.kept.papers.parcels++
			r.queue(at, `
				INSERT INTO fulfilment (brand_id, order_id, fulfilment_no, external_id, kind, store_id, fulfilled_at, recorded_at, lines)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
				r.brand, w.id, w.kept.papers.parcels, f.ExternalID, f.Kind, f.Store, f.At, r.now, orEmpty(f.Named))
		}
		for _, f := range w.added.adjusted {
			w.kept.papers.adjusted++
			r.queue(at, `
				INSERT INTO price_adjustment (brand_id, order_id, adjustment_no, external_id, line, amount_minor, adjusted_at, recorded_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				r.brand, w.id, w.kept.papers.adjusted, f.ExternalID, f.Line, f.Amount, f.At, r.now)
		}
		r.queueExchanges(w)
	}
}

// jsonOf writes what is made of texts and numbers, on which it cannot fail.
func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%T as JSON: %v", v, err))
	}
	return string(b)
}

// orEmpty keeps NULL out of columns that hold a list.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// queueDoneWaiting forgets what has waited for the orders of this batch, and closes the messages that brought it.
func (r *rows) queueDoneWaiting() {
	var names []string
	for _, w := range r.work {
		if w.hadWaiting {
			names = append(names, w.name)
		}
	}
	if len(names) == 0 {
		return
	}
	r.queue(r.now, `
		WITH done AS (
			DELETE FROM waiting_fact WHERE brand_id = $1 AND source = $2 AND order_external_id = ANY($3) RETURNING message_id
		)
		UPDATE inbox AS i SET state = 'applied', handled_at = $4
		FROM (SELECT DISTINCT message_id FROM done WHERE message_id IS NOT NULL) AS d
		WHERE i.brand_id = $1 AND i.id = d.message_id AND i.state = 'waiting'
			-- one message may tell of several orders; the rows just deleted are still seen here
			AND NOT EXISTS (SELECT FROM waiting_fact AS w
				WHERE w.brand_id = $1 AND w.message_id = d.message_id AND NOT (w.source = $2 AND w.order_external_id = ANY($3)))`,
		r.brand, r.source, names, r.now)
}
