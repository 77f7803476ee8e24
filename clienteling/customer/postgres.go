package customer

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// errFaster: another transaction took or changed an identity between the look and the write.
var errFaster = errors.New("somebody else was faster")

// holders is who has which of the identities. Each is looked up by its key: a plan made while the brand had few customers
// would otherwise read all of them for ever.
func holders(ctx context.Context, db postgres.DB, brand shop.BrandID, identities []Identity) (map[name]holder, error) {
	kinds, values := columnsOf(identities)
	rows, err := db.Query(ctx, `
		SELECT q.kind, q.value, h.customer_id, h.verified, h.joined, h.proven
		FROM unnest($2::text[], $3::text[]) AS q (kind, value)
		CROSS JOIN LATERAL (
			SELECT i.customer_id, i.verified_at IS NOT NULL AS verified, c.joined_at IS NOT NULL AS joined,
				-- Not a member number and not a till's: others know them.
				EXISTS (SELECT FROM identity p
					WHERE p.brand_id = $1 AND p.customer_id = i.customer_id AND p.verified_at IS NOT NULL AND p.kind NOT IN ('member_no', 'pos')) AS proven
			FROM identity i JOIN customer c ON c.brand_id = $1 AND c.id = i.customer_id
			WHERE i.brand_id = $1 AND i.kind = q.kind AND i.value = q.value
			OFFSET 0 -- keeps it a look-up
		) AS h`,
		brand, kinds, values)
	if err != nil {
		return nil, err
	}
	held := make(map[name]holder, len(identities))
	var n name
	var h holder
	_, err = pgx.ForEachRow(rows, []any{&n.Kind, &n.Value, &h.Customer, &h.Verified, &h.Member, &h.Proven}, func() error {
		held[n] = h
		return nil
	})
	return held, err
}

func columnsOf(identities []Identity) (kinds, values []string) {
	for _, i := range identities {
		kinds, values = append(kinds, string(i.Kind)), append(values, i.Value)
	}
	return kinds, values
}

func findIdentity(ctx context.Context, db postgres.DB, brand shop.BrandID, i Identity) (shop.ID, error) {
	var id shop.ID
	err := db.QueryRow(ctx, `SELECT customer_id FROM identity WHERE brand_id = $1 AND kind = $2 AND value = $3`, brand, i.Kind, i.Value).Scan(&id)
	return id, orUnknown(err)
}

func orUnknown(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrUnknown
	}
	return err
}

