package dispute

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
)

const disputeColumns = `d.id, d.order_id, d.customer_id, d.role, d.to_kind, d.to_id, d.store_id, coalesce(d.from_kind, ''), d.from_id, d.since, d.said,
	d.raiser_id, d.raised_by, d.raised_at, d.state, d.decided_at, coalesce(d.decided_by, ''), coalesce(d.reason, '')`

func scanDispute(row pgx.CollectableRow) (Dispute, error) {
	var d Dispute
	var decided *time.Time
	err := row.Scan(&d.ID, &d.Order, &d.Customer, &d.Role, &d.For.Party.Kind, &d.For.Party.ID, &d.For.Store, &d.From.Kind, &d.From.ID, &d.Since, &d.Said,
		&d.Raiser, &d.RaisedBy, &d.RaisedAt, &d.State, &decided, &d.DecidedBy, &d.Reason)
	if decided != nil {
		d.DecidedAt = *decided
	}
	return d, err
}

func insertDispute(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d Dispute) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO dispute (brand_id, id, order_id, customer_id, role, to_kind, to_id, store_id, from_kind, from_id, since, said, raiser_id, raised_by,
			raised_at, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULLIF($9, ''), $10, $11, $12, $13, $14, $15, $16)`,
		brand, d.ID, d.Order, d.Customer, d.Role, d.For.Party.Kind, d.For.Party.ID, d.For.Store, d.From.Kind, d.From.ID, d.Since, d.Said, d.Raiser, d.RaisedBy,
		d.RaisedAt, d.State)
	if err != nil {
		return err
	}
	for _, a := range d.Against {
		_, err := tx.Exec(ctx, `
			INSERT INTO dispute_against (brand_id, dispute_id, to_kind, to_id, store_id) VALUES ($1, $2, $3, $4, $5)`,
			brand, d.ID, a.Party.Kind, a.Party.ID, a.Store)
		if err != nil {
			return err
		}
	}
	return nil
}

func updateDecided(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d Dispute) error {
	_, err := tx.Exec(ctx, `
		UPDATE dispute SET state = $3, decided_at = $4, decided_by = $5, reason = $6 WHERE brand_id = $1 AND id = $2`,
		brand, d.ID, d.State, d.DecidedAt, d.DecidedBy, d.Reason)
	return err
}

// readDispute is the dispute, or ErrUnknown.
func readDispute(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Dispute, error) {
	return oneDispute(ctx, db, `SELECT `+disputeColumns+` FROM dispute d WHERE d.brand_id = $1 AND d.id = $2`, brand, id)
}

// lockDispute is readDispute, and nobody else decides it until the transaction ends. Lock the customer and the orders first.
func lockDispute(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Dispute, error) {
	return oneDispute(ctx, tx, `SELECT `+disputeColumns+` FROM dispute d WHERE d.brand_id = $1 AND d.id = $2 FOR UPDATE`, brand, id)
}

func oneDispute(ctx context.Context, db postgres.DB, query string, brand shop.BrandID, id shop.ID) (Dispute, error) {
	rows, _ := db.Query(ctx, query, brand, id)
	d, err := pgx.CollectExactlyOneRow(rows, scanDispute)
	if errors.Is(err, pgx.ErrNoRows) {
		return Dispute{}, ErrUnknown
	}
	if err != nil {
		return Dispute{}, fmt.Errorf("read dispute: %w", err)
	}
	one := []Dispute{d}
	err = readAgainst(ctx, db, brand, one)
	return one[0], err
}

// readAgainst adds to the disputes against whom they were raised.
func readAgainst(ctx context.Context, db postgres.DB, brand shop.BrandID, disputes []Dispute) error {
	place, ids := map[shop.ID]int{}, make([]shop.ID, len(disputes))
	for i, d := range disputes {
		place[d.ID], ids[i] = i, d.ID
	}
	rows, err := db.Query(ctx, `
		SELECT dispute_id, to_kind, to_id, store_id FROM dispute_against
		WHERE brand_id = $1 AND dispute_id = ANY ($2) ORDER BY dispute_id, to_kind, to_id`, brand, ids)
	if err != nil {
		return fmt.Errorf("read against whom: %w", err)
	}
	var id shop.ID
	var s Side
	_, err = pgx.ForEachRow(rows, []any{&id, &s.Party.Kind, &s.Party.ID, &s.Store}, func() error {
		d := &disputes[place[id]]
		d.Against = append(d.Against, s)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read against whom: %w", err)
	}
	return nil
}

// selectDisputes is newest first. Stores and people stand on either side.
func selectDisputes(ctx context.Context, db postgres.DB, brand shop.BrandID, sees sight, q Query, page shop.Page) ([]Dispute, error) {
	rows, err := db.Query(ctx, `
		SELECT `+disputeColumns+` FROM dispute d
		WHERE d.brand_id = $1
			AND ($2 OR d.store_id = ANY ($3) OR d.raiser_id = $4 OR d.to_id = $4 OR EXISTS (
				SELECT FROM dispute_against a WHERE a.brand_id = $1 AND a.dispute_id = d.id AND (a.store_id = ANY ($3) OR a.to_id = $4)))
			AND ($5::uuid IS NULL OR d.store_id = $5 OR EXISTS (
				SELECT FROM dispute_against a WHERE a.brand_id = $1 AND a.dispute_id = d.id AND a.store_id = $5))
			AND ($6 = '' OR d.state = $6)
			AND ($7::uuid IS NULL OR d.id < $7)
		ORDER BY d.id DESC LIMIT $8`,
		brand, sees.everything, sees.stores, sees.person, q.Store, q.State, page.After, page.Limit+1)
	if err != nil {
		return nil, fmt.Errorf("read disputes: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanDispute)
	if err != nil {
		return nil, fmt.Errorf("read disputes: %w", err)
	}
	return found, readAgainst(ctx, db, brand, found)
}

func count(ctx context.Context, tx pgx.Tx, brand shop.BrandID, figures []figure) error {
	batch := &pgx.Batch{}
	for _, f := range figures {
		batch.Queue(`
			INSERT INTO dispute_figure AS held (brand_id, month, store_id, party_kind, party_id, side, state, days, disputes)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)
			ON CONFLICT (brand_id, month, store_id, party_kind, party_id, side, state, days) DO UPDATE SET disputes = held.disputes + 1`,
			brand, f.Month, f.Store, f.Party.Kind, f.Party.ID, f.Side, f.State, f.Days)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("count dispute: %w", err)
	}
	return nil
}

// figuresBetween sums the counts of the months; stores nil: of all.
func figuresBetween(ctx context.Context, db postgres.DB, brand shop.BrandID, stores []shop.ID, first, last time.Time) ([]figure, error) {
	rows, err := db.Query(ctx, `
		SELECT store_id, party_kind, party_id, side, state, days, sum(disputes)::int FROM dispute_figure
		WHERE brand_id = $1 AND month BETWEEN $2 AND $3 AND ($4::uuid[] IS NULL OR store_id = ANY ($4))
		GROUP BY store_id, party_kind, party_id, side, state, days
		ORDER BY store_id, party_kind DESC, party_id, side DESC, state, days`, brand, first, last, stores)
	if err != nil {
		return nil, fmt.Errorf("read figures of disputes: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (f figure, err error) {
		var kind attribution.Kind
		err = row.Scan(&f.Store, &kind, &f.Party.ID, &f.Side, &f.State, &f.Days, &f.Disputes)
		f.Party.Kind = kind
		return f, err
	})
}
