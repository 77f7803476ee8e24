package staffapp

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/clienteling/visit"
	"homestore/notify/offer"
)

// What of her history and offers is on the card; the rest is behind it.
const (
	purchasesOnCard = 5
	offersOnCard    = 10
)

// cardResponse is a customer as the caller may see her. Details are absent where only her membership may be seen.
type cardResponse struct {
	ID      shop.ID      `json:"id"`
	Sight   visit.Sight  `json:"sight"`
	Member  bool         `json:"member"`
	Tier    string       `json:"tier,omitempty"`
	Details *cardDetails `json:"details,omitempty"`
}

type cardDetails struct {
	Name      string        `json:"name"`
	Language  shop.Language `json:"language,omitempty"`
	Phone     string        `json:"phone,omitempty"` // masked
	Email     string        `json:"email,omitempty"` // masked
	MemberNo  string        `json:"member_no,omitempty"`
	Home      *home         `json:"home,omitempty"` // absent: nobody has won her, or she chose nobody
	Figures   figures       `json:"figures"`
	TakesPush bool          `json:"takes_push"` // she has agreed to push messages
	Purchases []purchase    `json:"purchases"`  // the last, of every channel
	Offers    []promise     `json:"offers"`     // that she was promised and may still use
}

// home is whose customer she is.
type home struct {
	Store *storeRef `json:"store"`
	Staff string    `json:"staff,omitempty"` // name of the person
	Since time.Time `json:"since"`
}

type figures struct {
	Orders       int           `json:"orders"`
	SpentMinor   int64         `json:"spent_minor"`
	Currency     shop.Currency `json:"currency,omitempty"`
	FirstOrderAt time.Time     `json:"first_order_at,omitzero"`
	LastOrderAt  time.Time     `json:"last_order_at,omitzero"`
}

// promise is an offer that she has. Its code is not told: she shows it herself.
type promise struct {
	ID         shop.ID    `json:"id"`
	Kind       offer.Kind `json:"kind"`
	Title      string     `json:"title"`
	EndsAt     time.Time  `json:"ends_at"`
	RedeemedAt time.Time  `json:"redeemed_at,omitzero"`
}

type customerRequest struct {
	ID shop.ID `path:"id"`
}

func (f *Face) card(ctx context.Context, in customerRequest) (cardResponse, error) {
	c, err := f.Visits.Card(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return cardResponse{}, err
	}
	return f.whole(ctx, c)
}

// whole adds to a card what other packages know of her. Visits.Card was the look.
func (f *Face) whole(ctx context.Context, c visit.Card) (cardResponse, error) {
	out := cardResponse{ID: c.Customer, Sight: c.Sight, Member: c.Member, Tier: c.Tier}
	if c.Sight != visit.Full {
		return out, nil
	}
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		all, err := placesOf(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		d := cardDetails{
			Name: c.Name, Language: c.Language, Phone: c.Phone, Email: c.Email, MemberNo: c.MemberNo, Figures: figuresOf(c.Profile),
			Purchases: []purchase{}, Offers: []promise{},
		}
		if d.Home, err = homeOf(ctx, tx, actor.Brand, c.Profile, all); err != nil {
			return err
		}
		orders, _, err := f.Orders.History(ctx, tx, actor.Brand, c.Customer, shop.Page{Limit: purchasesOnCard})
		if err != nil {
			return err
		}
		for _, o := range orders {
			d.Purchases = append(d.Purchases, purchaseOf(o, all))
		}
		out.Details = &d
		return f.addPromises(ctx, tx, actor, c.Customer, &d)
	})
	return out, err
}

func (f *Face) addPromises(ctx context.Context, tx pgx.Tx, actor shop.Actor, who shop.ID, d *cardDetails) error {
	consents, err := customer.Consents(ctx, tx, actor.Brand, who)
	if err != nil {
		return err
	}
	for _, c := range consents {
		d.TakesPush = d.TakesPush || c.Channel == customer.ByPush && c.Granted
	}
	owned, err := offer.OwnedBy(ctx, tx, actor.Brand, who, f.Now(), offersOnCard)
	for _, o := range owned {
		d.Offers = append(d.Offers, promise{
			ID: o.Offer.ID, Kind: o.Offer.Kind, Title: o.Offer.Title.In(endpoint.Language(ctx)), EndsAt: o.Offer.EndsAt, RedeemedAt: o.Grant.RedeemedAt,
		})
	}
	return err
}

func homeOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p customer.Profile, all places) (*home, error) {
	if p.HomeStore.IsZero() {
		return nil, nil
	}
	h := &home{Store: all.find(p.HomeStore), Since: p.HomeSince.UTC()}
	if p.HomeStaff.IsZero() {
		return h, nil
	}
	person, err := team.StaffByID(ctx, tx, brand, p.HomeStaff)
	h.Staff = person.Name
	return h, err
}

func figuresOf(p customer.Profile) figures {
	return figures{
		Orders: p.Orders, SpentMinor: p.SpentMinor, Currency: p.Currency, FirstOrderAt: p.FirstOrder.UTC(), LastOrderAt: p.LastOrder.UTC(),
	}
}
