package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
)

// Adoption is how a store took part in one ISO week of the brand's calendar: what answers those who say that OMO is of no use
// (OMO 無效論).
type Adoption struct {
	Week        time.Time // its Monday, midnight UTC of that date
	Store       Key
	NewMembers  int64 // customers won for the store who had no home before
	ActiveStaff int64 // people who won a customer for it, or served one in it
	CameBack    int64 // its customers who visited a store or bought, anywhere, on a later day than the one from which they are its
}

// Adoption are the weeks that the range of days touches, each whole: by week, then by the store's code. A store that took no
// part has no row. Who may read what is as in Funnel. What it says is at most a quarter of an hour behind the facts.
func (s *Service) Adoption(ctx context.Context, actor shop.Actor, d Days, store shop.ID) ([]Adoption, error) {
	stores, err := storesFor(actor, store)
	if err != nil {
		return nil, err
	}
	var weeks []Adoption
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		weeks, err = adoptionOf(ctx, tx, actor.Brand, mondayOf(d.First), d.Last, stores)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("adoption: %w", err)
	}
	return weeks, nil
}

// mondayOf is the first day of the ISO week (ISO 8601) of a day.
func mondayOf(day time.Time) time.Time {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// RollUpWeeks works out each week in which an hour was since it was last worked out, whole, and returns how many that were.
// Run twice it finds nothing the second time.
func (s *Service) RollUpWeeks(ctx context.Context, brand shop.BrandID) (int, error) {
	var weeks []time.Time
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		of, err := team.LoadBrand(ctx, tx, brand)
		if err != nil {
			return err
		}
		weeks, err = weeksDue(ctx, tx, of)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("roll up weeks: %w", err)
	}
	for _, week := range weeks {
		err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
			of, err := lockRollUp(ctx, tx, brand)
			if err != nil {
				return err
			}
			return workOutWeek(ctx, tx, of, week)
		})
		if err != nil {
			return 0, fmt.Errorf("roll up the week of %s: %w", week.Format(time.DateOnly), err)
		}
	}
	return len(weeks), nil
}

func workOutWeek(ctx context.Context, tx pgx.Tx, brand team.Brand, week time.Time) error {
	from, until := Days{First: week, Last: week.AddDate(0, 0, 6)}.in(brand.Zone())
	// First: an hour that is worked out meanwhile waits for the lock and makes the week due again.
	if err := settleWeek(ctx, tx, brand.ID, from, until); err != nil {
		return err
	}
	sums := map[shop.ID]Adoption{}
	if err := takenPart(ctx, tx, brand.ID, from, until, sums); err != nil {
		return err
	}
	seen, err := lastSeen(ctx, tx, brand.ID, from, until)
	if err != nil {
		return err
	}
	homes, err := binding.HoldersAt(ctx, tx, brand.ID, seen.customers, seen.at)
	if err != nil {
		return err
	}
	for i, home := range homes {
		if !home.Store.IsZero() && brand.Day(seen.at[i]).After(brand.Day(home.Since)) {
			sum := sums[home.Store]
			sum.CameBack++
			sums[home.Store] = sum
		}
	}
	return replaceWeek(ctx, tx, brand.ID, week, sums)
}

// appearances are customers and when each was last seen.
type appearances struct {
	customers []shop.ID
	at        []time.Time
}
