package ledger

// What each claim earns, whose that is, and what of it was taken back.

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
      AND (r.campaign IS NULL OR r.campaign = c.campaign) AND (r.customer IS NULL OR r.customer = c.customer)
      AND (r.bond_min_days IS NULL OR c.role LIKE 'home_%' AND c.placed_at >= c.since + r.bond_min_days * interval '24 hours')
      AND (r.bond_max_days IS NULL OR c.role LIKE 'home_%' AND c.placed_at < c.since + r.bond_max_days * interval '24 hours')
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
      AND (r.category IS NULL OR r.category = k.category) AND (r.sku IS NULL OR r.sku = k.sku)
      AND (r.campaign IS NULL OR r.campaign = o.campaign) AND (r.customer IS NULL OR r.customer = o.customer)
      AND r.tag IS NULL AND r.bond_min_days IS NULL AND r.bond_max_days IS NULL
    ORDER BY r.no LIMIT 1
  ) AS r
  WHERE o.pays_parcels
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
)`

// recomputedDues are the shares with what was taken back of each (rule 9; a fixed fee, which has no line, never is), and whose they
// are at last: a turn is a leaving, which gives the pool what was not payable then where the plan says so, or the decision of a
// dispute. They are followed one after the other as they happened, so that each finds what there was then; the first is none.
const recomputedDues = `, departed AS MATERIALIZED (
  SELECT p.id, p.left_at, (SELECT a.store_id FROM assignment a WHERE a.brand_id = $1 AND a.staff_id = p.id AND lower(a.days) <= p.left_on
    ORDER BY upper(a.days) DESC, lower(a.days) DESC, a.store_id LIMIT 1) AS store_id
  FROM staff p WHERE p.brand_id = $1 AND p.left_at <= $6
), decision AS MATERIALIZED (
  SELECT d.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, decision_no, role, from_kind, from_id, to_kind, to_id, store_id, decided_at FROM order_decision WHERE brand_id = $1 AND order_id = o.order_id OFFSET 0
  ) AS d
), turn AS MATERIALIZED (
  SELECT *, row_number() OVER happened AS nth, lead(at, 1, 'infinity') OVER happened AS until
  FROM (
    SELECT order_id, -1 AS decision_no, NULL AS role, NULL AS from_kind, NULL::uuid AS from_id, NULL AS to_kind, NULL::uuid AS to_id, NULL::uuid AS store_id, '-infinity'::timestamptz AS at
    FROM ordered
    UNION ALL
    SELECT order_id, decision_no, role, from_kind, from_id, to_kind, to_id, store_id, decided_at FROM decision
    UNION ALL
    SELECT order_id, 0, NULL, 'staff', d.id, 'pool', d.store_id, NULL, d.left_at
    FROM (SELECT order_id, id FROM sale WHERE kind = 'staff' UNION SELECT order_id, to_id FROM decision WHERE to_kind = 'staff') AS c
    JOIN departed d USING (id) JOIN received r USING (order_id) JOIN terms p USING (plan_id)
    WHERE p.is_pooled AND d.store_id IS NOT NULL AND (r.payable_at IS NULL OR r.payable_at > d.left_at)
  ) AS t
  WINDOW happened AS (PARTITION BY order_id ORDER BY at, decision_no)
), passed_on AS (
  SELECT c.order_id, c.role, c.kind, c.id, c.parcel, c.no, c.stores, c.minor, t.nth, t.at AS since, t.until
  FROM (SELECT * FROM sale UNION ALL SELECT * FROM handed) AS c JOIN turn t ON t.order_id = c.order_id AND t.nth = 1
  UNION ALL
  SELECT c.order_id, c.role, CASE WHEN x.moves THEN t.to_kind ELSE c.kind END, CASE WHEN x.moves THEN t.to_id ELSE c.id END, c.parcel, c.no,
    CASE WHEN x.moves AND t.store_id IS NOT NULL THEN ARRAY[t.store_id] ELSE c.stores END, c.minor, t.nth, t.at, t.until
  FROM passed_on c JOIN turn t ON t.order_id = c.order_id AND t.nth = c.nth + 1
  CROSS JOIN LATERAL (SELECT coalesce(t.role, c.role) = c.role AND (c.kind, c.id) <> (t.to_kind, t.to_id) AND (t.from_id IS NULL OR (c.kind, c.id) = (t.from_kind, t.from_id)) AS moves) AS x
), part AS MATERIALIZED (
  SELECT c.order_id, c.role, c.kind, c.id, c.parcel, c.no, c.stores, c.minor, coalesce(floor(round(c.minor * t.fraction, 40) + 0.5), 0) AS reversed,
    coalesce(b.base / 10000 * (1 - coalesce(t.fraction, 0)), 0) AS volume
  FROM passed_on c
  LEFT JOIN taken_back t USING (order_id, no)
  LEFT JOIN bought b USING (order_id, no)
  WHERE c.until = 'infinity'
), due AS MATERIALIZED (
  SELECT order_id, role, kind, id, parcel, no, string_agg(array_to_string(stores, ' '), ' ') AS stores, sum(minor) AS minor, sum(reversed) AS reversed, max(volume) AS volume
  FROM part GROUP BY order_id, role, kind, id, parcel, no
), taken_late AS MATERIALIZED ( -- what each refund took back of credits that were payable and a person's then, which a plan may cap for a month
  SELECT d.order_id, d.id AS staff_id, w.fact, sum(floor(round(d.minor * w.fraction, 40) + 0.5) - floor(round(d.minor * w.before, 40) + 0.5)) AS minor
  FROM passed_on d
  JOIN (
    SELECT w.order_id, w.no, w.is_cancel, w.at, w.fraction, lag(w.fraction, 1, 0::numeric) OVER (PARTITION BY w.order_id, w.no ORDER BY w.nth) AS before,
      CASE e.kind WHEN 'adjustment' THEN 'price_adjust' ELSE e.kind END || ':' || e.external_id AS fact, r.payable_at
    FROM went_back w JOIN event e USING (order_id, nth) JOIN received r ON r.order_id = w.order_id
    WHERE w.is_cancel OR w.at < r.taken_back_until
  ) AS w USING (order_id, no)
  WHERE d.kind = 'staff' AND NOT w.is_cancel AND w.at >= w.payable_at AND w.at >= d.since AND w.at < d.until
  GROUP BY d.order_id, d.id, w.fact
)`
