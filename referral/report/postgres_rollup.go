package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
	"homestore/referral/scan"
)

// note is an order or a customer to be worked out.
type note struct {
	ID       shop.ID
	Order    shop.ID   // zero: see Customer
	Customer shop.ID   // her orders
	Since    time.Time // from this instant on
}

func noteOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID, now time.Time) error {
	ids := make([]shop.ID, len(orders))
	for i := range ids {
		ids[i] = shop.NewID(now)
	}
	_, err := tx.Exec(ctx, `
INSERT INTO origin_due (brand_id, id, order_id)
SELECT $1, n.id, n.order_id FROM unnest($2::uuid[], $3::uuid[]) AS n (id, order_id)`, brand, ids, orders)
	if err != nil {
		return fmt.Errorf("note orders for the reports: %w", err)
	}
	return nil
}

func noteCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID, since, now time.Time) error {
	_, err := tx.Exec(ctx, `
INSERT INTO origin_due (brand_id, id, customer_id, since) VALUES ($1, $2, $3, $4)`, brand, shop.NewID(now), customer, since)
	if err != nil {
		return fmt.Errorf("note a customer for the reports: %w", err)
	}
	return nil
}

func holdRollUp(ctx context.Context, tx pgx.Tx, brand shop.BrandID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('homestore roll-up'), $1)`, brand)
	return err
}

func notesOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID) ([]note, error) {
	rows, err := tx.Query(ctx, `
SELECT id, order_id, customer_id, since FROM origin_due WHERE brand_id = $1 ORDER BY id LIMIT $2`, brand, notesAtOnce)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (note, error) {
		var n note
		var since *time.Time
		err := row.Scan(&n.ID, &n.Order, &n.Customer, &since)
		n.Since = timeOrZero(since)
		return n, err
	})
}

func forgetNotes(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM origin_due WHERE brand_id = $1 AND id = ANY ($2)`, brand, ids)
	return err
}

// grown is an hour with more facts than it had.
type grown struct {
	Hour        time.Time
	HasNewScans bool
}

// grownHours compares what there is, hour by hour, with what was counted. Fewer scans than were counted have expired. The
// ranges of ids are those of the primary keys, which are all that is read.
func grownHours(ctx context.Context, tx pgx.Tx, brand team.Brand, since time.Time) ([]grown, error) {
	rows, err := tx.Query(ctx, `
WITH there AS (
  SELECT date_trunc('hour', id_time(id), $3) AS hour, count(*) AS scans, 0 AS joins, 0 AS bindings, 0 AS visits
  FROM scan WHERE brand_id = $1 AND id >= $4 GROUP BY 1
  UNION ALL
  SELECT date_trunc('hour', joined_at, $3), 0, count(*), 0, 0 FROM customer WHERE brand_id = $1 AND joined_at >= $2 GROUP BY 1
  UNION ALL
  SELECT date_trunc('hour', id_time(id), $3), 0, 0, count(*), 0 FROM binding WHERE brand_id = $1 AND id >= $4 GROUP BY 1
  UNION ALL
  SELECT date_trunc('hour', id_time(id), $3), 0, 0, 0, count(*) FROM visit WHERE brand_id = $1 AND id >= $4 GROUP BY 1
), total AS (
  SELECT hour, sum(scans) AS scans, sum(joins) AS joins, sum(bindings) AS bindings, sum(visits) AS visits FROM there GROUP BY hour
)
SELECT t.hour, t.scans > coalesce(c.scans, 0)
FROM total t LEFT JOIN counted_hour c ON c.brand_id = $1 AND c.hour = t.hour
WHERE c.hour IS NULL OR t.scans > c.scans OR (t.joins, t.bindings, t.visits) <> (c.joins, c.bindings, c.visits)`,
		brand.ID, since, brand.TimeZone, shop.FloorID(since))
	if err != nil {
		return nil, fmt.Errorf("look for hours that have grown: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g grown, err error) {
		err = row.Scan(&g.Hour, &g.HasNewScans)
		g.Hour = g.Hour.UTC()
		return g, err
	})
}

// counted is how many facts an hour has.
type counted struct {
	Hour                           time.Time
	Scans, Joins, Bindings, Visits int64
	HaveExpired                    bool // scans: there were more
}

