package binding

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// insertBinding begins a binding that has no end yet.
func insertBinding(ctx context.Context, tx pgx.Tx, brand shop.BrandID, b Binding) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO binding (brand_id, id, customer_id, binding_no, store_id, staff_id, source, evidence, period, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, tstzrange($9, NULL), $10)`,
		brand, b.ID, b.Customer, b.No, b.Store, b.Staff, b.Source, b.Evidence, b.From, b.RecordedAt)
	return err
}

// endBinding is the one change of a binding there is. At the instant at which it began, its period becomes empty.
func endBinding(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, at time.Time) error {
	tag, err := tx.Exec(ctx, `
		UPDATE binding SET period = tstzrange(lower(period), $3)
		WHERE brand_id = $1 AND id = $2 AND upper_inf(period)`, brand, id, at)
	if err == nil && tag.RowsAffected() != 1 {
		return errors.New("it is not live") // the customer is locked, so somebody has written without locking her
	}
	return err
}

const bindingColumns = `b.id, b.customer_id, b.binding_no, b.store_id, b.staff_id, b.source, b.evidence, coalesce(lower(b.period), b.recorded_at),
	CASE WHEN isempty(b.period) THEN b.recorded_at ELSE upper(b.period) END, b.recorded_at`

// scanBinding reads an empty period as one that began and ended when it was recorded.
func scanBinding(row pgx.CollectableRow) (b Binding, err error) {
	var until *time.Time
	err = row.Scan(&b.ID, &b.Customer, &b.No, &b.Store, &b.Staff, &b.Source, &b.Evidence, &b.From, &until, &b.RecordedAt)
	if until != nil {
		b.Until = *until
	}
	return b, err
}

func historyOf(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID) ([]Binding, error) {
	return bindingsOf(ctx, db, brand, []shop.ID{customer})
}

// bindingsOf is every binding of the customers, of each as they were recorded.
func bindingsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID) ([]Binding, error) {
	rows, err := db.Query(ctx, `
		SELECT `+bindingColumns+` FROM binding b
		WHERE b.brand_id = $1 AND b.customer_id = ANY ($2)
		ORDER BY b.customer_id, b.binding_no`, brand, customers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanBinding)
}

// bindingsAt are the bindings of the customers at the instants, each in its place; a binding of nobody where there is none. It
// finds each customer's few rows by her id and looks at their periods then: @> is not leakproof, so under row-level security the
// index of the exclusion cannot serve it.
func bindingsAt(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID, at []time.Time) ([]Binding, error) {
	rows, err := db.Query(ctx, `
		SELECT q.place, b.id, b.customer_id, b.store_id, b.staff_id, b.source, lower(b.period), b.recorded_at
		FROM unnest($2::uuid[], $3::timestamptz[]) WITH ORDINALITY AS q (customer_id, at, place)
		JOIN binding b ON b.brand_id = $1 AND b.customer_id = q.customer_id AND b.period @> q.at`, brand, customers, at)
	if err != nil {
		return nil, err
	}
	found := make([]Binding, len(customers))
	b, place := Binding{}, 0
	_, err = pgx.ForEachRow(rows, []any{&place, &b.ID, &b.Customer, &b.Store, &b.Staff, &b.Source, &b.From, &b.RecordedAt}, func() error {
		found[place-1] = b
		return nil
	})
	return found, err
}

// insertClaim numbers the claim after those that are there; the customer is locked, so no two get the same number.
func insertClaim(ctx context.Context, tx pgx.Tx, brand shop.BrandID, c Claim) (no int, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO claim (brand_id, customer_id, claim_no, store_id, staff_id, source, outcome, evidence, recorded_at, against_id, rule)
		SELECT $1, $2, coalesce(max(claim_no), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10 FROM claim WHERE brand_id = $1 AND customer_id = $2
		RETURNING claim_no`,
		brand, c.Customer, c.Store, c.Staff, c.Source, c.Outcome, c.Evidence, c.RecordedAt, c.Against, c.Rule).Scan(&no)
	return no, err
}

// claimsOf is every attempt to win the customers, of each as they were recorded.
func claimsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, customers ...shop.ID) ([]Claim, error) {
	rows, err := db.Query(ctx, `
		SELECT customer_id, claim_no, store_id, staff_id, source, outcome, evidence, recorded_at, against_id, rule FROM claim
		WHERE brand_id = $1 AND customer_id = ANY ($2) ORDER BY customer_id, claim_no`, brand, customers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Claim])
}

// claimedSince are at most so many customers, those who were claimed last first.
func claimedSince(ctx context.Context, db postgres.DB, brand shop.BrandID, since time.Time, limit int) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT customer_id FROM claim WHERE brand_id = $1 AND recorded_at >= $2
		GROUP BY customer_id ORDER BY max(recorded_at) DESC, customer_id LIMIT $3`, brand, since, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// clicksUsed is which of the click ids have bound whom.
func clicksUsed(ctx context.Context, db postgres.DB, brand shop.BrandID, clicks []shop.ID) (map[shop.ID]shop.ID, error) {
	rows, err := db.Query(ctx, `SELECT scan_id, customer_id FROM click_used WHERE brand_id = $1 AND scan_id = ANY ($2)`, brand, clicks)
	if err != nil {
		return nil, err
	}
	used := map[shop.ID]shop.ID{}
	var id, by shop.ID
	_, err = pgx.ForEachRow(rows, []any{&id, &by}, func() error {
		used[id] = by
		return nil
	})
	return used, err
}

// useClick is false when the click id has bound somebody already. It waits for whoever is using it at this moment.
func useClick(ctx context.Context, tx pgx.Tx, brand shop.BrandID, click, customer shop.ID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO click_used (brand_id, scan_id, customer_id, used_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (brand_id, scan_id) DO NOTHING`, brand, click, customer, now)
	return tag.RowsAffected() == 1, err
}

// useInvoice is useClick for an invoice.
func useInvoice(ctx context.Context, tx pgx.Tx, brand shop.BrandID, invoice string, customer shop.ID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO invoice_used (brand_id, invoice, customer_id, used_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (brand_id, invoice) DO NOTHING`, brand, invoice, customer, now)
	return tag.RowsAffected() == 1, err
}

func isInvoiceUsed(ctx context.Context, db postgres.DB, brand shop.BrandID, invoice string) (bool, error) {
	var used bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM invoice_used WHERE brand_id = $1 AND invoice = $2)`, brand, invoice).Scan(&used)
	return used, err
}
