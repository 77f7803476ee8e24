// Package audit keeps who did what: each look at a customer, and each change of a right, a rule, a holder or a consent.
//
// Always true: an entry lies in the transaction of what it tells of, so neither is there without the other; the application
// may add entries and may not change or remove one; an entry names people by role and id, never by what they are called, so
// it may outlive a customer who was erased.
//
// It lies below team and customer, which have much to write here; who may see whom is decided in visit.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Entry is one thing that somebody did.
type Entry struct {
	Act      string  // what was done, as a past participle with its noun: customer_looked_at, consent_changed
	Customer shop.ID // whom it concerns, zero: no customer
	Subject  shop.ID // what it was done to, where that is something else: a binding, a device, a plan
	Detail   any     // written as JSON; no phone, e-mail, name, token or code belongs in it
}

// Record is an entry as it is kept.
type Record struct {
	ID         shop.ID // carries RecordedAt
	Actor      string  // shop.Actor.Pseudonym
	Act        string
	Customer   shop.ID
	Subject    shop.ID
	Detail     json.RawMessage
	RecordedAt time.Time
}

// Note writes entries of one actor into the transaction of what they tell of.
func Note(ctx context.Context, tx pgx.Tx, actor shop.Actor, now time.Time, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	now = shop.Millis(now)
	records := make([]Record, len(entries))
	for i, e := range entries {
		if e.Detail == nil {
			e.Detail = struct{}{}
		}
		detail, err := json.Marshal(e.Detail)
		if err != nil {
			return fmt.Errorf("audit %s: %w", e.Act, err)
		}
		records[i] = Record{
			ID: shop.NewID(now), Actor: actor.Pseudonym(), Act: e.Act, Customer: e.Customer, Subject: e.Subject, Detail: detail, RecordedAt: now,
		}
	}
	if err := insert(ctx, tx, actor.Brand, records); err != nil {
		return fmt.Errorf("audit %s: %w", entries[0].Act, err)
	}
	return nil
}

// OfCustomer is what was done about a customer, newest first, and the cursor to the next page.
func OfCustomer(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID, page shop.Page) ([]Record, string, error) {
	records, err := ofCustomer(ctx, db, brand, customer, page)
	if err != nil {
		return nil, "", fmt.Errorf("audit of customer %s: %w", customer, err)
	}
	records, next := shop.Cut(page, records, func(r Record) shop.ID { return r.ID })
	return records, next, nil
}
