package manager

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

type tagAnswer struct {
	ID          shop.ID       `json:"id"`
	Code        tag.Code      `json:"code"`
	Store       shop.ID       `json:"store"`
	Staff       shop.ID       `json:"staff,omitzero"`
	Kind        tag.Kind      `json:"kind"`
	Reference   string        `json:"reference,omitempty"`
	SKU         string        `json:"sku,omitempty"`
	Placement   tag.Placement `json:"placement"`
	Label       string        `json:"label,omitempty"`
	Batch       string        `json:"batch,omitempty"`
	ValidFrom   time.Time     `json:"valid_from,omitzero"`
	ValidUntil  time.Time     `json:"valid_until,omitzero"`
	State       tag.State     `json:"state"`
	Template    string        `json:"template,omitempty"`
	Destination string        `json:"destination"`
	Rules       []tag.Rule    `json:"rules,omitempty"`
	GiftOffer   shop.ID       `json:"gift_offer,omitzero"`
	ReplacedBy  shop.ID       `json:"replaced_by,omitzero"`
	CreatedAt   time.Time     `json:"created_at"`
	ChangedAt   time.Time     `json:"changed_at"`
}

func answerTag(_ context.Context, t tag.Tag) tagAnswer {
	return tagAnswer{
		ID: t.ID, Code: t.Code, Store: t.Store, Staff: t.Staff, Kind: t.Kind, Reference: t.Reference, SKU: t.SKU(), Placement: t.Placement, Label: t.Label,
		Batch: t.Batch, ValidFrom: t.ValidFrom.UTC(), ValidUntil: t.ValidUntil.UTC(), State: t.State, Template: t.Template, Destination: t.Destination,
		Rules: t.Rules, GiftOffer: t.Gift, ReplacedBy: t.ReplacedBy, CreatedAt: t.CreatedAt.UTC(), ChangedAt: t.ChangedAt.UTC(),
	}
}

type tagFilter struct {
	Store shop.ID   `query:"store"`
	Staff shop.ID   `query:"staff"`
	State tag.State `query:"state"`
	Batch string    `query:"batch"`
}

func (q tagFilter) filter() tag.Filter {
	return tag.Filter{Store: q.Store, Staff: q.Staff, State: q.State, Batch: q.Batch}
}

// check refuses what no tag can be found by.
func (q tagFilter) check(c *shop.Check) {
	switch q.State {
	case "", tag.Draft, tag.Live, tag.Paused, tag.Retired, tag.Replaced:
	default:
		c.That(false, "state", "state_unknown", "draft, live, paused, retired or replaced.")
	}
	c.That(utf8.RuneCountInString(q.Batch) <= 100, "batch", "too_long", "At most 100 characters.")
}

type listTagsRequest struct {
	endpoint.Paging
	tagFilter
}

// Validate is the filter's.
func (r *listTagsRequest) Validate() error {
	var c shop.Check
	r.check(&c)
	return c.Err()
}

func (f *Face) listTags(ctx context.Context, in listTagsRequest) (endpoint.List[tagAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[tagAnswer]{}, err
	}
	tags, next, err := f.Tags.List(ctx, endpoint.Actor(ctx), in.filter(), page)
	return listOf(ctx, tags, next, answerTag), err
}

type issueTagRequest struct {
	Store       shop.ID       `json:"store"`
	Staff       shop.ID       `json:"staff"`
	Kind        tag.Kind      `json:"kind"`
	Reference   string        `json:"reference"`
	SKU         string        `json:"sku"` // alone: a variant
	Placement   tag.Placement `json:"placement"`
	Label       string        `json:"label"`
	Batch       string        `json:"batch"`
	ValidFrom   time.Time     `json:"valid_from"`
	ValidUntil  time.Time     `json:"valid_until"`
	Draft       bool          `json:"draft"`
	Template    string        `json:"template"`
	Destination string        `json:"destination"`
	Rules       []tag.Rule    `json:"rules"`
	GiftOffer   shop.ID       `json:"gift_offer"`
}

// check refuses an article that is named in two ways.
func (r *issueTagRequest) check(c *shop.Check, at string) {
	c.That(r.SKU == "" || r.Kind == "" && r.Reference == "", at+"sku", "ambiguous", "Name the article by sku, or by kind and reference.")
}

