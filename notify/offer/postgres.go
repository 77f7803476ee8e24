package offer

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const offerColumns = `o.id, o.kind, o.title, o.body, o.terms, o.link, o.starts_at, o.ends_at, o.approved_at, o.approved_by, o.created_at`

// targets are where a row of offerColumns goes.
func (o *Offer) targets(approved **time.Time) []any {
	return []any{&o.ID, &o.Kind, &o.Title, &o.Body, &o.Terms, &o.Link, &o.StartsAt, &o.EndsAt, approved, &o.ApprovedBy, &o.CreatedAt}
}

func (o *Offer) settle(approved *time.Time) {
	o.StartsAt, o.EndsAt, o.CreatedAt, o.ApprovedAt = o.StartsAt.UTC(), o.EndsAt.UTC(), o.CreatedAt.UTC(), orZero(approved)
}

func scanOffer(row pgx.CollectableRow) (Offer, error) {
	var o Offer
	var approved *time.Time
	err := row.Scan(o.targets(&approved)...)
	o.settle(approved)
	return o, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func orEmpty(t shop.Text) shop.Text {
	if t == nil {
		return shop.Text{}
	}
	return t
}

func insertOffer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, o Offer) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO offer (brand_id, id, kind, title, body, terms, link, starts_at, ends_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		brand, o.ID, o.Kind, orEmpty(o.Title), orEmpty(o.Body), orEmpty(o.Terms), o.Link, o.StartsAt, o.EndsAt, o.CreatedAt)
	return err
}

func updateApproved(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id, by shop.ID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE offer SET approved_at = $4, approved_by = $3 WHERE brand_id = $1 AND id = $2 AND approved_at IS NULL`,
		brand, id, by, now)
	return tag.RowsAffected() == 1, err
}

func offersByID(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) ([]Offer, error) {
	rows, _ := db.Query(ctx, `SELECT `+offerColumns+` FROM offer o WHERE o.brand_id = $1 AND o.id = ANY ($2)`, brand, ids)
	return pgx.CollectRows(rows, scanOffer)
}

// pageOfOffers narrows to what may be sent at an instant; the zero instant asks for all.
func pageOfOffers(ctx context.Context, tx pgx.Tx, brand shop.BrandID, sendableAt time.Time, page shop.Page) ([]Offer, error) {
	var at *time.Time
	if !sendableAt.IsZero() {
		at = &sendableAt
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+offerColumns+` FROM offer o
		WHERE o.brand_id = $1 AND ($2::uuid IS NULL OR o.id < $2)
			AND ($3::timestamptz IS NULL OR o.approved_at IS NOT NULL AND o.starts_at <= $3 AND o.ends_at > $3)
		ORDER BY o.id DESC LIMIT $4`, brand, page.After, at, page.Limit+1)
	return pgx.CollectRows(rows, scanOffer)
}

const grantColumns = `g.offer_id, g.customer_id, g.code, g.granted_at, g.granted_by, g.redeemed_at, g.order_id`

func (g *Grant) targets(redeemed **time.Time) []any {
	return []any{&g.Offer, &g.Customer, &g.Code, &g.GrantedAt, &g.GrantedBy, redeemed, &g.Order}
}

func (g *Grant) settle(redeemed *time.Time) {
	g.GrantedAt, g.RedeemedAt = g.GrantedAt.UTC(), orZero(redeemed)
}

func scanGrant(row pgx.CollectableRow) (Grant, error) {
	var g Grant
	var redeemed *time.Time
	err := row.Scan(g.targets(&redeemed)...)
	g.settle(redeemed)
	return g, err
}

func insertGrants(ctx context.Context, tx pgx.Tx, brand shop.BrandID, g Grant, customers []shop.ID, codes []string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO offer_grant (brand_id, offer_id, customer_id, code, granted_at, granted_by)
		SELECT $1, $2, q.customer_id, q.code, $5, $6 FROM unnest($3::uuid[], $4::text[]) AS q (customer_id, code)
		ON CONFLICT DO NOTHING`, brand, g.Offer, customers, codes, g.GrantedAt, g.GrantedBy)
	return err
}

func grantsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, offer shop.ID, customers []shop.ID) ([]Grant, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+grantColumns+` FROM offer_grant g
		WHERE g.brand_id = $1 AND g.offer_id = $2 AND g.customer_id = ANY ($3)`, brand, offer, customers)
	return pgx.CollectRows(rows, scanGrant)
}

// grantByCode locks the grant: of two who redeem it at once, the second sees what the first did.
func grantByCode(ctx context.Context, tx pgx.Tx, brand shop.BrandID, code string) (Grant, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+grantColumns+` FROM offer_grant g WHERE g.brand_id = $1 AND g.code = $2 FOR UPDATE`, brand, code)
	g, err := pgx.CollectExactlyOneRow(rows, scanGrant)
	if errors.Is(err, pgx.ErrNoRows) {
		return Grant{}, ErrCodeUnknown
	}
	return g, err
}

func updateRedeemed(ctx context.Context, tx pgx.Tx, brand shop.BrandID, g Grant) error {
	_, err := tx.Exec(ctx, `
		UPDATE offer_grant SET redeemed_at = $4, order_id = $5 WHERE brand_id = $1 AND offer_id = $2 AND customer_id = $3`,
		brand, g.Offer, g.Customer, g.RedeemedAt, g.Order)
	return err
}

func ownedBy(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID, now time.Time, page shop.Page) ([]Owned, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+grantColumns+`, `+offerColumns+` FROM offer_grant g
		JOIN offer o ON o.brand_id = $1 AND o.id = g.offer_id
		WHERE g.brand_id = $1 AND g.customer_id = $2 AND o.ends_at > $3 AND ($4::uuid IS NULL OR o.id < $4)
		ORDER BY o.id DESC LIMIT $5`, brand, customer, now, page.After, page.Limit+1)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Owned, error) {
		var o Owned
		var redeemed, approved *time.Time
		err := row.Scan(append(o.Grant.targets(&redeemed), o.Offer.targets(&approved)...)...)
		o.Grant.settle(redeemed)
		o.Offer.settle(approved)
		return o, err
	})
}

func countRedeemed(ctx context.Context, db postgres.DB, brand shop.BrandID, offer shop.ID, by string) (int, error) {
	var n int
	err := db.QueryRow(ctx, `
		SELECT count(*) FROM offer_grant WHERE brand_id = $1 AND offer_id = $2 AND granted_by = $3 AND redeemed_at IS NOT NULL`,
		brand, offer, by).Scan(&n)
	return n, err
}
