package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// holder is who has an identity now.
type holder struct {
	Customer shop.ID
	Verified bool // the identity is
	Member   bool
	// Proven: somebody can show that she is this customer, by an account of another system or a verified contact. A contact
	// that such a customer merely wrote down may be anybody's.
	Proven bool
}

// verdict is what a set of identities means: whose they are, and what is to be written for it.
type verdict struct {
	customer shop.ID // zero with create: a new one; zero without: nobody can be named
	create   bool
	take     []Identity // nobody has them: they become hers
	prove    []Identity // hers, and verified from now on
	move     []moved    // somebody else wrote them down unverified: they become hers
	leave    []moved    // somebody else's for good reason
}

type moved struct {
	Identity
	from shop.ID
}

// decide says whose the identities (strongest first) are. The rule, in this order:
//
//  1. an id of a system (member number, identity provider, LINE, web shop, point of sale) leads to whom it was given to;
//  2. a verified phone number, then a verified address, leads to who has verified it, or to who wrote it down and whom
//     nobody else can prove to be: somebody enrolled at a till, a guest of the web shop;
//  3. with nothing but unverified contacts, they lead to the guest who left them before: never to a member;
//  4. else this is a new customer; nobody at all when only unverified contacts are given and others have them.
//
// What the winner's other identities are to somebody else stays there, except that a verified contact takes itself back from
// whoever wrote it down unverified.
func decide(known shop.ID, identities []Identity, held map[name]holder) verdict {
	v := verdict{customer: known}
	if v.customer.IsZero() {
		v.customer = whose(identities, held)
	}
	if v.customer.IsZero() {
		v.create = slices.ContainsFunc(identities, func(i Identity) bool {
			_, taken := held[i.name()]
			return i.vouched() || !taken
		})
		if !v.create {
			return v
		}
	}
	for _, i := range identities {
		h, taken := held[i.name()]
		switch {
		case !taken:
			v.take = append(v.take, i)
		case h.Customer == v.customer:
			if i.vouched() && !h.Verified {
				v.prove = append(v.prove, i)
			}
		case i.Kind.isContact() && i.Verified && !h.Verified:
			v.move = append(v.move, moved{i, h.Customer})
		case i.vouched():
			v.leave = append(v.leave, moved{i, h.Customer})
		}
	}
	return v
}

func whose(identities []Identity, held map[name]holder) shop.ID {
	anyVouched := slices.ContainsFunc(identities, Identity.vouched)
	for _, i := range identities {
		h, taken := held[i.name()]
		switch {
		case !taken:
		case !i.Kind.isContact(),
			i.Verified && (h.Verified || !h.Proven),
			!anyVouched && !h.Verified && !h.Member && !h.Proven:
			return h.Customer
		}
	}
	return shop.ID{}
}

// writes says whether there is anything to write.
func (v verdict) writes() bool {
	return v.create || len(v.take)+len(v.prove)+len(v.move)+len(v.leave) > 0
}

// maxResolves bounds how often a resolution is decided anew because somebody else has just taken one of the identities.
// Each time at least one other has committed, so it would take as many newcomers at one moment.
const maxResolves = 8

// Resolve finds or makes the customer that the identities name, by the rule of decide, and writes down what is new. The zero
// ID, without an error, means that nobody can be named: no identities at all, or only unverified contacts that others have.
// Conflicts are noted in the audit. Sixteen at once with one new phone number get one customer.
func Resolve(ctx context.Context, tx pgx.Tx, brand shop.BrandID, identities []Identity, now time.Time) (shop.ID, error) {
	return settle(ctx, tx, brand, shop.ID{}, identities, now)
}

// Attach makes identities those of a customer who is known already, by the same rule.
func Attach(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, identities []Identity, now time.Time) error {
	_, err := settle(ctx, tx, brand, id, identities, now)
	return err
}

func settle(ctx context.Context, tx pgx.Tx, brand shop.BrandID, known shop.ID, identities []Identity, now time.Time) (shop.ID, error) {
	identities = strongestFirst(identities)
	if len(identities) == 0 {
		return known, nil
	}
	now = shop.Millis(now)
	for range maxResolves {
		held, err := holders(ctx, tx, brand, identities)
		if err != nil {
			return shop.ID{}, fmt.Errorf("resolve customer: %w", err)
		}
		v := decide(known, identities, held)
		if !v.writes() {
			return v.customer, nil
		}
		done, err := v.write(ctx, tx, brand, now)
		if err != nil {
			return shop.ID{}, fmt.Errorf("resolve customer: %w", err)
		}
		if done {
			return v.customer, nil
		}
	}
	return shop.ID{}, fmt.Errorf("resolve customer: others took one of the identities %d times", maxResolves)
}

// write does what was decided, or nothing: false when somebody else was faster. It works in a savepoint, so that a customer
// who was made in vain is gone.
func (v *verdict) write(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) (done bool, err error) {
	err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		if v.create {
			v.customer = shop.NewID(now)
			if err := insertCustomer(ctx, tx, brand, v.customer, now); err != nil {
				return err
			}
		}
		if err := insertIdentities(ctx, tx, brand, v.customer, v.take, now); err != nil {
			return err
		}
		if err := proveIdentities(ctx, tx, brand, v.customer, v.prove, now); err != nil {
			return err
		}
		if err := moveIdentities(ctx, tx, brand, v.customer, v.move, now); err != nil {
			return err
		}
		return audit.Note(ctx, tx, shop.System(brand), now, v.conflicts()...)
	})
	if errors.Is(err, errFaster) {
		return false, nil
	}
	return err == nil, err
}

// conflicts names the kinds, never the values: a phone number in the audit would outlive its erasure.
func (v *verdict) conflicts() []audit.Entry {
	var out []audit.Entry
	note := func(act string, m moved) {
		out = append(out, audit.Entry{Act: act, Customer: v.customer, Subject: m.from, Detail: map[string]any{"kind": m.Kind}})
	}
	for _, m := range v.move {
		note("identity_moved", m)
	}
	for _, m := range v.leave {
		note("identity_conflict", m)
	}
	return out
}

// Find is the customer that one identity leads to, or ErrUnknown. Unlike Resolve it also follows a contact that nobody has
// verified: it is for people who look somebody up, not for facts that are booked on her.
func Find(ctx context.Context, db postgres.DB, brand shop.BrandID, i Identity) (shop.ID, error) {
	id, err := findIdentity(ctx, db, brand, i)
	if err != nil {
		return shop.ID{}, fmt.Errorf("find customer by %s: %w", i.Kind, err)
	}
	return id, nil
}