func countHours(ctx context.Context, tx pgx.Tx, brand team.Brand, hours []time.Time) ([]counted, error) {
	floors, ends := make([]shop.ID, len(hours)), make([]shop.ID, len(hours))
	for i, h := range hours {
		floors[i], ends[i] = shop.FloorID(h), shop.FloorID(h.Add(time.Hour))
	}
	rows, err := tx.Query(ctx, `
SELECT h.hour, n.scans, n.joins, n.bindings, n.visits, n.scans < coalesce(c.scans, 0)
FROM unnest($2::timestamptz[], $3::uuid[], $4::uuid[]) AS h (hour, first, ends)
CROSS JOIN LATERAL (SELECT
  (SELECT count(*) FROM scan WHERE brand_id = $1 AND id >= h.first AND id < h.ends AND date_trunc('hour', id_time(id), $5) = h.hour) AS scans,
  (SELECT count(*) FROM customer WHERE brand_id = $1 AND joined_at >= h.hour AND joined_at < h.hour + interval '1 hour'
    AND date_trunc('hour', joined_at, $5) = h.hour) AS joins,
  (SELECT count(*) FROM binding WHERE brand_id = $1 AND id >= h.first AND id < h.ends AND date_trunc('hour', id_time(id), $5) = h.hour) AS bindings,
  (SELECT count(*) FROM visit WHERE brand_id = $1 AND id >= h.first AND id < h.ends AND date_trunc('hour', id_time(id), $5) = h.hour) AS visits
) AS n
LEFT JOIN counted_hour c ON c.brand_id = $1 AND c.hour = h.hour
ORDER BY h.hour`, brand.ID, hours, floors, ends, brand.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("count the facts of hours: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c counted, err error) {
		err = row.Scan(&c.Hour, &c.Scans, &c.Joins, &c.Bindings, &c.Visits, &c.HaveExpired)
		c.Hour = c.Hour.UTC()
		return c, err
	})
}

func replaceHours(ctx context.Context, tx pgx.Tx, brand team.Brand, counts []counted) error {
	batch := &pgx.Batch{}
	for _, c := range counts {
		batch.Queue(`DELETE FROM funnel_hour WHERE brand_id = $1 AND hour = $2 AND (part = 'sale' OR NOT $3)`, brand.ID, c.Hour, c.HaveExpired)
		queueSales(batch, brand, c.Hour)
		if !c.HaveExpired {
			queueScans(batch, brand, c.Hour)
		}
		batch.Queue(`
INSERT INTO counted_hour AS held (brand_id, hour, scans, joins, bindings, visits, is_week_due)
VALUES ($1, $2, $3, $4, $5, $6, true)
ON CONFLICT (brand_id, hour) DO UPDATE SET scans = greatest(held.scans, excluded.scans), joins = excluded.joins,
  bindings = excluded.bindings, visits = excluded.visits, is_week_due = true`,
			brand.ID, c.Hour, c.Scans, c.Joins, c.Bindings, c.Visits)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("work out %d hours: %w", len(counts), err)
	}
	return nil
}

// noID stands for nobody's in keys, which NULL may not.
const noID = `'00000000-0000-0000-0000-000000000000'`

// queueSales: a join belongs to the claim that was made in the same act, before others to the one that won. Bindings are those
// by which somebody won a customer: imports bring the past of another system, transfers and her own choice are no display's.
func queueSales(batch *pgx.Batch, brand team.Brand, hour time.Time) {
	batch.Queue(`
INSERT INTO funnel_hour (brand_id, hour, part, tag_id, store_id, staff_id, placement, joins, bindings, orders, foreign_orders,
  net_minor, returned_minor, credit_minor, own_credit_minor)
WITH fact AS (
  SELECT (c.evidence ->> 'tag')::uuid AS tag_id, c.store_id, c.staff_id, c.evidence ->> 'placement' AS placement, 1 AS joins, 0 AS bindings,
    0 AS orders, 0 AS foreign_orders, 0 AS net, 0 AS returned, 0 AS credit, 0 AS own
  FROM customer p LEFT JOIN LATERAL (
    SELECT store_id, staff_id, evidence FROM claim
    WHERE brand_id = $1 AND customer_id = p.id AND recorded_at = p.joined_at
    ORDER BY outcome = 'won' DESC, claim_no LIMIT 1
  ) AS c ON true
  WHERE p.brand_id = $1 AND p.joined_at >= $2 AND p.joined_at < $2 + interval '1 hour' AND date_trunc('hour', p.joined_at, $5) = $2
  UNION ALL
  SELECT (evidence ->> 'tag')::uuid, store_id, staff_id, evidence ->> 'placement', 0, 1, 0, 0, 0, 0, 0, 0
  FROM binding
  WHERE brand_id = $1 AND id >= $3 AND id < $4 AND date_trunc('hour', id_time(id), $5) = $2 AND source = ANY ($6)
  UNION ALL
  SELECT tag_id, store_id, staff_id, placement, 0, 0, CASE WHEN currency = $7 THEN orders ELSE 0 END, CASE WHEN currency = $7 THEN 0 ELSE orders END,
    CASE WHEN currency = $7 THEN net_minor ELSE 0 END, CASE WHEN currency = $7 THEN returned_minor ELSE 0 END,
    CASE WHEN currency = $7 THEN credit_minor ELSE 0 END, CASE WHEN currency = $7 THEN own_credit_minor ELSE 0 END
  FROM order_origin
  WHERE brand_id = $1 AND order_id >= $3 AND order_id < $4 AND date_trunc('hour', id_time(order_id), $5) = $2
)
SELECT $1, $2, 'sale', coalesce(tag_id, `+noID+`), coalesce(store_id, `+noID+`), coalesce(staff_id, `+noID+`), coalesce(placement, ''),
  sum(joins), sum(bindings), sum(orders), sum(foreign_orders), sum(net), sum(returned), sum(credit), sum(own)
FROM fact
GROUP BY 4, 5, 6, 7
HAVING (sum(joins), sum(bindings), sum(orders), sum(foreign_orders), sum(credit)) <> (0, 0, 0, 0, 0)`,
		brand.ID, hour, shop.FloorID(hour), shop.FloorID(hour.Add(time.Hour)), brand.TimeZone, winning, brand.Currency)
}

