package report_test

import (
	"bytes"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/report"
)

// facts and what follows them add the reports up once more, from nothing but the facts: they know neither the roll-up nor the program's own
// reckoning. Every order of the stories has one line of merchandise.
const facts = `
WITH visible AS (
  SELECT * FROM scan WHERE brand_id = $1 AND kind IN ('person', 'in_app', 'app')
), shown AS (
  SELECT c.order_id, (g ->> 'scan')::uuid AS scan_id FROM credit c CROSS JOIN jsonb_array_elements(c.reason -> 'grounds') AS g
  WHERE c.brand_id = $1 AND c.role IN ('display_store', 'display_staff')
  UNION
  SELECT oc.order_id, (l -> 'evidence' ->> 'scan')::uuid FROM order_credit oc CROSS JOIN jsonb_array_elements(oc.lost) AS l
  WHERE oc.brand_id = $1 AND l ->> 'role' = 'display_store' AND l ->> 'why' = 'same_store'
), last AS (
  SELECT DISTINCT ON (order_id) order_id, scan_id FROM shown ORDER BY order_id, scan_id DESC
), whose AS (
  SELECT o.id, o.currency, o.state, o.placed_at, coalesce(l.scan_id, (b.evidence ->> 'scan')::uuid) AS scan_id,
    CASE WHEN l.scan_id IS NULL THEN (b.evidence ->> 'tag')::uuid ELSE s.tag_id END AS tag_id,
    CASE WHEN l.scan_id IS NULL THEN b.store_id ELSE s.store_id END AS store_id,
    CASE WHEN l.scan_id IS NULL THEN b.staff_id ELSE s.staff_id END AS staff_id,
    CASE WHEN l.scan_id IS NULL THEN b.evidence ->> 'placement' ELSE s.placement END AS placement
  FROM sales_order o
  LEFT JOIN last l ON l.order_id = o.id
  LEFT JOIN scan s ON s.brand_id = $1 AND s.id = l.scan_id
  LEFT JOIN binding b ON b.brand_id = $1 AND b.customer_id = o.customer_id AND b.period @> o.placed_at
  WHERE o.brand_id = $1
), goods AS (
  SELECT w.*, l.quantity, floor(l.quantity * l.unit_price_minor * 10000 / 10500.0 + 0.5) AS net,
    least(l.quantity, (SELECT coalesce(sum((x ->> 'quantity')::int), 0) FROM refund r CROSS JOIN jsonb_array_elements(r.lines) AS x
      WHERE r.brand_id = $1 AND r.order_id = w.id)) AS back,
    (SELECT coalesce(sum(share_minor - reversed_minor), 0) FROM credit c WHERE c.brand_id = $1 AND c.order_id = w.id) AS credit,
    (SELECT coalesce(sum(share_minor - reversed_minor), 0) FROM credit c WHERE c.brand_id = $1 AND c.order_id = w.id AND c.store_id = w.store_id) AS own
  FROM whose w JOIN order_line l ON l.brand_id = $1 AND l.order_id = w.id AND l.kind = 'merchandise'
), sold AS (
  SELECT *, floor(net * back / quantity + 0.5) AS returned FROM goods
)`

const funnelFromFacts = facts + `, fact AS (
  SELECT tag_id, store_id, staff_id, placement, ARRAY[1, CASE WHEN EXISTS (
      SELECT FROM visible e WHERE e.tag_id = v.tag_id AND e.device = v.device AND e.id < v.id AND v.scanned_at - e.scanned_at < interval '30 minutes'
    ) THEN 0 ELSE 1 END, 0, 0, 0, 0, 0, 0, 0, 0]::numeric[] AS n
  FROM visible v
  UNION ALL
  SELECT (c.evidence ->> 'tag')::uuid, c.store_id, c.staff_id, c.evidence ->> 'placement', '{0,0,1,0,0,0,0,0,0,0}'
  FROM customer p LEFT JOIN (
    SELECT DISTINCT ON (customer_id, recorded_at) * FROM claim WHERE brand_id = $1 ORDER BY customer_id, recorded_at, (outcome = 'won') DESC, claim_no
  ) AS c ON c.customer_id = p.id AND c.recorded_at = p.joined_at
  WHERE p.brand_id = $1 AND p.joined_at IS NOT NULL
  UNION ALL
  SELECT (evidence ->> 'tag')::uuid, store_id, staff_id, evidence ->> 'placement', '{0,0,0,1,0,0,0,0,0,0}' FROM binding WHERE brand_id = $1
  UNION ALL
  SELECT tag_id, store_id, staff_id, placement,
    CASE WHEN currency = 'TWD' AND state = 'placed' THEN ARRAY[0, 0, 0, 0, 1, 0, net - returned, returned, credit, own]
      WHEN currency = 'TWD' THEN ARRAY[0, 0, 0, 0, 0, 0, 0, 0, credit, own]
      WHEN state = 'placed' THEN '{0,0,0,0,0,1,0,0,0,0}' ELSE '{0,0,0,0,0,0,0,0,0,0}' END
  FROM sold
)
SELECT coalesce(CASE $2 WHEN 'tag' THEN f.tag_id::text WHEN 'store' THEN f.store_id::text WHEN 'staff' THEN f.staff_id::text
    WHEN 'placement' THEN f.placement WHEN 'product' THEN t.sku WHEN 'batch' THEN t.batch END, ''),
  sum(n[1])::bigint, sum(n[2])::bigint, sum(n[3])::bigint, sum(n[4])::bigint, sum(n[5])::bigint, sum(n[6])::bigint, sum(n[7])::bigint,
  sum(n[8])::bigint, sum(n[9])::bigint, sum(n[10])::bigint
FROM fact f LEFT JOIN tag t ON t.brand_id = $1 AND t.id = f.tag_id
GROUP BY 1
HAVING sum(n[1] + n[3] + n[4] + n[5] + n[6] + abs(n[9])) > 0`

