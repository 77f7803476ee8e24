package brandapp

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

type meResponse struct {
	ID       shop.ID       `json:"id"`
	MemberNo string        `json:"member_no,omitempty"` // absent until she has joined
	Name     string        `json:"name"`
	Language shop.Language `json:"language,omitempty"`
	Tier     string        `json:"tier,omitempty"`
	Phone    string        `json:"phone,omitempty"` // masked: the screen is seen over her shoulder
	JoinedAt time.Time     `json:"joined_at,omitzero"`
	Orders   int           `json:"orders"`
}

func (f *Face) me(ctx context.Context, _ endpoint.None) (meResponse, error) {
	var out meResponse
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		c, err := customer.ByID(ctx, tx, actor.Brand, actor.ID)
		if err != nil {
			return err
		}
		identities, err := customer.Identities(ctx, tx, actor.Brand, actor.ID)
		if err != nil {
			return err
		}
		profile, err := customer.ProfileOf(ctx, tx, actor.Brand, actor.ID)
		if err != nil {
			return err
		}
		out = meResponse{
			ID: c.ID, MemberNo: first(identities, customer.MemberNo), Name: c.Name, Language: c.Language, Tier: c.Tier,
			Phone: customer.MaskPhone(first(identities, customer.Phone)), JoinedAt: c.JoinedAt, Orders: profile.Orders,
		}
		return nil
	})
	return out, err
}

func first(identities []customer.Identity, kind customer.Kind) string {
	if n := slices.IndexFunc(identities, func(i customer.Identity) bool { return i.Kind == kind }); n >= 0 {
		return identities[n].Value
	}
	return ""
}

// onField says in which field of the request a refusal of a domain's own lies; other errors pass.
func onField(err error, refusal *shop.Refusal, field string) error {
	if errors.Is(err, refusal) {
		return refusal.With(shop.Field{Name: field, Code: refusal.Code, Hint: refusal.Message})
	}
	return err
}
