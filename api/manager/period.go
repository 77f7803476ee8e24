package manager

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/ledger"
	"homestore/referral/period"
)

// sealAnswer is the end of the brand's chain of seals when a month was closed.
type sealAnswer struct {
	Seals    int64     `json:"seals"`
	Hash     string    `json:"hash,omitempty"`
	SealedAt time.Time `json:"sealed_at"`
}

func answerSeal(h ledger.Head) sealAnswer {
	a := sealAnswer{Seals: h.Seals, SealedAt: h.SealedAt.UTC()}
	if h.Seals > 0 {
		a.Hash = hex.EncodeToString(h.Hash[:])
	}
	return a
}

type periodAnswer struct {
	Month    string     `json:"month"`
	Since    string     `json:"since,omitempty"` // the first month that it took in; absent: all before it
	ClosedBy string     `json:"closed_by"`
	ClosedAt time.Time  `json:"closed_at"`
	Seal     sealAnswer `json:"seal"`
}

func answerPeriod(_ context.Context, p period.Period) periodAnswer {
	return periodAnswer{Month: monthName(p.Month), Since: monthName(p.Since), ClosedBy: p.ClosedBy, ClosedAt: p.MadeAt.UTC(), Seal: answerSeal(p.Head)}
}

// listPeriods are all closed months: twelve a year.
func (f *Face) listPeriods(ctx context.Context, _ endpoint.None) (endpoint.List[periodAnswer], error) {
	var all []period.Period
	brand := endpoint.Actor(ctx).Brand
	err := f.Pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		all, err = period.Periods(ctx, tx, brand)
		return err
	})
	return listOf(ctx, all, "", answerPeriod), err
}

type findingAnswer struct {
	Code  string `json:"code"`
	Count int    `json:"count"`
}

type previewPeriodAnswer struct {
	Month      string           `json:"month"`
	Statements []previewedMonth `json:"statements"`
	Checks     []findingAnswer  `json:"checks"`
}

// previewedMonth is a statement that is not made yet.
type previewedMonth struct {
	To       partyAnswer   `json:"to"`
	Currency shop.Currency `json:"currency"`
	monthFigures
}

func (f *Face) previewPeriod(ctx context.Context, in inMonth) (previewPeriodAnswer, error) {
	entries, checks, err := f.Statements.Preview(ctx, endpoint.Actor(ctx), in.first, endpoint.Language(ctx))
	answer := previewPeriodAnswer{Month: in.Month, Statements: []previewedMonth{}, Checks: []findingAnswer{}}
	for _, e := range entries {
		answer.Statements = append(answer.Statements, previewedMonth{answerParty(e.To, e.Party), e.Currency, answerMonth(e.Statement)})
	}
	for _, c := range checks {
		answer.Checks = append(answer.Checks, findingAnswer(c))
	}
	return answer, err
}

type closePeriodRequest struct {
	Month string `json:"month"`

	first time.Time
}

// Validate reads the month.
func (r *closePeriodRequest) Validate() error {
	var c shop.Check
	r.first = readMonth(&c, "month", r.Month)
	return c.Err()
}

// closePeriod needs no Idempotency-Key: a month is closed once, and closing it again finishes what was interrupted.
func (f *Face) closePeriod(ctx context.Context, in closePeriodRequest) (periodAnswer, error) {
	actor := endpoint.Actor(ctx)
	if err := f.Periods.Close(ctx, actor, in.first); err != nil {
		return periodAnswer{}, err
	}
	var closed period.Period
	err := f.Pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		closed, err = period.PeriodOf(ctx, tx, actor.Brand, in.first)
		return err
	})
	return answerPeriod(ctx, closed), err
}
