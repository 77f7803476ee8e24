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
	Months []string         `json:"months"` // whole ones, whose true-ups are compared
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

// difference is of orders: change = after - before; beside it that of whole months, and whole_change is of both.
type difference struct {
	BeforeMinor       int64 `json:"before_minor"`
	AfterMinor        int64 `json:"after_minor"`
	ChangeMinor       int64 `json:"change_minor"`
	MonthsBeforeMinor int64 `json:"months_before_minor"`
	MonthsAfterMinor  int64 `json:"months_after_minor"`
	WholeChangeMinor  int64 `json:"whole_change_minor"`
}

func differenceOf(f whatif.Figures) difference {
	return difference{f.Before, f.After, f.Change(), f.MonthsBefore, f.MonthsAfter, f.WholeChange()}
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
	a := &outcomeAnswer{From: out.From, To: out.To, Orders: out.Orders, Months: []string{}, Books: []replayedAnswer{}}
	for _, first := range out.Months {
		a.Months = append(a.Months, monthName(first))
	}
	for _, b := range out.Books {
		a.Books = append(a.Books, replayedAnswer{
			Currency: b.Currency, difference: differenceOf(b.Figures),
			Winners: gains(l, b.Winners), Losers: gains(l, b.Losers), Totals: gains(l, b.Totals),
		})
	}
	return a
}

func gains(l shop.Language, totals []whatif.Total) []gainAnswer {
	all := make([]gainAnswer, len(totals))
	for i, t := range totals {
		to := partyAnswer{Kind: string(t.To.Kind), ID: t.To.ID, Code: t.Name.Code, Name: t.Name.Text.In(l)}
		all[i] = gainAnswer{to, differenceOf(t.Figures)}
	}
	return all
}
