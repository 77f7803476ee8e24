package brandapp

import (
	"context"
	"fmt"
	"unicode/utf8"

	"homestore/api/endpoint"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
)

// maxClicks is more tags than anybody scans in a month before she joins.
const maxClicks = 50

type joinRequest struct {
	Name     string       `json:"name"`
	Phone    string       `json:"phone"`
	Language string       `json:"language"`
	TimeZone string       `json:"time_zone"`
	Consents *consentWish `json:"consents"`
	Clicks   []string     `json:"clicks"`
}

func (r *joinRequest) Validate() error {
	var c shop.Check
	c.That(utf8.RuneCountInString(r.Name) <= 100, "name", "too_long", "Use at most 100 characters.")
	c.That(len(r.Phone) <= 64, "phone", "too_long", "Use at most 64 characters.")
	c.That(len(r.Clicks) <= maxClicks, "clicks", "too_many", "Bring the last 50 click ids.")
	for i, click := range r.Clicks {
		c.That(click != "" && len(click) <= 200, fmt.Sprintf("clicks[%d]", i), "click_malformed", "Pass a click id as it was given out.")
	}
	return c.Err()
}

type refusal struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

type joinResponse struct {
	ID       shop.ID   `json:"id"`
	MemberNo string    `json:"member_no"`
	First    bool      `json:"first"` // false: she was a member already
	Home     homeStore `json:"home"`
	Refused  []refusal `json:"refused"` // why a click id she brought has won her for nobody
}

func (f *Face) join(ctx context.Context, in joinRequest) (joinResponse, error) {
	actor := endpoint.Actor(ctx)
	joined, err := f.Bindings.JoinInApp(ctx, actor, binding.Membership{
		Details:  customer.Details{Name: in.Name, Language: shop.Language(in.Language), TimeZone: in.TimeZone},
		Phone:    in.Phone,
		Consents: in.Consents.said(),
	}, in.Clicks)
	if err != nil {
		return joinResponse{}, onField(err, customer.ErrPhone, "phone")
	}
	home, err := f.homeOf(ctx, joined.Home)
	out := joinResponse{ID: joined.Customer, MemberNo: joined.MemberNo, First: joined.First, Home: home, Refused: []refusal{}}
	for _, r := range joined.Refused {
		out.Refused = append(out.Refused, refusal{Code: r.Code, Detail: r.Message})
	}
	return out, err
}
