package push

import (
	"time"

	"homestore/clienteling/shop"
)

// Dispute tells a staff member how a dispute that she raised ended: mobile-contract/push/dispute.schema.json. Why, and about which
// order or customer, she reads in the app: the phone may lie on the counter.
type Dispute struct {
	DisputeID shop.ID
	State     string // upheld or refused; one that she withdrew herself is no news to her
	// ShowBy is the last moment at which a phone that was off may still show it: the beginning of her quiet hours.
	ShowBy time.Time
	// IsSilent: it is night. The app learns of it, and nobody is woken.
	IsSilent bool
}

// decided is the title, by how it ended.
var decided = map[string]shop.Text{
	"upheld": {
		shop.TraditionalChinese: "您的申訴成立",
		shop.English:            "Your dispute was upheld",
	},
	"refused": {
		shop.TraditionalChinese: "您的申訴未成立",
		shop.English:            "Your dispute was not upheld",
	},
}

var readWhy = shop.Text{
	shop.TraditionalChinese: "理由請見 App。",
	shop.English:            "Open the app to read why.",
}

// Message is the notice in the staff member's language. ErrTooLate when its moment has passed; ErrMalformed when nothing was decided.
func (d Dispute) Message(language shop.Language, now time.Time) (Message, error) {
	title, isDecided := decided[d.State]
	if !isDecided {
		return Message{}, ErrMalformed.Saying("A dispute notice tells of one that was upheld or refused.")
	}
	ttl, err := lifetime(d.ShowBy, now)
	if err != nil {
		return Message{}, err
	}
	m := Message{
		Kind:        "dispute",
		Title:       title.In(language),
		Body:        readWhy.In(language),
		Data:        map[string]string{"type": "dispute", "version": "1", "dispute_id": d.DisputeID.String(), "state": d.State},
		CollapseKey: "dispute",
		Tag:         d.DisputeID.String(),
		TTL:         ttl,
		Priority:    Normal, // nobody's work waits for it
	}
	if d.IsSilent {
		m.Title, m.Body, m.IsSilent = "", "", true
	}
	return m, m.Check()
}
