package binding

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// counting bounds a count: so many customers at once, so many times.
type counting struct{ atOnce, times int }

// inRequest are 20,000 customers, about a second. Who acts waits for the count, and what she did is done whether or not it comes
// to an end.
var inRequest = counting{2000, 10}

// handover counts whom the succession passes on.
func handover(ctx context.Context, db postgres.DB, brand shop.BrandID, by Succession, within counting) (Handover, error) {
	h := Handover{Succession: by, ByHeir: make([]int, len(by.Heirs))}
	origin, err := originOf(ctx, db, brand, by)
	if err != nil {
		return h, err
	}
	next := chunk{most: within.atOnce}
	for times := 0; ; times++ {
		found, last, err := passages(ctx, db, brand, by, origin, next)
		if err != nil || last.IsZero() {
			return h, err
		}
		if h.IsPartial = times == within.times; h.IsPartial {
			return h, nil
		}
		for _, p := range found {
			h.Customers++
			h.ByHeir[by.heirOf(p.Customer)]++
		}
		next.after = last
	}
}

// eachPassage goes through the customers of a succession after one of them, by id, for as long as the answer is true.
func eachPassage(ctx context.Context, db postgres.DB, brand shop.BrandID, by Succession, after shop.ID, next func(Passage) bool) error {
	origin, err := originOf(ctx, db, brand, by)
	if err != nil {
		return err
	}
	for {
		found, last, err := passages(ctx, db, brand, by, origin, chunk{after, followAtOnce})
		if err != nil || last.IsZero() {
			return err
		}
		for _, p := range found {
			if !next(p) {
				return nil
			}
		}
		after = last
	}
}

// Successions is who took over from whom, newest first. A manager sees those that concern her stores, and people who ever worked
// there.
func (s *Service) Successions(ctx context.Context, actor shop.Actor, page shop.Page) ([]Succession, string, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	var all []Succession
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		seen, err := s.seenBy(ctx, tx, actor)
		if err != nil {
			return err
		}
		all, err = pageOfSuccessions(ctx, tx, actor.Brand, seen, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list successions: %w", err)
	}
	all, next := shop.Cut(page, all, func(s Succession) shop.ID { return s.ID })
	return all, next, nil
}

// HandedOver is a succession with a page of the customers whom it passes on, by id: whose they were and whose they are. To a manager
// only those of her stores, before or after. shop.ErrNotFound for a succession that does not concern her.
func (s *Service) HandedOver(ctx context.Context, actor shop.Actor, id shop.ID, page shop.Page) (Succession, []Passage, string, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Succession{}, nil, "", err
	}
	var by Succession
	var all []Passage
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all = nil
		if by, err = successionByID(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		seen, err := s.seenBy(ctx, tx, actor)
		if err != nil {
			return err
		}
		if seen != nil && !seen.has(by) {
			return shop.ErrNotFound
		}
		err = eachPassage(ctx, tx, actor.Brand, by, page.After, func(p Passage) bool {
			if actor.WorksAt(p.From.Store) || actor.WorksAt(p.To.Store) {
				all = append(all, p)
			}
			return len(all) <= page.Limit
		})
		if err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, s.now(), audit.Entry{Act: "handover_read", Subject: id})
	})
	if err != nil {
		return Succession{}, nil, "", fmt.Errorf("customers of succession %s: %w", id, err)
	}
	all, next := shop.Cut(page, all, func(p Passage) shop.ID { return p.Customer })
	return by, all, next, nil
}

// seenBy is whose successions the actor sees; nil is everybody's.
func (s *Service) seenBy(ctx context.Context, tx pgx.Tx, actor shop.Actor) (*source, error) {
	if !actor.Is(shop.RoleManager) {
		return nil, nil
	}
	everSince, forNow := time.Time{}.AddDate(1900, 0, 0), s.now().AddDate(mostYears, 0, 0)
	people, err := team.StaffOfStores(ctx, tx, actor.Brand, actor.Stores, everSince, forNow)
	return &source{people: append([]shop.ID{}, people...), stores: actor.Stores}, err
}

func (s *source) has(by Succession) bool {
	return slices.Contains(s.people, by.Staff) || slices.Contains(s.stores, by.Store) ||
		slices.ContainsFunc(by.Heirs, func(h Heir) bool { return slices.Contains(s.stores, h.Store) })
}
