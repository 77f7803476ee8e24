package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// writing collects what the orders of one transaction need written, so that it travels together.
type writing struct {
	transfers []Transfer
	orders    []orderCredit
	credits   []Credit
	clawbacks []Clawback
	recredit  []shop.ID // orders that had credits before: those rows are replaced
}

// orderCredit is what the rules say of an order as a whole.
type orderCredit struct {
	Order     shop.ID
	Plan      shop.ID
	Reason    string
	Lost      []byte
	Trace     []byte // attribution.Trace
	PayableAt time.Time
}

func (w *writing) add(o order.Order, p *plan.Plan, r attribution.Result, trace attribution.Trace, known bool) error {
	lost := make([]Lost, len(r.Lost))
	for i, l := range r.Lost {
		lost[i] = Lost{l.Role, l.To.Kind, l.To.ID, l.Why, l.Evidence}
	}
	text, err := json.Marshal(lost)
	if err != nil {
		return fmt.Errorf("write lost claims: %w", err)
	}
	way, err := json.Marshal(trace)
	if err != nil {
		return fmt.Errorf("write a trace: %w", err)
	}
	oc := orderCredit{Order: o.ID, Reason: string(r.Reason), Lost: text, Trace: way, PayableAt: r.PayableAt}
	if p != nil {
		oc.Plan = p.ID
	}
	w.orders = append(w.orders, oc)
	if known {
		w.recredit = append(w.recredit, o.ID)
	}
	volumes := VolumesOf(r)
	for _, c := range r.Credits { // also one that was rounded to nothing: its line counts for the month's volume
		reason, err := encodeReason(c.Why)
		if err != nil {
			return err
		}
		w.credits = append(w.credits, Credit{o.ID, c.Role, c.To, c.Parcel, c.Line, c.Store, c.Minor, c.Reversed, volumes[c.Line], reason})
	}
	w.clawbacks = append(w.clawbacks, ClawbacksOf(o, r)...)
	return nil
}

func (w *writing) write(ctx context.Context, tx pgx.Tx, brand shop.BrandID, zone *time.Location, now time.Time) error {
	closed, err := holdMonths(ctx, tx, brand)
	if err != nil {
		return err
	}
	date(w.transfers, closed, zone)
	batch := &pgx.Batch{}
	batch.Queue(planOnce)
	queueLateMonths(batch, brand, w.lateMonths(closed, zone))
	queueOrderCredits(batch, brand, w.orders, now)
	if len(w.recredit) > 0 {
		queueForgetCredits(batch, brand, w.recredit, closed, zone)
	}
	queueCredits(batch, brand, w.credits)
	queueClawbacks(batch, brand, w.clawbacks)
	queueTransfers(batch, brand, zone, w.transfers)
	batch.Queue(planFree)
	return tx.SendBatch(ctx, batch).Close()
}

// slotOfWriter spreads the writers of one account's day over sixteen rows.
func slotOfWriter() int16 { return int16(rand.IntN(16)) }
