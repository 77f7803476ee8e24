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
	Staff       shop.ID   // whose it is; whom a scan credits says StaffAt
	StaffUntil  time.Time // from then on she works there no more; zero: nobody knows of an end
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
	rules       *ruling // nil: none
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

// StaffAt is the person whom a scan at the instant credits: nobody on a tag of the store's own, and nobody once the person on
// it works there no more. Her codes stay on paper, and route to the store.
func (t Target) StaffAt(at time.Time) shop.ID {
	if !t.StaffUntil.IsZero() && !at.Before(t.StaffUntil) {
		return shop.ID{}
	}
	return t.Staff
}

// URL is where a person is led in her circumstance, with the click id when there is one.
func (t Target) URL(c Circumstance, click string) string {
	destination := t.Destination
	if t.rules != nil {
		if elsewhere := t.rules.destination(c); elsewhere != "" {
			destination = elsewhere
		}
	}
	return Fill(destination, map[string]string{
		"sku":       t.SKU(),
		"reference": t.Reference,
		"lang":      string(c.Language),
		"code":      string(t.Code),
		"store":     t.StoreCode,
		"placement": string(t.Placement),
		"label":     t.Label,
		"batch":     t.Batch,
	}, click)
}
