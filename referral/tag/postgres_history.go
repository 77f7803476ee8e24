package tag

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// queueChanges keeps what an act has changed, however many tags it was of.
func queueChanges(batch *pgx.Batch, actor shop.Actor, changes []Change, now time.Time) {
	n := len(changes)
	ids, tags, templates := make([]shop.ID, n), make([]shop.ID, n), make([]string, n)
	fields, was, became := make([]string, n), make([]string, n), make([]string, n)
	for i, c := range changes {
		ids[i], tags[i], templates[i], fields[i], was[i], became[i] = shop.NewID(now), c.Tag, c.Template, c.Field, c.Was, c.Became
	}
	batch.Queue(`
		INSERT INTO tag_change (brand_id, id, tag_id, template, field, was, became, changed_by, changed_at)
		SELECT $1, c.id, c.tag_id, NULLIF(c.template, ''), c.field, c.was, c.became, $2, $3
		FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[]) AS c (id, tag_id, template, field, was, became)`,
		actor.Brand, actor.Pseudonym(), now, ids, tags, templates, fields, was, became)
}

type changesQuery struct {
	tag      shop.ID // or
	template string
	page     shop.Page
}

func changesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, q changesQuery) ([]Change, error) {
	rows, err := db.Query(ctx, `
		SELECT id, tag_id, coalesce(template, ''), field, was, became, changed_by, changed_at FROM tag_change
		WHERE brand_id = $1 AND (tag_id = $2 OR template = NULLIF($3, '')) AND ($4::uuid IS NULL OR id < $4)
		ORDER BY id DESC
		LIMIT $5`, brand, q.tag, q.template, q.page.After, q.page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Change])
}
