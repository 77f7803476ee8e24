package manager

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/period"
)

type adjustmentAnswer struct {
	ID        shop.ID       `json:"id"`
	To        partyAnswer   `json:"to"` // its id alone
	Currency  shop.Currency `json:"currency"`
	Minor     int64         `json:"minor"`
	BelongsTo string        `json:"belongs_to,omitempty"`
	Reason    string        `json:"reason"`
	AskedBy   string        `json:"asked_by"`
	AskedAt   time.Time     `json:"asked_at"`
	Outcome   string        `json:"outcome,omitempty"` // approved or refused; absent: a second person decides
	Note      string        `json:"note,omitempty"`
	DecidedBy string        `json:"decided_by,omitempty"`
	DecidedAt time.Time     `json:"decided_at,omitzero"`
}

func answerAdjustment(_ context.Context, a period.Adjustment) adjustmentAnswer {
	return adjustmentAnswer{
		ID: a.ID, To: partyAnswer{Kind: string(a.To.Kind), ID: a.To.ID}, Currency: a.Currency, Minor: a.Minor, BelongsTo: monthName(a.BelongsTo), Reason: a.Reason,
		AskedBy: a.AskedBy, AskedAt: a.AskedAt.UTC(), Outcome: a.Outcome, Note: a.Note, DecidedBy: a.DecidedBy, DecidedAt: a.DecidedAt.UTC(),
	}
}

type listAdjustmentsRequest struct {
	endpoint.Paging
	IsWaiting bool `query:"waiting"`
}

func (f *Face) listAdjustments(ctx context.Context, in listAdjustmentsRequest) (endpoint.List[adjustmentAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[adjustmentAnswer]{}, err
	}
	var all []period.Adjustment
	brand := endpoint.Actor(ctx).Brand
	err = f.Pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		all, err = period.Adjustments(ctx, tx, brand, in.IsWaiting, shop.Page{After: page.After, Limit: page.Limit + 1})
		return err
	})
	all, next := shop.Cut(page, all, func(a period.Adjustment) shop.ID { return a.ID })
	return listOf(ctx, all, next, answerAdjustment), err
}

type askAdjustmentRequest struct {
	To struct {
		Kind attribution.Kind `json:"kind"`
		ID   shop.ID          `json:"id"` // of a pool, its store's
	} `json:"to"`
	Minor     int64  `json:"minor"`
	BelongsTo string `json:"belongs_to"`
	Reason    string `json:"reason"`

	belongs time.Time
}

// largestAdjustment is beyond what anybody earns, and far from where a bigint ends when some are added.
const largestAdjustment = 100_000_000_000_000

// Validate asks whose it is.
func (r *askAdjustmentRequest) Validate() (err error) {
	var c shop.Check
	c.That(slices.Contains([]attribution.Kind{attribution.ToStore, attribution.ToStaff, attribution.ToPool}, r.To.Kind), "to.kind", "kind_unknown", "store, staff or pool.")
	c.That(!r.To.ID.IsZero(), "to.id", "required", "Name the store or the person.")
	c.That(max(r.Minor, -r.Minor) <= largestAdjustment, "minor", "out_of_range", "At most 100,000,000,000,000 either way.")
	c.That(len([]rune(r.Reason)) <= 500, "reason", "too_long", "At most 500 characters.")
	if err := c.Err(); err != nil || r.BelongsTo == "" {
		return err
	}
	r.belongs = readMonth(&c, "belongs_to", r.BelongsTo)
	return c.Err()
}

func (f *Face) askAdjustment(ctx context.Context, in askAdjustmentRequest) (adjustmentAnswer, error) {
	a, err := f.Periods.Adjust(ctx, endpoint.Actor(ctx), period.Adjustment{
		ID: endpoint.CreationID(ctx), To: attribution.Beneficiary(in.To), Minor: in.Minor, BelongsTo: in.belongs, Reason: in.Reason,
	})
	return answerAdjustment(ctx, a), err
}

type decideAdjustmentRequest struct {
	byID
	Note string `json:"note"`
}

// Validate bounds the note.
func (r *decideAdjustmentRequest) Validate() error {
	var c shop.Check
	c.That(len([]rune(r.Note)) <= 500, "note", "too_long", "At most 500 characters.")
	return c.Err()
}

func (f *Face) approveAdjustment(ctx context.Context, in decideAdjustmentRequest) (adjustmentAnswer, error) {
	a, err := f.Periods.DecideAdjustment(ctx, endpoint.Actor(ctx), in.ID, period.Approved, in.Note)
	return answerAdjustment(ctx, a), err
}

func (f *Face) refuseAdjustment(ctx context.Context, in decideAdjustmentRequest) (adjustmentAnswer, error) {
	a, err := f.Periods.DecideAdjustment(ctx, endpoint.Actor(ctx), in.ID, period.Refused, in.Note)
	return answerAdjustment(ctx, a), err
}
