package ledger

// comparedOrders set what the facts say beside the rows that the book shows and beside the sums of its transfers. The first row
// says how much was compared.
const comparedOrders = `, shown_credit AS MATERIALIZED (
  SELECT c.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, role, beneficiary_kind AS kind, beneficiary_id AS id, parcel, line_no AS no, store_id, share_minor, reversed_minor,
      split_part(volume, '/', 1)::numeric / coalesce(nullif(split_part(volume, '/', 2), ''), '1')::numeric(200, 60) AS volume
    FROM credit WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4 OFFSET 0
  ) AS c
), posted AS MATERIALIZED (
  SELECT t.order_id, t.role, h.holder_kind AS kind, h.holder_id AS id, t.parcel, coalesce(t.line_no, 0) AS no, t.currency,
    sum(h.sign * t.amount_minor) AS minor
  FROM ordered o
  CROSS JOIN LATERAL ( -- nothing is posted before its order was placed, but for a clock that was ahead
    SELECT order_id, role, parcel, line_no, currency, amount_minor, debit_account_id, credit_account_id
    FROM ledger_transfer WHERE brand_id = $1 AND order_id = o.order_id AND id >= $5 OFFSET 0
  ) AS t
  JOIN account d ON d.brand_id = $1 AND d.id = t.debit_account_id
  JOIN account c ON c.brand_id = $1 AND c.id = t.credit_account_id
  CROSS JOIN LATERAL (
    SELECT c.holder_kind, c.holder_id, 1 AS sign WHERE d.kind = 'expense'
    UNION ALL
    SELECT d.holder_kind, d.holder_id, -1 WHERE c.kind = 'expense'
  ) AS h
  GROUP BY t.order_id, t.role, h.holder_kind, h.holder_id, t.parcel, t.line_no, t.currency
), rule_row AS MATERIALIZED (
  SELECT c.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, plan_id, reason, payable_at FROM order_credit WHERE brand_id = $1 AND order_id = o.order_id AND order_id BETWEEN $3 AND $4 OFFSET 0
  ) AS c
), late_row AS MATERIALIZED (
  SELECT c.* FROM ordered o CROSS JOIN LATERAL (
    SELECT order_id, staff_id, fact, minor FROM clawback WHERE brand_id = $1 AND order_id = o.order_id OFFSET 0
  ) AS c
), compared (order_id, role, kind, id, parcel, no, figure, by_facts, in_book) AS (
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
)
SELECT NULL::uuid, '', '', NULL::uuid, '', 0, '', (SELECT count(*) FROM ordered)::text, (SELECT count(*) FROM due)::text
UNION ALL
SELECT * FROM (SELECT order_id, role, kind, id, parcel, no, figure, coalesce(by_facts, ''), coalesce(in_book, '') FROM compared ORDER BY order_id, role, id, parcel, no, figure LIMIT 1000) AS c`
