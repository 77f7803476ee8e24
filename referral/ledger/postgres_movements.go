package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
)

// Dated is a month of somebody's book in one currency, which no posting later than Until is dated in.
type Dated struct {
	To       attribution.Beneficiary
	Currency shop.Currency
	Month    time.Time
	Until    time.Time
}

// clocksApart is more than the clocks of two machines that post ever are.
const clocksApart = 24 * time.Hour

// Movements are the transfers dated in a month that gave somebody something or took it, as they were posted; not those that only
// move it from one state to the next. A page costs its rows: both sides of each account are read from their index.
func Movements(ctx context.Context, db postgres.DB, brand shop.BrandID, of Dated, page shop.Page) ([]Transfer, error) {
	accounts := []shop.ID{{}, {}}
	for i, kind := range []AccountKind{Pending, Payable} {
		accounts[i] = Account{kind, of.To, of.Currency}.ID()
	}
	after := page.After
	if after.IsZero() { // nothing is dated more than a day after it was posted
		after = shop.FloorID(of.Month.AddDate(0, 0, -2))
	}
	const columns = `id, kind, role, debit_account_id, credit_account_id, amount_minor, currency, order_id, parcel, line_no, fact, reverses_id, reason, effective_at, month, posted_at`
	rows, err := db.Query(ctx, `
SELECT t.id, t.kind, t.role, t.amount_minor, t.order_id, t.parcel, coalesce(t.line_no, 0), t.fact, t.reverses_id, t.reason, t.effective_at, t.month, t.posted_at,
  d.kind, d.holder_kind, d.holder_id, c.kind, c.holder_kind, c.holder_id, t.currency
FROM unnest($2::uuid[]) AS a (id)
CROSS JOIN LATERAL (
  (SELECT `+columns+` FROM ledger_transfer
   WHERE brand_id = $1 AND debit_account_id = a.id AND id > $3 AND id < $4 AND month = $5 AND kind NOT IN ('vest', 'state', 'pay')
   ORDER BY id LIMIT $6)
  UNION ALL
  (SELECT `+columns+` FROM ledger_transfer
   WHERE brand_id = $1 AND credit_account_id = a.id AND id > $3 AND id < $4 AND month = $5 AND kind NOT IN ('vest', 'state', 'pay')
   ORDER BY id LIMIT $6)
) AS t
JOIN account d ON d.brand_id = $1 AND d.id = t.debit_account_id
JOIN account c ON c.brand_id = $1 AND c.id = t.credit_account_id
ORDER BY t.id
LIMIT $6`, brand, accounts, after, shop.FloorID(of.Until.Add(clocksApart)), of.Month, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("read movements: %w", err)
	}
	return pgx.CollectRows(rows, scanTransfer)
}
