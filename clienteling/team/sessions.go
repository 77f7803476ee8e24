package team

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// presented is what a refresh token says, after its signature was found right.
type presented struct {
	brand      shop.BrandID
	id         shop.ID
	generation int
	deviceHash []byte
}

func startSession(ctx context.Context, tx pgx.Tx, s Session, now time.Time) (Session, error) {
	s.Generation, s.RotatedAt, s.CreatedAt, s.ExpiresAt = 1, now, now, now.Add(s.idle())
	return s, insertSession(ctx, tx, s)
}

// StartCustomerSession signs a customer in whom somebody above has found or made, from the app with this secret.
func (s *Service) StartCustomerSession(ctx context.Context, brand shop.BrandID, customer shop.ID, deviceSecret string) (SignedIn, error) {
	now := shop.Millis(s.now())
	session := Session{
		ID: shop.NewID(now), Brand: brand, Subject: SubjectCustomer, SubjectID: customer, Method: ByToken, DeviceHash: digest(deviceSecret),
	}
	var out SignedIn
	err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		started, err := startSession(ctx, tx, session, now)
		if err != nil {
			return err
		}
		out = SignedIn{started, customerActor(started)}
		return audit.Note(ctx, tx, out.Actor, now, audit.Entry{
			Act: "signed_in", Subject: started.ID, Detail: map[string]any{"method": ByToken},
		})
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("start session of customer %s: %w", customer, err)
	}
	return out, nil
}

func customerActor(s Session) shop.Actor {
	return shop.Actor{Brand: s.Brand, Role: shop.RoleCustomer, ID: s.SubjectID, Session: s.ID}
}

// Refresh continues a session: the generation after the presented one, from the same app. The same app asking again within
// ten seconds gets the same generation; any other use of a spent one ends the session (ErrReused). ErrSessionOver for one that
// is over, or whose person or device is.
func (s *Service) Refresh(ctx context.Context, brand shop.BrandID, id shop.ID, generation int, deviceSecret string) (SignedIn, error) {
	now := shop.Millis(s.now())
	at := presented{brand: brand, id: id, generation: generation, deviceHash: digest(deviceSecret)}
	var out SignedIn
	var refusal error
	err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		refusal = nil
		session, err := rotateSession(ctx, tx, at, now, now.Add(staffIdle), now.Add(customerIdle))
		if err != nil {
			return err
		}
		if session.ID.IsZero() {
			session, refusal, err = s.unrotated(ctx, tx, at, now)
			if err != nil || refusal != nil {
				return err // with a refusal too the transaction commits: the family has ended
			}
		}
		actor, err := actorOfSession(ctx, tx, session, now)
		out = SignedIn{session, actor}
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("refresh session %s: %w", id, err)
	}
	return out, nil
}

// unrotated decides about a refresh that found no session to rotate.
func (s *Service) unrotated(ctx context.Context, tx pgx.Tx, at presented, now time.Time) (session Session, refusal, err error) {
	session, err = lockSession(ctx, tx, at.brand, at.id)
	if errors.Is(err, shop.ErrNotFound) {
		return Session{}, ErrSessionOver, nil
	}
	if err != nil {
		return Session{}, nil, err
	}
	v := session.judge(at.generation, at.deviceHash, now)
	if v.revoke == "" {
		return session, v.refusal, nil
	}
	if err := endSession(ctx, tx, at.brand, at.id, v.revoke, now); err != nil {
		return Session{}, nil, err
	}
	entry := audit.Entry{Act: "session_ended", Subject: at.id, Detail: map[string]any{"why": v.revoke}}
	return session, v.refusal, audit.Note(ctx, tx, shop.System(at.brand), now, entry)
}

// ActorOfSession is who the session is of and what she may now: roles and stores as of today. ErrSessionOver when the session,
// the person or the device is over.
func (s *Service) ActorOfSession(ctx context.Context, brand shop.BrandID, id shop.ID) (shop.Actor, error) {
	now := s.now()
	var actor shop.Actor
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		session, err := sessionByID(ctx, tx, brand, id)
		if err != nil {
			return err
		}
		actor, err = actorOfSession(ctx, tx, session, now)
		return err
	})
	if errors.Is(err, shop.ErrNotFound) {
		err = ErrSessionOver
	}
	if err != nil {
		return shop.Actor{}, fmt.Errorf("session %s: %w", id, err)
	}
	return actor, nil
}

func actorOfSession(ctx context.Context, tx pgx.Tx, s Session, now time.Time) (shop.Actor, error) {
	if !s.RevokedAt.IsZero() || !now.Before(s.ExpiresAt) {
		return shop.Actor{}, ErrSessionOver
	}
	if s.Subject == SubjectCustomer {
		return customerActor(s), nil
	}
	st, err := standingOf(ctx, tx, s.Brand, s.SubjectID, s.Device, now)
	if err != nil {
		return shop.Actor{}, err
	}
	actor, err := st.actor(s.Brand, s.SubjectID, s.Method)
	actor.Session = s.ID
	return actor, err
}

// SignOut ends the actor's own session, everywhere within five seconds. Ending it again changes nothing.
func (s *Service) SignOut(ctx context.Context, actor shop.Actor) error {
	now := shop.Millis(s.now())
	return s.act(ctx, actor, now, audit.Entry{Act: "signed_out", Subject: actor.Session}, func(tx pgx.Tx) error {
		return endSession(ctx, tx, actor.Brand, actor.Session, "signed_out", now)
	})
}

// forgetAfter is how long ended sessions and old failures are of use to somebody who looks into an incident.
const forgetAfter = 30 * 24 * time.Hour

// Forget removes sessions and failures of which nothing depends any more. It is safe to run at any time and twice.
func (s *Service) Forget(ctx context.Context, brand shop.BrandID) (forgotten int64, err error) {
	before := s.now().Add(-forgetAfter)
	err = s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		sessions, err := deleteOldSessions(ctx, tx, brand, before)
		if err != nil {
			return err
		}
		tallies, err := deleteOldTallies(ctx, tx, brand, before)
		forgotten = sessions + tallies
		return err
	})
	return forgotten, err
}
