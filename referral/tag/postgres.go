package tag

import (
	"context"
	"errors"
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
)

// allowedHosts reads the brand's list. The brand is a reference table: its rows are there whatever app.brand says, so the
// key is named.
func allowedHosts(ctx context.Context, db postgres.DB, brand shop.BrandID) (Hosts, error) {
	var hosts []string
	err := db.QueryRow(ctx, `SELECT allowed_hosts FROM brand WHERE brand_id = $1`, brand).Scan(&hosts)
	return hosts, err
}

// insertTags writes the tags and their way from code to brand in one round trip, however many they are.
func insertTags(ctx context.Context, tx pgx.Tx, tags []Tag) error {
	batch := &pgx.Batch{}
	for _, t := range tags {
		batch.Queue(`
			INSERT INTO tag (brand_id, id, code, store_id, staff_id, sku, placement, label, batch, destination, state,
				valid_from, valid_until, created_by, created_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, NULLIF($6, ''), $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)`,
			t.Brand, t.ID, t.Code, t.Store, t.Staff, t.SKU, t.Placement, t.Label, t.Batch, t.Destination, t.State,
			orNull(t.ValidFrom), orNull(t.ValidUntil), t.CreatedBy, t.CreatedAt)
		batch.Queue(`INSERT INTO tag_directory (code, brand_id, tag_id) VALUES ($1, $2, $3)`, t.Code, t.Brand, t.ID)
	}
	return tx.SendBatch(ctx, batch).Close()
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// updateTag stores what may change of a tag and tells every process, with the commit.
func updateTag(ctx context.Context, tx pgx.Tx, t Tag) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE tag SET state = $3, replaced_by = $4, destination = $5, changed_at = $6
		WHERE brand_id = $1 AND id = $2`,
		t.Brand, t.ID, t.State, t.ReplacedBy, t.Destination, t.ChangedAt)
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

// listenForChanges subscribes to tag_changed, whose payload is a code, and to brand_changed, which whoever changes a brand
// sends with the brand's number.
func listenForChanges(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `LISTEN tag_changed; LISTEN brand_changed`)
	return err
}

const tagColumns = `brand_id, id, code, store_id, staff_id, coalesce(sku, ''), placement, label, batch, destination, state,
	replaced_by, valid_from, valid_until, created_by, created_at, changed_at`

func scanTag(row pgx.CollectableRow) (Tag, error) {
	var t Tag
	var from, until *time.Time
	err := row.Scan(&t.Brand, &t.ID, &t.Code, &t.Store, &t.Staff, &t.SKU, &t.Placement, &t.Label, &t.Batch, &t.Destination, &t.State,
		&t.ReplacedBy, &from, &until, &t.CreatedBy, &t.CreatedAt, &t.ChangedAt)
	t.ValidFrom, t.ValidUntil = orZero(from), orZero(until)
	return t, err
}

func tagByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Tag, error) {
	rows, err := db.Query(ctx, `SELECT `+tagColumns+` FROM tag WHERE brand_id = $1 AND id = $2`, brand, id)
	return one(rows, err)
}

func lockTag(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Tag, error) {
	rows, err := tx.Query(ctx, `SELECT `+tagColumns+` FROM tag WHERE brand_id = $1 AND id = $2 FOR UPDATE`, brand, id)
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
	rows, err := db.Query(ctx, `
		SELECT `+tagColumns+` FROM tag
		WHERE brand_id = $1
		  AND ($2::uuid IS NULL OR id < $2)
		  AND ($3::uuid[] IS NULL OR store_id = ANY ($3))
		  AND ($4::uuid IS NULL OR store_id = $4)
		  AND ($5::uuid IS NULL OR staff_id = $5)
		  AND ($6 = '' OR state = $6)
		  AND ($7 = '' OR batch = $7)
		ORDER BY id DESC
		LIMIT $8`,
		brand, q.page.After, q.stores, q.Store, q.Staff, string(q.State), q.Batch, q.page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTag)
}

type directoryRow struct {
	Brand        shop.BrandID
	Tag          shop.ID
	Slug         string
	Name         shop.Text
	Site         string
	Language     shop.Language
	AllowedHosts []string
}

func (r directoryRow) brand() Brand {
	return Brand{ID: r.Brand, Slug: r.Slug, Name: r.Name, Site: r.Site, Language: r.Language}
}

// lookUp goes from a code to its brand: the one question that is asked before a brand is known.
func lookUp(ctx context.Context, tx pgx.Tx, code Code) (directoryRow, error) {
	rows, err := tx.Query(ctx, `
		SELECT d.brand_id, d.tag_id, b.slug, b.name, b.site_url, b.language, b.allowed_hosts
		FROM tag_directory d JOIN brand b ON b.brand_id = d.brand_id
		WHERE d.code = $1`, code)
	if err != nil {
		return directoryRow{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[directoryRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return directoryRow{}, ErrUnknown
	}
	return r, err
}

type targetRow struct {
	Target
	replacedBy shop.ID
}

func targetOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (targetRow, error) {
	var r targetRow
	var from, until *time.Time
	err := tx.QueryRow(ctx, `
		SELECT t.id, t.store_id, s.code, t.staff_id, coalesce(t.sku, ''), t.placement, t.label, t.batch, t.state,
		       t.valid_from, t.valid_until, t.destination, t.replaced_by
		FROM tag t JOIN store s ON s.brand_id = t.brand_id AND s.id = t.store_id
		WHERE t.brand_id = $1 AND t.id = $2`, brand, id).
		Scan(&r.Tag, &r.Store, &r.StoreCode, &r.Staff, &r.SKU, &r.Placement, &r.Label, &r.Batch, &r.State,
			&from, &until, &r.Destination, &r.replacedBy)
	if errors.Is(err, pgx.ErrNoRows) {
		return targetRow{}, ErrUnknown
	}
	r.ValidFrom, r.ValidUntil = orZero(from), orZero(until)
	return r, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
