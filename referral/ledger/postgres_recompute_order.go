package ledger

// What an order is, from its facts: the plan by which it earns, its lines with their numbers, and what each is worth.
//
// Fractions are whole numbers over a denominator that is known, so that nothing is rounded where FORMAT.md does not round:
// div and mod of whole numerics are exact. Half-up of a / b is div(2 x a + b, 2 x b) as long as nothing is below zero.

// recomputedPlans are the versions of the plan, opened up, with what they say where they say nothing.
const recomputedPlans = `
WITH RECURSIVE terms AS MATERIALIZED (
  SELECT id AS plan_id, first_day, rules -> 'role_cap_minor' AS role_caps, (rules ->> 'order_cap_minor')::numeric AS order_cap,
    coalesce((rules ->> 'hold_days')::int, 14) AS hold_days,
    CASE WHEN rules ? 'clawback_days' THEN (rules ->> 'clawback_days')::int ELSE 60 END AS clawback_days,
    coalesce((rules #>> '{display,window_days}')::int, 30) AS window_days,
    coalesce(rules #>> '{display,choice}', 'last') AS choice, rules #> '{display,weights}' AS display_weights, (rules ->> 'order_min_minor')::numeric AS order_min,
    coalesce((rules #>> '{exclude,employee_discount}')::boolean, false) AS no_discounted,
    EXISTS (SELECT FROM jsonb_array_elements(rules -> 'rules') AS r WHERE r #>> '{when,customer}' <> '') AS asks_whether_new,
    coalesce(rules #>> '{conflict,home_display}', 'both') AS home_display,
    (rules #>> '{conflict,weights,0}')::numeric AS home_weight, (rules #>> '{conflict,weights,1}')::numeric AS display_weight,
    coalesce(rules #>> '{conflict,same_store}', 'home') AS same_store,
    coalesce(rules #>> '{conflict,assist_home}', 'both') AS assist_home,
    coalesce(rules #>> '{conflict,selling_home}', 'both') AS selling_home,
    rules #> '{exclude,skus}' AS no_skus, rules #> '{exclude,categories}' AS no_categories,
    rules ->> 'leaver' = 'pool' AS is_pooled, rules ->> 'counter_base' = 'net' AS is_net, rules ->> 'price_adjustment' = 'reverse' AS is_reverse
  FROM plan WHERE brand_id = $1
), rule AS MATERIALIZED (
  SELECT p.id AS plan_id, r.no, r.rule ->> 'role' AS role, coalesce((r.rule ->> 'rate_bp')::numeric, 0) AS rate_bp,
    coalesce((r.rule ->> 'fixed_minor')::bigint, 0) AS fixed_minor,
    nullif(w.said ->> 'store_kind', '') AS store_kind, nullif(w.said ->> 'channel', '') AS channel, nullif(w.said ->> 'category', '') AS category,
    nullif(w.said ->> 'sku', '') AS sku, nullif(w.said ->> 'tag', '') AS tag, (w.said ->> 'bond_min_days')::int AS bond_min_days,
    (w.said ->> 'bond_max_days')::int AS bond_max_days, nullif(w.said ->> 'campaign', '') AS campaign, nullif(w.said ->> 'customer', '') AS customer
  FROM plan p CROSS JOIN LATERAL jsonb_array_elements(p.rules -> 'rules') WITH ORDINALITY AS r (rule, no)
  CROSS JOIN LATERAL (SELECT coalesce(r.rule -> 'when', '{}') AS said) AS w
  WHERE p.brand_id = $1
), place AS MATERIALIZED (
  SELECT id, code, kind, house_bp FROM store WHERE brand_id = $1
), ordered AS MATERIALIZED (
  SELECT o.*, b.time_zone, t.plan_id
  FROM unnest($2::uuid[]) AS w (order_id)
  CROSS JOIN LATERAL ( -- with OFFSET 0, a look-up: the bounds alone would lead through all that lies between them
    SELECT id AS order_id, placed_at, state, version, customer_id, channel, store_id, staff_id, currency, tax_bp, discount_minor, clicks,
      assist_store_id, assist_staff_id, cash_on_pickup, deliver_later, paid_at, cancelled_at, campaign, employee_discount
    FROM sales_order WHERE brand_id = $1 AND id = w.order_id AND id BETWEEN $3 AND $4 OFFSET 0
  ) AS o
  JOIN brand b ON b.brand_id = $1
  LEFT JOIN LATERAL (
    SELECT plan_id FROM terms WHERE first_day <= (o.placed_at AT TIME ZONE b.time_zone)::date ORDER BY first_day DESC LIMIT 1
  ) AS t ON true
)`

