package plan

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/tag"
)

// Draft keeps a plan that somebody of head office wrote; the same id again is the same draft. What could not be approved today is
// refused at once: ErrNotForward, ErrVersionTaken, ErrDayTaken.
func (s *Service) Draft(ctx context.Context, actor shop.Actor, id shop.ID, w Written) (Draft, error) {
	if err := actor.Allow(shop.RoleHQ); err != nil {
		return Draft{}, err
	}
	if err := w.Plan.Validate(); err != nil {
		return Draft{}, err
	}
	now := shop.Millis(s.now())
	if id.IsZero() {
		id = shop.NewID(now)
	}
	d := Draft{ID: id, Revision: 1, Written: w, State: Drafted, WrittenBy: actor.ID, DraftedAt: now, ChangedAt: now}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if made, err := draftByID(ctx, tx, actor.Brand, id, ""); !errors.Is(err, shop.ErrNotFound) {
			d = made
			return err
		}
		if err := s.follows(ctx, tx, actor.Brand, w.Plan); err != nil {
			return err
		}
		if err := insertDraft(ctx, tx, actor.Brand, d); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, now, d.entry("plan_drafted"))
	})
	if err != nil {
		return Draft{}, fmt.Errorf("draft plan %d: %w", w.Plan.Version, err)
	}
	return d, nil
}

// follows looks at the versions that there are. See Plan.follows.
func (s *Service) follows(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p Plan) error {
	b, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return err
	}
	versions, err := List(ctx, tx, brand)
	if err != nil {
		return err
	}
	return p.follows(versions, DayOf(s.now(), b.Zone()))
}

func (d Draft) entry(act string) audit.Entry {
	return audit.Entry{Act: act, Subject: d.ID, Detail: map[string]any{"version": d.Plan.Version, "revision": d.Revision}}
}

// Replace writes a draft anew; whoever does is its author then. ErrDraftEnded, ErrDraftChanged when it is not of the revision that
// she read, and what refuses a draft.
func (s *Service) Replace(ctx context.Context, actor shop.Actor, id shop.ID, revision int, w Written) (Draft, error) {
	if err := w.Plan.Validate(); err != nil {
		return Draft{}, err
	}
	return s.change(ctx, actor, id, "plan_draft_replaced", func(tx pgx.Tx, d *Draft) error {
		if d.Revision != revision {
			return ErrDraftChanged
		}
		if err := s.follows(ctx, tx, actor.Brand, w.Plan); err != nil {
			return err
		}
		d.Revision, d.Written, d.WrittenBy, d.ChangedAt = revision+1, w, actor.ID, shop.Millis(s.now())
		return updateDraft(ctx, tx, actor.Brand, *d)
	})
}

// Withdraw ends a draft that nobody wants any more. ErrDraftEnded.
func (s *Service) Withdraw(ctx context.Context, actor shop.Actor, id shop.ID) (Draft, error) {
	return s.change(ctx, actor, id, "plan_withdrawn", func(tx pgx.Tx, d *Draft) error {
		d.State, d.EndedBy, d.EndedAt = Withdrawn, actor.ID, shop.Millis(s.now())
		return endDraft(ctx, tx, actor.Brand, *d)
	})
}

// Approve makes a version of a draft. Nobody approves her own (shop.ErrOwnApproval, team.ErrOnePerson), nor what she has not read
// (ErrDraftChanged, ErrUnread), nor a plan with errors (ErrFaulty) or for days that may already have orders (ErrNotForward).
func (s *Service) Approve(ctx context.Context, actor shop.Actor, id shop.ID, a Approval) (Draft, error) {
	return s.change(ctx, actor, id, "plan_approved", func(tx pgx.Tx, d *Draft) error {
		if err := team.SecondPerson(ctx, tx, actor, d.WrittenBy); err != nil {
			return err
		}
		found, err := lintOf(ctx, tx, actor.Brand, d.Written)
		if err != nil {
			return err
		}
		if err := d.approve(a, found); err != nil {
			return err
		}
		if err := s.follows(ctx, tx, actor.Brand, d.Plan); err != nil {
			return err
		}
		now := shop.Millis(s.now())
		d.Plan.ID = shop.NewID(now)
		d.State, d.EndedBy, d.EndedAt, d.Version, d.Acknowledged = Approved, actor.ID, now, d.Plan.ID, append([]string{}, a.Acknowledged...)
		if err := insertPlan(ctx, tx, actor.Brand, stored{Plan: d.Plan, By: d.WrittenBy, ApprovedBy: actor.ID, At: now}); err != nil {
			return err
		}
		return endDraft(ctx, tx, actor.Brand, *d)
	})
}

// change does something with a draft that is still one, and notes who did.
func (s *Service) change(ctx context.Context, actor shop.Actor, id shop.ID, act string, do func(pgx.Tx, *Draft) error) (Draft, error) {
	if err := actor.Allow(shop.RoleHQ); err != nil {
		return Draft{}, err
	}
	var d Draft
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if d, err = draftByID(ctx, tx, actor.Brand, id, forUpdate); err != nil {
			return err
		}
		if d.State != Drafted {
			return ErrDraftEnded
		}
		if err := do(tx, &d); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, shop.Millis(s.now()), d.entry(act))
	})
	if err != nil {
		return Draft{}, fmt.Errorf("%s %s: %w", act, id, err)
	}
	return d, nil
}

// Drafts are the brand's, newest first, and the cursor to the next page.
func (s *Service) Drafts(ctx context.Context, actor shop.Actor, page shop.Page) (drafts []Draft, next string, err error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		found, err := pageOfDrafts(ctx, tx, actor.Brand, page)
		drafts, next = shop.Cut(page, found, func(d Draft) shop.ID { return d.ID })
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list drafts of plans: %w", err)
	}
	return drafts, next, nil
}

// FindDraft is one of them, with what is to be said of it now. shop.ErrNotFound.
func (s *Service) FindDraft(ctx context.Context, actor shop.Actor, id shop.ID) (d Draft, found []Finding, err error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return Draft{}, nil, err
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		if d, err = draftByID(ctx, tx, actor.Brand, id, ""); err != nil {
			return err
		}
		found, err = lintOf(ctx, tx, actor.Brand, d.Written)
		return err
	})
	if err != nil {
		return Draft{}, nil, fmt.Errorf("read draft %s: %w", id, err)
	}
	return d, found, nil
}

// Lint is what is to be said of a plan that nobody has kept, of this brand.
func (s *Service) Lint(ctx context.Context, actor shop.Actor, w Written) (found []Finding, err error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, err
	}
	if err := w.Plan.Validate(); err != nil {
		return nil, err
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		found, err = lintOf(ctx, tx, actor.Brand, w)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lint plan %d: %w", w.Plan.Version, err)
	}
	return found, nil
}

// lintOf asks what the brand sells and which tags it has, and looks at the plan.
func lintOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, w Written) ([]Finding, error) {
	categories, err := catalogue.Categories(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	codes := make([]string, len(w.Plan.Rules)) // no tag has the empty one of a rule for all tags
	for i, r := range w.Plan.Rules {
		codes[i] = r.When.Tag
	}
	tags, err := tag.InUse(ctx, tx, brand, codes)
	if err != nil {
		return nil, err
	}
	return w.Lint(Known{Categories: categories, Tags: tags}), nil
}
