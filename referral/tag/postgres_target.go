package tag

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

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
	written    []Rule
	hours      team.Hours
	zone       string
}

// targetOf reads a tag as it answers at an instant. Its person is there until she leaves, or until the end of the last assignment
// that brings her to the store; one that begins tomorrow counts already, so that nobody is missed at midnight.
func targetOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, now time.Time) (targetRow, error) {
	var r targetRow
	var from, until, staffUntil *time.Time
	err := tx.QueryRow(ctx, `
		SELECT t.id, t.store_id, s.code, t.staff_id, coalesce(t.kind, CASE WHEN t.sku IS NULL THEN 'free' ELSE 'variant' END),
		       coalesce(t.reference, t.sku, ''), t.placement, t.label, t.batch, t.state, t.valid_from, t.valid_until,
		       coalesce(p.address, t.destination), t.gift_offer_id, t.replaced_by,
		       t.rules, s.hours, b.time_zone, LEAST(w.left_at, (
			SELECT NULLIF(max(coalesce(upper(a.days), 'infinity')), 'infinity')::timestamp AT TIME ZONE b.time_zone
			FROM assignment a
			WHERE a.brand_id = $1 AND a.staff_id = t.staff_id AND a.store_id = t.store_id
			  AND lower(a.days) <= ($3::timestamptz AT TIME ZONE b.time_zone)::date + 1))
		FROM tag t
		JOIN brand b ON b.brand_id = t.brand_id
		JOIN store s ON s.brand_id = t.brand_id AND s.id = t.store_id
		LEFT JOIN staff w ON w.brand_id = t.brand_id AND w.id = t.staff_id
		LEFT JOIN tag_template p ON p.brand_id = t.brand_id AND p.name = t.template
		WHERE t.brand_id = $1 AND t.id = $2`, brand, id, now).
		Scan(&r.Tag, &r.Store, &r.StoreCode, &r.Staff, &r.Kind, &r.Reference, &r.Placement, &r.Label, &r.Batch, &r.State,
			&from, &until, &r.Destination, &r.Gift, &r.replacedBy, &r.written, &r.hours, &r.zone, &staffUntil)
	if errors.Is(err, pgx.ErrNoRows) {
		return targetRow{}, ErrUnknown
	}
	r.ValidFrom, r.ValidUntil, r.StaffUntil = orZero(from), orZero(until), orZero(staffUntil)
	return r, err
}
