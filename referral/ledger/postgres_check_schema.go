package ledger

// The application's roles have no way to the past: they own nothing of the book, are nobody who does, and lack the rights.
const changeable = `
WITH book AS (
  SELECT c.oid, c.relname, c.relowner, coalesce(p.relname, c.relname) AS kind
  FROM pg_class c
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  LEFT JOIN pg_class p ON p.oid = i.inhparent
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND coalesce(p.relname, c.relname) IN
    ('account', 'account_day', 'audit', 'clawback', 'closed_month', 'closed_total', 'credit', 'late_month', 'ledger_head', 'ledger_seal', 'ledger_transfer', 'order_credit', 'order_decision')
), application AS (
  SELECT oid, rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN ('homestore_app', 'homestore_scan')
)
SELECT a.rolname || ' owns ' || b.relname
FROM application a JOIN book b ON pg_has_role(a.oid, b.relowner, 'MEMBER')
UNION ALL
SELECT a.rolname || ' may change ' || b.relname
FROM application a
JOIN book b ON b.kind IN ('audit', 'closed_month', 'closed_total', 'ledger_seal', 'ledger_transfer', 'order_decision')
  AND (has_table_privilege(a.oid, b.oid, 'UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(a.oid, b.oid, 'UPDATE'))
UNION ALL
SELECT rolname || ' passes row-level security' FROM application WHERE rolsuper OR rolbypassrls`

const notWhole = `
SELECT c.relname || '.' || a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname !~ '^(river|goose)_' AND a.attnum > 0 AND NOT a.attisdropped
  AND (a.attname ~ '_minor$' AND a.atttypid <> 'bigint'::regtype
    OR a.atttypid IN ('real'::regtype, 'double precision'::regtype, 'numeric'::regtype, 'money'::regtype))`

const namesCustomers = `
SELECT c.relname || '.' || a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relname ~ '^(account|account_day|clawback|closed_month|closed_total|credit|ledger_head|ledger_seal|ledger_transfer|order_credit|order_decision|order_hold)(_[0-9]{4})?$'
  AND a.attname ~ '(customer|identity|phone|email|^name$)'
UNION ALL
SELECT k.conrelid::regclass || ': ' || k.conname
FROM pg_constraint k
WHERE k.contype = 'f' AND k.confrelid IN ('customer'::regclass, 'identity'::regclass)
  AND k.conrelid::regclass::text ~ '^(account|account_day|clawback|closed_month|closed_total|credit|ledger_head|ledger_seal|ledger_transfer|order_credit|order_decision|order_hold)(_[0-9]{4})?$'`
