package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/notify/delivery"
	"homestore/notify/offer"
)

// pageSize customers are addressed in one transaction: their locks are held for some 50 ms.
const pageSize = 300

// errFaster: another fan-out of the same campaign has handled the page, or somebody has stopped it.
var errFaster = errors.New("the campaign has moved on")

// errEarly: the queue's clock is ahead of ours.
var errEarly = errors.New("the campaign is not to begin yet")

// FanOut addresses the audience page by page until everybody was considered, the campaign is stopped, or ctx ends; called
// again it goes on where it was. Two at once share the work.
func (s *Service) FanOut(ctx context.Context, brand shop.BrandID, id shop.ID) error {
	for {
		isMore, err := s.nextPage(ctx, brand, id)
		if err != nil && !errors.Is(err, errFaster) {
			return fmt.Errorf("fan out campaign %s: %w", id, err)
		}
		if err == nil && !isMore {
			return nil
		}
	}
}

// nextPage handles the next customers. Reading the campaign locks nothing, for customers are locked first; writing it down
// fails unless it is as it was read.
func (s *Service) nextPage(ctx context.Context, brand shop.BrandID, id shop.ID) (isMore bool, err error) {
	now := shop.Millis(s.now())
	err = s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		isMore = false
		c, err := campaignByID(ctx, tx, brand, id)
		if err != nil {
			return err
		}
		if c.State == Scheduled {
			if now.Before(c.ScheduledAt) || c.ScheduledAt.IsZero() {
				return errEarly
			}
			isMore = true
			_, err := updateBegun(ctx, tx, brand, id, now)
			return err
		}
		if c.State != Running {
			return nil
		}
		p, err := c.next(ctx, tx, brand)
		if err != nil {
			return err
		}
		if p.reached.IsZero() {
			return s.finish(ctx, tx, brand, c, now)
		}
		isMore = true
		return s.address(ctx, tx, brand, c, p, now)
	})
	return isMore, err
}

// page is a part of the audience.
type page struct {
	customers []shop.ID
	lost      int // named, and nobody's id
	reached   shop.ID
}

// next reads the page after the last; it reaches nobody behind the last one.
func (c Campaign) next(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (page, error) {
	if len(c.Audience.Customers) > 0 {
		return c.nextNamed(ctx, tx, brand)
	}
	members, err := customer.MembersAfter(ctx, tx, brand, c.Audience.HomeStore, c.reached, pageSize)
	if err != nil || len(members) == 0 {
		return page{}, err
	}
	return page{customers: members, reached: members[len(members)-1]}, nil
}

func (c Campaign) nextNamed(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (page, error) {
	named := c.Audience.namedAfter(c.reached, pageSize)
	if len(named) == 0 {
		return page{}, nil
	}
	known, err := customer.Addressees(ctx, tx, brand, named, customer.ByPush)
	if err != nil {
		return page{}, err
	}
	p := page{lost: len(named) - len(known), reached: named[len(named)-1]}
	for _, a := range known {
		p.customers = append(p.customers, a.ID)
	}
	return p, nil
}

func (s *Service) address(ctx context.Context, tx pgx.Tx, brand shop.BrandID, c Campaign, p page, now time.Time) error {
	what := delivery.Intent{Purpose: c.ID, Offer: c.Offer, Emergency: c.Emergency}
	addressed, err := s.deliveries.Intend(ctx, tx, brand, what, p.customers, now)
	if err != nil {
		return err
	}
	if _, err := offer.GrantTo(ctx, tx, brand, c.Offer, addressed.Customers, c.grantedBy(), now); err != nil {
		return err
	}
	counts := c.Counts
	counts.add(addressed)
	counts.lose(delivery.NotOurs, p.lost)
	kept, err := updateReached(ctx, tx, brand, c, p.reached, counts)
	if err == nil && !kept {
		return errFaster
	}
	return err
}

func (s *Service) finish(ctx context.Context, tx pgx.Tx, brand shop.BrandID, c Campaign, now time.Time) error {
	kept, err := updateFinished(ctx, tx, brand, c, now)
	if err == nil && !kept {
		return errFaster
	}
	return err
}
