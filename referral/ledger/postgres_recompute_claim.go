package ledger

// Who has a claim on an order, and which claims stand.

// recomputedHomes are the holders of the customers when they ordered: the binding, passed on by the successions of its time one
// after the other. Which of several heirs has her is drawn from her id as FORMAT.md does not say: the lot is the first eight bytes of
// SHA-256 over her id and whose customers pass on.
const recomputedHomes = `, bound AS MATERIALIZED (
  SELECT o.order_id, o.customer_id, o.placed_at, b.store_id, b.staff_id, b.since, b.recorded_at
  FROM ordered o CROSS JOIN LATERAL (
    SELECT store_id, staff_id, lower(period) AS since, recorded_at FROM binding WHERE brand_id = $1 AND customer_id = o.customer_id AND period @> o.placed_at OFFSET 0
  ) AS b
), going AS MATERIALIZED (
  SELECT id, succession_no, kind, staff_id, store_id, effective_at, recorded_at FROM succession WHERE brand_id = $1
), heir AS MATERIALIZED (
  SELECT succession_id, heir_no, store_id, person, staff_id, share, sum(share) OVER (PARTITION BY succession_id ORDER BY heir_no) - share AS from_lot,
    sum(share) OVER (PARTITION BY succession_id) AS lots
  FROM succession_heir WHERE brand_id = $1
), passed AS (
  SELECT *, false AS is_pool, '-infinity'::timestamptz AS at, 0 AS no FROM bound
  UNION ALL
  SELECT h.order_id, h.customer_id, h.placed_at, coalesce(e.store_id, h.store_id),
    CASE e.person WHEN 'keep' THEN h.staff_id WHEN 'staff' THEN e.staff_id END, h.since, h.recorded_at,
    CASE e.person WHEN 'keep' THEN h.is_pool ELSE e.person = 'pool' END, s.effective_at, s.succession_no
  FROM passed h
  CROSS JOIN LATERAL (
    SELECT * FROM going g
    WHERE (g.effective_at, g.succession_no) > (h.at, h.no) AND g.effective_at <= h.placed_at
      AND (g.kind = 'close' OR g.effective_at > h.since OR g.effective_at = h.since AND h.recorded_at <= g.recorded_at)
      AND h.store_id IS NOT NULL AND (g.staff_id IS NULL OR g.staff_id = h.staff_id) AND (g.store_id IS NULL OR g.store_id = h.store_id)
    ORDER BY g.effective_at, g.succession_no LIMIT 1
  ) AS s
  CROSS JOIN LATERAL (
    SELECT encode(sha256(uuid_send(h.customer_id) || uuid_send(coalesce(s.staff_id, x.nobody)) || uuid_send(coalesce(s.store_id, x.nobody))), 'hex') AS sum
    FROM (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS nobody) AS x
  ) AS drawn
  JOIN heir e ON e.succession_id = s.id
    AND mod(('x' || substr(drawn.sum, 1, 8))::bit(32)::bigint::numeric * 4294967296 + ('x' || substr(drawn.sum, 9, 8))::bit(32)::bigint, e.lots) - e.from_lot BETWEEN 0 AND e.share - 1
), home AS MATERIALIZED (
  SELECT DISTINCT ON (order_id) order_id, store_id, since, CASE WHEN is_pool THEN 'pool' ELSE 'staff' END AS kind, CASE WHEN is_pool THEN store_id ELSE staff_id END AS person_id
  FROM passed ORDER BY order_id, at DESC, no DESC
)`

