package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/target"
)

// targetAnswer is of a store or of a person.
type targetAnswer struct {
	Month       string        `json:"month"`
	Store       shop.ID       `json:"store,omitzero"`
	Staff       shop.ID       `json:"staff,omitzero"`
	TargetMinor int64         `json:"target_minor"`
	Currency    shop.Currency `json:"currency"`
	SetBy       string        `json:"set_by"`
	SetAt       time.Time     `json:"set_at"`
}

func answerTarget(_ context.Context, t target.Target) targetAnswer {
	a := targetAnswer{Month: monthName(t.Month), TargetMinor: t.Minor, Currency: t.Currency, SetBy: t.SetBy, SetAt: t.SetAt.UTC()}
	if t.Holder.Kind == attribution.ToStaff {
		a.Staff = t.Holder.ID
	} else {
		a.Store = t.Holder.ID
	}
	return a
}

type targetsAnswer struct {
	Items []targetAnswer `json:"items"`
}

// listTargets is one document: a month's targets are those of stores and people.
func (f *Face) listTargets(ctx context.Context, in inMonth) (targetsAnswer, error) {
	list, err := f.Targets.List(ctx, endpoint.Actor(ctx), in.first)
	return targetsAnswer{listOf(ctx, list, "", answerTarget).Items}, err
}

type setTargetRequest struct {
	Month       string  `json:"month"`
	Store       shop.ID `json:"store"`
	Staff       shop.ID `json:"staff"`
	TargetMinor int64   `json:"target_minor"`

	first time.Time
}

// Validate reads the month.
func (r *setTargetRequest) Validate() error {
	var c shop.Check
	r.first = readMonth(&c, "month", r.Month)
	return c.Err()
}

func (f *Face) setTarget(ctx context.Context, in setTargetRequest) (endpoint.None, error) {
	holder := attribution.StoreOf(in.Store)
	if !in.Staff.IsZero() {
		holder = attribution.StaffOf(in.Staff)
	}
	if !in.Staff.IsZero() && !in.Store.IsZero() {
		return endpoint.None{}, target.ErrHolder
	}
	return endpoint.None{}, f.Targets.Set(ctx, endpoint.Actor(ctx), target.Target{Month: in.first, Holder: holder, Minor: in.TargetMinor})
}

type hoursAnswer struct {
	Month   string    `json:"month"`
	Store   shop.ID   `json:"store"`
	Staff   shop.ID   `json:"staff"`
	Minutes int64     `json:"minutes"`
	SetBy   string    `json:"set_by"`
	SetAt   time.Time `json:"set_at"`
}

func answerHours(_ context.Context, h target.Hours) hoursAnswer {
	return hoursAnswer{monthName(h.Month), h.Store, h.Staff, h.Minutes, h.SetBy, h.SetAt.UTC()}
}

type hoursListAnswer struct {
	Items []hoursAnswer `json:"items"`
}

func (f *Face) listHours(ctx context.Context, in inMonth) (hoursListAnswer, error) {
	list, err := f.Targets.ListHours(ctx, endpoint.Actor(ctx), in.first)
	return hoursListAnswer{listOf(ctx, list, "", answerHours).Items}, err
}

type setHoursRequest struct {
	Month   string  `json:"month"`
	Store   shop.ID `json:"store"`
	Staff   shop.ID `json:"staff"`
	Minutes int64   `json:"minutes"`

	first time.Time
}

// Validate reads the month.
func (r *setHoursRequest) Validate() error {
	var c shop.Check
	r.first = readMonth(&c, "month", r.Month)
	return c.Err()
}

func (f *Face) setHours(ctx context.Context, in setHoursRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Targets.SetHours(ctx, endpoint.Actor(ctx), target.Hours{Month: in.first, Store: in.Store, Staff: in.Staff, Minutes: in.Minutes})
}

// importMonthsRequest is a file of targets or hours.
type importMonthsRequest struct {
	IsRehearsal bool   `query:"rehearsal"`
	File        []byte `body:"csv"`
}

type monthLineAnswer struct {
	Row     int            `json:"row"`
	Verdict target.Verdict `json:"verdict"`
	Fields  []shop.Field   `json:"fields,omitempty"`
}

type importMonthsAnswer struct {
	New     int               `json:"new"`
	Changed int               `json:"changed"`
	Known   int               `json:"known"`
	Wrong   int               `json:"wrong"`
	Rows    []monthLineAnswer `json:"rows"`
}

// importTargets needs no Idempotency-Key, nor does importHours: a file that is sent again changes nothing.
func (f *Face) importTargets(ctx context.Context, in importMonthsRequest) (importMonthsAnswer, error) {
	return answerLines(f.Targets.ImportTargets(ctx, endpoint.Actor(ctx), in.File, in.IsRehearsal))
}

func (f *Face) importHours(ctx context.Context, in importMonthsRequest) (importMonthsAnswer, error) {
	return answerLines(f.Targets.ImportHours(ctx, endpoint.Actor(ctx), in.File, in.IsRehearsal))
}

func answerLines(lines []target.Line, err error) (importMonthsAnswer, error) {
	answer := importMonthsAnswer{Rows: make([]monthLineAnswer, len(lines))}
	count := map[target.Verdict]*int{target.RowNew: &answer.New, target.RowChanged: &answer.Changed, target.RowKnown: &answer.Known, target.RowWrong: &answer.Wrong}
	for i, line := range lines {
		answer.Rows[i] = monthLineAnswer(line)
		*count[line.Verdict]++
	}
	return answer, err
}
