package customer

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// foundColumns and foundFrom go with an alias c of customer. Her telephone number is looked up per row that is shown.
const (
	foundColumns = customerColumns + `,
		coalesce((SELECT i.value FROM identity i WHERE i.brand_id = $1 AND i.customer_id = c.id AND i.kind = 'phone'
			ORDER BY i.verified_at DESC NULLS LAST LIMIT 1), ''), p.home_store_id`
	profileOfC = `JOIN customer_profile p ON p.brand_id = $1 AND p.customer_id = c.id`
	inStores   = `($2::uuid[] IS NULL OR p.home_store_id = ANY ($2)) AND c.merged_to IS NULL AND c.erased_at IS NULL`
)

func scanFound(row pgx.CollectableRow) (Found, error) {
	var f Found
	var joined, erased *time.Time
	err := row.Scan(&f.ID, &f.Name, &f.Language, &f.TimeZone, &f.Tier, &f.Staff, &joined, &f.CreatedAt, &erased, &f.Phone, &f.HomeStore)
	f.JoinedAt, f.ErasedAt = orZero(joined), orZero(erased)
	return f, err
}

// searchEnding asks for the reversed numbers from 876 up to, not including, 877: two leakproof comparisons, which the index
// serves also under row-level security.
func searchEnding(ctx context.Context, db postgres.DB, brand shop.BrandID, f Fragment, digits string) ([]Found, error) {
	from := []byte(digits)
	slices.Reverse(from)
	until := slices.Clone(from)
	until[len(until)-1]++ // after 9 comes ':', before which all digits are
	rows, err := db.Query(ctx, `
		SELECT `+foundColumns+`
		FROM (
			SELECT DISTINCT e.customer_id FROM identity e
			WHERE e.brand_id = $1 AND e.kind = 'phone' AND e.ending ~>=~ $3 AND e.ending ~<~ $4
		) hit
		JOIN customer c ON c.brand_id = $1 AND c.id = hit.customer_id
		`+profileOfC+`
		WHERE `+inStores+`
		ORDER BY c.id DESC
		LIMIT $5`,
		brand, f.Stores, string(from), string(until), f.Limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanFound)
}

// searchTokens asks for the customers who have all tokens. That the pairs stand side by side is checked afterwards, on four
// times as many as were asked for: names that have the pairs of another name elsewhere are rare.
func searchTokens(ctx context.Context, db postgres.DB, brand shop.BrandID, f Fragment, tokens []string) ([]Found, error) {
	rows, err := db.Query(ctx, `
		SELECT `+foundColumns+`
		FROM (
			SELECT t.customer_id FROM customer_token t
			WHERE t.brand_id = $1 AND t.token = ANY ($3)
			GROUP BY t.customer_id HAVING count(*) = cardinality($3)
		) hit
		JOIN customer c ON c.brand_id = $1 AND c.id = hit.customer_id
		`+profileOfC+`
		WHERE `+inStores+`
		ORDER BY c.id DESC
		LIMIT $4`,
		brand, f.Stores, tokens, 4*f.Limit)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanFound)
	return slices.DeleteFunc(found, func(x Found) bool { return !nameContains(x.Name, f.Text) }), err
}
