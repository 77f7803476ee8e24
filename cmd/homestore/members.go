package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/signin"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// members finds or makes the customer whom another's token names: signin.Members.
type members struct {
	pool *postgres.Pool
	now  func() time.Time
}

// Member takes the issuer's word for its own name of her and for the contacts that it has verified.
func (m members) Member(ctx context.Context, brand shop.BrandID, who signin.Proven) (shop.ID, error) {
	var id shop.ID
	err := m.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		of, err := team.LoadBrand(ctx, tx, brand)
		if err != nil {
			return err
		}
		identities, err := identitiesOf(who, customer.Region(of.Currency))
		if err != nil {
			return err
		}
		id, err = customer.Resolve(ctx, tx, brand, identities, m.now())
		return err
	})
	if err != nil {
		return shop.ID{}, fmt.Errorf("find the customer behind a token: %w", err)
	}
	return id, nil
}

func identitiesOf(who signin.Proven, region string) ([]customer.Identity, error) {
	kind, name := customer.OIDC, who.Issuer+":"+who.Subject
	if who.Provider == "line" {
		kind, name = customer.LINE, who.Subject
	}
	var out []customer.Identity
	for _, i := range []customer.Identity{{Kind: kind, Value: name}, {Kind: customer.Phone, Value: who.Phone, Verified: true}, {Kind: customer.Email, Value: who.Email, Verified: true}} {
		if i.Value == "" {
			continue
		}
		value, err := customer.Normalise(i.Kind, i.Value, region)
		if err != nil {
			return nil, err
		}
		i.Value = value
		out = append(out, i)
	}
	return out, nil
}
