package tag

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// Change is one field of a tag or a template that became something else. Changes are kept for ever and never altered.
type Change struct {
	ID       shop.ID
	Tag      shop.ID // zero: the change is the template's
	Template string
	Field    string
	Was      string // empty: it had none
	Became   string
	By       string // shop.Actor.Pseudonym
	At       time.Time
}

// changesBetween are what made one tag of the other. A tag that was just made differs from none in all that it has.
func changesBetween(before, after Tag) []Change {
	var changes []Change
	for _, field := range []struct{ name, was, became string }{
		{"state", string(before.State), string(after.State)},
		{"replaced_by", idText(before.ReplacedBy), idText(after.ReplacedBy)},
		{"template", before.Template, after.Template},
		{"destination", before.ownDestination(), after.ownDestination()},
		{"rules", rulesText(before.Rules), rulesText(after.Rules)},
		{"label", before.Label, after.Label},
		{"valid_from", timeText(before.ValidFrom), timeText(after.ValidFrom)},
		{"valid_until", timeText(before.ValidUntil), timeText(after.ValidUntil)},
		{"gift_offer", idText(before.Gift), idText(after.Gift)},
	} {
		if field.was != field.became {
			changes = append(changes, Change{Tag: after.ID, Field: field.name, Was: field.was, Became: field.became})
		}
	}
	return changes
}

// ownDestination is empty where the tag leads to its template's.
func (t Tag) ownDestination() string {
	if t.Template != "" {
		return ""
	}
	return t.Destination
}

func idText(id shop.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

func timeText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// History is what was ever changed of a tag, newest first, and the cursor to the next page. It begins with its making. What was
// changed of its template stands in the template's, see TemplateHistory.
func (s *Service) History(ctx context.Context, actor shop.Actor, id shop.ID, page shop.Page) ([]Change, string, error) {
	return s.history(ctx, actor, page, func(tx pgx.Tx) ([]Change, error) {
		t, err := tagByID(ctx, tx, actor.Brand, id)
		if err == nil && !maySee(actor, t) {
			err = shop.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		return changesOf(ctx, tx, actor.Brand, changesQuery{tag: id, page: page})
	})
}

// TemplateHistory is every address that a template has had, newest first. shop.ErrNotFound where there is no such template.
func (s *Service) TemplateHistory(ctx context.Context, actor shop.Actor, name string, page shop.Page) ([]Change, string, error) {
	return s.history(ctx, actor, page, func(tx pgx.Tx) ([]Change, error) {
		if _, err := templateByName(ctx, tx, actor.Brand, name); err != nil {
			return nil, err
		}
		return changesOf(ctx, tx, actor.Brand, changesQuery{template: name, page: page})
	})
}

func (s *Service) history(ctx context.Context, actor shop.Actor, page shop.Page, read func(pgx.Tx) ([]Change, error)) ([]Change, string, error) {
	var changes []Change
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		changes, err = read(tx)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("read history: %w", err)
	}
	changes, next := shop.Cut(page, changes, func(c Change) shop.ID { return c.ID })
	return changes, next, nil
}
