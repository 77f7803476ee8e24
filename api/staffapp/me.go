package staffapp

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

type meResponse struct {
	ID         shop.ID    `json:"id"`
	EmployeeNo string     `json:"employee_no"`
	Name       string     `json:"name"`
	Role       shop.Role  `json:"role"`
	Stores     []storeRef `json:"stores"`              // where she works today
	StandsAt   *storeRef  `json:"stands_at,omitempty"` // the store of the device
	Tags       []card     `json:"tags"`                // her own codes, one a store at most
	Currency   string     `json:"currency"`            // of the brand
	TimeZone   string     `json:"time_zone"`           // of the brand: a month is that zone's
	Brand      string     `json:"brand"`
}

func (f *Face) me(ctx context.Context, _ endpoint.None) (meResponse, error) {
	var out meResponse
	cards, err := f.Tags.Cards(ctx, endpoint.Actor(ctx))
	if err != nil {
		return out, err
	}
	err = f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		person, err := team.StaffByID(ctx, tx, actor.Brand, actor.ID)
		if err != nil {
			return err
		}
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		all, err := placesOf(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		out = meResponse{
			ID: person.ID, EmployeeNo: person.EmployeeNo, Name: person.Name, Role: actor.Role, Stores: []storeRef{}, StandsAt: all.find(actor.Store),
			Tags: []card{}, Currency: string(brand.Currency), TimeZone: brand.TimeZone, Brand: brand.Name.In(endpoint.Language(ctx)),
		}
		for _, id := range actor.Stores {
			out.Stores = append(out.Stores, all[id])
		}
		for _, t := range cards {
			out.Tags = append(out.Tags, cardOf(t, brand.ShortDomain, all))
		}
		return nil
	})
	return out, err
}
