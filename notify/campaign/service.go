package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/notify/delivery"
	"homestore/notify/offer"
)

// Sight says whom an actor may see; package visit does.
type Sight interface {
	// MaySee is nil for a customer whom the actor may see now, the refusal that she is to read otherwise.
	MaySee(ctx context.Context, tx pgx.Tx, actor shop.Actor, customer shop.ID, now time.Time) error
}

// Service is what head office, managers and staff do to reach customers.
type Service struct {
	pool       *postgres.Pool
	now        func() time.Time
	deliveries *delivery.Service
	sight      Sight
	queue      *river.Client[pgx.Tx]
}

// New makes the service. Queue runs the fan-out; its workers may be registered afterwards.
func New(pool *postgres.Pool, now func() time.Time, deliveries *delivery.Service, sight Sight, queue *river.Client[pgx.Tx]) *Service {
	return &Service{pool, now, deliveries, sight, queue}
}

// Create plans a campaign with an approved offer. It begins by itself at ScheduledAt, at once when that has passed, or by
// hand when there is none. shop.ErrFields, shop.ErrForbidden, shop.ErrNotFound, team.ErrStoreUnknown, offer.ErrNotApproved and
// offer.ErrOver can come back.
func (s *Service) Create(ctx context.Context, actor shop.Actor, d Draft) (Campaign, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleManager, shop.RoleSystem); err != nil {
		return Campaign{}, err
	}
	now := shop.Millis(s.now())
	if err := d.check(now); err != nil {
		return Campaign{}, err
	}
	if err := mayAddress(actor, d.Audience, d.Emergency); err != nil {
		return Campaign{}, err
	}
	d.Audience = d.Audience.sorted()
	if !d.ScheduledAt.IsZero() {
		d.ScheduledAt = shop.Millis(d.ScheduledAt)
	}
	c := Campaign{ID: d.ID, Draft: d, State: Scheduled, CreatedBy: actor.ID, CreatedAt: now}
	if d.ID.IsZero() {
		c.ID = shop.NewID(now)
	}
	c.Draft.ID = shop.ID{}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if made, err := campaignByID(ctx, tx, actor.Brand, c.ID); !errors.Is(err, shop.ErrNotFound) {
			c = made
			return err
		}
		if err := mayPlan(ctx, tx, actor.Brand, d, now); err != nil {
			return err
		}
		if err := insertCampaign(ctx, tx, actor.Brand, c); err != nil {
			return err
		}
		if !d.ScheduledAt.IsZero() {
			if err := s.enqueue(ctx, tx, actor.Brand, c.ID, d.ScheduledAt); err != nil {
				return err
			}
		}
		detail := map[string]any{"offer": d.Offer, "emergency": d.Emergency, "all": d.Audience.All, "home_store": d.Audience.HomeStore, "named": len(d.Audience.Customers)}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "campaign_created", Subject: c.ID, Detail: detail})
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("create campaign: %w", err)
	}
	return c, nil
}

// mayPlan takes an offer that is approved and lives when the campaign begins, and a home store that there is.
func mayPlan(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d Draft, now time.Time) error {
	if home := d.Audience.HomeStore; !home.IsZero() {
		if _, err := team.StoreByID(ctx, tx, brand, home); errors.Is(err, shop.ErrNotFound) {
			return team.ErrStoreUnknown
		} else if err != nil {
			return err
		}
	}
	o, err := offer.ByID(ctx, tx, brand, d.Offer)
	if err != nil {
		return err
	}
	begins := now
	if d.ScheduledAt.After(now) {
		begins = d.ScheduledAt
	}
	if d.ScheduledAt.IsZero() && now.Before(o.StartsAt) {
		begins = o.StartsAt // prepared for an offer that is still to begin
	}
	return o.MaySend(begins)
}

// Start begins a campaign now that was prepared, or scheduled for later. ErrNotWaiting when it has begun or was stopped.
func (s *Service) Start(ctx context.Context, actor shop.Actor, id shop.ID) (Campaign, error) {
	return s.change(ctx, actor, id, "campaign_started", func(tx pgx.Tx, c *Campaign, now time.Time) error {
		o, err := offer.ByID(ctx, tx, actor.Brand, c.Offer)
		if err != nil {
			return err
		}
		if err := o.MaySend(now); err != nil {
			return err
		}
		begun, err := updateBegun(ctx, tx, actor.Brand, id, now)
		if err != nil {
			return err
		}
		if !begun {
			return ErrNotWaiting
		}
		c.State, c.StartedAt = Running, now
		return s.enqueue(ctx, tx, actor.Brand, id, time.Time{})
	})
}

