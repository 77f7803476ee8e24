package alarm

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

const (
	morningHour = 7   // by the brand's clock: before the shops open
	madeUpDays  = 7   // of mornings that were missed; the eighth day back says little about today
	atOnce      = 200 // tags in one transaction
)

// Morning looks at the tags of a brand, if it is 07:00 there or later and that has not been done today, and returns how many
// alarms it raised. Mornings that were missed are made up for. Doing it again, or at the same time, changes nothing.
func (s *Service) Morning(ctx context.Context, brand shop.BrandID) (raised int, err error) {
	now := shop.Millis(s.now())
	var place surroundings
	var done time.Time
	err = s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		if place, err = surroundingsOf(ctx, tx, brand, now); err != nil {
			return err
		}
		done, err = lastMorning(ctx, tx, brand)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look at the tags of brand %d: %w", brand, err)
	}
	last := place.brand.Day(now.Add(-morningHour*time.Hour)).AddDate(0, 0, -1)
	for day := last.AddDate(0, 0, 1-madeUpDays); !day.After(last); day = day.AddDate(0, 0, 1) {
		if !day.After(done) {
			continue
		}
		n, err := s.lookAt(ctx, place, day, day.Equal(last), now)
		if err != nil {
			return raised, fmt.Errorf("look at the tags of brand %d on %s: %w", brand, day.Format(time.DateOnly), err)
		}
		raised += n
	}
	return raised, nil
}

// surroundings are what the tags of a brand are looked at by.
type surroundings struct {
	brand  team.Brand
	stores map[shop.ID]team.Store
	limits team.Alarms
}

func surroundingsOf(ctx context.Context, tx pgx.Tx, id shop.BrandID, now time.Time) (surroundings, error) {
	brand, err := team.LoadBrand(ctx, tx, id)
	if err != nil {
		return surroundings{}, err
	}
	policy, err := team.PolicyAt(ctx, tx, id, now)
	if err != nil {
		return surroundings{}, err
	}
	stores, err := team.Stores(ctx, tx, id)
	place := surroundings{brand, map[shop.ID]team.Store{}, policy.Alarms}
	for _, store := range stores {
		place.stores[store.ID] = store
	}
	return place, err
}

// start is when a day of the brand begins.
func (p surroundings) start(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, p.brand.Zone())
}

// lookAt looks at all live tags on one day, some at a time, and notes that it was done once all of them were.
func (s *Service) lookAt(ctx context.Context, place surroundings, day time.Time, isLast bool, now time.Time) (raised int, err error) {
	var after shop.ID
	var tags int
	for {
		var looked []tag.Tag
		var n int
		err := s.pool.Brand(ctx, place.brand.ID, func(tx pgx.Tx) (err error) {
			if looked, err = tag.LiveAfter(ctx, tx, place.brand.ID, after, atOnce); err != nil {
				return err
			}
			n, err = s.lookAtSome(ctx, tx, place, looked, day, isLast, now)
			return err
		})
		if err != nil {
			return raised, err
		}
		tags, raised = tags+len(looked), raised+n
		if len(looked) < atOnce {
			break
		}
		after = looked[len(looked)-1].ID
	}
	err = s.pool.Brand(ctx, place.brand.ID, func(tx pgx.Tx) error {
		if err := endOfTagsNotLive(ctx, tx, place.brand.ID, now); err != nil {
			return err
		}
		return noteMorning(ctx, tx, place.brand.ID, morning{day, tags, raised, now})
	})
	return raised, err
}

// lookAtSome keeps the figures of some tags on a day, raises what they give rise to, and ends what is no longer so.
func (s *Service) lookAtSome(ctx context.Context, tx pgx.Tx, place surroundings, tags []tag.Tag, day time.Time, isLast bool, now time.Time) (int, error) {
	if len(tags) == 0 {
		return 0, nil
	}
	all, err := s.observe(ctx, tx, place, tags, day, isLast)
	if err != nil {
		return 0, err
	}
	var rows []Alarm
	figures := map[shop.ID]Figures{}
	for _, t := range tags {
		o := all[t.ID]
		if o.today.sessions() > 0 {
			figures[t.ID] = o.today
		}
		for _, found := range o.suspicions(place.limits) {
			rows = append(rows, newAlarm(t, found, day, now))
		}
	}
	if err := keepFigures(ctx, tx, place.brand.ID, day, figures); err != nil {
		return 0, err
	}
	raised, err := raise(ctx, tx, place.brand.ID, rows, now.AddDate(0, 0, -place.limits.QuietDays))
	if err != nil || !isLast {
		return raised, err
	}
	return raised, endWhatIsOver(ctx, tx, place.brand.ID, tags, rows, now)
}

// observe gathers everything that the rules look at, in four queries however many tags there are.
func (s *Service) observe(ctx context.Context, tx pgx.Tx, place surroundings, tags []tag.Tag, day time.Time, isLast bool) (map[shop.ID]observed, error) {
	ids := make([]shop.ID, len(tags))
	for i, t := range tags {
		ids[i] = t.ID
	}
	from, to := place.start(day), place.start(day.AddDate(0, 0, 1))
	slots, err := s.scans.Slots(ctx, tx, place.brand.ID, ids, from, to)
	if err != nil {
		return nil, err
	}
	before, err := figuresBefore(ctx, tx, place.brand.ID, ids, day)
	if err != nil {
		return nil, err
	}
	silent := map[shop.ID]bool{}
	if isLast && place.limits.DeadDays > 0 { // earlier days are answered by the last
		found, err := s.scans.Silent(ctx, tx, place.brand.ID, ids, place.start(day.AddDate(0, 0, 1-place.limits.DeadDays)))
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			silent[id] = true
		}
	}
	of := map[shop.ID][]scan.Slot{}
	for _, slot := range slots {
		of[slot.Tag] = append(of[slot.Tag], slot)
	}
	all := map[shop.ID]observed{}
	for _, t := range tags {
		store := place.stores[t.Store]
		o := observed{
			placement: t.Placement, since: later(t.CreatedAt, t.ValidFrom), unchanged: later(t.ChangedAt, t.ValidFrom),
			tellsHome: len(store.Networks) > 0, today: Figures{Day: day}, before: before[t.ID], isSilent: silent[t.ID],
		}
		o.observe(of[t.ID], store.Hours, place.brand.Zone())
		all[t.ID] = o
	}
	return all, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
