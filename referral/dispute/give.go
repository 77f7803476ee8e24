package dispute

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/plan"
)

// give does what was decided: the customer passes on from now, and the book gives what her orders, or the order, gave.
func (s *Service) give(ctx context.Context, tx pgx.Tx, actor shop.Actor, d Dispute, orders []order.Order) error {
	if !d.Customer.IsZero() {
		if err := s.transfer(ctx, tx, actor, d); err != nil {
			return err
		}
	}
	return s.book.Decide(ctx, tx, actor.Brand, orders, d.decisions(), d.DecidedAt)
}

// transfer makes her theirs from now on, unless she is already.
func (s *Service) transfer(ctx context.Context, tx pgx.Tx, actor shop.Actor, d Dispute) error {
	holder, err := binding.HolderAt(ctx, tx, actor.Brand, d.Customer, d.DecidedAt)
	if err != nil || sideOf(holder) == d.For {
		return err
	}
	t := binding.Transfer{Customers: []shop.ID{d.Customer}, Store: d.For.Store, Reason: d.Reason}
	if d.For.Party.Kind == attribution.ToStaff {
		t.Staff = d.For.Party.ID
	}
	_, err = s.bindings.TransferIn(ctx, tx, actor, t, d.DecidedAt)
	return err
}

// decisions are what the book is told. Of a customer's orders both parts of a home are theirs; where they speak for the store
// alone, what a person of another store had is for all who work there: its pool's.
func (d Dispute) decisions() []attribution.Decision {
	one := func(role plan.Role, to attribution.Beneficiary) attribution.Decision {
		return attribution.Decision{ID: d.ID, Role: role, From: d.From, To: to, Store: d.For.Store, At: d.DecidedAt}
	}
	if d.Customer.IsZero() {
		return []attribution.Decision{one(d.Role, d.For.Party)}
	}
	person := d.For.Party
	if person.Kind != attribution.ToStaff {
		person = attribution.PoolOf(d.For.Store)
	}
	return []attribution.Decision{one(plan.HomeStore, attribution.StoreOf(d.For.Store)), one(plan.HomeStaff, person)}
}

// speaksFor is for whom a plea is, and the store under which she would earn: where she worked at the instant.
func (p Plea) speaksFor(ctx context.Context, tx pgx.Tx, actor shop.Actor, at time.Time) (Side, error) {
	party, store := p.For, p.Store
	if party.IsNobody() && isPersons(p.Role) {
		party = attribution.StaffOf(actor.ID)
	}
	if party.Kind == attribution.ToStaff {
		store, err := workedAt(ctx, tx, actor, party.ID, store, at)
		return Side{party, store}, err
	}
	if store.IsZero() {
		store = party.ID // of the store, or whose pool it is
	}
	if store.IsZero() && len(actor.Stores) == 1 {
		store = actor.Stores[0]
	}
	if _, err := team.StoreByID(ctx, tx, actor.Brand, store); err != nil {
		return Side{}, storeUnknown(err)
	}
	if !actor.WorksAt(store) {
		return Side{}, team.ErrStoreUnknown // as one that does not exist
	}
	if party.IsNobody() {
		party = attribution.StoreOf(store)
	}
	return Side{party, store}, nil
}

func storeUnknown(err error) error {
	if errors.Is(err, shop.ErrNotFound) {
		return team.ErrStoreUnknown
	}
	return err
}

// workedAt is the store at which somebody worked at an instant: the one that is named; else that of the device, where she
// worked there; else her first. binding.ErrNotAssigned where she did not.
func workedAt(ctx context.Context, tx pgx.Tx, actor shop.Actor, who, named shop.ID, at time.Time) (shop.ID, error) {
	candidates := []shop.ID{named}
	if named.IsZero() {
		assignments, err := team.AssignmentsOf(ctx, tx, actor.Brand, who)
		if err != nil {
			return shop.ID{}, err
		}
		candidates[0] = actor.Store
		for _, a := range assignments {
			candidates = append(candidates, a.Store)
		}
	}
	for _, store := range candidates {
		if store.IsZero() {
			continue
		}
		is, err := team.AssignedAt(ctx, tx, actor.Brand, who, store, at)
		if err != nil || is {
			return store, err
		}
	}
	if actor.Role == shop.RoleSystem && len(candidates) > 1 {
		return candidates[1], nil
	}
	return shop.ID{}, binding.ErrNotAssigned
}
