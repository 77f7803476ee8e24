package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// vestAtOnce is how many orders one transaction makes payable: few enough that nobody waits for its locks.
const vestAtOnce = 200

// Vest makes payable what is due: the credits of every order whose return period is over by now, unless it looks wrong; then it is
// held until somebody has decided. It returns how many orders became payable. Run twice it finds nothing the second time.
func (l *Ledger) Vest(ctx context.Context, brand shop.BrandID, now time.Time) (int, error) {
	total := 0
	for {
		n, held := 0, 0
		err := l.pool.Brand(ctx, brand, func(tx pgx.Tx) (err error) {
			n, held, err = l.vestSome(ctx, tx, brand, now)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("vest: %w", err)
		}
		total += n
		if n+held < vestAtOnce {
			return total, nil
		}
	}
}

func (l *Ledger) vestSome(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) (vested, held int, err error) {
	all, err := lockDue(ctx, tx, brand, now, vestAtOnce)
	if err != nil || len(all) == 0 {
		return 0, 0, err
	}
	due, err := l.hold(ctx, tx, brand, all, now)
	if err != nil || len(due) == 0 {
		return 0, len(all), err
	}
	return len(due), len(all) - len(due), l.vest(ctx, tx, brand, due, now)
}

func (l *Ledger) vest(ctx context.Context, tx pgx.Tx, brand shop.BrandID, due []due, now time.Time) error {
	ids := make([]shop.ID, len(due))
	for i, d := range due {
		ids[i] = d.Order
	}
	// Nothing is posted to an order between the lock and the commit, so its sums are final until then.
	all, err := transfersOf(ctx, tx, brand, ids)
	if err != nil {
		return err
	}
	have := map[shop.ID][]Transfer{}
	for _, t := range all {
		have[t.Order] = append(have[t.Order], t)
	}
	var post []Transfer
	for _, d := range due {
		post = append(post, vesting(have[d.Order], d, now)...)
	}
	br, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return err
	}
	closed, err := holdMonths(ctx, tx, brand)
	if err != nil {
		return err
	}
	if err := markVested(ctx, tx, brand, br.Zone(), due, closed); err != nil {
		return err
	}
	date(post, closed, br.Zone())
	return writeTransfers(ctx, tx, brand, br.Zone(), post)
}

// due is an order whose credits become payable at an instant.
type due struct {
	Order     shop.ID
	PayableAt time.Time
}

// vesting moves what each beneficiary has pending from an order, role by role, dated the instant at which it became due.
func vesting(have []Transfer, d due, now time.Time) []Transfer {
	type share struct {
		role     plan.Role
		to       attribution.Beneficiary
		currency shop.Currency
	}
	sums := map[share]int64{}
	var seen []share
	for _, t := range have {
		s := share{t.Role, t.holder(), t.Debit.Currency}
		if _, known := sums[s]; !known {
			seen = append(seen, s)
		}
		if t.gives() {
			sums[s] += t.Minor
		} else {
			sums[s] -= t.Minor
		}
	}
	posted := shop.Millis(now)
	var out []Transfer
	for _, s := range seen {
		if sums[s] == 0 {
			continue
		}
		out = append(out, Transfer{
			ID: shop.NewID(posted), Kind: Vested, Role: s.role, Minor: sums[s], Order: d.Order, Reason: []byte(`{"return_period":"over"}`),
			Debit: Account{Pending, s.to, s.currency}, Credit: Account{Payable, s.to, s.currency},
			EffectiveAt: d.PayableAt, PostedAt: posted,
		})
	}
	return out
}

// Balances are what a beneficiary has in each state, by the sums of its accounts.
func Balances(ctx context.Context, db postgres.DB, brand shop.BrandID, to attribution.Beneficiary, currency shop.Currency) (map[AccountKind]int64, error) {
	return balancesOf(ctx, db, brand, to, currency)
}
