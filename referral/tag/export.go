package tag

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// maxExport bounds what is read into memory for one file.
const maxExport = 10_000

// ErrExportLong refuses to write more tags into one file.
var ErrExportLong = shop.Refuse(shop.TooLarge, "tag_export_too_long", "A file has at most 10,000 tags. Ask for those of one store, state or print batch.")

// Exported is a tag with what people call its store and its person.
type Exported struct {
	Tag
	StoreCode  string
	EmployeeNo string
}

// Export is the tags that the actor may see, newest first, with names as IssueFile reads them. ErrExportLong for too many.
func (s *Service) Export(ctx context.Context, actor shop.Actor, f Filter) ([]Exported, error) {
	var exported []Exported
	tags, next, err := s.List(ctx, actor, f, shop.Page{Limit: maxExport})
	if err != nil {
		return nil, err
	}
	if next != "" {
		return nil, ErrExportLong
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		exported, err = named(ctx, tx, actor.Brand, tags)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("export %d tags: %w", len(tags), err)
	}
	return exported, nil
}

func named(ctx context.Context, tx pgx.Tx, brand shop.BrandID, tags []Tag) ([]Exported, error) {
	stores, err := team.Stores(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	codes := map[shop.ID]string{}
	for _, store := range stores {
		codes[store.ID] = store.Code
	}
	var staff []shop.ID
	for _, t := range tags {
		if !t.Staff.IsZero() {
			staff = append(staff, t.Staff)
		}
	}
	numbers, err := team.EmployeeNumbers(ctx, tx, brand, staff)
	if err != nil {
		return nil, err
	}
	exported := make([]Exported, len(tags))
	for i, t := range tags {
		exported[i] = Exported{t, codes[t.Store], numbers[t.Staff]}
	}
	return exported, nil
}
