package ledger

// What each claim earns: rules 6 and 7, and rule 9.

// recomputedShares are exact: base x rate x weight of the first rule that fits, as a whole number over the order's denominator;
// a cap that is exceeded multiplies the numbers by cap / sum, which changes the denominator. It is at last the product of that of
// the claims and of the sums that were capped: some hundred digits at most.
const recomputedShares = `, share AS MATERIALIZED (
  SELECT c.order_id, c.role, c.kind, c.id, b.no, sum(b.base * r.rate_bp * c.weight) AS part, c.weight_of * 100000000 AS of, array_agg(c.store_id) AS stores
  FROM standing c
  JOIN bought b USING (order_id)
  LEFT JOIN place p ON p.id = c.store_id
  CROSS JOIN LATERAL (
    SELECT rate_bp FROM rule r
    WHERE r.plan_id = c.plan_id AND r.role = c.role
      AND (r.store_kind IS NULL OR r.store_kind = p.kind) AND (r.channel IS NULL OR r.channel = c.channel)
      AND (r.category IS NULL OR r.category = b.category) AND (r.sku IS NULL OR r.sku = b.sku) AND (r.tag IS NULL OR r.tag = c.tag_code)
      AND (r.bond_min_days IS NULL OR c.role LIKE 'home_%' AND c.placed_at >= c.since + r.bond_min_days * interval '24 hours')
    ORDER BY r.no LIMIT 1
  ) AS r
  WHERE b.base > 0 AND r.rate_bp > 0 AND c.weight > 0
  GROUP BY c.order_id, c.role, c.kind, c.id, b.no, c.weight_of
), role_sum AS MATERIALIZED (
  SELECT order_id, role, role_cap, of, CASE WHEN total > role_cap * of THEN total END AS cut_by
  FROM (
    SELECT s.order_id, s.role, (t.role_caps ->> s.role)::numeric AS role_cap, s.of, sum(s.part) AS total
    FROM share s JOIN ordered o USING (order_id) JOIN terms t USING (plan_id)
    GROUP BY s.order_id, s.role, t.role_caps, s.of
  ) AS r
), cut AS MATERIALIZED ( -- SQL multiplies rows by no aggregate: one factor for each role that may be capped
  SELECT order_id, of * coalesce(max(cut_by) FILTER (WHERE role = 'home_store'), 1) * coalesce(max(cut_by) FILTER (WHERE role = 'home_staff'), 1)
    * coalesce(max(cut_by) FILTER (WHERE role = 'display_store'), 1) * coalesce(max(cut_by) FILTER (WHERE role = 'display_staff'), 1)
    * coalesce(max(cut_by) FILTER (WHERE role = 'assist_staff'), 1) * coalesce(max(cut_by) FILTER (WHERE role = 'selling_store'), 1)
    * coalesce(max(cut_by) FILTER (WHERE role = 'selling_staff'), 1) * coalesce(max(cut_by) FILTER (WHERE role = 'online_team'), 1) AS of
  FROM role_sum GROUP BY order_id, role_sum.of
), capped AS MATERIALIZED (
  SELECT order_id, role, kind, id, no, stores, CASE WHEN total > order_cap * of THEN part * order_cap ELSE part END AS part,
    CASE WHEN total > order_cap * of THEN total ELSE of END AS of
  FROM (
    SELECT *, sum(part) OVER (PARTITION BY order_id) AS total
    FROM (
      SELECT s.order_id, s.role, s.kind, s.id, s.no, s.stores, c.of, t.order_cap,
        CASE WHEN r.cut_by IS NULL THEN s.part * div(c.of, s.of) ELSE s.part * r.role_cap * div(c.of, r.cut_by) END AS part
      FROM share s JOIN role_sum r USING (order_id, role) JOIN cut c USING (order_id) JOIN ordered o USING (order_id) JOIN terms t USING (plan_id)
    ) AS s
  ) AS s
)`

