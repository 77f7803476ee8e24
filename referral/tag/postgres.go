package tag

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// What the database refuses, as a caller is told.
var (
	_ = postgres.RefuseOn("tag_store_fkey", ErrStore)
	_ = postgres.RefuseOn("tag_staff_fkey", ErrStaff)
	_ = postgres.RefuseOn("tag_replaced_by_fkey", ErrReplacement)
	_ = postgres.RefuseOn("tag_gift_fkey", ErrGift)
)

// allowedHosts reads the brand's list. The brand is a reference table: its rows are there whatever app.brand says, so the
// key is named.
func allowedHosts(ctx context.Context, db postgres.DB, brand shop.BrandID) (Hosts, error) {
	var hosts []string
	err := db.QueryRow(ctx, `SELECT allowed_hosts FROM brand WHERE brand_id = $1`, brand).Scan(&hosts)
	return hosts, err
}

// insertTags writes the tags, their way from code to brand, and their first changes in one round trip, however many they are.
func insertTags(ctx context.Context, tx pgx.Tx, actor shop.Actor, tags []Tag, now time.Time) error {
	batch := &pgx.Batch{}
	var changes []Change
	for _, t := range tags {
		batch.Queue(`
			INSERT INTO tag (brand_id, id, code, store_id, staff_id, kind, reference, sku, placement, label, batch, template, destination, rules, state,
				valid_from, valid_until, gift_offer_id, created_by, created_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8, ''), $9, $10, $11, NULLIF($12, ''), $13, $14, $15, $16, $17, $18, $19, $20, $20)`,
			t.Brand, t.ID, t.Code, t.Store, t.Staff, t.Kind, t.Reference, t.SKU(), t.Placement, t.Label, t.Batch, t.Template, t.ownDestination(),
			orEmpty(t.Rules), t.State, orNull(t.ValidFrom), orNull(t.ValidUntil), t.Gift, t.CreatedBy, t.CreatedAt)
		batch.Queue(`INSERT INTO tag_directory (code, brand_id, tag_id) VALUES ($1, $2, $3)`, t.Code, t.Brand, t.ID)
		changes = append(changes, changesBetween(Tag{}, t)...)
	}
	queueChanges(batch, actor, changes, now)
	return tx.SendBatch(ctx, batch).Close()
}

