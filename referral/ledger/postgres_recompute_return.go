package ledger

// What of an order went back, when it was received, and when its credits become payable.
//
// Fractions of what went back are decimals: their denominators grow with each refund that names no lines. They are kept with 60
// digits behind the point and looked at with 40, where an exact third, or a half that decides a rounding, is what it is: an error
// of the last places can grow by sums and products of a few thousand refunds to some 10^-50 only, and two different fractions that
// 40 digits take for one would need denominators of more than 20 digits each.

// recomputedEvents are all that took something back, as they happened, with what each asks of every line: pieces as a part of the
// pieces bought, and money. A price adjustment that counts is money on top of other refunds.
const recomputedEvents = `, paper AS MATERIALIZED (
  SELECT r.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, refunded_at AS at, CASE kind WHEN 'refund' THEN 1 WHEN 'allowance' THEN 3 ELSE 4 END AS rank, kind, external_id, amount_minor, lines
    FROM refund WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4 OFFSET 0
  ) AS r
  UNION ALL
  SELECT a.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, adjusted_at, 0, 'adjustment', external_id, 0, jsonb_agg(jsonb_build_object('line', line, 'amount', amount_minor))
    FROM price_adjustment WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4
    GROUP BY order_id, adjusted_at, external_id OFFSET 0
  ) AS a
  UNION ALL
  SELECT order_id, at, 2, 'exchange', external_id, 0, (SELECT coalesce(jsonb_agg(jsonb_build_object('line', name)), '[]') FROM unnest(lines_out) AS name)
  FROM exchanged WHERE NOT keeps
  UNION ALL
  SELECT order_id, coalesce(cancelled_at, '-infinity'), 5, 'cancel', '', 0, '[]' FROM ordered WHERE state = 'cancelled'
), event AS MATERIALIZED (
  SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY at, rank, external_id COLLATE "C") AS nth FROM paper
), asked AS MATERIALIZED (
  SELECT e.order_id, e.nth, e.kind, e.amount_minor, jsonb_array_length(e.lines) = 0 AS is_spread,
    array_agg(coalesce(a.pieces, 0) ORDER BY b.no) AS pieces, array_agg(coalesce(a.money, 0) ORDER BY b.no) AS money
  FROM event e JOIN bought b USING (order_id)
  LEFT JOIN (
    SELECT e.order_id, e.nth, l.name, sum(CASE WHEN e.kind = 'exchange' THEN 1 WHEN l.pieces <> 0 THEN round(l.pieces, 60) / b.quantity END) AS pieces, sum(l.money) FILTER (WHERE l.pieces = 0) AS money
    FROM event e
    CROSS JOIN LATERAL (
      SELECT x ->> 'line' AS name, coalesce((x ->> 'quantity')::numeric, 0) AS pieces, coalesce((x ->> 'amount')::numeric, 0) AS money
      FROM jsonb_array_elements(e.lines) AS x
    ) AS l
    JOIN bought b ON b.order_id = e.order_id AND b.name = l.name
    GROUP BY e.order_id, e.nth, l.name
  ) AS a ON a.order_id = e.order_id AND a.nth = e.nth AND a.name = b.name
  GROUP BY e.order_id, e.nth, e.kind, e.amount_minor, is_spread
)`

// recomputedTally is rule 8, event by event, since what a refund without lines spreads over is what those before it have left.
// refunds and allowances are the accounts of the two kinds, line by line; lowered is by how much neutral adjustments have
// lowered what is refundable.
const recomputedTally = `, shape AS MATERIALIZED (
  SELECT b.order_id, coalesce(t.is_reverse, false) AS is_reverse, array_agg(b.paid ORDER BY b.no) AS paid, array_agg(0::numeric) AS zeros, array_agg(b.no ORDER BY b.no) AS numbers
  FROM bought b JOIN ordered o USING (order_id) LEFT JOIN terms t USING (plan_id)
  WHERE b.order_id IN (SELECT order_id FROM event)
  GROUP BY b.order_id, t.is_reverse
), tally AS (
  SELECT order_id, 0::bigint AS nth, false AS is_whole, zeros AS refunds, zeros AS allowances, zeros AS lowered FROM shape
  UNION ALL
  SELECT t.order_id, a.nth, t.is_whole OR a.kind IN ('void', 'cancel'), n.refunds, n.allowances, n.lowered
  FROM tally t JOIN asked a ON a.order_id = t.order_id AND a.nth = t.nth + 1 JOIN shape s ON s.order_id = t.order_id
  CROSS JOIN LATERAL (
    SELECT array_agg(CASE WHEN l.to_refunds THEN least(l.refund + l.takes, 1) ELSE l.refund END ORDER BY l.place) AS refunds,
      array_agg(CASE WHEN l.to_allowances THEN least(l.allowance + l.takes, 1) ELSE l.allowance END ORDER BY l.place) AS allowances,
      array_agg(CASE WHEN l.lowers THEN least(l.lowered + l.money, greatest(l.paid, 0)) ELSE l.lowered END ORDER BY l.place) AS lowered
    FROM (
      SELECT l.*,
        a.kind IN ('refund', 'exchange') OR a.kind = 'adjustment' AND s.is_reverse AS to_refunds,
        a.kind = 'allowance' AS to_allowances,
        a.kind = 'adjustment' AND NOT s.is_reverse AS lowers,
        CASE WHEN a.is_spread THEN
          CASE WHEN sum((1 - l.own) * (l.paid - l.lowered)) OVER () > 0
            THEN (1 - l.own) * least(round(a.amount_minor, 60) / sum((1 - l.own) * (l.paid - l.lowered)) OVER (), 1) ELSE 0 END
        ELSE l.pieces + CASE WHEN l.paid - l.lowered > 0 THEN round(l.money, 60) / (l.paid - l.lowered) ELSE 0 END END AS takes
      FROM (
        SELECT u.*, CASE a.kind WHEN 'allowance' THEN u.allowance ELSE u.refund END AS own
        FROM unnest(t.refunds, t.allowances, t.lowered, s.paid, a.pieces, a.money) WITH ORDINALITY AS u (refund, allowance, lowered, paid, pieces, money, place)
      ) AS l
    ) AS l
  ) AS n
), went_back AS MATERIALIZED (
  SELECT t.order_id, e.nth, e.at, e.kind = 'cancel' AS is_cancel, s.numbers[u.place] AS no,
    CASE WHEN t.is_whole THEN 1 ELSE greatest(u.refund, u.allowance) END AS fraction
  FROM tally t JOIN event e USING (order_id, nth) JOIN shape s USING (order_id)
  CROSS JOIN LATERAL unnest(t.refunds, t.allowances) WITH ORDINALITY AS u (refund, allowance, place)
), gone AS MATERIALIZED (
  SELECT w.order_id, b.name
  FROM (SELECT DISTINCT ON (order_id, no) order_id, no, fraction FROM went_back ORDER BY order_id, no, nth DESC) AS w JOIN bought b USING (order_id, no)
  WHERE round(w.fraction, 40) = 1
)`

