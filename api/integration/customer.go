package integration

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// customerRequest is what a system calls somebody, strongest name first or not.
type customerRequest struct {
	Identities []identityRequest `json:"identities"`
}

type identityRequest struct {
	Kind     customer.Kind `json:"kind"`
	Value    string        `json:"value"`
	Verified bool          `json:"verified"`
}

// mostIdentities is more names than anybody has.
const mostIdentities = 20

func (r customerRequest) identities(brand team.Brand) ([]customer.Identity, error) {
	var c shop.Check
	c.That(len(r.Identities) <= mostIdentities, "customer.identities", "too_many", "At most 20 identities.")
	var out []customer.Identity
	for n, i := range r.Identities[:min(len(r.Identities), mostIdentities)] {
		value, err := customer.Normalise(i.Kind, i.Value, customer.Region(brand.Currency))
		var refusal *shop.Refusal
		if errors.As(err, &refusal) {
			c.That(false, fmt.Sprintf("customer.identities[%d].value", n), refusal.Code, refusal.Message)
		}
		out = append(out, customer.Identity{Kind: i.Kind, Value: value, Verified: i.Verified})
	}
	return out, c.Err()
}

type tellCustomerRequest struct {
	customerRequest
	Name     string        `json:"name"`
	Language shop.Language `json:"language"`
}

type tellCustomerAnswer struct {
	Customer shop.ID `json:"customer,omitzero"` // absent: these names are unverified and somebody else's, so they name nobody
}

// tellCustomer finds or makes the customer whom the identities name, and keeps what nobody has said about her yet.
func (f *Face) tellCustomer(ctx context.Context, in tellCustomerRequest) (tellCustomerAnswer, error) {
	actor := endpoint.Actor(ctx)
	brand, err := f.Team.BrandByID(ctx, actor.Brand)
	if err != nil {
		return tellCustomerAnswer{}, err
	}
	identities, err := in.identities(brand)
	if err != nil {
		return tellCustomerAnswer{}, err
	}
	if len(identities) == 0 {
		return tellCustomerAnswer{}, shop.ErrFields.With(shop.Field{Name: "identities", Code: "identities_missing", Hint: "Give at least one."})
	}
	var id shop.ID
	err = f.Pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		id, err = customer.Resolve(ctx, tx, actor.Brand, identities, f.Now())
		if err != nil || id.IsZero() {
			return err
		}
		return customer.Introduce(ctx, tx, actor.Brand, id, customer.Details{Name: in.Name, Language: in.Language})
	})
	return tellCustomerAnswer{Customer: id}, err
}
