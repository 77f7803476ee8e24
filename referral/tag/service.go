package tag

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// maxIssue bounds what is made at once: forty products in twelve stores and some more.
const maxIssue = 1000

// ErrTooMany refuses to make more tags at once than one transaction should hold.
var ErrTooMany = shop.Refuse(shop.TooLarge, "tag_too_many", "Make at most 1000 tags at once.")

// ErrState refuses what cannot follow on the tag's present state.
var ErrState = shop.Refuse(shop.Conflict, "tag_state_conflict", "The tag's present state does not allow this.")

// Service makes and changes tags. Managers act on the tags of their stores, head office on all; staff make and see their
// own cards. A tag that is not theirs is shop.ErrNotFound, as one that does not exist.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
}

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time) *Service {
	return &Service{pool: pool, now: now}
}

// Issue makes one tag. ErrDestination, ErrStore, ErrStaff and shop.ErrFields can come back.
func (s *Service) Issue(ctx context.Context, actor shop.Actor, spec Spec) (Tag, error) {
	tags, err := s.IssueSeveral(ctx, actor, []Spec{spec})
	if err != nil {
		return Tag{}, err
	}
	return tags[0], nil
}

// IssueSeveral makes all of the tags or none, in the order given.
func (s *Service) IssueSeveral(ctx context.Context, actor shop.Actor, several []Spec) ([]Tag, error) {
	if len(several) > maxIssue {
		return nil, ErrTooMany
	}
	now := shop.Millis(s.now())
	tags := make([]Tag, len(several))
	for i, spec := range several {
		if err := spec.check(); err != nil {
			return nil, err
		}
		if !mayIssue(actor, spec) {
			return nil, shop.ErrForbidden
		}
		tags[i] = drawn(actor, spec, now)
	}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if made, err := issuedBefore(ctx, tx, actor.Brand, several); err != nil || made != nil {
			tags = made
			return err
		}
		hosts, err := allowedHosts(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		for _, t := range tags {
			if err := hosts.CheckDestination(t.Destination); err != nil {
				return err
			}
		}
		if err := joinBatches(ctx, tx, actor, tags, now); err != nil {
			return err
		}
		return insertTags(ctx, tx, tags)
	})
	if err != nil {
		return nil, fmt.Errorf("issue %d tags: %w", len(several), err)
	}
	return tags, nil
}

// issuedBefore are the tags that exist under the ids of the specs; all of them or none, as they were issued.
func issuedBefore(ctx context.Context, tx pgx.Tx, brand shop.BrandID, several []Spec) ([]Tag, error) {
	var made []Tag
	for _, spec := range several {
		if spec.ID.IsZero() {
			return nil, nil
		}
		t, err := tagByID(ctx, tx, brand, spec.ID)
		if errors.Is(err, shop.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		made = append(made, t)
	}
	return made, nil
}

// drawn is the tag as it will be stored, with a fresh code.
func drawn(actor shop.Actor, spec Spec, now time.Time) Tag {
	t := Tag{
		ID: shop.NewID(now), Brand: actor.Brand, Code: NewCode(), Store: spec.Store, Staff: spec.Staff, SKU: spec.SKU, Placement: spec.Placement,
		Label: spec.Label, Batch: spec.Batch, ValidFrom: spec.ValidFrom, ValidUntil: spec.ValidUntil, State: Live, Destination: spec.Destination,
		CreatedBy: actor.ID, CreatedAt: now, ChangedAt: now,
	}
	if !spec.ID.IsZero() {
		t.ID = spec.ID
	}
	if spec.Draft {
		t.State = Draft
	}
	return t
}

// mayIssue: staff may make their own cards without asking, since a card credits nobody but them and their store.
func mayIssue(actor shop.Actor, spec Spec) bool {
	if actor.Is(shop.RoleManager, shop.RoleHQ, shop.RoleSystem) {
		return actor.WorksAt(spec.Store)
	}
	return actor.Is(shop.RoleStaff) && actor.WorksAt(spec.Store) && spec.Staff == actor.ID && spec.Placement == StaffCard
}

// Publish makes a draft live.
func (s *Service) Publish(ctx context.Context, actor shop.Actor, id shop.ID) (Tag, error) {
	return s.become(ctx, actor, id, Live, Draft)
}

// Pause lets a live tag lead to the brand's site until it is resumed.
func (s *Service) Pause(ctx context.Context, actor shop.Actor, id shop.ID) (Tag, error) {
	return s.become(ctx, actor, id, Paused, Live)
}

// Resume makes a paused tag live again.
func (s *Service) Resume(ctx context.Context, actor shop.Actor, id shop.ID) (Tag, error) {
	return s.become(ctx, actor, id, Live, Paused)
}

// Retire takes a tag out of use for good. Retiring it again changes nothing.
func (s *Service) Retire(ctx context.Context, actor shop.Actor, id shop.ID) (Tag, error) {
	return s.become(ctx, actor, id, Retired, Draft, Live, Paused)
}

// become changes the state, provided that it was one of from. A tag that is there already is returned unchanged, so that
// the same call twice is the same answer.
func (s *Service) become(ctx context.Context, actor shop.Actor, id shop.ID, to State, from ...State) (Tag, error) {
	return s.change(ctx, actor, id, func(_ context.Context, _ pgx.Tx, t *Tag) error {
		switch {
		case t.State == to:
			return nil
		case t.State == Retired || t.State == Replaced:
			return ErrRetired
		case !slices.Contains(from, t.State) || !slices.Contains(becomes[t.State], to):
			return ErrState.Saying("A tag that is %s cannot become %s this way.", t.State, to)
		}
		t.State = to
		return nil
	})
}

// Replace lets another live tag answer for this one for good: its destination, its store, its staff. Scans before stay
// what they were.
func (s *Service) Replace(ctx context.Context, actor shop.Actor, id, by shop.ID) (Tag, error) {
	return s.change(ctx, actor, id, func(ctx context.Context, tx pgx.Tx, t *Tag) error {
		if t.State == Replaced && t.ReplacedBy == by {
			return nil
		}
		if !slices.Contains(becomes[t.State], Replaced) {
			return ErrRetired
		}
		successor, err := tagByID(ctx, tx, actor.Brand, by)
		if err != nil || by == id || successor.State != Live || !maySee(actor, successor) {
			return ErrReplacement
		}
		t.State, t.ReplacedBy = Replaced, by
		return nil
	})
}

// ChangeDestination lets a printed tag lead elsewhere. ErrDestination, and ErrRetired when nothing leads there any more.
func (s *Service) ChangeDestination(ctx context.Context, actor shop.Actor, id shop.ID, destination string) (Tag, error) {
	return s.change(ctx, actor, id, func(ctx context.Context, tx pgx.Tx, t *Tag) error {
		if t.State == Retired || t.State == Replaced {
			return ErrRetired
		}
		hosts, err := allowedHosts(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if err := hosts.CheckDestination(destination); err != nil {
			return err
		}
		t.Destination = destination
		return nil
	})
}

// change locks the tag, lets edit change it, and stores it if it did. The notice to the directories of all processes goes
// out with the commit.
func (s *Service) change(ctx context.Context, actor shop.Actor, id shop.ID, edit func(context.Context, pgx.Tx, *Tag) error) (Tag, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Tag{}, err
	}
	now := shop.Millis(s.now())
	var t Tag
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		before, err := lockTag(ctx, tx, actor.Brand, id)
		if err != nil {
			return err
		}
		if !maySee(actor, before) {
			return shop.ErrNotFound
		}
		t = before
		if err := edit(ctx, tx, &t); err != nil || t == before {
			return err
		}
		t.ChangedAt = now
		return updateTag(ctx, tx, t)
	})
	if err != nil {
		return Tag{}, fmt.Errorf("change tag %s: %w", id, err)
	}
	return t, nil
}

