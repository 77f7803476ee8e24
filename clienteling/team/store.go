package team

import (
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// StoreKind says how a store sells.
type StoreKind string

const (
	Shop     StoreKind = "shop"
	Counter  StoreKind = "counter"  // in a department store: its own staff, the house's till
	Online   StoreKind = "online"   // the e-commerce team
	Popup    StoreKind = "popup"    // for some weeks
	Reseller StoreKind = "reseller" // a shelf that is not ours: no wages, no customer data
)

var storeKinds = []StoreKind{Shop, Counter, Online, Popup, Reseller}

// Store is a place that sells.
type Store struct {
	ID        shop.ID
	Brand     shop.BrandID
	Code      string // what people and files call it
	Name      shop.Text
	Kind      StoreKind
	HouseBP   int       // counter: the department store's share of the sale
	Region    string    // stores of one region see each other's customers where the policy says so; empty: of none
	OpenedOn  time.Time // a day
	ClosedOn  time.Time // its last day; zero: open
	Successor shop.ID   // who inherits its customers
	Premises
	CreatedAt time.Time
}

// Refusals about stores.
var (
	ErrStoreExists  = shop.Refuse(shop.Conflict, "store_exists", "There is a store with this code.")
	ErrStoreUnknown = shop.Refuse(shop.Unprocessable, "store_unknown", "There is no such store in this brand.")
	ErrStoreClosed  = shop.Refuse(shop.Conflict, "store_closed", "This store has closed by then.")
	_               = postgres.RefuseOn("store_code_once_per_brand", ErrStoreExists)
	_               = postgres.RefuseOn("assignment_store_fkey", ErrStoreUnknown)
	_               = postgres.RefuseOn("device_store_fkey", ErrStoreUnknown)
	_               = postgres.RefuseOn("integration_key_store_fkey", ErrStoreUnknown)
)

// OpenOn says whether the store sells on a day.
func (s Store) OpenOn(day time.Time) bool {
	return !day.Before(s.OpenedOn) && (s.ClosedOn.IsZero() || !day.After(s.ClosedOn))
}

func (s Store) check() error {
	var c shop.Check
	c.That(storable(s.Code, 40), "code", "code_invalid", "1 to 40 characters without line breaks.")
	c.That(s.Name.In(shop.TraditionalChinese) != "", "name", "name_required", "Give the name in at least one language.")
	c.That(slices.Contains(storeKinds, s.Kind), "kind", "store_kind_unknown", "shop, counter, online, popup or reseller.")
	c.That(s.HouseBP >= 0 && s.HouseBP <= 10000, "house_bp", "house_share_out_of_range", "Basis points from 0 to 10000.")
	c.That(s.Region == "" || storable(s.Region, 40), "region", "region_invalid", "At most 40 characters without line breaks.")
	c.That(s.HouseBP == 0 || s.Kind == Counter, "house_bp", "house_share_of_counter_only", "Only a counter stands in somebody's house.")
	return c.Err()
}