// recomputedReasons are rule 16 and what else earns nobody anything. Who buys comes first: it is so under any plan.
const recomputedReasons = `, buyer AS MATERIALIZED (
  SELECT order_id, customer_id FROM ordered WHERE customer_id IS NOT NULL
  UNION
  SELECT o.order_id, other.customer_id
  FROM ordered o
  JOIN order_payment mine ON mine.brand_id = $1 AND mine.order_id = o.order_id
  JOIN order_payment other ON other.brand_id = $1 AND other.payment = mine.payment AND other.order_id < mine.order_id AND other.customer_id IS NOT NULL
), own_purchase AS MATERIALIZED (
  SELECT DISTINCT b.order_id
  FROM buyer b
  JOIN ordered o USING (order_id)
  JOIN customer c ON c.brand_id = $1 AND c.id = b.customer_id
  LEFT JOIN identity i ON i.brand_id = $1 AND i.customer_id = c.id AND i.kind = 'email'
  JOIN staff p ON p.brand_id = $1 AND (p.id = c.staff_id OR c.staff_id IS NULL AND p.email = i.value)
  CROSS JOIN LATERAL (SELECT (o.placed_at AT TIME ZONE o.time_zone)::date AS day) AS d
  LEFT JOIN LATERAL (SELECT min(lower(a.days)) AS first, CASE WHEN NOT bool_or(upper_inf(a.days)) THEN max(upper(a.days)) END AS past
    FROM assignment a WHERE a.brand_id = $1 AND a.staff_id = p.id) AS works ON true
  WHERE (p.left_at IS NULL OR p.left_at > o.placed_at) AND d.day >= coalesce(works.first, p.created_at::date)
    AND (works.past IS NULL OR works.past > d.day OR p.brand_role IS NOT NULL)
), earning AS MATERIALIZED ( -- below the minimum only the sale earns nobody anything
  SELECT o.*, r.reason, r.reason = '' AS earns, r.reason IN ('', 'below_minimum') AS pays_parcels, CASE WHEN t.asks_whether_new AND o.customer_id IS NOT NULL THEN
    CASE WHEN (SELECT true FROM sales_order e WHERE e.brand_id = $1 AND e.customer_id = o.customer_id AND e.id < id_floor(o.placed_at) AND e.state <> 'test' LIMIT 1)
      THEN 'returning' ELSE 'new' END END AS customer
  FROM ordered o
  LEFT JOIN own_purchase p USING (order_id)
  LEFT JOIN terms t USING (plan_id)
  LEFT JOIN (SELECT order_id, sum(base) / 10000 AS base FROM bought GROUP BY order_id) AS b USING (order_id)
  CROSS JOIN LATERAL (SELECT CASE
    WHEN o.state = 'test' THEN 'test_order'
    WHEN p.order_id IS NOT NULL THEN 'self_purchase'
    WHEN EXISTS (SELECT FROM order_hold h WHERE h.brand_id = $1 AND h.order_id = o.order_id AND h.state = 'refused') THEN 'hold_refused'
    WHEN o.plan_id IS NULL THEN 'no_plan'
    WHEN t.no_discounted AND o.employee_discount THEN 'employee_discount'
    WHEN coalesce(b.base, 0) < t.order_min THEN 'below_minimum'
    ELSE '' END AS reason) AS r
)`

