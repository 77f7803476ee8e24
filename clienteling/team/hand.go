package team

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// ErrOnePerson is for whoever would be the second person in a case, where one person may be behind both accounts.
var ErrOnePerson = shop.Refuse(shop.Forbidden, "second_person_required", "One person may be behind this account and that of who asked: "+
	"she made it, gave it its password or took its authenticator app away. Ask somebody whose account has nothing to do with hers; "+
	"`homestore account` makes one.")

// SecondPerson is nil when the actor may decide what somebody else asked for. shop.ErrOwnApproval when it was the actor herself,
// ErrOnePerson when one person may be behind both accounts. What Homestore asked for, anybody may decide.
func SecondPerson(ctx context.Context, db postgres.DB, actor shop.Actor, asked shop.ID) error {
	if asked.IsZero() {
		return nil
	}
	if asked == actor.ID {
		return shop.ErrOwnApproval
	}
	two, err := areTwo(ctx, db, actor.Brand, asked, actor.ID)
	if err != nil {
		return fmt.Errorf("tell whether two accounts are two people: %w", err)
	}
	if !two {
		return ErrOnePerson
	}
	return nil
}

// leaveHands notes that the actor may get into somebody's account from now on, and with her whoever may get into hers. The
// operator's hand frees the account: nobody else's way in leads there any more.
func leaveHands(ctx context.Context, tx pgx.Tx, actor shop.Actor, staff shop.ID, now time.Time) error {
	if actor.Is(shop.RoleSystem) {
		return deleteHands(ctx, tx, actor.Brand, staff)
	}
	return insertHands(ctx, tx, actor.Brand, staff, actor.ID, now)
}
