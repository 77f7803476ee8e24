package tag

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

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

// ChangeDestination lets a printed tag lead to a destination of its own. ErrDestination, and ErrRetired when nothing leads there
// any more.
func (s *Service) ChangeDestination(ctx context.Context, actor shop.Actor, id shop.ID, destination string) (Tag, error) {
	return s.redirect(ctx, actor, id, "", destination)
}

// FollowTemplate lets a printed tag lead to the address of a template, whatever that will be. ErrTemplate, and ErrRetired when
// nothing leads there any more.
func (s *Service) FollowTemplate(ctx context.Context, actor shop.Actor, id shop.ID, template string) (Tag, error) {
	return s.redirect(ctx, actor, id, template, "")
}

func (s *Service) redirect(ctx context.Context, actor shop.Actor, id shop.ID, template, destination string) (Tag, error) {
	return s.change(ctx, actor, id, func(ctx context.Context, tx pgx.Tx, t *Tag) error {
		if t.State == Retired || t.State == Replaced {
			return ErrRetired
		}
		led := []Tag{*t}
		led[0].Template, led[0].Destination = template, destination
		if err := direct(ctx, tx, actor.Brand, led); err != nil {
			return err
		}
		*t = led[0]
		return nil
	})
}

// ChangeRules lets a printed tag lead elsewhere where its rules say so, and only there; none takes them away. ErrDestination,
// ErrTemplate, shop.ErrFields, and ErrRetired when nothing leads there any more.
func (s *Service) ChangeRules(ctx context.Context, actor shop.Actor, id shop.ID, rules []Rule) (Tag, error) {
	var c shop.Check
	checkRules(&c, rules)
	if err := c.Err(); err != nil {
		return Tag{}, err
	}
	return s.change(ctx, actor, id, func(ctx context.Context, tx pgx.Tx, t *Tag) error {
		if t.State == Retired || t.State == Replaced {
			return ErrRetired
		}
		t.Rules = rules
		return direct(ctx, tx, actor.Brand, []Tag{*t})
	})
}

// Describe says anew what may be said of a printed tag beside where it leads. ErrGift, shop.ErrFields, and ErrRetired where it
// no longer matters.
func (s *Service) Describe(ctx context.Context, actor shop.Actor, id shop.ID, d Details) (Tag, error) {
	var c shop.Check
	d.check(&c)
	if err := c.Err(); err != nil {
		return Tag{}, err
	}
	return s.change(ctx, actor, id, func(_ context.Context, _ pgx.Tx, t *Tag) error {
		if t.State == Retired || t.State == Replaced {
			return ErrRetired
		}
		t.Label, t.ValidFrom, t.ValidUntil, t.Gift = d.Label, shop.Millis(d.ValidFrom), shop.Millis(d.ValidUntil), d.Gift
		return nil
	})
}

// change locks the tag, lets edit change it, and stores it if it did, with what has changed. The notice to the directories of all
// processes goes out with the commit.
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
		if err := edit(ctx, tx, &t); err != nil {
			return err
		}
		changes := changesBetween(before, t)
		if len(changes) == 0 {
			return nil
		}
		t.ChangedAt = now
		return updateTag(ctx, tx, actor, t, changes)
	})
	if err != nil {
		return Tag{}, fmt.Errorf("change tag %s: %w", id, err)
	}
	return t, nil
}