// recomputedLines follow a line by its name through the versions of its order, and the exchanges that keep it. A stint is a time in which it was there without a
// break; added_at NULL is as placed, withdrawn_at NULL is there still.
const recomputedLines = `, line_row AS MATERIALIZED (
  SELECT l.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, version, line_no, external_id AS name, sku, category, kind, quantity, unit_price_minor, discount_minor, tax_included
    FROM order_line WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4 OFFSET 0
  ) AS l
), edit AS MATERIALIZED (
  SELECT e.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, version, edited_at FROM order_edit WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4 OFFSET 0
  ) AS e
), exchanged AS MATERIALIZED (
  SELECT x.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, external_id, exchanged_at AS at, keeps, lines_out, lines_in FROM exchange WHERE brand_id = $1 AND order_id = o.order_id OFFSET 0
  ) AS x
), version AS MATERIALIZED ( -- the first as placed has no row of its own
  SELECT order_id, version, at, row_number() OVER (PARTITION BY order_id ORDER BY version) AS block
  FROM (
    SELECT order_id, version, edited_at AS at FROM edit
    UNION ALL
    SELECT l.order_id, l.version, o.placed_at
    FROM (SELECT DISTINCT order_id, version FROM line_row) AS l JOIN ordered o USING (order_id)
    LEFT JOIN edit e ON e.order_id = l.order_id AND e.version = l.version
    WHERE e.version IS NULL
  ) AS v
), step AS MATERIALIZED ( -- an exchange that keeps the order comes after the last version that had been made, as its step within that
  SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY block, nth) AS place
  FROM (
    SELECT order_id, block, 0::bigint AS nth, at, '{}'::text[] AS lines_out, NULL::jsonb AS lines_in FROM version
    UNION ALL
    SELECT order_id, block, row_number() OVER (PARTITION BY order_id, block ORDER BY at, external_id COLLATE "C"), at, lines_out, lines_in
    FROM (
      SELECT x.order_id, x.at, x.external_id, x.lines_out, x.lines_in, max(v.block) AS block
      FROM exchanged x JOIN version v ON v.order_id = x.order_id AND (v.block = 1 OR v.version = 1 OR v.at <= x.at)
      WHERE x.keeps
      GROUP BY x.order_id, x.at, x.external_id, x.lines_out, x.lines_in
    ) AS x
  ) AS s
), brought AS MATERIALIZED (
  SELECT l.order_id, v.block, 0::bigint AS nth, l.line_no::bigint AS seq, l.line_no, l.name, l.sku, l.category, l.kind, l.quantity, l.unit_price_minor, l.discount_minor, l.tax_included
  FROM line_row l JOIN version v ON v.order_id = l.order_id AND v.version = l.version
  UNION ALL
  SELECT s.order_id, s.block, s.nth, i.seq, (i.l ->> 'line')::int, i.l ->> 'external_id', i.l ->> 'sku', i.l ->> 'category', i.l ->> 'kind', (i.l ->> 'quantity')::bigint,
    (i.l ->> 'unit_price_minor')::bigint, (i.l ->> 'discount_minor')::bigint, (i.l ->> 'tax_included')::boolean
  FROM step s CROSS JOIN LATERAL jsonb_array_elements(s.lines_in) WITH ORDINALITY AS i (l, seq)
), replaced AS MATERIALIZED ( -- a name is gone from a step on that takes it out, or brings it anew
  SELECT order_id, block, nth, unnest(lines_out) AS name FROM step WHERE nth > 0
  UNION
  SELECT order_id, block, nth, name FROM brought WHERE nth > 0
), line_at AS MATERIALIZED (
  SELECT b.*, s.place, s.at, s.place - row_number() OVER (PARTITION BY b.order_id, b.name ORDER BY s.place) AS run
  FROM brought b
  LEFT JOIN (
    SELECT b.order_id, b.block, b.nth, b.name, min(r.nth) AS until
    FROM brought b JOIN replaced r ON r.order_id = b.order_id AND r.block = b.block AND r.name = b.name AND r.nth > b.nth
    GROUP BY b.order_id, b.block, b.nth, b.name
  ) AS u ON u.order_id = b.order_id AND u.block = b.block AND u.nth = b.nth AND u.name = b.name
  JOIN step s ON s.order_id = b.order_id AND s.block = b.block AND s.nth >= b.nth AND (u.until IS NULL OR s.nth < u.until)
), first_seen AS MATERIALIZED (
  SELECT order_id, name, line_no, place, row_number() OVER (PARTITION BY order_id, place = 1 ORDER BY place, seq) AS nth
  FROM (SELECT DISTINCT ON (order_id, name) order_id, name, line_no, seq, place FROM line_at ORDER BY order_id, name, place) AS f
), later AS ( -- a line keeps the number with which it came; a number that is taken is given to nobody else
  SELECT v.order_id, 0::bigint AS nth, NULL::text AS name, NULL::int AS no, coalesce(array_agg(f.line_no) FILTER (WHERE f.place = 1), '{}') AS taken
  FROM step v LEFT JOIN first_seen f USING (order_id)
  WHERE v.place = 2
  GROUP BY v.order_id
  UNION ALL
  SELECT f.order_id, f.nth, f.name, n.no, t.taken || n.no
  FROM later t JOIN first_seen f ON f.order_id = t.order_id AND f.place > 1 AND f.nth = t.nth + 1
  CROSS JOIN LATERAL (SELECT CASE WHEN f.line_no = ANY (t.taken) THEN (SELECT max(x) FROM unnest(t.taken) AS x) + 1 ELSE f.line_no END AS no) AS n
), named AS MATERIALIZED (
  SELECT order_id, name, line_no AS no FROM first_seen WHERE place = 1
  UNION ALL
  SELECT order_id, name, no FROM later WHERE no IS NOT NULL
), stint AS MATERIALIZED (
  SELECT l.order_id, l.name, n.no, s.first AS since_place, l.sku, l.category, l.kind, l.quantity, l.tax_included,
    l.quantity::numeric * l.unit_price_minor - l.discount_minor AS gross,
    CASE WHEN s.first > 1 THEN since.at END AS added_at, gone.at AS withdrawn_at
  FROM (SELECT order_id, name, min(place) AS first, max(place) AS last FROM line_at GROUP BY order_id, name, run) AS s
  JOIN line_at l ON l.order_id = s.order_id AND l.name = s.name AND l.place = s.last
  JOIN named n ON n.order_id = s.order_id AND n.name = s.name
  JOIN step since ON since.order_id = s.order_id AND since.place = s.first
  LEFT JOIN step gone ON gone.order_id = s.order_id AND gone.place = s.last + 1
)`

