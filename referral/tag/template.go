package tag

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// ErrTemplate refuses a tag of a template that the brand does not have.
var ErrTemplate = shop.Refuse(shop.Unprocessable, "tag_template_unknown", "A tag leads to the address of one of the brand's templates.")

// Template is a destination that many tags share, with what the web shop is to be told: language and campaign parameters.
// Changing its address changes where all its tags lead, and no tag is printed again for it.
type Template struct {
	Name      string
	Address   string // see CheckDestination
	ChangedAt time.Time
}

// templateName is what a template may be called: a word that stands in a URL as it is.
var templateName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

// PutTemplate makes a template, or gives the one of this name another address. It is the brand's, so head office alone may.
// ErrDestination and shop.ErrFields can come back.
func (s *Service) PutTemplate(ctx context.Context, actor shop.Actor, name, address string) (Template, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return Template{}, err
	}
	var c shop.Check
	c.That(templateName.MatchString(name), "name", "form", "use up to 40 of a-z, 0-9, - and _, a letter first")
	if err := c.Err(); err != nil {
		return Template{}, err
	}
	now := shop.Millis(s.now())
	var put Template
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		hosts, err := allowedHosts(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if err := hosts.CheckDestination(address); err != nil {
			return err
		}
		before, err := lockTemplate(ctx, tx, actor.Brand, name, now)
		if put = before; err != nil || before.Address == address {
			return err
		}
		put = Template{Name: name, Address: address, ChangedAt: now}
		return updateTemplate(ctx, tx, actor, put, Change{Template: name, Field: "address", Was: before.Address, Became: address})
	})
	if err != nil {
		return Template{}, fmt.Errorf("put template %s: %w", name, err)
	}
	return put, nil
}

// Templates are all of the brand's, by name.
func (s *Service) Templates(ctx context.Context, actor shop.Actor) ([]Template, error) {
	var all []Template
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = templatesOf(ctx, tx, actor.Brand)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	return all, nil
}
