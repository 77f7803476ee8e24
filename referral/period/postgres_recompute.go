package period

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// recomputation is FORMAT.md's rule 14 as one statement. $1 brand, $2 the first month, $3 the id of an order that was placed then.
const recomputation = recomputedMonths + recomputedVolumes + recomputedSteps + recomputedBounds + recomputedPools + comparedMonths

// recomputedMonths are the closed months, each with the plan of its last day.
const recomputedMonths = `
WITH of AS MATERIALIZED (
  SELECT b.time_zone, b.currency, (SELECT max(month) FROM period WHERE brand_id = $1) AS until,
    greatest($2::date, date_trunc('month', id_time((SELECT order_id FROM order_credit WHERE brand_id = $1 AND order_id >= $3 ORDER BY order_id LIMIT 1)) AT TIME ZONE b.time_zone)::date) AS first
  FROM brand b WHERE b.brand_id = $1
), month AS MATERIALIZED (
  SELECT m.month::date AS month, EXISTS (SELECT FROM late_month l WHERE l.brand_id = $1 AND l.month = m.month::date) AS is_waiting, p.rules
  FROM of
  CROSS JOIN LATERAL generate_series(of.first::timestamp, of.until::timestamp, interval '1 month') AS m (month)
  LEFT JOIN LATERAL (
    SELECT rules FROM plan WHERE brand_id = $1 AND first_day < (m.month + interval '1 month')::date ORDER BY first_day DESC LIMIT 1
  ) AS p ON true
)`

// recomputedVolumes are what each has of the month's orders in a role: net, and the volume of the lines, each once.
// Volumes are fractions, kept with 60 digits behind the point and looked at with 40, as those of orders are: see ledger.
const recomputedVolumes = `, basis AS MATERIALIZED (
  SELECT month, role, kind, id, round(sum(volume), 40) AS volume, sum(net) AS net
  FROM (
    SELECT date_trunc('month', o.placed_at AT TIME ZONE of.time_zone)::date AS month, c.role, c.beneficiary_kind AS kind, c.beneficiary_id AS id,
      max(split_part(c.volume, '/', 1)::numeric / coalesce(nullif(split_part(c.volume, '/', 2), ''), '1')::numeric(200, 60)) AS volume,
      sum(c.share_minor - c.reversed_minor) AS net
    FROM of
    JOIN sales_order o ON o.brand_id = $1 AND o.id >= $3 AND o.currency = of.currency
    JOIN credit c ON c.brand_id = $1 AND c.order_id = o.id AND c.order_id >= $3
    GROUP BY 1, 2, 3, 4, c.order_id, c.line_no
  ) AS line
  GROUP BY month, role, kind, id
)`

// recomputedSteps are tiers and targets. Half-up looks at 30 digits: what an exact half leaves of a third is far behind them.
const recomputedSteps = `, tier AS MATERIALIZED (
  SELECT m.month, t.no, t.tier ->> 'role' AS role, t.tier ->> 'kind' = 'whole' AS is_whole, (s.step ->> 'from_minor')::numeric AS from_minor, (s.step ->> 'extra_bp')::numeric AS extra_bp,
    lead((s.step ->> 'from_minor')::numeric) OVER (PARTITION BY m.month, t.no ORDER BY (s.step ->> 'from_minor')::numeric) AS until_minor
  FROM month m
  CROSS JOIN LATERAL jsonb_array_elements(nullif(m.rules -> 'tiers', 'null')) WITH ORDINALITY AS t (tier, no)
  CROSS JOIN LATERAL jsonb_array_elements(nullif(t.tier -> 'steps', 'null')) AS s (step)
), tiered AS MATERIALIZED (
  SELECT month, role, kind, id, sum(floor(round(CASE WHEN is_whole THEN whole ELSE marginal END, 30) * 0.0001 + 0.5)) AS minor
  FROM (
    SELECT b.month, b.role, b.kind, b.id, t.is_whole, (array_agg(b.volume * t.extra_bp ORDER BY t.from_minor DESC))[1] AS whole,
      sum((least(b.volume, t.until_minor) - t.from_minor) * t.extra_bp) AS marginal
    FROM basis b JOIN tier t USING (month, role)
    WHERE b.volume >= t.from_minor
    GROUP BY b.month, b.role, b.kind, b.id, t.no, t.is_whole
  ) AS reached
  GROUP BY month, role, kind, id
), goal AS MATERIALIZED (
  SELECT DISTINCT ON (month, holder_kind, holder_id) month, holder_kind AS kind, holder_id AS id, target_minor
  FROM target WHERE brand_id = $1 AND month >= $2
  ORDER BY month, holder_kind, holder_id, version_no DESC
), hit AS MATERIALIZED (
  SELECT month, role, kind, id, sum(floor(round(volume * extra_bp, 30) * 0.0001 + 0.5) + bonus_minor) AS minor
  FROM (
    SELECT DISTINCT ON (b.month, b.role, b.kind, b.id, t.no) b.month, b.role, b.kind, b.id, b.volume,
      coalesce((s.step ->> 'extra_bp')::numeric, 0) AS extra_bp, coalesce((s.step ->> 'bonus_minor')::numeric, 0) AS bonus_minor
    FROM month m
    CROSS JOIN LATERAL jsonb_array_elements(nullif(m.rules -> 'targets', 'null')) WITH ORDINALITY AS t (target, no)
    CROSS JOIN LATERAL jsonb_array_elements(nullif(t.target -> 'steps', 'null')) AS s (step)
    JOIN basis b ON b.month = m.month AND b.role = t.target ->> 'role'
    JOIN goal g ON g.month = b.month AND g.kind = b.kind AND g.id = b.id AND g.target_minor > 0
    WHERE b.volume * 10000 >= g.target_minor * (s.step ->> 'from_bp')::numeric
    ORDER BY b.month, b.role, b.kind, b.id, t.no, (s.step ->> 'from_bp')::numeric DESC
  ) AS best
  GROUP BY month, role, kind, id
)`

