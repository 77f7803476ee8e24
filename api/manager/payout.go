package manager

import (
	"bytes"
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/period"
	"homestore/referral/statement"
)

// payoutAnswer is one try to pay a statement.
type payoutAnswer struct {
	To         partyAnswer   `json:"to"`
	No         int           `json:"no"`
	Currency   shop.Currency `json:"currency"`
	Minor      int64         `json:"minor"` // that was paid, or tried
	Outcome    string        `json:"outcome"`
	Reference  string        `json:"reference,omitempty"`
	Note       string        `json:"note,omitempty"`
	RecordedBy string        `json:"recorded_by"`
	RecordedAt time.Time     `json:"recorded_at"`
}

func answerPaidOut(_ context.Context, p statement.PaidOut) payoutAnswer {
	return payoutAnswer{answerParty(p.To, p.Party), p.No, p.Currency, p.Minor, p.Outcome, p.Reference, p.Note, p.RecordedBy, p.RecordedAt.UTC()}
}

// listPayouts are all tries of a month: a few for each of its statements.
func (f *Face) listPayouts(ctx context.Context, in inMonth) (endpoint.List[payoutAnswer], error) {
	all, err := f.Statements.Payouts(ctx, endpoint.Actor(ctx), in.first, endpoint.Language(ctx))
	return listOf(ctx, all, "", answerPaidOut), err
}

// downloadPayouts is the file by which what is left of a month is paid.
func (f *Face) downloadPayouts(ctx context.Context, in inMonth) (endpoint.File, error) {
	payments, err := f.Statements.Payments(ctx, endpoint.Actor(ctx), in.first, endpoint.Language(ctx))
	if err != nil {
		return endpoint.File{}, err
	}
	var out bytes.Buffer
	err = statement.WritePayout(&out, payments)
	return endpoint.File{ContentType: "text/csv; charset=utf-8", Name: "payout-" + in.Month + ".csv", Body: out.Bytes()}, err
}

// recordedAnswer is what an act recorded.
type recordedAnswer struct {
	Month  string         `json:"month"`
	Paid   int            `json:"paid"` // in full or in part
	Failed int            `json:"failed"`
	Sums   []amountAnswer `json:"sums"` // that were paid
}

func answerRecorded(month string, payouts []period.Payout) recordedAnswer {
	answer := recordedAnswer{Month: month}
	sums := map[shop.Currency]int64{}
	for _, p := range payouts {
		if p.Outcome == period.Failed {
			answer.Failed++
			continue
		}
		answer.Paid++
		sums[p.Currency] += p.Minor
	}
	answer.Sums = amounts(sums)
	return answer
}

type recordPayoutsRequest struct {
	inMonth
	File []byte `body:"csv"`
}

// recordPayouts needs no Idempotency-Key: each row names a try to pay, which is recorded once.
func (f *Face) recordPayouts(ctx context.Context, in recordPayoutsRequest) (recordedAnswer, error) {
	payouts, err := f.Statements.Record(ctx, endpoint.Actor(ctx), in.first, in.File)
	return answerRecorded(in.Month, payouts), err
}

type payStatementsRequest struct {
	Month      string    `json:"month"`
	Statements []shop.ID `json:"statements"`
	All        bool      `json:"all"`
	Reference  string    `json:"reference"`

	first time.Time
}

// Validate reads the month.
func (r *payStatementsRequest) Validate() error {
	var c shop.Check
	c.That(len([]rune(r.Reference)) <= 100, "reference", "too_long", "At most 100 characters.")
	r.first = readMonth(&c, "month", r.Month)
	return c.Err()
}

// payStatements needs no Idempotency-Key: what is paid stays so.
func (f *Face) payStatements(ctx context.Context, in payStatementsRequest) (recordedAnswer, error) {
	payouts, err := f.Statements.Pay(ctx, endpoint.Actor(ctx), in.first, in.Statements, in.All, in.Reference)
	return answerRecorded(in.Month, payouts), err
}
