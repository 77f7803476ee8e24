package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

type changeTagDestinationRequest struct {
	byID
	Template    string `json:"template"`
	Destination string `json:"destination"`
}

// Validate asks for one of the two.
func (r *changeTagDestinationRequest) Validate() error {
	var c shop.Check
	c.That((r.Template == "") != (r.Destination == ""), "destination", "required", "Name a template or a destination.")
	return c.Err()
}

func (f *Face) changeTagDestination(ctx context.Context, in changeTagDestinationRequest) (tagAnswer, error) {
	lead, to := f.Tags.ChangeDestination, in.Destination
	if in.Template != "" {
		lead, to = f.Tags.FollowTemplate, in.Template
	}
	t, err := lead(ctx, endpoint.Actor(ctx), in.ID, to)
	return tagOr(ctx, t, err)
}

type changeTagRulesRequest struct {
	byID
	Rules []tag.Rule `json:"rules"`
}

func (f *Face) changeTagRules(ctx context.Context, in changeTagRulesRequest) (tagAnswer, error) {
	t, err := f.Tags.ChangeRules(ctx, endpoint.Actor(ctx), in.ID, in.Rules)
	return tagOr(ctx, t, err)
}

type describeTagRequest struct {
	byID
	Label      string    `json:"label"`
	ValidFrom  time.Time `json:"valid_from"`
	ValidUntil time.Time `json:"valid_until"`
	GiftOffer  shop.ID   `json:"gift_offer"`
}

func (f *Face) describeTag(ctx context.Context, in describeTagRequest) (tagAnswer, error) {
	t, err := f.Tags.Describe(ctx, endpoint.Actor(ctx), in.ID, tag.Details{
		Label: in.Label, ValidFrom: in.ValidFrom, ValidUntil: in.ValidUntil, Gift: in.GiftOffer,
	})
	return tagOr(ctx, t, err)
}

type tagChange struct {
	ID    shop.ID   `json:"id"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Field string    `json:"field"`
	From  string    `json:"from"`
	To    string    `json:"to"`
}

func answerTagChange(_ context.Context, c tag.Change) tagChange {
	return tagChange{ID: c.ID, At: c.At.UTC(), By: c.By, Field: c.Field, From: c.Was, To: c.Became}
}

type listTagChangesRequest struct {
	byID
	endpoint.Paging
}

func (f *Face) listTagChanges(ctx context.Context, in listTagChangesRequest) (endpoint.List[tagChange], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[tagChange]{}, err
	}
	changes, next, err := f.Tags.History(ctx, endpoint.Actor(ctx), in.ID, page)
	return listOf(ctx, changes, next, answerTagChange), err
}

type tagTemplate struct {
	Name      string    `json:"name"`
	Address   string    `json:"address"`
	ChangedAt time.Time `json:"changed_at"`
}

func answerTagTemplate(_ context.Context, t tag.Template) tagTemplate {
	return tagTemplate{Name: t.Name, Address: t.Address, ChangedAt: t.ChangedAt.UTC()}
}

func (f *Face) listTagTemplates(ctx context.Context, _ endpoint.None) (endpoint.List[tagTemplate], error) {
	all, err := f.Tags.Templates(ctx, endpoint.Actor(ctx))
	return listOf(ctx, all, "", answerTagTemplate), err
}

type byName struct {
	Name string `path:"name"`
}

type putTagTemplateRequest struct {
	byName
	Address string `json:"address"`
}

func (f *Face) putTagTemplate(ctx context.Context, in putTagTemplateRequest) (tagTemplate, error) {
	t, err := f.Tags.PutTemplate(ctx, endpoint.Actor(ctx), in.Name, in.Address)
	if err != nil {
		return tagTemplate{}, err
	}
	return answerTagTemplate(ctx, t), nil
}

type listTagTemplateChangesRequest struct {
	byName
	endpoint.Paging
}

func (f *Face) listTagTemplateChanges(ctx context.Context, in listTagTemplateChangesRequest) (endpoint.List[tagChange], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[tagChange]{}, err
	}
	changes, next, err := f.Tags.TemplateHistory(ctx, endpoint.Actor(ctx), in.Name, page)
	return listOf(ctx, changes, next, answerTagChange), err
}
