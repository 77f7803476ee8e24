package order

import (
	"encoding/json"
	"fmt"
	"time"

	"homestore/clienteling/shop"
)

// waitingRow is a fact that names an order which has not come.
type waitingRow struct {
	OrderExternalID string
	Kind            string
	ExternalID      string
	Sequence        int64
	Fact            []byte
	MessageID       shop.ID
	RecordedAt      time.Time
}

// waitingFact is the JSON of a fact that waits: one member has it. A whole order never waits. The names stay as they are,
// since rows of an older program are read by a newer one.
type waitingFact struct {
	Edited    *WasEdited         `json:"edited,omitempty"`
	Refunded  *WasRefunded       `json:"refunded,omitempty"`
	Fulfilled *WasFulfilled      `json:"fulfilled,omitempty"`
	Paid      *WasPaid           `json:"paid,omitempty"`
	Cancelled *WasCancelled      `json:"cancelled,omitempty"`
	Adjusted  *waitingAdjustment `json:"adjusted,omitempty"`
	Exchanged *WasExchanged      `json:"exchanged,omitempty"`
}

// waitingAdjustment is WasAdjusted, or what an older program wrote of it: one line.
type waitingAdjustment struct {
	WasAdjusted
	Line   string `json:",omitempty"`
	Amount int64  `json:",omitempty"`
}

func (w waitingAdjustment) fact() WasAdjusted {
	if w.Line != "" {
		w.Lines = []AdjustedLine{{Line: w.Line, Amount: w.Amount}}
	}
	return w.WasAdjusted
}

func newWaitingRow(f Fact, message shop.ID, now time.Time) (waitingRow, error) {
	var w waitingFact
	switch f := f.(type) {
	case WasEdited:
		w.Edited = &f
	case WasRefunded:
		w.Refunded = &f
	case WasFulfilled:
		w.Fulfilled = &f
	case WasPaid:
		w.Paid = &f
	case WasCancelled:
		w.Cancelled = &f
	case WasAdjusted:
		w.Adjusted = &waitingAdjustment{WasAdjusted: f}
	case WasExchanged:
		w.Exchanged = &f
	}
	body, err := json.Marshal(w)
	k := f.key()
	return waitingRow{
		OrderExternalID: f.OrderName(), Kind: k.kind, ExternalID: k.name, Sequence: k.sequence,
		Fact: body, MessageID: message, RecordedAt: now,
	}, err
}

// fact reads the row again.
func (row waitingRow) fact() (Fact, error) {
	var w waitingFact
	if err := json.Unmarshal(row.Fact, &w); err != nil {
		return nil, fmt.Errorf("read a fact that waits for order %q: %w", row.OrderExternalID, err)
	}
	switch {
	case w.Edited != nil:
		return *w.Edited, nil
	case w.Refunded != nil:
		return *w.Refunded, nil
	case w.Fulfilled != nil:
		return *w.Fulfilled, nil
	case w.Paid != nil:
		return *w.Paid, nil
	case w.Cancelled != nil:
		return *w.Cancelled, nil
	case w.Adjusted != nil:
		return w.Adjusted.fact(), nil
	case w.Exchanged != nil:
		return *w.Exchanged, nil
	}
	return nil, fmt.Errorf("read a fact that waits for order %q: it is of no kind that this program knows", row.OrderExternalID)
}
