package manager

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

type planAnswer struct {
	ID          shop.ID   `json:"id"`
	Plan        plan.Plan `json:"plan"`
	Unreachable []int     `json:"unreachable_rules"` // numbers of rules that can never decide: most likely a slip
}

func answerPlan(_ context.Context, p plan.Plan) planAnswer {
	return planAnswer{ID: p.ID, Plan: p, Unreachable: append([]int{}, p.Unreachable()...)}
}

// versions are the brand's, of which each was approved.
func (f *Face) versions(ctx context.Context) (all []plan.Plan, err error) {
	brand := endpoint.Actor(ctx).Brand
	err = f.Pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		all, err = plan.List(ctx, tx, brand)
		return err
	})
	return all, err
}

func (f *Face) listPlans(ctx context.Context, in endpoint.Paging) (endpoint.List[planAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[planAnswer]{}, err
	}
	all, err := f.versions(ctx)
	all, next := newest(page, all, func(p plan.Plan) shop.ID { return p.ID })
	return listOf(ctx, all, next, answerPlan), err
}

// saidPlan is a plan as a request says it: it reads its own JSON, and what is absent takes the plan's defaults.
type saidPlan struct {
	plan.Plan
	saysLeaver bool
	unreadable string
}

func (r *saidPlan) written() plan.Written {
	return plan.Written{Plan: r.Plan, SaysLeaver: r.saysLeaver}
}

// UnmarshalJSON keeps what the plan says is wrong, so that it is told like every other wrong field.
func (r *saidPlan) UnmarshalJSON(b []byte) error {
	var w plan.Written
	if err := json.Unmarshal(b, &w); err != nil {
		r.unreadable = err.Error()
	}
	r.Plan, r.saysLeaver = w.Plan, w.SaysLeaver
	return nil
}

// Validate is the plan's own, after it could be read at all.
func (r *saidPlan) Validate() error {
	if r.unreadable == "" {
		return r.Plan.Validate()
	}
	name := ""
	if _, after, named := strings.Cut(r.unreadable, `unknown field "`); named {
		name = strings.TrimSuffix(after, `"`)
	}
	return shop.ErrFields.With(shop.Field{Name: name, Code: "plan_unreadable", Hint: r.unreadable})
}

type findingsAnswer struct {
	Findings []plan.Finding `json:"findings"`
}

func (f *Face) lintPlan(ctx context.Context, in saidPlan) (findingsAnswer, error) {
	found, err := f.Plans.Lint(ctx, endpoint.Actor(ctx), in.written())
	return findingsAnswer{append([]plan.Finding{}, found...)}, err
}

func (f *Face) downloadPlan(ctx context.Context, in byID) (endpoint.File, error) {
	all, err := f.versions(ctx)
	if err != nil {
		return endpoint.File{}, err
	}
	for _, p := range all {
		if p.ID == in.ID {
			return planFile(p), nil
		}
	}
	return endpoint.File{}, shop.ErrNotFound
}
