package staffapp

import (
	"cmp"
	"context"
	"errors"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
	"homestore/referral/binding"
)

type enrolRequest struct {
	Phone    string       `json:"phone"`
	Code     string       `json:"member_code"` // whoever is a customer already shows it; her number is not heard then
	Name     string       `json:"name"`
	Language string       `json:"language"`
	Store    shop.ID      `json:"store"` // empty: where the caller stands
	Consents *consentWish `json:"consents"`
}

func (r *enrolRequest) Validate() error {
	var c shop.Check
	c.That(r.Phone != "" || r.Code != "", "phone", "required", "Enrol her by her telephone number, or by the code that her app shows.")
	c.That(len(r.Phone) <= 64, "phone", "too_long", "Use at most 64 characters.")
	c.That(utf8.RuneCountInString(r.Name) <= 100, "name", "too_long", "Use at most 100 characters.")
	language := shop.Language(r.Language) // of somebody who is a member already it is not heard, and refused all the same
	c.That(language == "" || language == shop.TraditionalChinese || language == shop.English, "language", "unknown", "Use zh-TW or en.")
	return c.Err()
}

// consentWish is what she says about some channels; a channel that is absent stays as it is.
type consentWish struct {
	Push  *bool `json:"push"`
	SMS   *bool `json:"sms"`
	Email *bool `json:"email"`
	LINE  *bool `json:"line"`
}

func (w *consentWish) said() map[customer.Channel]bool {
	said := map[customer.Channel]bool{}
	if w == nil {
		return said
	}
	for channel, granted := range map[customer.Channel]*bool{
		customer.ByPush: w.Push, customer.BySMS: w.SMS, customer.ByEmail: w.Email, customer.ByLINE: w.LINE,
	} {
		if granted != nil {
			said[channel] = *granted
		}
	}
	return said
}

type refusal struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

type enrolResponse struct {
	MemberNo string       `json:"member_no,omitempty"`
	First    bool         `json:"first"`    // she became a member now
	Refused  []refusal    `json:"refused"`  // member_code_needed: she is a customer already; else why she is not the caller's
	Customer cardResponse `json:"customer"` // as the caller may see her
}

// enrolled is what enrolling did.
type enrolled struct {
	MemberNo string    `json:"-"` // hers, so it is not kept
	First    bool      `json:"first"`
	Refused  []refusal `json:"refused"`
	Who      shop.ID   `json:"who"`
}

func (f *Face) enrol(ctx context.Context, in enrolRequest) (enrolled, error) {
	actor := endpoint.Actor(ctx)
	var show binding.Showing
	if in.Code != "" {
		show = func(ctx context.Context, tx pgx.Tx) (visit.Visit, error) {
			return f.Visits.Show(ctx, tx, actor, endpoint.CreationID(ctx), in.Code)
		}
	}
	joined, err := f.Bindings.EnrolAtTill(ctx, actor, in.Store, binding.Membership{
		Show: show, Details: customer.Details{Name: in.Name, Language: shop.Language(in.Language)}, Phone: in.Phone, Consents: in.Consents.said(),
	})
	if errors.Is(err, customer.ErrPhone) {
		return enrolled{}, onField(err, customer.ErrPhone, "phone")
	}
	if err = f.Visits.Noted(ctx, actor, err); err != nil {
		return enrolled{}, err
	}
	done := enrolled{MemberNo: joined.MemberNo, First: joined.First, Refused: []refusal{}, Who: joined.Customer}
	for _, r := range joined.Refused {
		done.Refused = append(done.Refused, refusal{Code: r.Code, Detail: r.Message})
	}
	return done, nil
}

func (f *Face) showEnrolled(ctx context.Context, done enrolled) (enrolResponse, error) {
	c, err := f.Visits.Card(ctx, endpoint.Actor(ctx), done.Who)
	if err != nil {
		return enrolResponse{}, err
	}
	out := enrolResponse{MemberNo: cmp.Or(done.MemberNo, c.MemberNo), First: done.First, Refused: done.Refused}
	out.Customer, err = f.whole(ctx, c)
	return out, err
}
