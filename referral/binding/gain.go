package binding

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Gain is somebody of the brand who earns from what a customer bought.
type Gain struct{ Order, Customer, Staff shop.ID }

// SignsOfGains are by order what looks wrong about who gains from whose purchase: the buyer's account is on the phone of who
// gains, or on one with a crowd, or who gains had claimed her in a way that looked wrong and that no manager has let pass. A claim
// that one has let pass clears the two of them of the phone too.
func SignsOfGains(ctx context.Context, tx pgx.Tx, brand shop.BrandID, gains []Gain, g team.Guard) (map[shop.ID][]Sign, error) {
	buyers := buyersIn(gains)
	if len(buyers) == 0 {
		return nil, nil
	}
	apps, err := team.OnAppsOf(ctx, tx, brand, buyers)
	if err != nil {
		return nil, err
	}
	var all []shop.ID
	for _, people := range apps {
		all = append(all, people.Customers...)
	}
	works, err := customer.StaffAmong(ctx, tx, brand, all)
	if err != nil {
		return nil, err
	}
	claims, err := looked(ctx, tx, brand, buyers)
	if err != nil {
		return nil, fmt.Errorf("claims that looked wrong: %w", err)
	}
	signs := map[shop.ID][]Sign{}
	for _, gain := range gains {
		people := apps[gain.Customer]
		saw := sight{onApp: len(people.Customers), ownApp: slices.Contains(people.Staff, gain.Staff)}
		for _, who := range people.Customers {
			saw.ownApp = saw.ownApp || works[who] == gain.Staff
		}
		signs[gain.Order] = withSigns(signs[gain.Order], ofClaims(claims, gain, signsOf(saw, g)))
	}
	return signs, nil
}

func buyersIn(gains []Gain) []shop.ID {
	var buyers []shop.ID
	for _, gain := range gains {
		if !gain.Customer.IsZero() && !slices.Contains(buyers, gain.Customer) {
			buyers = append(buyers, gain.Customer)
		}
	}
	return buyers
}

// ofClaims adds the signs of claims by who gains on the customer; a claim that was let pass leaves none at all.
func ofClaims(claims []Hold, gain Gain, signs []Sign) []Sign {
	for _, h := range claims {
		switch {
		case h.Customer != gain.Customer || h.Staff != gain.Staff:
		case h.State == HoldReleased:
			return nil
		default:
			signs = withSigns(signs, h.Signs)
		}
	}
	return signs
}

// withSigns keeps of two signs of one name the first.
func withSigns(signs, more []Sign) []Sign {
	for _, s := range more {
		if !slices.ContainsFunc(signs, func(known Sign) bool { return known.Sign == s.Sign }) {
			signs = append(signs, s)
		}
	}
	return signs
}
