package ledger

// comparedOrders set what the facts say beside the rows that the book shows and beside the sums of its transfers. The first row
// says how much was compared.
const comparedOrders = `, shown_credit AS MATERIALIZED (
  SELECT c.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, role, beneficiary_kind AS kind, beneficiary_id AS id, parcel, line_no AS no, store_id, share_minor, reversed_minor,
      split_part(volume, '/', 1)::numeric / coalesce(nullif(split_part(volume, '/', 2), ''), '1')::numeric(200, 60) AS volume
    FROM credit WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4 OFFSET 0
  ) AS c
), entry AS MATERIALIZED (
  SELECT t.order_id, t.kind AS reason, t.role, t.parcel, coalesce(t.line_no, 0) AS no, t.currency, t.amount_minor, t.posted_at,
    d.kind AS from_state, d.holder_kind AS from_kind, d.holder_id AS from_id, c.kind AS to_state, c.holder_kind AS to_kind, c.holder_id AS to_id
  FROM ordered o
  CROSS JOIN LATERAL ( -- nothing is posted before its order was placed, but for a clock that was ahead
    SELECT order_id, kind, role, parcel, line_no, currency, amount_minor, posted_at, debit_account_id, credit_account_id
    FROM ledger_transfer WHERE brand_id = $1 AND order_id = o.order_id AND id >= $5 OFFSET 0
  ) AS t
  JOIN account d ON d.brand_id = $1 AND d.id = t.debit_account_id
  JOIN account c ON c.brand_id = $1 AND c.id = t.credit_account_id
), posted AS MATERIALIZED (
  SELECT e.order_id, e.role, h.kind, h.id, e.parcel, e.no, e.currency, sum(h.sign * e.amount_minor) AS minor
  FROM entry e
  CROSS JOIN LATERAL (
    SELECT e.to_kind AS kind, e.to_id AS id, 1 AS sign WHERE e.from_state = 'expense'
    UNION ALL
    SELECT e.from_kind, e.from_id, -1 WHERE e.to_state = 'expense'
  ) AS h
  GROUP BY e.order_id, e.role, h.kind, h.id, e.parcel, e.no, e.currency
), rule_row AS MATERIALIZED (
  SELECT c.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, plan_id, reason, payable_at, vested_at, credited_at FROM order_credit WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4 OFFSET 0
  ) AS c
), late_row AS MATERIALIZED (
  SELECT c.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, staff_id, fact, minor FROM clawback WHERE brand_id = $1 AND order_id = o.order_id OFFSET 0
  ) AS c
)` + comparedStates + `, compared (order_id, role, kind, id, parcel, no, figure, by_facts, in_book) AS (
  SELECT order_id, role, kind, id, parcel, no, f.figure, f.by_facts::text, f.in_book::text
  FROM due d FULL JOIN shown_credit s USING (order_id, role, kind, id, parcel, no)
  CROSS JOIN LATERAL (VALUES
    ('share', coalesce(d.minor, 0), coalesce(s.share_minor, 0), 0),
    ('taken back', coalesce(d.reversed, 0), coalesce(s.reversed_minor, 0), 0),
    ('volume', coalesce(d.volume, 0), coalesce(s.volume, 0), 1e-40)
  ) AS f (figure, by_facts, in_book, apart)
  WHERE abs(f.by_facts - f.in_book) > f.apart
  UNION ALL
  SELECT order_id, role, kind, id, parcel, no, 'store', d.stores, s.store_id::text
  FROM due d JOIN shown_credit s USING (order_id, role, kind, id, parcel, no)
  WHERE strpos(d.stores, s.store_id::text) = 0
  UNION ALL
  SELECT order_id, role, kind, id, parcel, no, 'posted', coalesce(d.minor, 0)::text, coalesce(p.minor, 0)::text
  FROM (SELECT d.order_id, d.role, d.kind, d.id, d.parcel, d.no, o.currency, d.minor - d.reversed AS minor FROM due d JOIN ordered o USING (order_id)) AS d
  FULL JOIN posted p USING (order_id, role, kind, id, parcel, no, currency)
  WHERE coalesce(d.minor, 0) <> coalesce(p.minor, 0)
  UNION ALL
  SELECT order_id, '', 'staff', staff_id, '', 0, 'taken back late by ' || fact, coalesce(t.minor, 0)::text, coalesce(c.minor, 0)::text
  FROM taken_late t FULL JOIN late_row c USING (order_id, staff_id, fact)
  WHERE coalesce(t.minor, 0) <> coalesce(c.minor, 0)
  UNION ALL
  SELECT o.order_id, '', '', NULL, '', 0, f.figure, f.by_facts, f.in_book
  FROM earning o JOIN received r USING (order_id) LEFT JOIN rule_row c USING (order_id)
  CROSS JOIN LATERAL (VALUES ('plan', o.plan_id::text, c.plan_id::text), ('reason', o.reason, c.reason), ('payable at', r.payable_at::text, c.payable_at::text)) AS f (figure, by_facts, in_book)
  WHERE f.by_facts IS DISTINCT FROM f.in_book
  UNION ALL
  SELECT order_id, '', '', NULL, '', 0, 'state', by_facts, in_book FROM state WHERE is_sure AND by_facts <> in_book
  UNION ALL
  SELECT order_id, role, kind, id, '', 0, lies, coalesce(d.minor, 0)::text, coalesce(h.minor, 0)::text
  FROM (
    SELECT d.order_id, d.role, d.kind, d.id, o.currency, s.in_book AS lies, sum(d.minor - d.reversed) AS minor
    FROM due d JOIN ordered o USING (order_id) JOIN state s USING (order_id)
    GROUP BY d.order_id, d.role, d.kind, d.id, o.currency, s.in_book
  ) AS d
  FULL JOIN held h USING (order_id, role, kind, id, currency, lies)
  WHERE coalesce(d.minor, 0) <> coalesce(h.minor, 0)
)
SELECT '00000000-0000-0000-0000-000000000000'::uuid, '', '', '00000000-0000-0000-0000-000000000000'::uuid, '', 0, '', (SELECT count(*) FROM ordered)::text, (SELECT count(*) FROM due)::text
UNION ALL
SELECT * FROM (SELECT order_id, role, kind, coalesce(id, '00000000-0000-0000-0000-000000000000'::uuid), parcel, no, figure, coalesce(by_facts, ''), coalesce(in_book, '') FROM compared ORDER BY order_id, role, id, parcel, no, figure LIMIT 1000) AS c`