// recomputedReceipt is rule 10: an order is looked at as it was just before each change of its lines, and as it is now; the first
// of these that was complete decides. Then come the two midnights, and how much of each line went back before the later one.
const recomputedReceipt = `, parcel AS MATERIALIZED (
  SELECT f.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, external_id AS name, kind, store_id, fulfilled_at AS at, lines
    FROM fulfilment WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4 OFFSET 0
  ) AS f
), packed AS MATERIALIZED ( -- one that names no lines held all that the order then had
  SELECT p.order_id, p.name AS parcel, p.at, s.name, s.no, s.since_place, s.sku, s.category, s.withdrawn_at IS NULL AS is_there
  FROM parcel p JOIN stint s USING (order_id)
  WHERE CASE WHEN p.lines = '{}' THEN (s.added_at IS NULL OR s.added_at <= p.at) AND (s.withdrawn_at IS NULL OR s.withdrawn_at > p.at) ELSE s.name = ANY (p.lines) END
), change AS MATERIALIZED (
  SELECT order_id, 'infinity'::timestamptz AS at FROM parcel
  UNION
  SELECT s.order_id, c.at FROM stint s CROSS JOIN LATERAL (VALUES (s.added_at), (s.withdrawn_at)) AS c (at) WHERE c.at IS NOT NULL
), to_hand_over AS MATERIALIZED (
  SELECT s.order_id, s.added_at, s.withdrawn_at, min(k.at) AS at
  FROM stint s
  LEFT JOIN gone g USING (order_id, name)
  LEFT JOIN packed k USING (order_id, no, since_place)
  WHERE s.kind = 'merchandise' AND g.name IS NULL
  GROUP BY s.order_id, s.no, s.since_place, s.added_at, s.withdrawn_at
), handed_over AS MATERIALIZED (
  SELECT DISTINCT ON (c.order_id) c.order_id, c.last AS at
  FROM (SELECT c.order_id, c.at, max(p.at) AS last FROM change c JOIN parcel p ON p.order_id = c.order_id AND p.at < c.at GROUP BY c.order_id, c.at) AS c
  LEFT JOIN (
    SELECT DISTINCT c.order_id, c.at
    FROM change c JOIN to_hand_over l ON l.order_id = c.order_id AND (l.added_at IS NULL OR l.added_at < c.at) AND (l.withdrawn_at IS NULL OR l.withdrawn_at >= c.at)
    WHERE l.at IS NULL OR l.at >= c.at
  ) AS lacking USING (order_id, at)
  WHERE lacking.order_id IS NULL
  ORDER BY c.order_id, c.at
), received AS MATERIALIZED (
  SELECT o.order_id, o.plan_id, r.at,
    ((r.at AT TIME ZONE o.time_zone)::date + t.hold_days + 1)::timestamp AT TIME ZONE o.time_zone AS payable_at,
    coalesce(((r.at AT TIME ZONE o.time_zone)::date + t.clawback_days + 1)::timestamp AT TIME ZONE o.time_zone, 'infinity') AS taken_back_until
  FROM ordered o
  LEFT JOIN handed_over h USING (order_id)
  CROSS JOIN LATERAL (SELECT CASE WHEN o.channel = 'till' AND NOT o.deliver_later THEN o.placed_at ELSE h.at END AS at) AS has
  CROSS JOIN LATERAL (SELECT CASE
    WHEN NOT o.cash_on_pickup THEN has.at
    WHEN o.paid_at IS NOT NULL AND has.at IS NOT NULL THEN greatest(o.paid_at, has.at) END AS at) AS r
  LEFT JOIN terms t ON t.plan_id = o.plan_id
), taken_back AS MATERIALIZED (
  SELECT DISTINCT ON (w.order_id, w.no) w.order_id, w.no, w.fraction
  FROM went_back w JOIN received r USING (order_id)
  WHERE w.is_cancel OR w.at < r.taken_back_until
  ORDER BY w.order_id, w.no, w.nth DESC
)`
