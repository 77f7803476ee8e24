package tag

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// lockStaff makes two who would issue a card to one person take turns. shop.ErrNotFound when there is no such person.
func lockStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID) error {
	tag, err := tx.Exec(ctx, `SELECT id FROM staff WHERE brand_id = $1 AND id = $2 FOR NO KEY UPDATE`, brand, staff)
	if err == nil && tag.RowsAffected() == 0 {
		err = shop.ErrNotFound
	}
	return err
}

// cardsOf asks by store, which has an index: a store has dozens of tags, not thousands.
func cardsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, staff shop.ID, stores []shop.ID) ([]Tag, error) {
	rows, err := db.Query(ctx, selectTags+`
		WHERE t.brand_id = $1 AND t.store_id = ANY ($2) AND t.staff_id = $3 AND t.placement = 'staff_card' AND t.state = 'live'
		ORDER BY t.id`, brand, stores, staff)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTag)
}

// lockSeveralStaff is lockStaff for many, in the order of their ids as everybody locks them.
func lockSeveralStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff []shop.ID) error {
	_, err := tx.Exec(ctx, `SELECT id FROM staff WHERE brand_id = $1 AND id = ANY ($2) ORDER BY id FOR NO KEY UPDATE`, brand, staff)
	return err
}

// cardsOfSeveral are the live cards of some people at some stores.
func cardsOfSeveral(ctx context.Context, db postgres.DB, brand shop.BrandID, staff, stores []shop.ID) ([]Tag, error) {
	rows, err := db.Query(ctx, selectTags+`
		WHERE t.brand_id = $1 AND t.store_id = ANY ($2) AND t.staff_id = ANY ($3) AND t.placement = 'staff_card' AND t.state = 'live'
		ORDER BY t.store_id, t.staff_id, t.id`, brand, stores, staff)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTag)
}
