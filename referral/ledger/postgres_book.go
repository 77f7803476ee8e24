package ledger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// PostgreSQL would plan the check of each row's foreign keys anew, since a plan for any order, over all years, looks dearer to
// it than one for this order; planning is what then costs most of an insert.
const (
	planOnce = `SET LOCAL plan_cache_mode = force_generic_plan`
	planFree = `SET LOCAL plan_cache_mode = auto`
)

// queueTransfers adds transfers to a batch: the accounts that they need, the transfers, and the roll-up of each account's
// day. Rows that others may also touch are sorted, so that two postings never wait for one another in a circle.
func queueTransfers(batch *pgx.Batch, brand shop.BrandID, zone *time.Location, transfers []Transfer) {
	if len(transfers) == 0 {
		return
	}
	queueAccounts(batch, brand, transfers)
	queueRows(batch, brand, transfers)
	queueDays(batch, brand, daysOf(transfers, zone))
}

// writeTransfers writes what is dated already.
func writeTransfers(ctx context.Context, tx pgx.Tx, brand shop.BrandID, zone *time.Location, transfers []Transfer) error {
	batch := &pgx.Batch{}
	queueTransfers(batch, brand, zone, transfers)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("post transfers: %w", err)
	}
	return nil
}

func queueAccounts(batch *pgx.Batch, brand shop.BrandID, transfers []Transfer) {
	seen := map[shop.ID]Account{}
	for _, t := range transfers {
		seen[t.Debit.ID()], seen[t.Credit.ID()] = t.Debit, t.Credit
	}
	ids := make([]shop.ID, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) })
	n := len(ids)
	kinds, holders, currencies := make([]string, n), make([]string, n), make([]string, n)
	holderIDs := make([]shop.ID, n)
	for i, id := range ids {
		a := seen[id]
		kinds[i], holders[i], holderIDs[i], currencies[i] = string(a.Kind), a.holderKind(), a.Holder.ID, string(a.Currency)
	}
	batch.Queue(`
INSERT INTO account (brand_id, id, kind, holder_kind, holder_id, currency)
SELECT $1, a.id, a.kind, a.holder_kind, a.holder_id, a.currency
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[]) AS a (id, kind, holder_kind, holder_id, currency)
ON CONFLICT DO NOTHING`, brand, ids, kinds, holders, holderIDs, currencies)
}

func queueRows(batch *pgx.Batch, brand shop.BrandID, transfers []Transfer) {
	n := len(transfers)
	ids, debits, credits, orders, reverses := make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n)
	kinds, roles, currencies, parcels, facts, reasons := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	amounts, lines := make([]int64, n), make([]*int32, n)
	months, effective, posted := make([]time.Time, n), make([]time.Time, n), make([]time.Time, n)
	for i, t := range transfers {
		ids[i], debits[i], credits[i], orders[i], reverses[i] = t.ID, t.Debit.ID(), t.Credit.ID(), t.Order, t.Reverses
		kinds[i], roles[i], currencies[i], parcels[i], facts[i], reasons[i] = string(t.Kind), string(t.Role), string(t.Debit.Currency), t.Parcel, t.Fact, string(t.Reason)
		amounts[i], months[i], effective[i], posted[i] = t.Minor, t.Month, t.EffectiveAt, t.PostedAt
		if t.Kind != Vested {
			line := int32(t.Line)
			lines[i] = &line
		}
	}
	batch.Queue(`
INSERT INTO ledger_transfer (brand_id, id, kind, role, debit_account_id, credit_account_id, amount_minor, currency,
  order_id, parcel, line_no, fact, reverses_id, reason, month, effective_at, posted_at)
SELECT $1, t.id, t.kind, t.role, t.debit, t.credit, t.amount, t.currency,
  t.order_id, t.parcel, t.line_no, t.fact, t.reverses_id, t.reason::jsonb, t.month, t.effective_at, t.posted_at
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[],
  $9::uuid[], $10::text[], $11::int[], $12::text[], $13::uuid[], $14::text[], $15::date[], $16::timestamptz[], $17::timestamptz[])
  AS t (id, kind, role, debit, credit, amount, currency, order_id, parcel, line_no, fact, reverses_id, reason, month, effective_at, posted_at)`,
		brand, ids, kinds, roles, debits, credits, amounts, currencies, orders, parcels, lines, facts, reverses, reasons, months, effective, posted)
}

// monthOf is the first day of the instant's month in the brand's zone, as midnight UTC of that date.
func monthOf(at time.Time, zone *time.Location) time.Time {
	y, m, _ := at.In(zone).Date()
	return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
}

// accountDay is what one posting adds to the roll-up of an account's day.
type accountDay struct {
	Account shop.ID
	Day     time.Time
	Kind    TransferKind
	Role    plan.Role
	Debit   int64
	Credit  int64
	Entries int64
}

func daysOf(transfers []Transfer, zone *time.Location) []accountDay {
	type cell struct {
		account shop.ID
		day     time.Time
		kind    TransferKind
		role    plan.Role
	}
	sums := map[cell]*accountDay{}
	add := func(t Transfer, account shop.ID) *accountDay {
		c := cell{account, t.day(zone), t.Kind, t.Role}
		if sums[c] == nil {
			sums[c] = &accountDay{Account: c.account, Day: c.day, Kind: c.kind, Role: c.role}
		}
		sums[c].Entries++
		return sums[c]
	}
	for _, t := range transfers {
		add(t, t.Debit.ID()).Debit += t.Minor
		add(t, t.Credit.ID()).Credit += t.Minor
	}
	days := make([]accountDay, 0, len(sums))
	for _, d := range sums {
		days = append(days, *d)
	}
	slices.SortFunc(days, func(a, b accountDay) int {
		return cmp.Or(bytes.Compare(a.Account[:], b.Account[:]), a.Day.Compare(b.Day), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Role, b.Role))
	})
	return days
}

