package team

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// orZero reads NULL as the zero time, orNull writes it so.
type zeroTime struct{ t *time.Time }

func orZero(t *time.Time) zeroTime { return zeroTime{t} }

func (z zeroTime) ScanTimestamptz(v pgtype.Timestamptz) error {
	*z.t = time.Time{}
	if v.Valid {
		*z.t = v.Time.UTC()
	}
	return nil
}

func (z zeroTime) ScanDate(v pgtype.Date) error {
	*z.t = time.Time{}
	if v.Valid {
		*z.t = v.Time
	}
	return nil
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// found turns "no rows" into shop.ErrNotFound.
func found[T any](v T, err error) (T, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return v, shop.ErrNotFound
	}
	return v, err
}

const brandColumns = `brand_id, slug, name, time_zone, language, currency, tax_bp, site_url, short_domain, allowed_hosts, created_at`

func scanBrand(row pgx.CollectableRow) (Brand, error) {
	var b Brand
	err := row.Scan(&b.ID, &b.Slug, &b.Name, &b.TimeZone, &b.Language, &b.Currency, &b.TaxBP, &b.SiteURL, &b.ShortDomain, &b.AllowedHosts, &b.CreatedAt)
	if err != nil {
		return Brand{}, err
	}
	b.CreatedAt = b.CreatedAt.UTC()
	if b.zone, err = time.LoadLocation(b.TimeZone); err != nil {
		return Brand{}, fmt.Errorf("time zone of brand %d: %w", b.ID, err)
	}
	return b, nil
}

func insertBrand(ctx context.Context, tx pgx.Tx, b Brand) error {
	_, err := tx.Exec(ctx, `
INSERT INTO brand (brand_id, slug, name, time_zone, language, currency, tax_bp, site_url, short_domain, allowed_hosts, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		b.ID, b.Slug, b.Name, b.TimeZone, b.Language, b.Currency, b.TaxBP, b.SiteURL, b.ShortDomain, append([]string{}, b.AllowedHosts...), b.CreatedAt)
	return err
}

func updateAddresses(ctx context.Context, tx pgx.Tx, brand shop.BrandID, to Addresses) error {
	_, err := tx.Exec(ctx, `UPDATE brand SET site_url = $2, short_domain = $3, allowed_hosts = $4 WHERE brand_id = $1`,
		brand, to.SiteURL, to.ShortDomain, append([]string{}, to.AllowedHosts...))
	if err != nil {
		return err
	}
	return tellDirectories(ctx, tx, brand)
}

// tellDirectories lets every process read anew, with the commit, what it remembers of the brand's tags: where they may lead,
// when their stores are open, whether their people are still there.
func tellDirectories(ctx context.Context, tx pgx.Tx, brand shop.BrandID) error {
	_, err := tx.Exec(ctx, `SELECT pg_notify('brand_changed', $1::int::text)`, brand)
	return err
}

// LoadBrand is the brand as the transaction sees it, or shop.ErrNotFound.
func LoadBrand(ctx context.Context, db postgres.DB, id shop.BrandID) (Brand, error) {
	rows, _ := db.Query(ctx, `SELECT `+brandColumns+` FROM brand WHERE brand_id = $1`, id)
	return found(pgx.CollectExactlyOneRow(rows, scanBrand))
}

// The reference table brand is read by slug before any brand is known.
func brandBySlug(ctx context.Context, tx pgx.Tx, slug string) (Brand, error) {
	rows, _ := tx.Query(ctx, `SELECT `+brandColumns+` FROM brand WHERE slug = $1`, slug)
	return found(pgx.CollectExactlyOneRow(rows, scanBrand))
}

func selectBrands(ctx context.Context, tx pgx.Tx) ([]Brand, error) {
	rows, _ := tx.Query(ctx, `SELECT `+brandColumns+` FROM brand ORDER BY brand_id`)
	return pgx.CollectRows(rows, scanBrand)
}

func insertPolicy(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p KeptPolicy) error {
	_, err := tx.Exec(ctx, `INSERT INTO policy (brand_id, id, begins_at, rules) VALUES ($1, $2, $3, $4)`, brand, p.Policy.ID, p.Since, p.Policy)
	return err
}

func lastPolicyBeginning(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (time.Time, error) {
	var at time.Time
	err := tx.QueryRow(ctx, `SELECT max(begins_at) FROM policy WHERE brand_id = $1`, brand).Scan(orZero(&at))
	return at, err
}

func pageOfPolicies(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p shop.Page) ([]KeptPolicy, error) {
	rows, _ := tx.Query(ctx, `SELECT id, begins_at, rules FROM policy WHERE brand_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		brand, orAll(p.After), p.Limit+1)
	return pgx.CollectRows(rows, scanPolicy)
}

func scanPolicy(row pgx.CollectableRow) (KeptPolicy, error) {
	var id shop.ID
	var kept KeptPolicy
	err := row.Scan(&id, &kept.Since, &kept.Policy)
	kept.Policy.ID = id
	return kept, err
}