// recomputedBounds are the least and the most of a month, which look at what orders, tiers and targets give together, and what
// refunds of the month took beyond the most that they may.
const recomputedBounds = `, bounded AS MATERIALIZED (
  SELECT b.month, b.role, b.kind, b.id, b.net + coalesce(t.minor, 0) + coalesce(h.minor, 0) AS net,
    (m.rules #>> ARRAY['month_min_minor', b.role])::numeric AS lowest, (m.rules #>> ARRAY['month_cap_minor', b.role])::numeric AS highest
  FROM basis b
  JOIN month m USING (month)
  LEFT JOIN tiered t USING (month, role, kind, id)
  LEFT JOIN hit h USING (month, role, kind, id)
), clawed AS MATERIALIZED (
  SELECT c.month, c.staff_id, c.minor - (m.rules ->> 'clawback_month_cap_minor')::numeric AS minor
  FROM (
    SELECT date_trunc('month', c.happened_at AT TIME ZONE of.time_zone)::date AS month, c.staff_id, sum(c.minor) AS minor
    FROM of JOIN clawback c ON c.brand_id = $1 AND c.currency = of.currency AND c.happened_at >= $2::timestamp AT TIME ZONE of.time_zone
    GROUP BY 1, 2
  ) AS c
  JOIN month m USING (month)
)`

// recomputedPools are what became payable to each pool, by the month of the order or, where it stands on none, by its own, divided by
// the minutes of that month. Below zero is divided as above it: floor is the next whole number below.
const recomputedPools = `, pooled AS MATERIALIZED (
  SELECT date_trunc('month', coalesce(id_time(t.order_id), t.effective_at) AT TIME ZONE of.time_zone)::date AS month, a.holder_id AS store_id, a.currency,
    sum(CASE WHEN t.credit_account_id = a.id THEN t.amount_minor ELSE -t.amount_minor END) AS minor
  FROM of
  JOIN account a ON a.brand_id = $1 AND a.kind = 'payable' AND a.holder_kind = 'pool'
  JOIN ledger_transfer t ON t.brand_id = $1 AND (t.credit_account_id = a.id OR t.debit_account_id = a.id)
    AND t.kind NOT IN ('pool', 'state', 'pay') AND t.month <= of.until AND t.id >= $3
  GROUP BY 1, 2, 3
), worked AS MATERIALIZED (
  SELECT h.month, h.store_id, h.staff_id, h.minutes::numeric AS minutes, s.employee_no, sum(h.minutes) OVER (PARTITION BY h.month, h.store_id) AS all_minutes
  FROM (
    SELECT DISTINCT ON (month, store_id, staff_id) month, store_id, staff_id, minutes
    FROM worked_hours WHERE brand_id = $1 AND month >= $2
    ORDER BY month, store_id, staff_id, version_no DESC
  ) AS h
  JOIN staff s ON s.brand_id = $1 AND s.id = h.staff_id
  WHERE h.minutes > 0
), divided AS MATERIALIZED (
  SELECT month, store_id, currency, staff_id, whole + (nth <= minor - sum(whole) OVER (PARTITION BY month, store_id, currency))::int AS minor
  FROM (
    SELECT *, div(part - rest, all_minutes) AS whole, row_number() OVER (PARTITION BY month, store_id, currency ORDER BY rest DESC, employee_no COLLATE "C") AS nth
    FROM (
      SELECT p.*, w.staff_id, w.employee_no, w.all_minutes, p.minor * w.minutes AS part, mod(mod(p.minor * w.minutes, w.all_minutes) + w.all_minutes, w.all_minutes) AS rest
      FROM pooled p JOIN worked w USING (month, store_id)
    ) AS p
  ) AS p
)`

