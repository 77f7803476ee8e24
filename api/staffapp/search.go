package staffapp

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
)

type searchRequest struct {
	Text string `json:"text"` // part of a name, last digits of a telephone number, or a whole number or address
}

func (r *searchRequest) Validate() error {
	var c shop.Check
	c.That(r.Text != "", "text", "required", "Say whom to look for.")
	c.That(len(r.Text) <= 300, "text", "too_long", "Use at most 300 bytes.")
	return c.Err()
}

// found is one line of a search. After tier it is empty where only her membership may be seen.
type found struct {
	ID          shop.ID     `json:"id"`
	Sight       visit.Sight `json:"sight"`
	Member      bool        `json:"member"`
	Tier        string      `json:"tier,omitempty"`
	Name        string      `json:"name,omitempty"`
	Phone       string      `json:"phone,omitempty"` // masked
	HomeStore   *storeRef   `json:"home_store,omitempty"`
	LastOrderAt time.Time   `json:"last_order_at,omitzero"`
}

type searchResponse struct {
	Items []found `json:"items"` // at most 20: type one more character
}

func (f *Face) search(ctx context.Context, in searchRequest) (searchResponse, error) {
	out := searchResponse{Items: []found{}}
	cards, err := f.Visits.Search(ctx, endpoint.Actor(ctx), in.Text)
	if errors.Is(err, customer.ErrFragment) {
		return out, onField(err, customer.ErrFragment, "text")
	}
	if err != nil || len(cards) == 0 {
		return out, err
	}
	err = f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		all, err := placesOf(ctx, tx, actor.Brand)
		for _, c := range cards {
			out.Items = append(out.Items, found{
				ID: c.Customer, Sight: c.Sight, Member: c.Member, Tier: c.Tier, Name: c.Name, Phone: c.Phone,
				HomeStore: all.find(c.Profile.HomeStore), LastOrderAt: c.Profile.LastOrder.UTC(),
			})
		}
		return err
	})
	return out, err
}

// onField says in which field of the request a refusal of a domain's own lies; other errors pass.
func onField(err error, refusal *shop.Refusal, field string) error {
	if errors.Is(err, refusal) {
		return refusal.With(shop.Field{Name: field, Code: refusal.Code, Hint: refusal.Message})
	}
	return err
}