// recomputedBases are rules 1 to 4: what was paid for each line that is there now, its net, and its base. base is in
// ten-thousandths of a minor unit, because of the share that a house keeps.
const recomputedBases = `, discounted AS MATERIALIZED (
  SELECT s.*, s.gross - CASE WHEN s.kind = 'merchandise' AND s.goods > 0
    THEN s.floor + (s.nth <= s.discount_minor - sum(s.floor) OVER (PARTITION BY s.order_id, s.kind))::int ELSE 0 END AS paid
  FROM (
    SELECT s.*, d.discount_minor, o.tax_bp, g.goods,
      div(d.discount_minor * s.gross, nullif(g.goods, 0)) AS floor,
      row_number() OVER (PARTITION BY s.order_id, s.kind ORDER BY mod(d.discount_minor * s.gross, nullif(g.goods, 0)) DESC, s.no) AS nth
    FROM stint s JOIN ordered o USING (order_id)
    JOIN (SELECT order_id, coalesce(sum(gross) FILTER (WHERE kind = 'merchandise'), 0) AS goods FROM stint WHERE withdrawn_at IS NULL GROUP BY order_id) AS g
      USING (order_id)
    CROSS JOIN LATERAL (SELECT least(o.discount_minor, g.goods) AS discount_minor) AS d -- an exchange may leave less than it
    WHERE s.withdrawn_at IS NULL
  ) AS s
), invoiced AS MATERIALIZED (
  SELECT d.*, d.tax_included AND d.kind NOT IN ('gift_card', 'tip') AND d.tax_bp > 0 AND i.gross > 0 AS is_taxed, i.gross AS invoice,
    div(2 * i.gross * 10000 + 10000 + d.tax_bp, 2 * (10000 + d.tax_bp)) AS invoice_net
  FROM discounted d
  JOIN (SELECT order_id, coalesce(sum(paid) FILTER (WHERE tax_included AND kind NOT IN ('gift_card', 'tip')), 0) AS gross FROM discounted GROUP BY order_id) AS i
    USING (order_id)
), bought AS MATERIALIZED (
  SELECT l.order_id, l.no, l.name, l.sku, l.category, l.kind, l.quantity, l.added_at, l.paid, l.net,
    CASE WHEN l.kind = 'merchandise' AND NOT coalesce(t.no_skus ? l.sku, false) AND NOT coalesce(t.no_categories ? l.category, false)
      THEN l.net * CASE WHEN t.is_net AND p.kind = 'counter' THEN 10000 - p.house_bp ELSE 10000 END
      ELSE 0 END AS base
  FROM (
    SELECT l.*, CASE WHEN l.is_taxed THEN l.floor_net + (l.nth_net <= l.invoice_net - sum(l.floor_net) OVER (PARTITION BY l.order_id, l.is_taxed))::int
      ELSE l.paid END AS net
    FROM (
      SELECT i.*, div(i.invoice_net * i.paid, nullif(i.invoice, 0)) AS floor_net,
        row_number() OVER (PARTITION BY i.order_id, i.is_taxed ORDER BY mod(i.invoice_net * i.paid, nullif(i.invoice, 0)) DESC, i.no) AS nth_net
      FROM invoiced i
    ) AS l
  ) AS l
  JOIN ordered o USING (order_id)
  LEFT JOIN terms t USING (plan_id)
  LEFT JOIN place p ON p.id = o.store_id
)`