// recomputedClaims are rule 5. A claim's weight is a whole number over the order's denominator: the sum of what the displays
// weigh x the sum of the weights by which home and displays split. Conflicts are settled one after the other: who has lost takes no
// further part.
const recomputedClaims = `, scanned AS MATERIALIZED (
  SELECT o.order_id, t.choice, t.display_weights, s.*, row_number() OVER (PARTITION BY o.order_id, s.store_id ORDER BY s.scanned_at, s.scan_id) AS nth,
    row_number() OVER (PARTITION BY o.order_id, s.store_id ORDER BY s.scanned_at DESC, s.scan_id DESC) AS nth_last
  FROM earning o JOIN terms t USING (plan_id)
  CROSS JOIN LATERAL (
    SELECT scan_id, tag_code, placement, store_id, staff_id, scanned_at FROM order_scan WHERE brand_id = $1 AND order_id = o.order_id AND scan_id = ANY (o.clicks)
    UNION
    SELECT scan_id, tag_code, placement, store_id, staff_id, scanned_at FROM customer_scan WHERE brand_id = $1 AND customer_id = o.customer_id
    OFFSET 0
  ) AS s
  WHERE o.earns AND s.scanned_at BETWEEN o.placed_at - t.window_days * interval '24 hours' AND o.placed_at
), shown AS MATERIALIZED (
  SELECT order_id, tag_code, store_id, staff_id, weighs, sum(weighs) OVER (PARTITION BY order_id) AS among
  FROM (
    SELECT *, CASE WHEN choice = 'weight' AND count(*) OVER (PARTITION BY order_id) > 1 THEN coalesce((display_weights ->> placement)::numeric, 1) ELSE 1 END AS weighs,
      row_number() OVER (PARTITION BY order_id ORDER BY scanned_at, scan_id) AS first, row_number() OVER (PARTITION BY order_id ORDER BY scanned_at DESC, scan_id DESC) AS last
    FROM scanned WHERE CASE choice WHEN 'first' THEN nth ELSE nth_last END = 1
  ) AS s
  WHERE choice IN ('even', 'weight') OR CASE choice WHEN 'first' THEN first ELSE last END = 1
), entered AS MATERIALIZED (
  SELECT o.order_id, o.plan_id, o.channel, o.placed_at, o.campaign, o.customer, c.role, c.kind, c.id, c.store_id, c.tag_code, 1::numeric AS weighs, 1::numeric AS among,
    h.since, h.store_id AS home_store_id
  FROM earning o
  LEFT JOIN home h USING (order_id)
  CROSS JOIN LATERAL (VALUES
    ('home_store', 'store', h.store_id, h.store_id, ''),
    ('home_staff', h.kind, CASE WHEN h.store_id IS NOT NULL THEN h.person_id END, h.store_id, ''),
    ('assist_staff', 'staff', o.assist_staff_id, o.assist_store_id, ''),
    ('selling_store', 'store', CASE o.channel WHEN 'till' THEN o.store_id END, o.store_id, ''),
    ('selling_staff', 'staff', CASE o.channel WHEN 'till' THEN o.staff_id END, o.store_id, ''),
    ('online_team', 'store', CASE o.channel WHEN 'online' THEN o.store_id END, o.store_id, '')
  ) AS c (role, kind, id, store_id, tag_code)
  WHERE o.earns AND c.id IS NOT NULL
  UNION ALL
  SELECT o.order_id, o.plan_id, o.channel, o.placed_at, o.campaign, o.customer, c.role, c.kind, c.id, s.store_id, s.tag_code, s.weighs, s.among, h.since, h.store_id
  FROM shown s
  JOIN earning o USING (order_id)
  LEFT JOIN home h USING (order_id)
  CROSS JOIN LATERAL (VALUES ('display_store', 'store', s.store_id), ('display_staff', 'staff', s.staff_id)) AS c (role, kind, id)
  WHERE c.id IS NOT NULL
), apart AS MATERIALIZED ( -- paid once, as home
  SELECT e.*, e.role LIKE 'home_%' AS is_home, e.role LIKE 'display_%' AND e.store_id IS DISTINCT FROM e.home_store_id AS is_elsewhere,
    t.home_display, t.home_weight, t.display_weight, t.assist_home, t.selling_home,
    max(e.among) OVER (PARTITION BY e.order_id) AS of_displays
  FROM entered e JOIN terms t USING (plan_id)
  WHERE NOT (e.role LIKE 'display_%' AND t.same_store = 'home' AND e.store_id IS NOT DISTINCT FROM e.home_store_id)
), weighed AS MATERIALIZED (
  SELECT *, of_displays * CASE WHEN is_split THEN home_weight + display_weight ELSE 1 END AS weight_of,
    CASE WHEN is_split AND is_home THEN home_weight WHEN is_split AND is_elsewhere THEN display_weight WHEN is_split THEN home_weight + display_weight ELSE 1 END
      * CASE WHEN role LIKE 'display_%' THEN weighs ELSE of_displays END AS weight,
    bool_or(role = 'home_staff') OVER (PARTITION BY order_id) AS has_home_staff, bool_or(role = 'assist_staff') OVER (PARTITION BY order_id) AS has_assistant
  FROM (
    SELECT *, is_contest AND home_display = 'split' AS is_split
    FROM (SELECT *, bool_or(is_home) OVER (PARTITION BY order_id) AND bool_or(is_elsewhere) OVER (PARTITION BY order_id) AS is_contest FROM apart) AS a
  ) AS a
  WHERE NOT is_contest OR CASE home_display WHEN 'home' THEN NOT is_elsewhere WHEN 'display' THEN NOT is_home ELSE true END
), assisted AS MATERIALIZED (
  SELECT *, bool_or(role = 'home_staff') OVER (PARTITION BY order_id) AND bool_or(role = 'selling_staff') OVER (PARTITION BY order_id) AS is_sold_beside_home
  FROM weighed
  WHERE NOT (has_home_staff AND has_assistant) OR CASE assist_home WHEN 'assist' THEN role <> 'home_staff' WHEN 'home' THEN role <> 'assist_staff' ELSE true END
), standing AS MATERIALIZED (
  SELECT order_id, plan_id, channel, placed_at, campaign, customer, role, kind, id, store_id, tag_code, since, weight, weight_of
  FROM assisted
  WHERE NOT is_sold_beside_home OR CASE selling_home WHEN 'selling' THEN role <> 'home_staff' WHEN 'home' THEN role <> 'selling_staff' ELSE true END
)`
