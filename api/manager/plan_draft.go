package manager

import (
	"context"
	"fmt"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// draftAnswer is a draft as whoever may approve it reads it. Its first three fields are those of a version.
type draftAnswer struct {
	ID           shop.ID         `json:"id"`
	Plan         plan.Plan       `json:"plan"`
	Unreachable  []int           `json:"unreachable_rules"`
	State        plan.DraftState `json:"state"`
	Revision     int             `json:"revision"`
	WrittenBy    shop.ID         `json:"written_by"`
	DraftedAt    time.Time       `json:"drafted_at"`
	ChangedAt    time.Time       `json:"changed_at"`
	EndedBy      shop.ID         `json:"ended_by,omitzero"`
	EndedAt      time.Time       `json:"ended_at,omitzero"`
	Version      shop.ID         `json:"version_id,omitzero"`
	Acknowledged []string        `json:"acknowledged,omitempty"`
}

func answerDraft(_ context.Context, d plan.Draft) draftAnswer {
	return draftAnswer{
		ID: d.ID, Plan: d.Plan, Unreachable: append([]int{}, d.Plan.Unreachable()...), State: d.State, Revision: d.Revision, WrittenBy: d.WrittenBy,
		DraftedAt: d.DraftedAt, ChangedAt: d.ChangedAt, EndedBy: d.EndedBy, EndedAt: d.EndedAt, Version: d.Version, Acknowledged: d.Acknowledged,
	}
}

func draftOr(ctx context.Context, d plan.Draft, err error) (draftAnswer, error) {
	if err != nil {
		return draftAnswer{}, err
	}
	return answerDraft(ctx, d), nil
}

// addPlan keeps a draft: nobody puts a plan in force alone.
func (f *Face) addPlan(ctx context.Context, in saidPlan) (draftAnswer, error) {
	d, err := f.Plans.Draft(ctx, endpoint.Actor(ctx), endpoint.CreationID(ctx), in.written())
	return draftOr(ctx, d, err)
}

type draftPlanFileRequest struct {
	File []byte `body:"yaml"`
}

func (f *Face) draftPlanFile(ctx context.Context, in draftPlanFileRequest) (draftAnswer, error) {
	w, err := plan.ReadYAML(in.File)
	if err != nil {
		return draftAnswer{}, err
	}
	d, err := f.Plans.Draft(ctx, endpoint.Actor(ctx), endpoint.CreationID(ctx), w)
	return draftOr(ctx, d, err)
}

func (f *Face) listPlanDrafts(ctx context.Context, in endpoint.Paging) (endpoint.List[draftAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[draftAnswer]{}, err
	}
	drafts, next, err := f.Plans.Drafts(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, drafts, next, answerDraft), err
}

type readDraftAnswer struct {
	draftAnswer
	Findings []plan.Finding `json:"findings"`
}

func (f *Face) readPlanDraft(ctx context.Context, in byID) (readDraftAnswer, error) {
	d, found, err := f.Plans.FindDraft(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return readDraftAnswer{}, err
	}
	return readDraftAnswer{answerDraft(ctx, d), append([]plan.Finding{}, found...)}, nil
}

type replacePlanDraftRequest struct {
	byID
	Revision int      `json:"revision"` // that was read
	Plan     saidPlan `json:"plan"`
}

// Validate is the plan's.
func (r *replacePlanDraftRequest) Validate() error { return r.Plan.Validate() }

func (f *Face) replacePlanDraft(ctx context.Context, in replacePlanDraftRequest) (draftAnswer, error) {
	d, err := f.Plans.Replace(ctx, endpoint.Actor(ctx), in.ID, in.Revision, in.Plan.written())
	return draftOr(ctx, d, err)
}

type approvePlanRequest struct {
	byID
	Revision     int      `json:"revision"` // that was read
	Acknowledged []string `json:"acknowledged"`
}

func (f *Face) approvePlan(ctx context.Context, in approvePlanRequest) (draftAnswer, error) {
	d, err := f.Plans.Approve(ctx, endpoint.Actor(ctx), in.ID, plan.Approval{Revision: in.Revision, Acknowledged: in.Acknowledged})
	return draftOr(ctx, d, err)
}

func (f *Face) withdrawPlanDraft(ctx context.Context, in byID) (draftAnswer, error) {
	d, err := f.Plans.Withdraw(ctx, endpoint.Actor(ctx), in.ID)
	return draftOr(ctx, d, err)
}

type previewPlanAnswer struct {
	Currency shop.Currency         `json:"currency"`
	Examples []attribution.Example `json:"examples"`
}

// previewPlanDraft plays typical orders through the draft. It is pure: nothing of the brand but its currency and tax is read.
func (f *Face) previewPlanDraft(ctx context.Context, in byID) (previewPlanAnswer, error) {
	actor := endpoint.Actor(ctx)
	d, _, err := f.Plans.FindDraft(ctx, actor, in.ID)
	if err != nil {
		return previewPlanAnswer{}, err
	}
	brand, err := f.Team.BrandByID(ctx, actor.Brand)
	if err != nil {
		return previewPlanAnswer{}, err
	}
	return previewPlanAnswer{brand.Currency, attribution.Examples(&d.Plan, brand.Currency, brand.TaxBP)}, nil
}

func (f *Face) downloadPlanDraft(ctx context.Context, in byID) (endpoint.File, error) {
	d, _, err := f.Plans.FindDraft(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return endpoint.File{}, err
	}
	return planFile(d.Plan), nil
}

func planFile(p plan.Plan) endpoint.File {
	return endpoint.File{ContentType: "application/yaml", Name: fmt.Sprintf("plan-%d.yaml", p.Version), Body: p.YAML()}
}
