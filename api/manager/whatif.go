package manager

import (
	"context"
	"errors"
	"strings"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/whatif"
)

// replayPlanRequest is a draft and the days of the orders that it is tried on.
type replayPlanRequest struct {
	Plan saidPlan `json:"plan"`
	From plan.Day `json:"from"`
	To   plan.Day `json:"to"`
}

// Validate is the plan's own, and that both days are there.
func (r *replayPlanRequest) Validate() error {
	var c shop.Check
	c.That(!r.From.IsZero(), "from", "required", "The first day, YYYY-MM-DD.")
	c.That(!r.To.IsZero(), "to", "required", "The last day, YYYY-MM-DD.")
	if err := c.Err(); err != nil {
		return err
	}
	var wrong *shop.Refusal
	if err := r.Plan.Validate(); !errors.As(err, &wrong) {
		return err
	}
	for i := range wrong.Fields {
		wrong.Fields[i].Name = strings.TrimSuffix("plan."+wrong.Fields[i].Name, ".")
	}
	return wrong
}

// replayPlanLine says how far the replay is. The last line has the outcome, too.
type replayPlanLine struct {
	Done    int            `json:"done"`
	Of      int            `json:"of"`
	Outcome *outcomeAnswer `json:"outcome,omitempty"`
}

type outcomeAnswer struct {
	From   plan.Day         `json:"from"`
	To     plan.Day         `json:"to"`
	Orders int              `json:"orders"`
	Books  []replayedAnswer `json:"books"`
}

// replayedAnswer is the outcome in one currency: those who would win and lose most first, then everybody.
type replayedAnswer struct {
	Currency shop.Currency `json:"currency"`
	difference
	Winners []gainAnswer `json:"winners"`
	Losers  []gainAnswer `json:"losers"`
	Totals  []gainAnswer `json:"totals"`
}

type gainAnswer struct {
	To partyAnswer `json:"to"`
	difference
}

// difference: change = after - before.
type difference struct {
	BeforeMinor int64 `json:"before_minor"`
	AfterMinor  int64 `json:"after_minor"`
	ChangeMinor int64 `json:"change_minor"`
}

func (f *Face) replayPlan(ctx context.Context, in replayPlanRequest, tell func(replayPlanLine)) error {
	var last replayPlanLine
	out, err := f.WhatIf.Replay(ctx, endpoint.Actor(ctx), in.Plan.Plan, in.From, in.To, func(done, of int) {
		last = replayPlanLine{Done: done, Of: of}
		tell(last)
	})
	if err != nil {
		return err
	}
	last.Outcome = answerOutcome(endpoint.Language(ctx), out)
	tell(last)
	return nil
}

func answerOutcome(l shop.Language, out whatif.Outcome) *outcomeAnswer {
	a := &outcomeAnswer{From: out.From, To: out.To, Orders: out.Orders, Books: []replayedAnswer{}}
	for _, b := range out.Books {
		a.Books = append(a.Books, replayedAnswer{
			Currency: b.Currency, difference: difference{b.Before, b.After, b.Change()},
			Winners: gains(l, b.Winners), Losers: gains(l, b.Losers), Totals: gains(l, b.Totals),
		})
	}
	return a
}

func gains(l shop.Language, totals []whatif.Total) []gainAnswer {
	all := make([]gainAnswer, len(totals))
	for i, t := range totals {
		to := partyAnswer{Kind: string(t.To.Kind), ID: t.To.ID, Code: t.Name.Code, Name: t.Name.Text.In(l)}
		all[i] = gainAnswer{to, difference{t.Before, t.After, t.Change()}}
	}
	return all
}
