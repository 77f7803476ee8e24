// Package postgres opens the database and runs transactions. It knows no table.
//
// A transaction belongs to one brand: Pool.Brand says which in the same round trip as BEGIN, and row-level security shows
// nothing of any other. Nothing of HTTP, FCM, files or sleep happens inside a transaction, and nothing is published before
// its commit.
//
// Rows are locked in one order everywhere: customer (its customer_profile row), order, binding, what orders were paid with,
// their credits (order_credit), the brand's months, ledger; several of one kind sorted. Whoever follows it never waits in a
// circle; whoever cannot, as when an order changes what others earn, is run again.
//
// Inside a transaction use ON CONFLICT and look at the row count: a unique violation that was caught has already spoilt the
// transaction.
package postgres