// recomputedSales is rule 7: the order's sum rounded once, and then by largest remainder down to each beneficiary and to each of her
// lines. Ties go by role, then by what the beneficiary is called.
const recomputedSales = `, earned AS MATERIALIZED (
  SELECT order_id, role, kind, id, floor + (nth <= div(2 * total + of, 2 * of) - sum(floor) OVER (PARTITION BY order_id))::int AS minor
  FROM (
    SELECT r.*, div(part, of) AS floor, sum(part) OVER (PARTITION BY order_id) AS total,
      row_number() OVER (PARTITION BY order_id ORDER BY mod(part, of) DESC, array_position(ARRAY['home_store', 'home_staff', 'display_store', 'display_staff', 'assist_staff',
        'selling_store', 'selling_staff', 'online_team'], role), r.kind COLLATE "C", coalesce(s.employee_no, p.code) COLLATE "C", r.id) AS nth
    FROM (SELECT order_id, role, kind, id, of, sum(part) AS part FROM capped GROUP BY order_id, role, kind, id, of) AS r
    LEFT JOIN staff s ON s.brand_id = $1 AND r.kind = 'staff' AND s.id = r.id
    LEFT JOIN place p ON r.kind <> 'staff' AND p.id = r.id
  ) AS r
), sale AS MATERIALIZED (
  SELECT order_id, role, kind, id, '' AS parcel, no, stores, floor + (nth <= minor - sum(floor) OVER (PARTITION BY order_id, role, kind, id))::int AS minor
  FROM (
    SELECT c.*, e.minor, div(c.part, c.of) AS floor, row_number() OVER (PARTITION BY order_id, role, kind, id ORDER BY mod(c.part, c.of) DESC, c.no) AS nth
    FROM capped c JOIN earned e USING (order_id, role, kind, id)
  ) AS c
)`

// recomputedParcels stand apart: the fixed fee once, the largest among all that was packed, and the rated part of what is in it now.
const recomputedParcels = `, fee AS MATERIALIZED (
  SELECT k.order_id, k.parcel, k.no, k.is_there, p.store_id, CASE p.kind WHEN 'pickup' THEN 'pickup_store' ELSE 'packing_store' END AS role, r.rate_bp, r.fixed_minor
  FROM packed k
  JOIN earning o USING (order_id)
  JOIN parcel p ON p.order_id = k.order_id AND p.name = k.parcel
  JOIN place s ON s.id = p.store_id
  CROSS JOIN LATERAL (
    SELECT rate_bp, fixed_minor FROM rule r
    WHERE r.plan_id = o.plan_id AND r.role = CASE p.kind WHEN 'pickup' THEN 'pickup_store' ELSE 'packing_store' END
      AND (r.store_kind IS NULL OR r.store_kind = s.kind) AND (r.channel IS NULL OR r.channel = o.channel)
      AND (r.category IS NULL OR r.category = k.category) AND (r.sku IS NULL OR r.sku = k.sku) AND r.tag IS NULL AND r.bond_min_days IS NULL
    ORDER BY r.no LIMIT 1
  ) AS r
  WHERE o.reason = ''
), parcel_part AS MATERIALIZED (
  SELECT f.order_id, f.parcel, f.role, f.store_id, f.no, b.base * f.rate_bp AS part
  FROM fee f JOIN bought b USING (order_id, no)
  WHERE f.is_there AND b.base > 0 AND f.rate_bp > 0
), handed AS MATERIALIZED (
  SELECT order_id, role, 'store' AS kind, store_id AS id, parcel, 0 AS no, ARRAY[store_id] AS stores, max(fixed_minor)::numeric AS minor
  FROM fee WHERE fixed_minor > 0 GROUP BY order_id, parcel, role, store_id
  UNION ALL
  SELECT order_id, role, 'store', store_id, parcel, no, ARRAY[store_id],
    floor + (nth <= div(2 * total + 100000000, 200000000) - sum(floor) OVER (PARTITION BY order_id, parcel, role))::int
  FROM (
    SELECT *, div(part, 100000000) AS floor, sum(part) OVER (PARTITION BY order_id, parcel, role) AS total,
      row_number() OVER (PARTITION BY order_id, parcel, role ORDER BY mod(part, 100000000) DESC, no) AS nth
    FROM parcel_part
  ) AS p
), due AS MATERIALIZED ( -- rule 9: what was taken back of each part; a fixed fee, which has no line, never is
  SELECT c.order_id, c.role, c.kind, c.id, c.parcel, c.no, c.stores, c.minor, coalesce(floor(round(c.minor * t.fraction, 40) + 0.5), 0) AS reversed
  FROM (SELECT * FROM sale UNION ALL SELECT * FROM handed) AS c
  LEFT JOIN taken_back t USING (order_id, no)
)`
