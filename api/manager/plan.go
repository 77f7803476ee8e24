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

func (f *Face) listPlans(ctx context.Context, in endpoint.Paging) (endpoint.List[planAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[planAnswer]{}, err
	}
	var all []plan.Plan
	brand := endpoint.Actor(ctx).Brand
	err = f.Pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		all, err = plan.List(ctx, tx, brand)
		return err
	})
	all, next := newest(page, all, func(p plan.Plan) shop.ID { return p.ID })
	return listOf(ctx, all, next, answerPlan), err
}

// addPlanRequest is the plan itself, which reads its own JSON: what is absent takes the plan's defaults.
type addPlanRequest struct {
	plan.Plan
	unreadable string
}

// UnmarshalJSON keeps what the plan says is wrong, so that it is told like every other wrong field.
func (r *addPlanRequest) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &r.Plan); err != nil {
		r.unreadable = err.Error()
	}
	return nil
}

// Validate is the plan's own, after it could be read at all.
func (r *addPlanRequest) Validate() error {
	if r.unreadable == "" {
		return r.Plan.Validate()
	}
	name := ""
	if _, after, named := strings.Cut(r.unreadable, `unknown field "`); named {
		name = strings.TrimSuffix(after, `"`)
	}
	return shop.ErrFields.With(shop.Field{Name: name, Code: "plan_unreadable", Hint: r.unreadable})
}

func (f *Face) addPlan(ctx context.Context, in addPlanRequest) (planAnswer, error) {
	actor := endpoint.Actor(ctx)
	brand, err := f.Team.BrandByID(ctx, actor.Brand)
	if err != nil {
		return planAnswer{}, err
	}
	added, err := f.Plans.Add(ctx, actor, brand.Zone(), in.Plan)
	if err != nil {
		return planAnswer{}, err
	}
	return answerPlan(ctx, added), nil
}
