package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/binding"
	"homestore/referral/ledger"
)

// audience is a brand that is told stories, and who buys there: nobody known, a customer of each shop, and one whom only
// her account in the web shop names.
type audience struct {
	*bundle
	customers [3]shop.ID
}

func newAudience(t testing.TB, pool *postgres.Pool) *audience {
	t.Helper()
	a := &audience{bundle: setupIn(t, pool)}
	a.orders.Exchanging(byMinute{})
	a.customers[1], a.customers[2] = a.customer("+886912345601"), a.customer("+886912345602")
	a.at("2026-02-01 12:00")
	for _, home := range []binding.Attempt{
		{Customer: a.customers[1], Store: a.S1, Staff: a.Amy, Source: binding.FromImport},
		{Customer: a.customers[2], Store: a.S2, Staff: a.Ben, Source: binding.FromImport},
	} {
		if _, err := a.bindings.Claim(t.Context(), shop.System(a.Brand), home); err != nil {
			t.Fatal(err)
		}
	}
	a.at("2026-03-20 12:00") // after all that the stories tell
	return a
}

// byMinute keeps what was placed in an even minute when it is exchanged.
type byMinute struct{}

func (byMinute) KeepsOnExchange(_ context.Context, _ pgx.Tx, _ shop.BrandID, placedAt time.Time) (bool, error) {
	return placedAt.Minute()%2 == 0, nil
}

func (a *audience) hear(rt *rapid.T, source string, facts ...order.Fact) {
	if _, err := a.orders.ApplyMany(a.t.Context(), a.Brand, source, facts); err != nil {
		rt.Fatalf("%s tells %+v: %v", source, facts, err)
	}
}

func (a *audience) vest(rt *rapid.T, now time.Time) {
	a.is(now)
	if _, err := a.book.Vest(a.t.Context(), a.Brand, now); err != nil {
		rt.Fatal(err)
	}
}

// end is all that is true of the brand when the return period of everything is over, with names in place of ids.
func (a *audience) end(rt *rapid.T, vestedBefore bool) string {
	a.vest(rt, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	n := a.names(rt)
	var lines []string
	say := func(what string, fact any) error {
		text, err := json.MarshalIndent(fact, "", " ")
		lines = append(lines, what+" "+n.in(string(text)))
		return err
	}
	err := a.pool.Read(a.t.Context(), a.Brand, func(tx pgx.Tx) error {
		ids, err := column[shop.ID](a, tx, `SELECT id FROM sales_order WHERE brand_id = $1 ORDER BY source, external_id`)
		if err != nil {
			return err
		}
		for _, id := range ids {
			o, err := order.Load(a.t.Context(), tx, a.Brand, id)
			if err != nil {
				return err
			}
			o.Brand, o.RecordedAt = 0, time.Time{}
			credits, err := ledger.CreditsOf(a.t.Context(), tx, a.Brand, id)
			if err != nil {
				return err
			}
			if err := credits.Retrace(); err != nil {
				return err
			}
			if vestedBefore {
				credits.VestedAt, credits.VestedMonth = time.Time{}, time.Time{}
			}
			if err := say("order", o); err != nil {
				return err
			}
			if err := say("credits", credits); err != nil {
				return err
			}
		}
		for _, query := range endings(vestedBefore) {
			rows, err := column[string](a, tx, query)
			if err != nil {
				return err
			}
			for i := range rows {
				rows[i] = n.in(rows[i])
			}
			lines = append(lines, slices.Sorted(slices.Values(rows))...)
		}
		return nil
	})
	if err != nil {
		rt.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// endings are what is true beside orders and credits, a line each.
func endings(vestedBefore bool) []string {
	account := "a.kind"
	if vestedBefore {
		account = "CASE WHEN a.kind = 'expense' THEN a.kind ELSE 'pending and payable' END"
	}
	return []string{`
SELECT format('figures of order %s %s: %s %s', source, external_id, paid_minor, refunded_minor)
FROM sales_order WHERE brand_id = $1`, `
SELECT format('account %s of %s %s: %s %s', account, holder_kind, holder_id, sum(minor), currency)
FROM (
  SELECT ` + account + ` AS account, a.holder_kind, a.holder_id, a.currency, d.credit_minor - d.debit_minor AS minor
  FROM account a JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id
  WHERE a.brand_id = $1) AS moved
GROUP BY account, holder_kind, holder_id, currency HAVING sum(minor) <> 0`, `
SELECT format('customer %s: %s orders, %s spent, from %s to %s', customer_id, orders, spent_minor, first_order_at, last_order_at)
FROM customer_profile WHERE brand_id = $1`, `
SELECT format('waiting: %s %s %s %s %s', source, order_external_id, kind, external_id, sequence)
FROM waiting_fact WHERE brand_id = $1`}
}

func column[T any](a *audience, tx pgx.Tx, query string) ([]T, error) {
	rows, err := tx.Query(a.t.Context(), query, a.Brand)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", query, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[T])
}

// names are what the ids of one brand stand for. An id without a name (a plan, a binding, an order) is numbered when it is
// first met.
type names map[string]string

func (a *audience) names(rt *rapid.T) names {
	n := names{"null": "null"}
	for name, id := range map[string]shop.ID{"S1": a.S1, "S2": a.S2, "WEB": a.Web, "amy": a.Amy, "ben": a.Ben, "nobody": {},
		"lin": a.customers[1], "mei": a.customers[2]} {
		n[id.String()] = name
	}
	err := a.pool.Read(a.t.Context(), a.Brand, func(tx pgx.Tx) error {
		holder, err := customer.Find(a.t.Context(), tx, a.Brand, customer.Identity{Kind: customer.WebShop, Value: "shop:7"})
		if err == nil {
			n[holder.String()] = "account holder"
		}
		return nil
	})
	if err != nil {
		rt.Fatal(err)
	}
	return n
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func (n names) in(text string) string {
	return anyID.ReplaceAllStringFunc(text, func(id string) string {
		if _, known := n[id]; !known {
			n[id] = fmt.Sprint("id ", len(n))
		}
		return n[id]
	})
}
