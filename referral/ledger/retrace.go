package ledger

import (
	"encoding/json"
	"fmt"

	"homestore/referral/attribution"
)

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
	if c.Minor != with.Minor || c.Reversed != with.Reversed || why.Share.Cmp(with.Why.Share) != 0 {
		return fmt.Errorf("it gives %d less %d of %v, kept are %d less %d of %v", with.Minor, with.Reversed, with.Why.Share, c.Minor, c.Reversed, why.Share)
	}
	return nil
}
