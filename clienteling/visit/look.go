package visit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// Look is the one place through which everybody who works for the brand, or with it, reads a customer. What is "card",
// "history", … for the audit, whose entry is written for each look, also a refused one; so the transaction must commit.
// customer.ErrUnknown for somebody who does not exist.
func Look(ctx context.Context, tx pgx.Tx, actor shop.Actor, who shop.ID, what string, now time.Time) (Sight, error) {
	around, err := circleOf(ctx, tx, actor, now)
	if err != nil {
		return Nothing, err
	}
	sight, _, err := look(ctx, tx, actor, around, glance{who, what, now})
	return sight, err
}

// glance is one look: at whom, at what, when.
type glance struct {
	who  shop.ID
	what string
	now  time.Time
}

// look is Look within a circle that is known already; it returns what it has read of her to decide.
func look(ctx context.Context, tx pgx.Tx, actor shop.Actor, around circle, g glance) (Sight, customer.Profile, error) {
	p, err := customer.ProfileOf(ctx, tx, actor.Brand, g.who)
	if err != nil {
		return Nothing, customer.Profile{}, err
	}
	visits, err := visitsSince(ctx, tx, actor.Brand, g.who, g.now.Add(-Lasts))
	if err != nil {
		return Nothing, customer.Profile{}, fmt.Errorf("visits of customer %s: %w", g.who, err)
	}
	sight, why := sightOf(actor, g.who, p.HomeStore, around, visits, g.now)
	detail := map[string]any{"what": g.what, "sight": sight, "why": why}
	if !actor.Store.IsZero() {
		detail["store"] = actor.Store
	}
	return sight, p, audit.Note(ctx, tx, actor, g.now, audit.Entry{Act: "customer_looked_at", Customer: g.who, Detail: detail})
}

// circleOf is whose customers the actor sees by role and policy.
func circleOf(ctx context.Context, tx pgx.Tx, actor shop.Actor, now time.Time) (circle, error) {
	switch actor.Role {
	case shop.RoleHQ, shop.RoleSystem:
		return circle{everybody: true, why: string(actor.Role)}, nil
	case shop.RoleStaff, shop.RoleManager:
	default:
		return circle{}, nil
	}
	policy, err := team.PolicyAt(ctx, tx, actor.Brand, now)
	if err != nil {
		return circle{}, fmt.Errorf("policy: %w", err)
	}
	switch policy.VisibleTo {
	case "brand":
		return circle{everybody: true, why: "policy_brand"}, nil
	case "region":
		all, err := team.Stores(ctx, tx, actor.Brand)
		if err != nil {
			return circle{}, fmt.Errorf("stores: %w", err)
		}
		return circle{stores: neighbours(all, actor.Stores), why: "policy_region"}, nil
	}
	return circle{stores: actor.Stores, why: "home_store"}, nil
}

// neighbours are one's own stores and those of the same regions. Stores without a region are nobody's neighbours.
func neighbours(all []team.Store, own []shop.ID) []shop.ID {
	var regions []string
	for _, s := range all {
		if s.Region != "" && slices.Contains(own, s.ID) {
			regions = append(regions, s.Region)
		}
	}
	out := slices.Clone(own)
	for _, s := range all {
		if slices.Contains(regions, s.Region) && !slices.Contains(own, s.ID) {
			out = append(out, s.ID)
		}
	}
	return out
}

// AtTill records that she is present in a store because the actor serves her at its till: a purchase, or being enrolled.
func AtTill(ctx context.Context, tx pgx.Tx, actor shop.Actor, who, store shop.ID, now time.Time) (Visit, error) {
	v := Visit{Customer: who, Store: store, Proof: ByTill}
	if actor.Is(shop.RoleStaff, shop.RoleManager) {
		v.Staff = actor.ID
	}
	return record(ctx, tx, actor, v, now)
}

func record(ctx context.Context, tx pgx.Tx, actor shop.Actor, v Visit, now time.Time) (Visit, error) {
	v.ProvenAt = shop.Millis(now)
	if v.ID.IsZero() {
		v.ID = shop.NewID(v.ProvenAt)
	}
	if err := insertVisit(ctx, tx, actor.Brand, v); err != nil {
		return Visit{}, fmt.Errorf("record visit of customer %s: %w", v.Customer, err)
	}
	return v, audit.Note(ctx, tx, actor, now, audit.Entry{
		Act: "visit_proven", Customer: v.Customer, Subject: v.ID, Detail: map[string]any{"store": v.Store, "proof": v.Proof},
	})
}

// Since are her visits from an instant on, newest first, for those who decide whose customer she is.
func Since(ctx context.Context, db postgres.DB, brand shop.BrandID, who shop.ID, since time.Time) ([]Visit, error) {
	visits, err := visitsSince(ctx, db, brand, who, since)
	if err != nil {
		return nil, fmt.Errorf("visits of customer %s: %w", who, err)
	}
	return visits, nil
}
