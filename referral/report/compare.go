package report

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/comparison"
)

// Pair is two displays, or what else a dimension has, to be compared by what their scan sessions in a range of days led to.
type Pair struct {
	Days
	By   Dimension
	A, B string // an id for tags, stores and people; else the placement, sku or batch itself
}

// Check notes as wrong what cannot be compared.
func (p Pair) Check(c *shop.Check) {
	p.Days.Check(c, LongestDays)
	for name, text := range map[string]string{"a": p.A, "b": p.B} {
		_, err := keyOf(p.By, text)
		c.That(text != "" && utf8.RuneCountInString(text) <= 100 && err == nil, name, "key_invalid", "The id of a tag, store or person; else the placement, product (sku) or batch itself.")
	}
	c.That(p.A != p.B, "b", "same_twice", "Two different ones.")
}

// Comparison says how both did, and what may be said of it.
type Comparison struct {
	Pair
	Currency   shop.Currency
	KeyA, KeyB Key
	GroupA     comparison.Group
	GroupB     comparison.Group
	Conversion comparison.Difference // sessions that led to an order
	Revenue    comparison.Difference // net revenue of a session, in minor units
}

// Compare compares the scan sessions that began in the range by what they led to: orders placed within 30 days after the scan
// on which they rest, net of what went back until now. A session here buys or does not, whatever the number of its orders, which
// is why its conversion may be lower than the funnel's. Who may read what is as in Funnel; of what is not hers, and of what
// does not exist, a manager finds no sessions.
func (s *Service) Compare(ctx context.Context, actor shop.Actor, p Pair) (Comparison, error) {
	p.A, p.B = p.By.spelled(p.A), p.By.spelled(p.B)
	c := Comparison{Pair: p}
	stores, err := storesFor(actor, shop.ID{})
	if err != nil {
		return c, err
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		c.Currency = brand.Currency
		groups, err := groupsOf(ctx, tx, brand, p, stores)
		if err != nil {
			return err
		}
		c.GroupA, c.GroupB = groups[p.A], groups[p.B]
		c.KeyA, c.KeyB, err = pairNames(ctx, tx, actor.Brand, p, groups)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("compare by %s: %w", p.By, err)
	}
	c.Conversion, c.Revenue = comparison.Conversion(c.GroupA, c.GroupB), comparison.Revenue(c.GroupA, c.GroupB)
	return c, nil
}

// spelled is a key as it is kept: ids may be written in capitals.
func (d Dimension) spelled(text string) string {
	if k, err := keyOf(d, text); err == nil && !k.ID.IsZero() {
		return k.ID.String()
	}
	return text
}

// pairNames names both, but nothing of which the actor finds no session.
func pairNames(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p Pair, found map[string]comparison.Group) (a, b Key, err error) {
	rows := make([]FunnelRow, 2)
	for i, text := range []string{p.A, p.B} {
		if rows[i].Key, err = keyOf(p.By, text); err != nil {
			return a, b, err
		}
	}
	if err := nameRows(ctx, tx, brand, p.By, rows); err != nil {
		return a, b, err
	}
	for i, text := range []string{p.A, p.B} {
		if id := rows[i].Key.ID; !id.IsZero() && found[text].Sessions == 0 {
			rows[i].Key = Key{ID: id}
		}
	}
	return rows[0].Key, rows[1].Key, nil
}