// Validate is check's.
func (r *issueTagRequest) Validate() error {
	var c shop.Check
	r.check(&c, "")
	return c.Err()
}

// numberedID is that of the number-th tag which a request makes. It follows from the request's Idempotency-Key, so that a
// request which is run again after a crash finds what it had made.
func numberedID(ctx context.Context, number int) shop.ID {
	id := endpoint.CreationID(ctx)
	binary.BigEndian.PutUint32(id[12:], binary.BigEndian.Uint32(id[12:])^uint32(number))
	return id
}

func (r issueTagRequest) spec(ctx context.Context, number int) tag.Spec {
	if r.SKU != "" {
		r.Kind, r.Reference = tag.Variant, r.SKU
	}
	return tag.Spec{
		ID: numberedID(ctx, number), Store: r.Store, Staff: r.Staff, Kind: r.Kind, Reference: r.Reference, Placement: r.Placement, Label: r.Label, Batch: r.Batch,
		ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil, Draft: r.Draft, Template: r.Template, Destination: r.Destination, Rules: r.Rules,
		Gift: r.GiftOffer,
	}
}

func (f *Face) issueTag(ctx context.Context, in issueTagRequest) (tagAnswer, error) {
	issued, err := f.Tags.Issue(ctx, endpoint.Actor(ctx), in.spec(ctx, 0))
	return tagOr(ctx, issued, err)
}

type issueTagsRequest struct {
	Tags []issueTagRequest `json:"tags"`
}

// Validate asks for at least one; the most is the service's to say.
func (r *issueTagsRequest) Validate() error {
	var c shop.Check
	c.That(len(r.Tags) > 0, "tags", "required", "Say which tags to make.")
	for i := range r.Tags {
		r.Tags[i].check(&c, fmt.Sprintf("tags[%d].", i))
	}
	return c.Err()
}

type issueTagsAnswer struct {
	Items []tagAnswer `json:"items"` // in the sequence of the request
}

func (f *Face) issueTags(ctx context.Context, in issueTagsRequest) (issueTagsAnswer, error) {
	specs := make([]tag.Spec, len(in.Tags))
	for i, t := range in.Tags {
		specs[i] = t.spec(ctx, i)
	}
	issued, err := f.Tags.IssueSeveral(ctx, endpoint.Actor(ctx), specs)
	if err != nil {
		return issueTagsAnswer{}, err
	}
	return issueTagsAnswer{listOf(ctx, issued, "", answerTag).Items}, nil
}

func (f *Face) readTag(ctx context.Context, in byID) (tagAnswer, error) {
	t, err := f.Tags.ByID(ctx, endpoint.Actor(ctx), in.ID)
	return tagOr(ctx, t, err)
}

func (f *Face) publishTag(ctx context.Context, in byID) (tagAnswer, error) {
	t, err := f.Tags.Publish(ctx, endpoint.Actor(ctx), in.ID)
	return tagOr(ctx, t, err)
}

func (f *Face) pauseTag(ctx context.Context, in byID) (tagAnswer, error) {
	t, err := f.Tags.Pause(ctx, endpoint.Actor(ctx), in.ID)
	return tagOr(ctx, t, err)
}

func (f *Face) resumeTag(ctx context.Context, in byID) (tagAnswer, error) {
	t, err := f.Tags.Resume(ctx, endpoint.Actor(ctx), in.ID)
	return tagOr(ctx, t, err)
}

func (f *Face) retireTag(ctx context.Context, in byID) (tagAnswer, error) {
	t, err := f.Tags.Retire(ctx, endpoint.Actor(ctx), in.ID)
	return tagOr(ctx, t, err)
}

type replaceTagRequest struct {
	byID
	By shop.ID `json:"by"`
}

func (f *Face) replaceTag(ctx context.Context, in replaceTagRequest) (tagAnswer, error) {
	t, err := f.Tags.Replace(ctx, endpoint.Actor(ctx), in.ID, in.By)
	return tagOr(ctx, t, err)
}

func tagOr(ctx context.Context, t tag.Tag, err error) (tagAnswer, error) {
	if err != nil {
		return tagAnswer{}, err
	}
	return answerTag(ctx, t), nil
}
