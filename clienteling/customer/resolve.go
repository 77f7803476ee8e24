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
	q := newQuestion(shop.ID{}, identities)
	if err := settle(ctx, tx, brand, []*question{q}, now); err != nil {
		return shop.ID{}, err
	}
	return q.customer, nil
}

// ResolveMany is Resolve for many at once. Each gets the answer that it would get if they were resolved one after the other
// in the sequence given; a few hundred who have nothing to do with one another take as many statements as one.
func ResolveMany(ctx context.Context, tx pgx.Tx, brand shop.BrandID, sets [][]Identity, now time.Time) ([]shop.ID, error) {
	questions := make([]*question, len(sets))
	for n, identities := range sets {
		questions[n] = newQuestion(shop.ID{}, identities)
	}
	if err := settle(ctx, tx, brand, questions, now); err != nil {
		return nil, err
	}
	ids := make([]shop.ID, len(sets))
	for n, q := range questions {
		ids[n] = q.customer
	}
	return ids, nil
}

// Attach makes identities those of a customer who is known already, by the same rule.
func Attach(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, identities []Identity, now time.Time) error {
	return settle(ctx, tx, brand, []*question{newQuestion(id, identities)}, now)
}

// question is a set of identities, strongest first, and what was decided about it.
type question struct {
	known      shop.ID // whom the identities are to become; zero: whoever they name
	identities []Identity
	verdict
}

func newQuestion(known shop.ID, identities []Identity) *question {
	return &question{known: known, identities: strongestFirst(identities), verdict: verdict{customer: known}}
}

// settle answers questions as if one after the other. Those that have nothing to do with one another go together.
func settle(ctx context.Context, tx pgx.Tx, brand shop.BrandID, questions []*question, now time.Time) error {
	now = shop.Millis(now)
	open := slices.DeleteFunc(slices.Clone(questions), func(q *question) bool { return len(q.identities) == 0 })
	for tries := 0; len(open) > 0; {
		if tries++; tries > maxResolves {
			return fmt.Errorf("resolve customer: others took one of the identities %d times", maxResolves)
		}
		held, err := holders(ctx, tx, brand, identitiesOfAll(open))
		if err != nil {
			return fmt.Errorf("resolve customer: %w", err)
		}
		writing, later := decideApart(open, held)
		done, err := write(ctx, tx, brand, writing, now)
		if err != nil {
			return fmt.Errorf("resolve customer: %w", err)
		}
		if done {
			open, tries = later, 0
		}
	}
	return nil
}

func identitiesOfAll(questions []*question) []Identity {
	var all []Identity
	for _, q := range questions {
		all = append(all, q.identities...)
	}
	return all
}

// decideApart decides the questions, in their sequence, that do not depend on what an earlier one writes: they have no name in
// common with it, and no customer who bears one. It returns those that have something to write, and the others for later. The
// first question is always decided.
func decideApart(open []*question, held map[name]holder) (writing, later []*question) {
	names, customers := map[name]bool{}, map[shop.ID]bool{}
	for _, q := range open {
		depends := customers[q.known]
		for _, i := range q.identities {
			depends = depends || names[i.name()] || customers[held[i.name()].Customer]
		}
		if depends {
			later = append(later, q)
		} else if q.verdict = decide(q.known, q.identities, held); q.writes() {
			writing = append(writing, q)
		} else {
			continue
		}
		for _, i := range q.identities {
			names[i.name()], customers[held[i.name()].Customer] = true, true
		}
		customers[q.known] = true
		delete(customers, shop.ID{})
	}
	return writing, later
}

// write does what was decided, or nothing: false when somebody else was faster. It works in a savepoint, so that a customer
// who was made in vain is gone.
func write(ctx context.Context, tx pgx.Tx, brand shop.BrandID, questions []*question, now time.Time) (done bool, err error) {
	if len(questions) == 0 {
		return true, nil
	}
	err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		if err := holdPeople(ctx, tx, brand, enriched(questions)); err != nil {
			return err
		}
		if err := insertNew(ctx, tx, brand, questions, now); err != nil {
			return err
		}
		var conflicts []audit.Entry
		for _, q := range questions {
			if err := proveIdentities(ctx, tx, brand, q.customer, q.prove, now); err != nil {
				return err
			}
			if err := moveIdentities(ctx, tx, brand, q.customer, q.move, now); err != nil {
				return err
			}
			conflicts = append(conflicts, q.conflicts()...)
		}
		return audit.Note(ctx, tx, shop.System(brand), now, conflicts...)
	})
	if errors.Is(err, errFaster) {
		return false, nil
	}
	return err == nil, err
}

// enriched are the customers who are known and of whom more is to be known.
func enriched(questions []*question) []shop.ID {
	var known []shop.ID
	for _, q := range questions {
		if !q.create && len(q.take)+len(q.prove)+len(q.move) > 0 {
			known = append(known, q.customer)
		}
	}
	return known
}

// insertNew makes the customers who are new, and everybody's new identities.
func insertNew(ctx context.Context, tx pgx.Tx, brand shop.BrandID, questions []*question, now time.Time) error {
	var created []shop.ID
	var taken []Identity
	var by []shop.ID
	for _, q := range questions {
		if q.create {
			q.customer = shop.NewID(now)
			created = append(created, q.customer)
		}
		taken = append(taken, q.take...)
		by = append(by, slices.Repeat([]shop.ID{q.customer}, len(q.take))...)
	}
	if err := insertCustomers(ctx, tx, brand, created, now); err != nil {
		return err
	}
	return insertIdentities(ctx, tx, brand, by, taken, now)
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