// insertCustomers makes customers nobody knows anything about, with their rows of figures.
func insertCustomers(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO customer (brand_id, id, created_at) SELECT $1, unnest($2::uuid[]), $3`, brand, ids, now)
	batch.Queue(`INSERT INTO customer_profile (brand_id, customer_id) SELECT $1, unnest($2::uuid[])`, brand, ids)
	return tx.SendBatch(ctx, batch).Close()
}

// insertIdentities gives each identity to the customer at its place in by. It waits for others who are writing the same ones,
// and is errFaster when they were faster. In the order of the key, so that two of them never wait for each other.
func insertIdentities(ctx context.Context, tx pgx.Tx, brand shop.BrandID, by []shop.ID, take []Identity, now time.Time) error {
	if len(take) == 0 {
		return nil
	}
	kinds, values := columnsOf(take)
	vouched := make([]bool, len(take))
	for n, i := range take {
		vouched[n] = i.vouched()
	}
	return all(len(take))(tx.Exec(ctx, `
		INSERT INTO identity (brand_id, kind, value, customer_id, verified_at)
		SELECT $1, q.kind, q.value, q.customer_id, CASE WHEN q.vouched THEN $6::timestamptz END
		FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bool[]) AS q (customer_id, kind, value, vouched)
		ORDER BY q.kind, q.value
		ON CONFLICT (brand_id, kind, value) DO NOTHING`,
		brand, by, kinds, values, vouched, now))
}

func proveIdentities(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, prove []Identity, now time.Time) error {
	if len(prove) == 0 {
		return nil
	}
	kinds, values := columnsOf(prove)
	return all(len(prove))(tx.Exec(ctx, `
		UPDATE identity i SET verified_at = $5
		FROM unnest($3::text[], $4::text[]) AS q (kind, value)
		WHERE i.brand_id = $1 AND i.kind = q.kind AND i.value = q.value AND i.customer_id = $2`,
		brand, id, kinds, values, now))
}

func moveIdentities(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, move []moved, now time.Time) error {
	for _, m := range move {
		err := all(1)(tx.Exec(ctx, `
			UPDATE identity SET customer_id = $4, verified_at = $6
			WHERE brand_id = $1 AND kind = $2 AND value = $3 AND customer_id = $5 AND verified_at IS NULL`,
			brand, m.Kind, m.Value, id, m.from, now))
		if err != nil {
			return err
		}
	}
	return nil
}

// all is errFaster unless a statement has written as many rows as it was meant to.
func all(rows int) func(tag pgconn.CommandTag, err error) error {
	return func(tag pgconn.CommandTag, err error) error {
		if err == nil && tag.RowsAffected() != int64(rows) {
			return errFaster
		}
		return err
	}
}

func identitiesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) ([]Identity, error) {
	rows, err := db.Query(ctx, `
		SELECT kind, value, verified_at IS NOT NULL FROM identity
		WHERE brand_id = $1 AND customer_id = $2
		ORDER BY kind, verified_at, value`, brand, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Identity])
}

const customerColumns = `c.id, coalesce(c.name, ''), coalesce(c.language, ''), coalesce(c.time_zone, ''), coalesce(c.tier, ''), c.staff_id, c.joined_at, c.created_at, c.erased_at`

func scanCustomer(row pgx.CollectableRow) (Customer, error) {
	var c Customer
	var joined, erased *time.Time
	err := row.Scan(&c.ID, &c.Name, &c.Language, &c.TimeZone, &c.Tier, &c.Staff, &joined, &c.CreatedAt, &erased)
	c.JoinedAt, c.ErasedAt = orZero(joined), orZero(erased)
	return c, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func customerByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Customer, error) {
	rows, err := db.Query(ctx, `SELECT `+customerColumns+` FROM customer c WHERE c.brand_id = $1 AND c.id = $2`, brand, id)
	if err != nil {
		return Customer{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCustomer)
	return c, orUnknown(err)
}

// updateDetails writes what is said; nothing said leaves what is there. Of a name the tokens are written anew.
func updateDetails(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, d Details) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE customer SET name = coalesce(NULLIF($3, ''), name), language = coalesce(NULLIF($4, ''), language),
			time_zone = coalesce(NULLIF($5, ''), time_zone)
		WHERE brand_id = $1 AND id = $2`, brand, id, d.Name, string(d.Language), d.TimeZone)
	if d.Name != "" {
		batch.Queue(`DELETE FROM customer_token WHERE brand_id = $1 AND customer_id = $2`, brand, id)
		batch.Queue(`
			INSERT INTO customer_token (brand_id, token, customer_id) SELECT $1, unnest($3::text[]), $2
			ON CONFLICT (brand_id, token, customer_id) DO NOTHING`, brand, id, nameTokens(d.Name))
	}
	return tx.SendBatch(ctx, batch).Close()
}

// markJoined is false when she had joined before.
func markJoined(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `UPDATE customer SET joined_at = $3 WHERE brand_id = $1 AND id = $2 AND joined_at IS NULL`, brand, id, now)
	return tag.RowsAffected() == 1, err
}

func staffAmong(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]shop.ID, error) {
	rows, err := db.Query(ctx, `SELECT id, staff_id FROM customer WHERE brand_id = $1 AND id = ANY ($2) AND staff_id IS NOT NULL`, brand, ids)
	if err != nil {
		return nil, err
	}
	found := map[shop.ID]shop.ID{}
	var id, staff shop.ID
	_, err = pgx.ForEachRow(rows, []any{&id, &staff}, func() error {
		found[id] = staff
		return nil
	})
	return found, err
}

func ofStaff(ctx context.Context, db postgres.DB, brand shop.BrandID, staff shop.ID, email string) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT id FROM customer WHERE brand_id = $1 AND staff_id = $2
		UNION SELECT i.customer_id FROM identity i JOIN customer c ON c.brand_id = $1 AND c.id = i.customer_id
		WHERE i.brand_id = $1 AND i.kind = 'email' AND i.value = $3 AND c.staff_id IS NULL`, brand, staff, email)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

func setStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id, staff shop.ID) error {
	tag, err := tx.Exec(ctx, `UPDATE customer SET staff_id = $3 WHERE brand_id = $1 AND id = $2`, brand, id, staff)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrUnknown
	}
	return err
}

// insertMemberNo is false when somebody has the number.
func insertMemberNo(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, no string, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO identity (brand_id, kind, value, customer_id, verified_at) VALUES ($1, 'member_no', $2, $3, $4)
		ON CONFLICT (brand_id, kind, value) DO NOTHING`, brand, no, id, now)
	return tag.RowsAffected() == 1, err
}
