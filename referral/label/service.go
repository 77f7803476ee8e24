package label

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/tag"
)

// MaxLabels bounds one PDF: forty products in twelve stores, twice over.
const MaxLabels = 1000

// Refusals of printing.
var (
	ErrTooMany  = shop.Refuse(shop.TooLarge, "label_too_many", "Print at most 1000 labels at once, by store or batch.")
	ErrNothing  = shop.Refuse(shop.Unprocessable, "label_nothing_to_print", "There are no tags that can be printed among these.")
	ErrTemplate = shop.Refuse(shop.Unprocessable, "label_template_unknown", "The brand has no label template of this name.")
)

// Service keeps templates and prints tags by them.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
	tags *tag.Service
	// printing lets one sheet be drawn at a time: it takes all of a core, and 1,000 labels some 60 MB.
	printing chan struct{}
}

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time, tags *tag.Service) *Service {
	return &Service{pool: pool, now: now, tags: tags, printing: make(chan struct{}, 1)}
}

// Put makes a template, or gives the one of this name another face. It is the brand's, so head office alone may. keepsLogo takes
// the logo that it had. shop.ErrFields, ErrTemplates and the refusals of a design can come back.
func (s *Service) Put(ctx context.Context, actor shop.Actor, t Template, keepsLogo bool) (Template, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return Template{}, err
	}
	now := shop.Millis(s.now())
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		before, err := templateByName(ctx, tx, actor.Brand, t.Name)
		switch {
		case errors.Is(err, ErrTemplate):
			t.CreatedAt = now
		case err != nil:
			return err
		default:
			t.CreatedAt = before.CreatedAt
		}
		t.ChangedAt = now
		if keepsLogo {
			t.Design.Logo = before.Design.Logo
		}
		if err := t.check(); err != nil {
			return err
		}
		return upsertTemplate(ctx, tx, actor.Brand, t)
	})
	if err != nil {
		return Template{}, fmt.Errorf("put label template %s: %w", t.Name, err)
	}
	return t, nil
}

// Templates are all of the brand's, by name.
func (s *Service) Templates(ctx context.Context, actor shop.Actor) ([]Template, error) {
	var all []Template
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = templatesOf(ctx, tx, actor.Brand)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list label templates: %w", err)
	}
	return all, nil
}

// Template is the brand's template of this name, or ErrTemplate.
func (s *Service) Template(ctx context.Context, actor shop.Actor, name string) (Template, error) {
	var t Template
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		t, err = templateByName(ctx, tx, actor.Brand, name)
		return err
	})
	if err != nil {
		return Template{}, fmt.Errorf("label template %s: %w", name, err)
	}
	return t, nil
}

// Selection is which tags to print: these, in their sequence, or all of a store or batch that can still be scanned, as they
// were made.
type Selection struct {
	Tags  []shop.ID
	Store shop.ID
	Batch string
}

// Print is a PDF of the tags' labels by a template, from the skip-th place of the first sheet on. Drafts are printed too: a
// sheet is hung up and then published. ErrTooMany, ErrNothing, ErrTemplate, shop.ErrNotFound and tag.ErrRetired for a tag that
// was named, and the refusals of Draw can come back.
func (s *Service) Print(ctx context.Context, actor shop.Actor, template string, of Selection, skip int) ([]byte, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return nil, err
	}
	tags, err := s.selected(ctx, actor, of)
	if err != nil {
		return nil, err
	}
	var t Template
	var labels []Label
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if t, err = templateByName(ctx, tx, actor.Brand, template); err != nil {
			return err
		}
		labels, err = labelsOf(ctx, tx, actor.Brand, tags, t.Languages[0])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("prepare %d labels: %w", len(tags), err)
	}
	select {
	case s.printing <- struct{}{}:
		defer func() { <-s.printing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return Print(ctx, t, labels, skip, s.now())
}

func (s *Service) selected(ctx context.Context, actor shop.Actor, of Selection) ([]tag.Tag, error) {
	if len(of.Tags) > MaxLabels {
		return nil, ErrTooMany
	}
	if len(of.Tags) > 0 {
		tags, err := s.tags.Several(ctx, actor, of.Tags)
		if slices.ContainsFunc(tags, isOver) {
			return nil, tag.ErrRetired
		}
		return tags, err
	}
	var all []tag.Tag
	for page := (shop.Page{Limit: shop.MaxLimit}); ; {
		tags, next, err := s.tags.List(ctx, actor, tag.Filter{Store: of.Store, Batch: of.Batch}, page)
		if err != nil {
			return nil, err
		}
		if next != "" {
			page.After = tags[len(tags)-1].ID
		}
		all = append(all, slices.DeleteFunc(tags, isOver)...)
		switch {
		case len(all) > MaxLabels:
			return nil, ErrTooMany
		case next == "" && len(all) == 0:
			return nil, ErrNothing
		case next == "":
			slices.Reverse(all)
			return all, nil
		}
	}
}

// isOver is true of tags on which nobody should scan any more.
func isOver(t tag.Tag) bool { return t.State == tag.Retired || t.State == tag.Replaced }

// labelsOf are the words for each tag: of what it points at, else of the brand.
func labelsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, tags []tag.Tag, in shop.Language) ([]Label, error) {
	b, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	stores, err := team.Stores(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	names := make(map[shop.ID]shop.Text, len(stores))
	for _, s := range stores {
		names[s.ID] = s.Name
	}
	var references []string
	for _, t := range tags {
		if t.SKU() != "" {
			references = append(references, t.SKU())
		}
	}
	offered, err := catalogue.OfferedBy(ctx, tx, brand, references)
	if err != nil {
		return nil, err
	}
	labels := make([]Label, len(tags))
	for i, t := range tags {
		labels[i] = Label{Text: tag.QRText(b.ShortDomain, t.Code), Code: t.Code.Grouped(), Name: b.Name, Store: names[t.Store]}
		if o, ok := offered[t.SKU()]; ok {
			labels[i].Name, labels[i].Price = nameOf(o), priceLine(o, in)
		} else if t.SKU() != "" {
			labels[i].Name = shop.Text{in: t.SKU()}
		}
	}
	return labels, nil
}

// nameOf is the product with its colour or size behind it, in each language that the product has.
func nameOf(o catalogue.Offered) shop.Text {
	name := make(shop.Text, len(o.Name))
	for language, text := range o.Name {
		name[language] = text
		if variant := o.Variant.In(language); variant != "" {
			name[language] += " " + variant
		}
	}
	return name
}
