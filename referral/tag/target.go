package tag

import (
	"time"

	"homestore/clienteling/shop"
)

// Brand is what a redirect needs to know of the brand.
type Brand struct {
	ID       shop.BrandID
	Slug     string
	Name     shop.Text
	Site     string // where a code leads that leads nowhere else
	Language shop.Language
}

// Target is all that answering a scan takes, so that one look into memory is enough. Store, staff and the like are those of
// the tag that answers: for a replaced code its successor's, while Code stays the one on the paper.
type Target struct {
	Brand       Brand
	Tag         shop.ID
	Code        Code
	Store       shop.ID
	StoreCode   string
	Staff       shop.ID
	Kind        Kind
	Reference   string
	Placement   Placement
	Label       string
	Batch       string
	State       State
	ValidFrom   time.Time
	ValidUntil  time.Time
	Destination string // empty: the brand no longer allows its host
	Gift        shop.ID
}

// SKU is the article that the tag points at; empty when it points at something else.
func (t Target) SKU() string { return articleOf(t.Kind, t.Reference) }

// LeadsAt says where a scan at the instant goes.
func (t Target) LeadsAt(at time.Time) Leads {
	leads := LeadsAt(t.State, t.ValidFrom, t.ValidUntil, at)
	if leads == ToDestination && t.Destination == "" {
		return ToSite
	}
	return leads
}

// URL is the destination in the shopper's language, with the click id when there is one.
func (t Target) URL(language shop.Language, click string) string {
	return Fill(t.Destination, map[string]string{
		"sku":       t.SKU(),
		"reference": t.Reference,
		"lang":      string(language),
		"code":      string(t.Code),
		"store":     t.StoreCode,
		"placement": string(t.Placement),
		"label":     t.Label,
		"batch":     t.Batch,
	}, click)
}