// Stop ends a campaign: nobody more is addressed, and what is still to be sent is not. What is under way arrives, and codes
// that were given stay good. Also after the fan-out is finished, as long as messages wait. ErrOver when it was stopped.
func (s *Service) Stop(ctx context.Context, actor shop.Actor, id shop.ID) (Campaign, error) {
	return s.change(ctx, actor, id, "campaign_stopped", func(tx pgx.Tx, c *Campaign, now time.Time) error {
		// The campaign's row first: a page of the fan-out that is not committed yet is waited for, or fails on it.
		stopped, isNew, err := updateStopped(ctx, tx, actor.Brand, id, now)
		if err != nil {
			return err
		}
		if !isNew {
			return ErrOver
		}
		*c = stopped
		if c.StartedAt.IsZero() {
			return nil
		}
		from, until := c.span(now)
		return delivery.Withdraw(ctx, tx, actor.Brand, id, from, until)
	})
}

// change runs one act on a campaign that the actor may address.
func (s *Service) change(ctx context.Context, actor shop.Actor, id shop.ID, act string, fn func(tx pgx.Tx, c *Campaign, now time.Time) error) (Campaign, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleManager, shop.RoleSystem); err != nil {
		return Campaign{}, err
	}
	now := shop.Millis(s.now())
	var c Campaign
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if c, err = s.visible(ctx, tx, actor, id); err != nil {
			return err
		}
		if err := fn(tx, &c, now); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: act, Subject: id})
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("%s %s: %w", act, id, err)
	}
	return c, nil
}

// visible is the campaign if the actor may address its audience; else it does not exist for her.
func (s *Service) visible(ctx context.Context, tx pgx.Tx, actor shop.Actor, id shop.ID) (Campaign, error) {
	c, err := campaignByID(ctx, tx, actor.Brand, id)
	if err != nil {
		return Campaign{}, err
	}
	if mayAddress(actor, c.Audience, c.Emergency) != nil && !actor.Is(shop.RoleFinance) {
		return Campaign{}, shop.ErrNotFound
	}
	return c, nil
}

// List is the brand's campaigns, newest first; a manager sees those to her own stores' customers, so a page may be shorter
// than asked for.
func (s *Service) List(ctx context.Context, actor shop.Actor, page shop.Page) ([]Campaign, string, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleManager, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	var all []Campaign
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = pageOfCampaigns(ctx, tx, actor.Brand, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list campaigns: %w", err)
	}
	all, next := shop.Cut(page, all, func(c Campaign) shop.ID { return c.ID })
	mine := all[:0]
	for _, c := range all {
		if mayAddress(actor, c.Audience, c.Emergency) == nil || actor.Is(shop.RoleFinance) {
			mine = append(mine, c)
		}
	}
	return mine, next, nil
}

// Find is a campaign with what became of it so far, or shop.ErrNotFound.
func (s *Service) Find(ctx context.Context, actor shop.Actor, id shop.ID) (Campaign, Funnel, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleManager, shop.RoleFinance, shop.RoleSystem); err != nil {
		return Campaign{}, Funnel{}, err
	}
	now := shop.Millis(s.now())
	var c Campaign
	var f Funnel
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if c, err = s.visible(ctx, tx, actor, id); err != nil || c.StartedAt.IsZero() {
			return err
		}
		f.Counts = c.Counts
		from, until := c.span(now)
		if f.Messages, err = delivery.FunnelOf(ctx, tx, actor.Brand, id, from, until); err != nil {
			return err
		}
		f.Redeemed, err = offer.CountRedeemed(ctx, tx, actor.Brand, c.Offer, c.grantedBy())
		return err
	})
	if err != nil {
		return Campaign{}, Funnel{}, fmt.Errorf("campaign %s: %w", id, err)
	}
	return c, f, nil
}