// orEmpty: JSON writes no rules as null.
func orEmpty(rules []Rule) []Rule {
	if rules == nil {
		return []Rule{}
	}
	return rules
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// updateTag stores what may change of a tag, keeps what has changed, and tells every process, with the commit.
func updateTag(ctx context.Context, tx pgx.Tx, actor shop.Actor, t Tag, changes []Change) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE tag SET state = $3, replaced_by = $4, template = NULLIF($5, ''), destination = $6, label = $7, valid_from = $8, valid_until = $9,
			gift_offer_id = $10, rules = $11, changed_at = $12
		WHERE brand_id = $1 AND id = $2`,
		t.Brand, t.ID, t.State, t.ReplacedBy, t.Template, t.ownDestination(), t.Label, orNull(t.ValidFrom), orNull(t.ValidUntil), t.Gift,
		orEmpty(t.Rules), t.ChangedAt)
	queueChanges(batch, actor, changes, t.ChangedAt)
	// A tag that replaced others answers under their codes too.
	batch.Queue(`
		WITH RECURSIVE answering AS (
			SELECT id, code, 0 AS hops FROM tag WHERE brand_id = $1 AND id = $2
			UNION ALL
			SELECT t.id, t.code, a.hops + 1 FROM tag t JOIN answering a ON t.replaced_by = a.id
			WHERE t.brand_id = $1 AND a.hops < $3
		)
		SELECT pg_notify('tag_changed', code) FROM answering`,
		t.Brand, t.ID, maxReplacements)
	return tx.SendBatch(ctx, batch).Close()
}

// listenForChanges subscribes to tag_changed, whose payload is a code, and to brand_changed, which whoever changes a brand, a
// template of its tags, its stores' hours or its people's assignments sends with the brand's number.
func listenForChanges(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `LISTEN tag_changed; LISTEN brand_changed`)
	return err
}

// A tag with its template's address. Before tags had kinds they pointed at articles.
const selectTags = `
	SELECT t.brand_id, t.id, t.code, t.store_id, t.staff_id, coalesce(t.kind, CASE WHEN t.sku IS NULL THEN 'free' ELSE 'variant' END),
		coalesce(t.reference, t.sku, ''), t.placement, t.label, t.batch, coalesce(t.template, ''), coalesce(p.address, t.destination), t.rules, t.state,
		t.gift_offer_id, t.replaced_by, t.valid_from, t.valid_until, t.created_by, t.created_at, t.changed_at
	FROM tag t LEFT JOIN tag_template p ON p.brand_id = t.brand_id AND p.name = t.template `

func scanTag(row pgx.CollectableRow) (Tag, error) {
	var t Tag
	var from, until *time.Time
	err := row.Scan(&t.Brand, &t.ID, &t.Code, &t.Store, &t.Staff, &t.Kind, &t.Reference, &t.Placement, &t.Label, &t.Batch, &t.Template, &t.Destination,
		&t.Rules, &t.State, &t.Gift, &t.ReplacedBy, &from, &until, &t.CreatedBy, &t.CreatedAt, &t.ChangedAt)
	t.ValidFrom, t.ValidUntil = orZero(from), orZero(until)
	return t, err
}

func tagByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Tag, error) {
	rows, err := db.Query(ctx, selectTags+`WHERE t.brand_id = $1 AND t.id = $2`, brand, id)
	return one(rows, err)
}

func lockTag(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Tag, error) {
	rows, err := tx.Query(ctx, selectTags+`WHERE t.brand_id = $1 AND t.id = $2 FOR UPDATE OF t`, brand, id)
	return one(rows, err)
}

func one(rows pgx.Rows, err error) (Tag, error) {
	if err != nil {
		return Tag{}, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, scanTag)
	if errors.Is(err, pgx.ErrNoRows) {
		return Tag{}, shop.ErrNotFound
	}
	return t, err
}

type listQuery struct {
	Filter
	stores []shop.ID // nil: all
	page   shop.Page
}

func listTags(ctx context.Context, db postgres.DB, brand shop.BrandID, q listQuery) ([]Tag, error) {
	rows, err := db.Query(ctx, selectTags+`
		WHERE t.brand_id = $1
		  AND ($2::uuid IS NULL OR t.id < $2)
		  AND ($3::uuid[] IS NULL OR t.store_id = ANY ($3))
		  AND ($4::uuid IS NULL OR t.store_id = $4)
		  AND ($5::uuid IS NULL OR t.staff_id = $5)
		  AND ($6 = '' OR t.state = $6)
		  AND ($7 = '' OR t.batch = $7)
		ORDER BY t.id DESC
		LIMIT $8`,
		brand, q.page.After, q.stores, q.Store, q.Staff, string(q.State), q.Batch, q.page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTag)
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// Gifts are the gift offers of the tags that have one, by tag.
func Gifts(ctx context.Context, db postgres.DB, brand shop.BrandID, tags []shop.ID) (map[shop.ID]shop.ID, error) {
	rows, err := db.Query(ctx, `SELECT id, gift_offer_id FROM tag WHERE brand_id = $1 AND id = ANY ($2) AND gift_offer_id IS NOT NULL`, brand, tags)
	if err != nil {
		return nil, fmt.Errorf("read the gifts of %d tags: %w", len(tags), err)
	}
	gifts := map[shop.ID]shop.ID{}
	var of, gift shop.ID
	_, err = pgx.ForEachRow(rows, []any{&of, &gift}, func() error {
		gifts[of] = gift
		return nil
	})
	return gifts, err
}
