package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
)

// ofTrace is the figure of a difference between a trace and what is kept with it.
const ofTrace = "trace"

// retracedAtOnce bounds how many traces are in memory: each is some kilobytes, several times that when it is read.
const retracedAtOnce = 250

// Retraced works orders out again from their traces alone and names those whose trace does not give what is kept. It complements
// Compare, which knows nothing of traces: what that judges by the facts, this judges by what people are told.
func Retraced(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) ([]Difference, error) {
	var found []Difference
	for page := range slices.Chunk(orders, retracedAtOnce) {
		kept, err := keptWithTraces(ctx, db, brand, page)
		if err != nil {
			return nil, fmt.Errorf("retrace %d orders: %w", len(page), err)
		}
		for _, k := range kept {
			if err := k.retrace(); err != nil {
				found = append(found, Difference{Order: k.credit.Order, Figure: ofTrace, InBook: err.Error()})
			}
		}
	}
	return found, nil
}

// keptWithTrace is what is kept of an order. Its trace is read here and not by the database's driver: one that is no trace is a
// finding, and no reason to look at nothing.
type keptWithTrace struct {
	credit OrderCredit
	trace  []byte
}

func (k keptWithTrace) retrace() error {
	if err := json.Unmarshal(k.trace, &k.credit.Trace); err != nil {
		return fmt.Errorf("the trace of order %s is none: %w", k.credit.Order, err)
	}
	return k.credit.Retrace()
}

// Retrace works an order's credits out again from nothing but its trace, and returns where they are not those that are kept:
// amounts, what was taken back, whose they are, and the exact share of each. An order from before traces were kept has nothing
// to compare.
func (o OrderCredit) Retrace() error {
	if o.Trace == nil {
		return nil
	}
	r, err := attribution.Recompute(*o.Trace)
	if err != nil {
		return fmt.Errorf("the trace of order %s: %w", o.Order, err)
	}
	if string(r.Reason) != o.Reason || len(r.Credits) != len(o.Credits) {
		return fmt.Errorf("the trace of order %s gives %d credits (%q), kept are %d (%q)", o.Order, len(r.Credits), r.Reason, len(o.Credits), o.Reason)
	}
	kept := make(map[key]Credit, len(o.Credits))
	for _, c := range o.Credits {
		kept[key{c.Role, c.To, c.Parcel, c.Line, ""}] = c
	}
	for _, c := range r.Credits {
		of, known := kept[keyOf(c, "")] // all are of the order's currency
		if !known {
			return fmt.Errorf("the trace of order %s gives %s to %s from line %d, which is not kept", o.Order, c.Role, c.To, c.Line)
		}
		if err := of.agrees(c); err != nil {
			return fmt.Errorf("the trace of order %s: %s of %s, line %d: %w", o.Order, c.Role, c.To, c.Line, err)
		}
	}
	return nil
}

func (c Credit) agrees(with attribution.Credit) error {
	var why attribution.Why
	if err := json.Unmarshal(c.Reason, &why); err != nil {
		return fmt.Errorf("read a reason: %w", err)
	}
	if why.Share == nil {
		return errors.New("the reason that is kept has no share")
	}
	if c.Minor != with.Minor || c.Reversed != with.Reversed || why.Share.Cmp(with.Why.Share) != 0 {
		return fmt.Errorf("it gives %d less %d of %v, kept are %d less %d of %v", with.Minor, with.Reversed, with.Why.Share, c.Minor, c.Reversed, why.Share)
	}
	return nil
}