// comparedMonths set what is due beside the sums of the book's transfers. The first row says how much was compared.
const comparedMonths = `, due (month, reason, role, kind, id, store_id, currency, minor) AS MATERIALIZED (
  SELECT d.month, d.reason, d.role, d.kind, d.id, '00000000-0000-0000-0000-000000000000'::uuid, of.currency, d.minor
  FROM of CROSS JOIN (
    SELECT month, 'tier' AS reason, role, kind, id, minor FROM tiered
    UNION ALL
    SELECT month, 'target', role, kind, id, minor FROM hit
    UNION ALL
    SELECT month, 'month_min', role, kind, id, lowest - net FROM bounded WHERE net < lowest
    UNION ALL
    SELECT month, 'month_cap', role, kind, id, highest - greatest(net, lowest) FROM bounded WHERE greatest(net, lowest) > highest
    UNION ALL
    SELECT month, 'clawback_cap', '', 'staff', staff_id, minor FROM clawed WHERE minor > 0
  ) AS d
  UNION ALL
  SELECT month, 'pool', '', 'staff', staff_id, store_id, currency, minor FROM divided
), posted AS MATERIALIZED (
  SELECT date_trunc('month', t.effective_at AT TIME ZONE of.time_zone)::date AS month, t.kind AS reason, t.role, h.kind, h.id,
    coalesce(h.store_id, '00000000-0000-0000-0000-000000000000') AS store_id, t.currency, sum(h.sign * t.amount_minor) AS minor
  FROM of
  JOIN ledger_transfer t ON t.brand_id = $1 AND t.id >= $3 AND t.kind IN ('tier', 'target', 'month_min', 'month_cap', 'clawback_cap', 'pool')
  JOIN account d ON d.brand_id = $1 AND d.id = t.debit_account_id
  JOIN account c ON c.brand_id = $1 AND c.id = t.credit_account_id
  CROSS JOIN LATERAL ( -- from the brand to somebody, or from a pool to one of its people, and back
    SELECT c.holder_kind AS kind, c.holder_id AS id, CASE t.kind WHEN 'pool' THEN d.holder_id END AS store_id, 1 AS sign
    WHERE d.holder_kind = CASE t.kind WHEN 'pool' THEN 'pool' ELSE 'brand' END
    UNION ALL
    SELECT d.holder_kind, d.holder_id, CASE t.kind WHEN 'pool' THEN c.holder_id END, -1
    WHERE c.holder_kind = CASE t.kind WHEN 'pool' THEN 'pool' ELSE 'brand' END
  ) AS h
  GROUP BY 1, 2, 3, 4, 5, 6, 7
), compared AS (
  SELECT month, reason, role, kind, id, store_id, currency, coalesce(d.minor, 0) AS due, coalesce(p.minor, 0) AS posted
  FROM due d FULL JOIN posted p USING (month, reason, role, kind, id, store_id, currency)
  WHERE month BETWEEN $2 AND (SELECT until FROM of) AND month NOT IN (SELECT month FROM late_month WHERE brand_id = $1)
)
SELECT '', '', (SELECT count(*) FROM compared)::text, '', '00000000-0000-0000-0000-000000000000'::uuid, '00000000-0000-0000-0000-000000000000'::uuid, '', (SELECT count(*) FROM month WHERE NOT is_waiting), (SELECT count(*) FROM month WHERE is_waiting)
UNION ALL
SELECT * FROM (
  SELECT to_char(month, 'YYYY-MM'), reason, role, kind, id, store_id, currency::text, due::bigint, posted::bigint
  FROM compared WHERE due <> posted
  ORDER BY month, reason, role, kind, id, store_id LIMIT 1000
) AS c`

func compare(ctx context.Context, tx pgx.Tx, brand shop.BrandID, from time.Time) (Comparison, error) {
	since := shop.FloorID(later(from.AddDate(0, 0, -2), time.UnixMilli(1)))
	rows, err := tx.Query(ctx, recomputation, brand, from, since)
	if err != nil {
		return Comparison{}, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Difference])
	if err != nil {
		return Comparison{}, err
	}
	first := all[0]
	c := Comparison{Months: int(first.Due), Waiting: int(first.Posted), Differences: all[1:]}
	c.Dues, err = strconv.Atoi(string(first.Role))
	return c, err
}
