package manager

import (
	"cmp"
	"context"
	"slices"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/statement"
)

// monthFigures is what a month moved: pending_opening + opening + movement = pending_closing + stated + carried.
type monthFigures struct {
	PendingOpeningMinor int64 `json:"pending_opening_minor"`
	OpeningMinor        int64 `json:"opening_minor"`
	MovementMinor       int64 `json:"movement_minor"`
	PendingClosingMinor int64 `json:"pending_closing_minor"`
	StatedMinor         int64 `json:"stated_minor"`
	CarriedMinor        int64 `json:"carried_minor"`
}

func answerMonth(st period.Statement) monthFigures {
	return monthFigures{st.PendingOpening, st.Opening, st.Movement, st.PendingClosing, st.Stated, st.Carried}
}

func answerParty(to attribution.Beneficiary, p statement.Party) partyAnswer {
	return partyAnswer{Kind: string(to.Kind), ID: to.ID, Code: p.Code, Name: p.Name}
}

type statementAnswer struct {
	ID       shop.ID       `json:"id"`
	Month    string        `json:"month"`
	To       partyAnswer   `json:"to"`
	Currency shop.Currency `json:"currency"`
	monthFigures
	PaidMinor  int64  `json:"paid_minor"`
	LeftMinor  int64  `json:"left_minor"`
	LastPayout string `json:"last_payout,omitempty"` // paid or failed; absent: nobody has tried
}

func answerStatement(_ context.Context, e statement.Entry) statementAnswer {
	return statementAnswer{
		ID: e.ID, Month: monthName(e.Month), To: answerParty(e.To, e.Party), Currency: e.Currency, monthFigures: answerMonth(e.Statement),
		PaidMinor: e.Paid, LeftMinor: e.Left(), LastPayout: e.Outcome,
	}
}

type listStatementsRequest struct {
	endpoint.Paging
	inMonth
	Kind attribution.Kind `query:"kind"`
}

// Validate reads the month and the kind.
func (r *listStatementsRequest) Validate() error {
	if err := r.inMonth.Validate(); err != nil {
		return err
	}
	var c shop.Check
	c.That(slices.Contains([]attribution.Kind{"", attribution.ToStore, attribution.ToStaff, attribution.ToPool}, r.Kind), "kind", "kind_unknown", "store, staff or pool.")
	return c.Err()
}

func (f *Face) listStatements(ctx context.Context, in listStatementsRequest) (endpoint.List[statementAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[statementAnswer]{}, err
	}
	all, next, err := f.Statements.List(ctx, endpoint.Actor(ctx), in.first, in.Kind, endpoint.Language(ctx), page)
	return listOf(ctx, all, next, answerStatement), err
}

// termsAnswer are the rules that decide what a return still takes back.
type termsAnswer struct {
	PlanVersions          []int  `json:"plan_versions"`
	HoldDays              int    `json:"hold_days"`
	ClawbackDays          *int   `json:"clawback_days,omitempty"`            // absent: for ever
	ClawbackMonthCapMinor *int64 `json:"clawback_month_cap_minor,omitempty"` // of a person; absent: none
	ForgivenMinor         int64  `json:"forgiven_minor"`
}

type readStatementAnswer struct {
	statementAnswer
	Terms    termsAnswer `json:"terms"`
	ClosedAt time.Time   `json:"closed_at"`
	Seal     sealAnswer  `json:"seal"`
}

func (f *Face) readStatement(ctx context.Context, in byID) (readStatementAnswer, error) {
	st, e, err := f.Statements.Read(ctx, endpoint.Actor(ctx), in.ID, endpoint.Language(ctx))
	if err != nil {
		return readStatementAnswer{}, err
	}
	t := st.Terms
	return readStatementAnswer{
		statementAnswer: answerStatement(ctx, e), ClosedAt: st.ClosedAt.UTC(), Seal: answerSeal(st.Seal),
		Terms: termsAnswer{append([]int{}, t.PlanVersions...), t.HoldDays, t.ClawbackDays, t.ClawbackMonthCap, t.Forgiven},
	}, nil
}

// statementLine is one movement, with where it is explained.
type statementLine struct {
	ID          shop.ID             `json:"id"` // of the transfer
	PostedAt    time.Time           `json:"posted_at"`
	EffectiveAt time.Time           `json:"effective_at"`
	BelongsTo   string              `json:"belongs_to,omitempty"` // absent: to the month itself
	Kind        ledger.TransferKind `json:"kind"`
	Role        plan.Role           `json:"role,omitempty"`
	Order       shop.ID             `json:"order,omitzero"`
	ExternalID  string              `json:"external_id,omitempty"`
	Parcel      string              `json:"parcel,omitempty"`
	Line        int                 `json:"line"`
	Minor       int64               `json:"minor"`
	State       ledger.AccountKind  `json:"state"` // at the month's end
	Why         string              `json:"why"`
	Trace       string              `json:"trace,omitempty"`
}

func answerStatementLine(_ context.Context, l statement.Line) statementLine {
	return statementLine{
		ID: l.ID, PostedAt: l.PostedAt.UTC(), EffectiveAt: l.EffectiveAt.UTC(), BelongsTo: monthName(l.BelongsTo), Kind: l.Kind, Role: l.Role, Order: l.OrderID,
		ExternalID: l.Order, Parcel: l.Parcel, Line: l.LineNo, Minor: l.Minor, State: l.State, Why: l.Why, Trace: l.Trace,
	}
}

type listStatementLinesRequest struct {
	byID
	endpoint.Paging
}

func (f *Face) listStatementLines(ctx context.Context, in listStatementLinesRequest) (endpoint.List[statementLine], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[statementLine]{}, err
	}
	lines, next, err := f.Statements.Lines(ctx, endpoint.Actor(ctx), in.ID, endpoint.Language(ctx), page)
	return listOf(ctx, lines, next, answerStatementLine), err
}

type downloadStatementRequest struct {
	byID
	Format   statement.Format `query:"format"`
	Language shop.Language    `query:"lang"`
}

// Validate fills in the form.
func (r *downloadStatementRequest) Validate() error {
	if r.Format == "" {
		r.Format = statement.PDF
	}
	var c shop.Check
	c.That(r.Format.ContentType() != "", "format", "format_unknown", "csv, xlsx or pdf.")
	c.That(slices.Contains([]shop.Language{"", shop.TraditionalChinese, shop.English}, r.Language), "lang", "language_unknown", "zh-TW or en.")
	return c.Err()
}

func (f *Face) downloadStatement(ctx context.Context, in downloadStatementRequest) (endpoint.File, error) {
	file, err := f.Statements.File(ctx, endpoint.Actor(ctx), in.ID, in.Format, cmp.Or(in.Language, endpoint.Language(ctx)))
	return endpoint.File(file), err
}
