package customer

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// lockProfiles locks the rows in the order of their ids and says how many there are.
func lockProfiles(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID) (int, error) {
	rows, err := tx.Query(ctx, `
		SELECT customer_id FROM customer_profile WHERE brand_id = $1 AND customer_id = ANY ($2)
		ORDER BY customer_id FOR UPDATE`, brand, ids)
	if err != nil {
		return 0, err
	}
	locked, err := pgx.CollectRows(rows, pgx.RowTo[shop.ID])
	return len(locked), err
}

func profileOf(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Profile, error) {
	p := Profile{Customer: id}
	var first, last, since *time.Time
	err := db.QueryRow(ctx, `
		SELECT orders, spent_minor, coalesce(currency, ''), first_order_at, last_order_at, home_store_id, home_staff_id, home_since
		FROM customer_profile WHERE brand_id = $1 AND customer_id = $2`, brand, id).
		Scan(&p.Orders, &p.SpentMinor, &p.Currency, &first, &last, &p.HomeStore, &p.HomeStaff, &since)
	p.FirstOrder, p.LastOrder, p.HomeSince = orZero(first), orZero(last), orZero(since)
	return p, orUnknown(err)
}

func addFigures(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID, deltas map[shop.ID]Figures) error {
	n := len(ids)
	orders, spent, currencies := make([]int, n), make([]int64, n), make([]string, n)
	firsts, lasts := make([]*time.Time, n), make([]*time.Time, n)
	for i, id := range ids {
		d := deltas[id]
		orders[i], spent[i], currencies[i], firsts[i], lasts[i] = d.Orders, d.SpentMinor, string(d.Currency), orNull(d.FirstOrder), orNull(d.LastOrder)
	}
	tag, err := tx.Exec(ctx, `
		UPDATE customer_profile p SET orders = p.orders + d.orders, spent_minor = p.spent_minor + d.spent,
			currency = coalesce(NULLIF(d.currency, ''), p.currency),
			first_order_at = LEAST(p.first_order_at, d.first), last_order_at = GREATEST(p.last_order_at, d.last) -- NULLs are passed over
		FROM unnest($2::uuid[], $3::int[], $4::bigint[], $5::text[], $6::timestamptz[], $7::timestamptz[])
			AS d (customer_id, orders, spent, currency, first, last)
		WHERE p.brand_id = $1 AND p.customer_id = d.customer_id`,
		brand, ids, orders, spent, currencies, firsts, lasts)
	if err == nil && tag.RowsAffected() != int64(n) {
		return ErrUnknown
	}
	return err
}

func setHome(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id, store, staff shop.ID, since time.Time) error {
	tag, err := tx.Exec(ctx, `
		UPDATE customer_profile SET home_store_id = $3, home_staff_id = $4, home_since = $5
		WHERE brand_id = $1 AND customer_id = $2`, brand, id, store, staff, orNull(since))
	if err == nil && tag.RowsAffected() == 0 {
		return ErrUnknown
	}
	return err
}

// upsertConsent is true when this changes what stood. What was agreed later stays, whatever comes late.
func upsertConsent(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, c Consent) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO consent (brand_id, customer_id, channel, granted, source, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (brand_id, customer_id, channel) DO UPDATE
			SET granted = excluded.granted, source = excluded.source, changed_at = excluded.changed_at
			WHERE consent.granted <> excluded.granted AND consent.changed_at <= excluded.changed_at`,
		brand, id, c.Channel, c.Granted, c.Source, c.At)
	return tag.RowsAffected() == 1, err
}

func consentsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) ([]Consent, error) {
	rows, err := db.Query(ctx, `
		SELECT channel, granted, source, changed_at FROM consent
		WHERE brand_id = $1 AND customer_id = $2 ORDER BY channel`, brand, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Consent])
}
