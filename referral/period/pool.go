package period

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/target"
)

// poolMonth is what one pool has of the orders of one month.
type poolMonth struct {
	First    time.Time
	Store    shop.ID
	Currency shop.Currency
}

// share is one person's part of it.
type share struct {
	Staff   shop.ID
	Minor   int64
	Minutes int64
}

// dividePools gives the people of each store what its pool has of each month, by the hours of that month, and takes back what they
// have too much. What pools got since the close before is added to what was known of the month; no history is summed.
func (s *settling) dividePools(ctx context.Context, tx pgx.Tx, months []time.Time) error {
	got, err := poolsGot(ctx, tx, s.brand, s.windowFrom(), s.month)
	if err != nil {
		return fmt.Errorf("divide pools: %w", err)
	}
	kept, err := poolsKept(ctx, tx, s.brand.ID, monthsOf(got, months))
	if err != nil {
		return fmt.Errorf("divide pools: %w", err)
	}
	all := map[poolMonth]int64{}
	for at, minor := range kept {
		all[at] += minor
	}
	for at, minor := range got {
		all[at] += minor
	}
	hours := map[time.Time]map[shop.ID]map[shop.ID]int64{}
	for _, at := range sortedPools(all) {
		if hours[at.First] == nil {
			if hours[at.First], err = target.HoursOf(ctx, tx, s.brand.ID, at.First); err != nil {
				return fmt.Errorf("divide pools: %w", err)
			}
		}
		if err := s.divideOne(ctx, tx, at, all[at], hours[at.First][at.Store]); err != nil {
			return fmt.Errorf("divide the pool of %s for %s: %w", at.Store, at.First.Format("2006-01"), err)
		}
	}
	return nil
}

// windowFrom is the first month whose postings no close has taken in; zero: all.
func (s *settling) windowFrom() time.Time {
	if s.before.IsZero() {
		return time.Time{}
	}
	return s.before.AddDate(0, 1, 0)
}

func (s *settling) divideOne(ctx context.Context, tx pgx.Tx, at poolMonth, pool int64, minutes map[shop.ID]int64) error {
	by, err := s.worked(ctx, tx, minutes)
	if err != nil {
		return err
	}
	before, err := sharesOf(ctx, tx, s.brand.ID, at)
	if err != nil {
		return err
	}
	parts := divide(pool, by)
	from := ledger.Account{Kind: ledger.Payable, Holder: attribution.PoolOf(at.Store), Currency: at.Currency}
	var shares []share
	for _, who := range sortedPeople(parts, before) {
		reason, err := json.Marshal(sharedReason{Month: at.First.Format("2006-01"), Pool: pool, Minutes: minutes, Share: parts[who]})
		if err != nil {
			return err
		}
		to := ledger.Account{Kind: ledger.Payable, Holder: attribution.StaffOf(who), Currency: at.Currency}
		s.move(at.First, Due{Kind: ledger.Divided}, from, to, parts[who]-before[who], reason)
		shares = append(shares, share{who, parts[who], minutes[who]})
	}
	return upsertPool(ctx, tx, s.brand.ID, at, pool, shares, s.now)
}

func (s *settling) worked(ctx context.Context, tx pgx.Tx, minutes map[shop.ID]int64) ([]worked, error) {
	numbers, err := team.EmployeeNumbers(ctx, tx, s.brand.ID, slices.Collect(maps.Keys(minutes)))
	if err != nil {
		return nil, err
	}
	by := make([]worked, 0, len(minutes))
	for who, n := range minutes {
		by = append(by, worked{Staff: who, Number: numbers[who], Minutes: n})
	}
	return by, nil
}

// monthsOf are the months that pools got something of, and those that are looked at anyway: their hours may be others now.
func monthsOf(got map[poolMonth]int64, months []time.Time) []time.Time {
	all := slices.Clone(months)
	for at := range got {
		all = append(all, at.First)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

func sortedPools(of map[poolMonth]int64) []poolMonth {
	all := make([]poolMonth, 0, len(of))
	for at := range of {
		all = append(all, at)
	}
	slices.SortFunc(all, func(a, b poolMonth) int {
		return cmp.Or(a.First.Compare(b.First), bytes.Compare(a.Store[:], b.Store[:]), cmp.Compare(a.Currency, b.Currency))
	})
	return all
}

// sortedPeople are those who have a part now or had one before.
func sortedPeople(parts, before map[shop.ID]int64) []shop.ID {
	all := slices.AppendSeq(slices.Collect(maps.Keys(parts)), maps.Keys(before))
	slices.SortFunc(all, func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(all)
}