func (s *shelf) recomputed(by report.Dimension) map[string]report.Figures {
	s.t.Helper()
	want := map[string]report.Figures{}
	s.read(func(tx pgx.Tx) error {
		rows, err := tx.Query(s.t.Context(), funnelFromFacts, s.Brand, string(by))
		if err != nil {
			return err
		}
		var key string
		var f report.Figures
		_, err = pgx.ForEachRow(rows, []any{&key, &f.Scans, &f.Sessions, &f.Joins, &f.Bindings, &f.Orders, &f.ForeignOrders, &f.Net, &f.Returned, &f.Credit, &f.OwnCredit}, func() error {
			want[key] = f
			return nil
		})
		return err
	})
	return want
}

func (s *shelf) read(act func(tx pgx.Tx) error) {
	s.t.Helper()
	if err := s.pool.Read(s.t.Context(), s.Brand, act); err != nil {
		s.t.Fatal(err)
	}
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// session is one of the scan sessions, told by walking through the scans.
type session struct {
	tag       shop.ID
	placement string
	began     time.Time
	bought    bool
	minor     int64
}

// sessions are all of them with what they led to.
func (s *shelf) sessions() []*session {
	s.t.Helper()
	var all []*session
	of := map[shop.ID]*session{} // by scan
	s.read(func(tx pgx.Tx) error {
		rows, err := tx.Query(s.t.Context(), `
			SELECT id, tag_id, placement, device FROM scan WHERE brand_id = $1 AND kind IN ('person', 'in_app', 'app') ORDER BY tag_id, device, id`, s.Brand)
		if err != nil {
			return err
		}
		var id, tag, lastID, lastTag shop.ID
		var placement string
		var device, lastDevice []byte
		_, err = pgx.ForEachRow(rows, []any{&id, &tag, &placement, &device}, func() error {
			if tag != lastTag || !bytes.Equal(device, lastDevice) || id.Time().Sub(lastID.Time()) >= 30*time.Minute {
				all = append(all, &session{tag: tag, placement: placement, began: id.Time()})
			}
			if now := all[len(all)-1]; id.Time().Sub(now.began) < time.Hour {
				of[id] = now
			}
			lastID, lastTag, lastDevice = id, tag, bytes.Clone(device)
			return nil
		})
		return err
	})
	s.read(func(tx pgx.Tx) error {
		rows, err := tx.Query(s.t.Context(), facts+`
			SELECT scan_id, placed_at, (net - returned)::bigint FROM sold WHERE currency = 'TWD' AND state = 'placed' AND scan_id IS NOT NULL`, s.Brand)
		if err != nil {
			return err
		}
		var id shop.ID
		var placed time.Time
		var net int64
		_, err = pgx.ForEachRow(rows, []any{&id, &placed, &net}, func() error {
			if led := of[id]; led != nil && placed.Sub(id.Time()) <= 30*24*time.Hour {
				led.bought, led.minor = true, led.minor+net
			}
			return nil
		})
		return err
	})
	return all
}

// adoptions are the rows of adoption by week and store, as the facts have them.
func (s *shelf) adoptions() map[string]report.Adoption {
	s.t.Helper()
	want := map[string]report.Adoption{}
	s.read(func(tx pgx.Tx) error {
		rows, err := tx.Query(s.t.Context(), `
			WITH won AS (
			  SELECT date_trunc('week', recorded_at AT TIME ZONE 'Asia/Taipei')::date AS week, store_id, staff_id, binding_no FROM binding WHERE brand_id = $1
			), worked AS (
			  SELECT week, store_id, staff_id FROM won
			  UNION SELECT date_trunc('week', proven_at AT TIME ZONE 'Asia/Taipei')::date, store_id, staff_id FROM visit WHERE brand_id = $1
			), seen AS (
			  SELECT customer_id, proven_at AS at FROM visit WHERE brand_id = $1
			  UNION ALL SELECT customer_id, placed_at FROM sales_order WHERE brand_id = $1 AND state = 'placed' AND customer_id IS NOT NULL
			), again AS (
			  SELECT DISTINCT date_trunc('week', at AT TIME ZONE 'Asia/Taipei')::date AS week, b.store_id, seen.customer_id
			  FROM seen JOIN binding b ON b.brand_id = $1 AND b.customer_id = seen.customer_id AND b.period @> seen.at
			  WHERE (at AT TIME ZONE 'Asia/Taipei')::date > (lower(b.period) AT TIME ZONE 'Asia/Taipei')::date
			)
			SELECT week::text || ' ' || store_id, sum(members)::bigint, sum(staff)::bigint, sum(back)::bigint
			FROM (
			  SELECT week, store_id, count(*) FILTER (WHERE binding_no = 1) AS members, 0 AS staff, 0 AS back FROM won GROUP BY 1, 2
			  UNION ALL SELECT week, store_id, 0, count(DISTINCT staff_id), 0 FROM worked GROUP BY 1, 2
			  UNION ALL SELECT week, store_id, 0, 0, count(*) FROM again GROUP BY 1, 2
			) AS part
			GROUP BY 1`, s.Brand)
		if err != nil {
			return err
		}
		var key string
		var a report.Adoption
		_, err = pgx.ForEachRow(rows, []any{&key, &a.NewMembers, &a.ActiveStaff, &a.CameBack}, func() error {
			want[key] = a
			return nil
		})
		return err
	})
	return want
}
