package staffapp

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/statement"
)

// myStatement is a closed month of hers: pending_opening + opening + movement = pending_closing + stated + carried.
type myStatement struct {
	ID                  shop.ID       `json:"id"`
	Month               string        `json:"month"`
	Currency            shop.Currency `json:"currency"`
	PendingOpeningMinor int64         `json:"pending_opening_minor"`
	OpeningMinor        int64         `json:"opening_minor"`
	MovementMinor       int64         `json:"movement_minor"`
	PendingClosingMinor int64         `json:"pending_closing_minor"`
	StatedMinor         int64         `json:"stated_minor"`
	CarriedMinor        int64         `json:"carried_minor"`
	PaidMinor           int64         `json:"paid_minor"`
	LeftMinor           int64         `json:"left_minor"`
}

func myStatementOf(e statement.Entry) myStatement {
	return myStatement{
		ID: e.ID, Month: e.Month.Format("2006-01"), Currency: e.Currency, PendingOpeningMinor: e.PendingOpening, OpeningMinor: e.Opening, MovementMinor: e.Movement,
		PendingClosingMinor: e.PendingClosing, StatedMinor: e.Stated, CarriedMinor: e.Carried, PaidMinor: e.Paid, LeftMinor: e.Left(),
	}
}

func (f *Face) myStatements(ctx context.Context, in endpoint.Paging) (endpoint.List[myStatement], error) {
	var out endpoint.List[myStatement]
	page, err := in.Page()
	if err != nil {
		return out, err
	}
	mine, next, err := f.Statements.Mine(ctx, endpoint.Actor(ctx), endpoint.Language(ctx), page)
	out.NextCursor = next
	for _, e := range mine {
		out.Items = append(out.Items, myStatementOf(e))
	}
	return out, err
}

type statementRequest struct {
	ID shop.ID `path:"id"`
}

// myStatementResponse is one with the rules by which returns took back, and the seal that is printed on it.
type myStatementResponse struct {
	myStatement
	PlanVersions  []int     `json:"plan_versions"`
	ForgivenMinor int64     `json:"forgiven_minor"`
	ClosedAt      time.Time `json:"closed_at"`
	Seal          string    `json:"seal,omitempty"`
}

func (f *Face) myStatement(ctx context.Context, in statementRequest) (myStatementResponse, error) {
	st, e, err := f.Statements.Read(ctx, endpoint.Actor(ctx), in.ID, endpoint.Language(ctx))
	if err != nil {
		return myStatementResponse{}, err
	}
	out := myStatementResponse{
		myStatement: myStatementOf(e), PlanVersions: append([]int{}, st.Terms.PlanVersions...), ForgivenMinor: st.Terms.Forgiven, ClosedAt: st.ClosedAt.UTC(),
	}
	if st.Seal.Seals > 0 {
		out.Seal = hex.EncodeToString(st.Seal.Hash[:])
	}
	return out, nil
}

// myStatementLine is one movement. Its order is explained by getOrderCredit.
type myStatementLine struct {
	ID          shop.ID             `json:"id"`
	EffectiveAt time.Time           `json:"effective_at"`
	BelongsTo   string              `json:"belongs_to,omitempty"`
	Kind        ledger.TransferKind `json:"kind"`
	Role        plan.Role           `json:"role,omitempty"`
	Order       shop.ID             `json:"order,omitzero"`
	ExternalID  string              `json:"external_id,omitempty"`
	Line        int                 `json:"line"`
	Minor       int64               `json:"minor"`
	State       ledger.AccountKind  `json:"state"`
	Why         string              `json:"why"`
}

type statementLinesRequest struct {
	statementRequest
	endpoint.Paging
}

func (f *Face) myStatementLines(ctx context.Context, in statementLinesRequest) (endpoint.List[myStatementLine], error) {
	var out endpoint.List[myStatementLine]
	page, err := in.Page()
	if err != nil {
		return out, err
	}
	lines, next, err := f.Statements.Lines(ctx, endpoint.Actor(ctx), in.ID, endpoint.Language(ctx), page)
	out.NextCursor = next
	for _, l := range lines {
		line := myStatementLine{
			ID: l.ID, EffectiveAt: l.EffectiveAt.UTC(), Kind: l.Kind, Role: l.Role, Order: l.OrderID, ExternalID: l.Order, Line: l.LineNo, Minor: l.Minor,
			State: l.State, Why: l.Why,
		}
		if !l.BelongsTo.IsZero() {
			line.BelongsTo = l.BelongsTo.Format("2006-01")
		}
		out.Items = append(out.Items, line)
	}
	return out, err
}

type statementFileRequest struct {
	statementRequest
	Language shop.Language `query:"lang"`
}

func (r *statementFileRequest) Validate() error {
	var c shop.Check
	c.That(slices.Contains([]shop.Language{"", shop.TraditionalChinese, shop.English}, r.Language), "lang", "language_unknown", "zh-TW or en.")
	return c.Err()
}

func (f *Face) myStatementPDF(ctx context.Context, in statementFileRequest) (endpoint.File, error) {
	file, err := f.Statements.File(ctx, endpoint.Actor(ctx), in.ID, statement.PDF, cmp.Or(in.Language, endpoint.Language(ctx)))
	return endpoint.File(file), err
}
