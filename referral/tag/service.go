package tag

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
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

// Issue makes one tag. ErrDestination, ErrTemplate, ErrStore, ErrStaff, ErrReseller, ErrGift and shop.ErrFields can come back.
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
		spec = spec.complete()
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
		if err := direct(ctx, tx, actor.Brand, tags); err != nil {
			return err
		}
		if err := checkResellers(ctx, tx, actor.Brand, tags); err != nil {
			return err
		}
		if err := joinBatches(ctx, tx, actor, tags, now); err != nil {
			return err
		}
		return insertTags(ctx, tx, actor, tags, now)
	})
	if err != nil {
		return nil, fmt.Errorf("issue %d tags: %w", len(several), err)
	}
	return tags, nil
}

// direct finds the address of each tag that leads to a template's, and refuses what the brand does not allow, of a tag or of its
// rules.
func direct(ctx context.Context, tx pgx.Tx, brand shop.BrandID, tags []Tag) error {
	hosts, err := allowedHosts(ctx, tx, brand)
	if err != nil {
		return err
	}
	addresses, err := addressesOf(ctx, tx, brand)
	if err != nil {
		return err
	}
	for i := range tags {
		t := &tags[i]
		if t.Template != "" {
			known := false
			if t.Destination, known = addresses[t.Template]; !known {
				return ErrTemplate
			}
		}
		for _, to := range append(resolved(t.Rules, addresses), Rule{Destination: t.Destination}) {
			if to.Destination == "" && to.Template != "" {
				return ErrTemplate
			}
			if err := hosts.CheckDestination(to.Destination); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolved are rules that have the addresses of their templates as destinations; empty where there is no such template.
func resolved(rules []Rule, addresses map[string]string) []Rule {
	found := slices.Clone(rules)
	for i := range found {
		if found[i].Template != "" {
			found[i].Destination = addresses[found[i].Template]
		}
	}
	return found
}

func checkResellers(ctx context.Context, tx pgx.Tx, brand shop.BrandID, tags []Tag) error {
	if !slices.ContainsFunc(tags, func(t Tag) bool { return t.Placement == Reseller }) {
		return nil
	}
	stores, err := team.Stores(ctx, tx, brand)
	if err != nil {
		return err
	}
	for _, t := range tags {
		isAt := func(s team.Store) bool { return s.ID == t.Store && s.Kind == team.Reseller }
		if t.Placement == Reseller && !slices.ContainsFunc(stores, isAt) {
			return ErrReseller
		}
	}
	return nil
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
		ID: shop.NewID(now), Brand: actor.Brand, Code: NewCode(), Store: spec.Store, Staff: spec.Staff, Kind: spec.Kind, Reference: spec.Reference,
		Placement: spec.Placement, Label: spec.Label, Batch: spec.Batch, ValidFrom: shop.Millis(spec.ValidFrom), ValidUntil: shop.Millis(spec.ValidUntil), State: Live,
		Template: spec.Template, Destination: spec.Destination, Rules: spec.Rules, Gift: spec.Gift, CreatedBy: actor.ID, CreatedAt: now, ChangedAt: now,
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