func queueDays(batch *pgx.Batch, brand shop.BrandID, days []accountDay) {
	n := len(days)
	accounts, dates := make([]shop.ID, n), make([]time.Time, n)
	kinds, roles := make([]string, n), make([]string, n)
	debits, credits, entries := make([]int64, n), make([]int64, n), make([]int64, n)
	for i, d := range days {
		accounts[i], dates[i], kinds[i], roles[i] = d.Account, d.Day, string(d.Kind), string(d.Role)
		debits[i], credits[i], entries[i] = d.Debit, d.Credit, d.Entries
	}
	batch.Queue(`
INSERT INTO account_day AS held (brand_id, account_id, day, kind, role, slot, debit_minor, credit_minor, entries)
SELECT $1, d.account_id, d.day, d.kind, d.role, $9, d.debit, d.credit, d.entries
FROM unnest($2::uuid[], $3::date[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])
  AS d (account_id, day, kind, role, debit, credit, entries)
ON CONFLICT (brand_id, account_id, day, kind, role, slot) DO UPDATE SET
  debit_minor = held.debit_minor + excluded.debit_minor,
  credit_minor = held.credit_minor + excluded.credit_minor,
  entries = held.entries + excluded.entries`,
		brand, accounts, dates, kinds, roles, debits, credits, entries, slotOfWriter())
}

func balancesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, to attribution.Beneficiary, currency shop.Currency) (map[AccountKind]int64, error) {
	kinds := []AccountKind{Pending, Payable, Stated, Paid}
	ids := make([]shop.ID, len(kinds))
	for i, k := range kinds {
		ids[i] = Account{k, to, currency}.ID()
	}
	rows, err := db.Query(ctx, `
SELECT account_id, (sum(credit_minor) - sum(debit_minor))::bigint
FROM account_day
WHERE brand_id = $1 AND account_id = ANY ($2)
GROUP BY account_id`, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("read balances: %w", err)
	}
	out := map[AccountKind]int64{}
	var id shop.ID
	var minor int64
	_, err = pgx.ForEachRow(rows, []any{&id, &minor}, func() error {
		out[kinds[slices.Index(ids, id)]] = minor
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read balances: %w", err)
	}
	return out, nil
}

// CreditsOf are the credits of an order as the rules say now, in the sequence of roles, and the order's own part.
func CreditsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, orderID shop.ID) (OrderCredit, error) {
	var oc OrderCredit
	var payable, vested, month *time.Time
	err := db.QueryRow(ctx, `
SELECT order_id, plan_id, reason, lost, trace, payable_at, vested_at, vested_month,
  EXISTS (SELECT FROM order_hold WHERE brand_id = $1 AND order_id = $2 AND state = 'open')
FROM order_credit
WHERE brand_id = $1 AND order_id = $2`, brand, orderID).Scan(&oc.Order, &oc.Plan, &oc.Reason, &oc.Lost, &oc.Trace, &payable, &vested, &month, &oc.IsHeld)
	if errors.Is(err, pgx.ErrNoRows) {
		return OrderCredit{}, shop.ErrNotFound
	}
	if err != nil {
		return OrderCredit{}, fmt.Errorf("read credit of order %s: %w", orderID, err)
	}
	oc.PayableAt, oc.VestedAt, oc.VestedMonth = orZero(payable), orZero(vested), orZero(month)
	rows, err := db.Query(ctx, `
SELECT order_id, role, beneficiary_kind, beneficiary_id, parcel, line_no, store_id, share_minor, reversed_minor, volume, reason
FROM credit
WHERE brand_id = $1 AND order_id = $2`, brand, orderID)
	if err != nil {
		return OrderCredit{}, fmt.Errorf("read credits of order %s: %w", orderID, err)
	}
	oc.Credits, err = pgx.CollectRows(rows, scanCredit)
	if err != nil {
		return OrderCredit{}, fmt.Errorf("read credits of order %s: %w", orderID, err)
	}
	slices.SortFunc(oc.Credits, func(a, b Credit) int {
		return cmp.Or(cmp.Compare(a.Role.Place(), b.Role.Place()), cmp.Compare(a.To.Kind, b.To.Kind), bytes.Compare(a.To.ID[:], b.To.ID[:]), cmp.Compare(a.Parcel, b.Parcel), cmp.Compare(a.Line, b.Line))
	})
	return oc, nil
}

func scanCredit(row pgx.CollectableRow) (Credit, error) {
	var c Credit
	var volume string
	err := row.Scan(&c.Order, &c.Role, &c.To.Kind, &c.To.ID, &c.Parcel, &c.Line, &c.Store, &c.Minor, &c.Reversed, &volume, &c.Reason)
	if err == nil {
		c.Volume, err = volumeOf(volume)
	}
	return c, err
}

func volumeOf(text string) (*big.Rat, error) {
	volume, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, fmt.Errorf("a volume of %q", text)
	}
	return volume, nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
