package tag

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// tagsOfRows are what was made from rows with these keys, by key.
func tagsOfRows(ctx context.Context, db postgres.DB, brand shop.BrandID, keys []string) (map[string]madeRow, error) {
	rows, err := db.Query(ctx, `SELECT row_key, said, tag_id FROM tag_row WHERE brand_id = $1 AND row_key = ANY ($2)`, brand, keys)
	if err != nil {
		return nil, err
	}
	made := map[string]madeRow{}
	of := map[shop.ID]string{}
	var r madeRow
	_, err = pgx.ForEachRow(rows, []any{&r.key, &r.said, &r.tag.ID}, func() error {
		made[r.key], of[r.tag.ID] = r, r.key
		r.said = nil
		return nil
	})
	if err != nil || len(made) == 0 {
		return made, err
	}
	tags, err := ByIDs(ctx, db, brand, slices.Collect(maps.Keys(of)))
	for _, t := range tags {
		one := made[of[t.ID]]
		one.tag = t
		made[of[t.ID]] = one
	}
	return made, err
}

// ByIDs are the tags with these ids, in the order of the ids; one that is not there is missing.
func ByIDs(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) ([]Tag, error) {
	rows, err := db.Query(ctx, selectTags+`WHERE t.brand_id = $1 AND t.id = ANY ($2) ORDER BY t.id`, brand, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTag)
}

// LiveAfter is a part of the brand's live tags, in the order of their ids: at most so many, after the one with the id.
func LiveAfter(ctx context.Context, db postgres.DB, brand shop.BrandID, after shop.ID, most int) ([]Tag, error) {
	rows, err := db.Query(ctx, selectTags+`
		WHERE t.brand_id = $1 AND t.state = 'live' AND ($2::uuid IS NULL OR t.id > $2)
		ORDER BY t.id
		LIMIT $3`, brand, after, most)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTag)
}

// insertRows keeps from which rows tags were made; errOvertaken when one of them is there by now.
func insertRows(ctx context.Context, tx pgx.Tx, brand shop.BrandID, made []madeRow) error {
	keys, said, tags := make([]string, len(made)), make([][]byte, len(made)), make([]shop.ID, len(made))
	for i, r := range made {
		keys[i], said[i], tags[i] = r.key, r.said, r.tag.ID
	}
	done, err := tx.Exec(ctx, `
		INSERT INTO tag_row (brand_id, row_key, said, tag_id)
		SELECT $1, t.row_key, t.said, t.tag_id FROM unnest($2::text[], $3::bytea[], $4::uuid[]) AS t (row_key, said, tag_id)
		ON CONFLICT DO NOTHING`, brand, keys, said, tags)
	if err == nil && int(done.RowsAffected()) < len(made) {
		err = errOvertaken
	}
	return err
}
