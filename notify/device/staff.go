package device

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// OfStaff is the staff app on a shop's tablet or a person's own phone. It is hers who signed in on it last, until she signs out.
type OfStaff struct {
	ID      shop.ID
	Staff   shop.ID
	Session shop.ID // in which she registered it
	Registration
	RegisteredAt time.Time // by her
	SeenAt       time.Time // last registration
	DeadAt       time.Time // zero: alive
}

var _ = postgres.RefuseOn("staff_device_staff_fkey", team.ErrStaffUnknown)

var whoWorks = []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleHQ, shop.RoleFinance}

// RegisterStaff makes the app on which the actor is signed in hers, as Register does for a customer. Of more than ten the
// longest unseen is forgotten. shop.ErrFields and push.ErrNoTarget can come back.
func (s *Service) RegisterStaff(ctx context.Context, actor shop.Actor, r Registration) (OfStaff, error) {
	if err := actor.Allow(whoWorks...); err != nil {
		return OfStaff{}, err
	}
	if err := r.check(); err != nil {
		return OfStaff{}, err
	}
	now := shop.Millis(s.now())
	asked, d := OfStaff{ID: shop.NewID(now), Staff: actor.ID, Session: actor.Session, Registration: r, RegisteredAt: now, SeenAt: now}, OfStaff{}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if err := lockStaff(ctx, tx, actor.Brand, actor.ID); err != nil {
			return err
		}
		stored, err := upsertStaff(ctx, tx, actor.Brand, asked) // which may be another device than asked for
		if err != nil {
			return err
		}
		d = stored
		if d.RegisteredAt.Equal(now) { // not at each start of the app
			err = audit.Note(ctx, tx, actor, now, audit.Entry{Act: "staff_device_registered", Subject: d.ID})
		}
		if err != nil {
			return err
		}
		return deleteLongestUnseenStaff(ctx, tx, actor.Brand, actor.ID, mostPerPerson)
	})
	if err != nil {
		return OfStaff{}, fmt.Errorf("register device of staff: %w", err)
	}
	return d, nil
}

// LiveOfStaff are the apps of these people to which a message may be sent: alive, and with a sign-in that nobody has ended. That
// a session was not refreshed for a shift ends nothing: a phone in a pocket is hers at midnight too.
func LiveOfStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff []shop.ID, now time.Time) ([]OfStaff, error) {
	all, err := ofStaff(ctx, tx, brand, staff)
	if err != nil {
		return nil, fmt.Errorf("devices of staff: %w", err)
	}
	var live []OfStaff
	for _, d := range all {
		if !d.DeadAt.IsZero() || now.Sub(d.SeenAt) >= silence {
			continue
		}
		is, err := team.IsSignedIn(ctx, tx, brand, d.Session, now)
		if err != nil {
			return nil, fmt.Errorf("devices of staff: %w", err)
		}
		if is {
			live = append(live, d)
		}
	}
	return live, nil
}

// MarkStaffDead is MarkDead for the staff app.
func MarkStaffDead(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, since, now time.Time) error {
	if err := updateStaffDead(ctx, tx, brand, id, since, now); err != nil {
		return fmt.Errorf("mark device %s of staff dead: %w", id, err)
	}
	return nil
}