// policyNamed is the version whose id has the drawn part of a name (shop.ID.At), or shop.ErrNotFound. A brand has few.
func policyNamed(ctx context.Context, tx pgx.Tx, brand shop.BrandID, name shop.ID) (KeptPolicy, error) {
	rows, _ := tx.Query(ctx, `
SELECT id, begins_at, rules FROM policy WHERE brand_id = $1 AND substr(uuid_send(id), 7) = substr(uuid_send($2), 7)`, brand, name)
	return found(pgx.CollectExactlyOneRow(rows, scanPolicy))
}

// PolicyAt is the policy in force at an instant: the last that began before or at it, else the defaults.
func PolicyAt(ctx context.Context, db postgres.DB, brand shop.BrandID, at time.Time) (Policy, error) {
	var id shop.ID
	var p Policy
	// An id carries begins_at, so the key serves; the bound is the first id of the next millisecond.
	err := db.QueryRow(ctx, `SELECT id, rules FROM policy WHERE brand_id = $1 AND id < $2 ORDER BY id DESC LIMIT 1`,
		brand, shop.FloorID(shop.Millis(at).Add(time.Millisecond))).Scan(&id, &p)
	if errors.Is(err, pgx.ErrNoRows) {
		return DefaultPolicy(), nil
	}
	p.ID = id
	return p, err
}

const storeColumns = `brand_id, id, code, name, kind, house_bp, region, opened_on, closed_on, successor_id, hours, networks, area_tenth_ping, created_at`

func scanStore(row pgx.CollectableRow) (Store, error) {
	var s Store
	err := row.Scan(&s.Brand, &s.ID, &s.Code, &s.Name, &s.Kind, &s.HouseBP, &s.Region, &s.OpenedOn, orZero(&s.ClosedOn), &s.Successor,
		&s.Hours, &s.Networks, &s.AreaTenthPing, orZero(&s.CreatedAt))
	return s, err
}

func insertStore(ctx context.Context, tx pgx.Tx, s Store) error {
	_, err := tx.Exec(ctx, `
INSERT INTO store (brand_id, id, code, name, kind, house_bp, region, opened_on, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, s.Brand, s.ID, s.Code, s.Name, s.Kind, s.HouseBP, s.Region, s.OpenedOn, s.CreatedAt)
	return err
}

func updatePremises(ctx context.Context, tx pgx.Tx, brand shop.BrandID, store shop.ID, p Premises) error {
	if p.Hours == nil {
		p.Hours = Hours{}
	}
	if p.Networks == nil {
		p.Networks = []netip.Prefix{}
	}
	tag, err := tx.Exec(ctx, `UPDATE store SET hours = $3, networks = $4, area_tenth_ping = $5 WHERE brand_id = $1 AND id = $2`,
		brand, store, p.Hours, p.Networks, p.AreaTenthPing)
	if err == nil && tag.RowsAffected() == 0 {
		return shop.ErrNotFound
	}
	if err != nil {
		return err
	}
	return tellDirectories(ctx, tx, brand)
}

func updateClosed(ctx context.Context, tx pgx.Tx, brand shop.BrandID, store shop.ID, lastDay time.Time, successor shop.ID) error {
	return one(tx.Exec(ctx, `UPDATE store SET closed_on = $3, successor_id = $4 WHERE brand_id = $1 AND id = $2`, brand, store, lastDay, successor))
}

// LockBrand lets one act at a time number what is numbered within the brand. It comes before the lock of any customer.
func LockBrand(ctx context.Context, tx pgx.Tx, id shop.BrandID) error {
	_, err := tx.Exec(ctx, `SELECT FROM brand WHERE brand_id = $1 FOR NO KEY UPDATE`, id)
	return err
}

// StoreByID is the store, or shop.ErrNotFound.
func StoreByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Store, error) {
	rows, _ := db.Query(ctx, `SELECT `+storeColumns+` FROM store WHERE brand_id = $1 AND id = $2`, brand, id)
	return found(pgx.CollectExactlyOneRow(rows, scanStore))
}

// StoreByCode is the store that people and files call so, or shop.ErrNotFound.
func StoreByCode(ctx context.Context, db postgres.DB, brand shop.BrandID, code string) (Store, error) {
	rows, _ := db.Query(ctx, `SELECT `+storeColumns+` FROM store WHERE brand_id = $1 AND code = $2`, brand, code)
	return found(pgx.CollectExactlyOneRow(rows, scanStore))
}

// Stores are all stores of the brand by code, closed ones too.
func Stores(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]Store, error) {
	rows, _ := db.Query(ctx, `SELECT `+storeColumns+` FROM store WHERE brand_id = $1 ORDER BY code`, brand)
	return pgx.CollectRows(rows, scanStore)
}

// orAll is the page's first id when it has none: newest first begins above every id.
func orAll(after shop.ID) shop.ID {
	if after.IsZero() {
		for i := range after {
			after[i] = 0xff
		}
	}
	return after
}

func pageOfStores(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p shop.Page) ([]Store, error) {
	rows, _ := tx.Query(ctx, `SELECT `+storeColumns+` FROM store WHERE brand_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		brand, orAll(p.After), p.Limit+1)
	return pgx.CollectRows(rows, scanStore)
}
