package push

import (
	"time"

	"homestore/clienteling/shop"
)

// Offer is what a customer gets when the brand has something for her: mobile-contract/push/offer.schema.json.
type Offer struct {
	DeliveryID shop.ID // named again by the app when she opens it; a repeat of it replaces the first on her screen
	OfferID    shop.ID
	CampaignID shop.ID // zero when a staff member sent it to her alone
	Title      shop.Text
	Body       shop.Text
	Link       string    // page or app link that shows the offer; empty: the app opens it by OfferID
	EndsAt     time.Time // the offer's own end; zero: it has none
	// ShowBy is the last moment at which a phone that was off may still show it: the offer's end or the beginning of her
	// quiet hours, whichever comes first.
	ShowBy time.Time
	// IsFirst: she has never had marketing from this brand. Then the message says how to refuse it (PDPA 20).
	IsFirst bool
}

// howToRefuse promises what the brand app must keep: one switch, no fee, effective at once.
var howToRefuse = shop.Text{
	shop.TraditionalChinese: "不想再收到？可在 App 的通知設定關閉，免費且立即生效。",
	shop.English:            "No more of these? Turn them off in the app's notification settings, free and at once.",
}

// Message is the offer in her language. ErrTooLate when its moment has passed, ErrMalformed without a title,
// ErrTooLarge when the brand's texts are too long.
func (o Offer) Message(language shop.Language, now time.Time) (Message, error) {
	ttl, err := lifetime(o.ShowBy, now)
	if err != nil {
		return Message{}, err
	}
	body := o.Body.In(language)
	if o.IsFirst {
		body = joinLines(body, howToRefuse.In(language))
	}
	data := map[string]string{
		"type":        "offer",
		"version":     "1",
		"delivery_id": o.DeliveryID.String(),
		"offer_id":    o.OfferID.String(),
	}
	putUnlessEmpty(data, "campaign_id", o.CampaignID.String())
	putUnlessEmpty(data, "link", o.Link)
	if !o.EndsAt.IsZero() {
		data["ends_at"] = o.EndsAt.UTC().Format(time.RFC3339)
	}
	m := Message{
		Kind:        "offer",
		Title:       o.Title.In(language),
		Body:        body,
		Data:        data,
		CollapseKey: "offer", // a phone switched on after a week shows one offer, not a pile; FCM keeps four keys a phone
		Tag:         o.DeliveryID.String(),
		TTL:         ttl,
		Priority:    Normal, // Google lowers the rank of apps that wake phones for marketing
	}
	return m, m.Check()
}

func joinLines(above, below string) string {
	if above == "" {
		return below
	}
	return above + "\n" + below
}

func putUnlessEmpty(data map[string]string, key, value string) {
	if value != "" {
		data[key] = value
	}
}