// maySee: those who work at the store, and staff their own cards wherever they are.
func maySee(actor shop.Actor, t Tag) bool {
	return actor.WorksAt(t.Store) || (actor.Is(shop.RoleStaff) && t.Staff == actor.ID) || actor.Is(shop.RoleFinance)
}

// ByID is the tag, or shop.ErrNotFound.
func (s *Service) ByID(ctx context.Context, actor shop.Actor, id shop.ID) (Tag, error) {
	var t Tag
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		t, err = tagByID(ctx, tx, actor.Brand, id)
		return err
	})
	if err == nil && !maySee(actor, t) {
		err = shop.ErrNotFound
	}
	if err != nil {
		return Tag{}, fmt.Errorf("tag %s: %w", id, err)
	}
	return t, nil
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Store shop.ID
	Staff shop.ID
	State State
	Batch string
}

// List is the tags that the actor may see, newest first, and the cursor to the next page.
func (s *Service) List(ctx context.Context, actor shop.Actor, f Filter, page shop.Page) ([]Tag, string, error) {
	stores := actor.Stores
	if actor.Is(shop.RoleHQ, shop.RoleSystem, shop.RoleFinance) {
		stores = nil
	} else if len(stores) == 0 {
		return nil, "", nil
	}
	var tags []Tag
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		tags, err = listTags(ctx, tx, actor.Brand, listQuery{Filter: f, stores: stores, page: page})
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list tags: %w", err)
	}
	tags, next := shop.Cut(page, tags, func(t Tag) shop.ID { return t.ID })
	return tags, next, nil
}

// maxReplacements is how far a chain of replaced tags is followed; longer ones are answered as retired.
const maxReplacements = 5

// Resolve reads the target of a code from the database: what a Directory loads. ErrUnknown when no tag has the code.
func (s *Service) Resolve(ctx context.Context, code Code) (Target, error) {
	var found directoryRow
	err := s.pool.Global(ctx, func(tx pgx.Tx) (err error) {
		found, err = lookUp(ctx, tx, code)
		return err
	})
	if err != nil {
		return Target{}, fmt.Errorf("look up code: %w", err)
	}
	var target targetRow
	err = s.pool.Read(ctx, found.Brand, func(tx pgx.Tx) (err error) {
		target, err = targetOf(ctx, tx, found.Brand, found.Tag)
		for n := 0; err == nil && !target.replacedBy.IsZero() && n < maxReplacements; n++ {
			target, err = targetOf(ctx, tx, found.Brand, target.replacedBy)
		}
		return err
	})
	if err != nil {
		return Target{}, fmt.Errorf("read target of tag %s: %w", found.Tag, err)
	}
	target.Code = code
	target.Brand = found.brand()
	if Hosts(found.AllowedHosts).CheckDestination(target.Destination) != nil {
		target.Destination = "" // was allowed once; the brand has thought better of it
	}
	return target.Target, nil
}