// comparedStates say whether an order's credits are pending or payable (rule 10), and in which accounts of whom they lie. What
// has become payable stays so: a fact that is told later may move the receipt and takes nobody's wages back into waiting. So an order
// that by its facts is not due is asked about only where it was not credited anew since its credits became payable; and one that is
// due, where it was so and was credited an hour ago: what makes it payable comes every minute.
const comparedStates = `, state AS MATERIALIZED (
  SELECT order_id, CASE WHEN r.payable_at <= $6 THEN 'payable' ELSE 'pending' END AS by_facts, CASE WHEN c.vested_at IS NULL THEN 'pending' ELSE 'payable' END AS in_book,
    CASE WHEN r.payable_at <= $6 THEN greatest(r.payable_at, c.credited_at) < $6 - interval '1 hour' ELSE c.credited_at < v.at END AS is_sure
  FROM received r
  JOIN rule_row c USING (order_id)
  LEFT JOIN (SELECT order_id, max(posted_at) AS at FROM entry WHERE reason = 'vest' GROUP BY order_id) AS v USING (order_id)
), held AS MATERIALIZED (
  SELECT e.order_id, e.role, h.kind, h.id, e.currency, h.lies, sum(h.sign * e.amount_minor) AS minor
  FROM entry e
  CROSS JOIN LATERAL (VALUES (e.to_state, e.to_kind, e.to_id, 1), (e.from_state, e.from_kind, e.from_id, -1)) AS h (lies, kind, id, sign)
  WHERE h.lies <> 'expense'
  GROUP BY e.order_id, e.role, h.kind, h.id, e.currency, h.lies
)`