// winning are the sources by which a store or person wins a customer for the brand.
var winning = []binding.Source{binding.FromScan, binding.FromStaffCode, binding.FromTill, binding.FromInvoice}

// queueScans counts scans, and the sessions that began in the hour with what they led to. What is read reaches from one
// silence before the hour, so that it is seen which sessions began in it, to as long after it as a session may lead to an
// order.
func queueScans(batch *pgx.Batch, brand team.Brand, hour time.Time) {
	batch.Queue(`
INSERT INTO funnel_hour (brand_id, hour, part, tag_id, store_id, staff_id, placement, scans, sessions, buying_sessions, session_minor, session_squares)
WITH step AS (
  SELECT id, tag_id, store_id, staff_id, placement, device, scanned_at, date_trunc('hour', scanned_at, $6) = $2 AS is_in_hour,
    coalesce(scanned_at - lag(scanned_at) OVER (PARTITION BY tag_id, device ORDER BY id) >= $7, true) AS begins
  FROM scan
  WHERE brand_id = $1 AND id >= $3 AND id < $5 AND kind = ANY ($8)
), numbered AS (
  SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY tag_id, device ORDER BY id) AS session_no FROM step
), led AS (
  SELECT n.tag_id, n.device, n.session_no, sum(o.net_minor) AS minor
  FROM numbered n
  JOIN numbered b ON b.tag_id = n.tag_id AND b.device = n.device AND b.session_no = n.session_no AND b.begins AND b.is_in_hour
  CROSS JOIN LATERAL ( -- with OFFSET 0, a look-up: few scans lead to an order
    SELECT order_id, net_minor FROM order_origin
    WHERE brand_id = $1 AND scan_id = n.id AND order_id >= $4 AND order_id < $12 AND orders = 1 AND currency = $10
    OFFSET 0
  ) AS o
  WHERE n.scanned_at < b.scanned_at + $9::interval AND id_time(o.order_id) <= n.scanned_at + $11::interval
  GROUP BY 1, 2, 3
)
SELECT $1, $2, 'scan', n.tag_id, n.store_id, coalesce(n.staff_id, `+noID+`), n.placement,
  count(*), count(*) FILTER (WHERE n.begins), count(*) FILTER (WHERE n.begins AND l.minor IS NOT NULL),
  coalesce(sum(l.minor) FILTER (WHERE n.begins), 0),
  least(coalesce(sum(l.minor::numeric * l.minor) FILTER (WHERE n.begins), 0), 9223372036854775807)::bigint
FROM numbered n
LEFT JOIN led l ON n.begins AND l.tag_id = n.tag_id AND l.device = n.device AND l.session_no = n.session_no
WHERE n.is_in_hour
GROUP BY 4, 5, 6, 7`,
		brand.ID, hour, shop.FloorID(hour.Add(-scan.SessionGap)), shop.FloorID(hour), shop.FloorID(hour.Add(time.Hour+sessionReach)), brand.TimeZone,
		scan.SessionGap, scan.People(), sessionReach, brand.Currency, sessionPays, shop.FloorID(hour.Add(time.Hour+sessionReach+sessionPays)))
}
