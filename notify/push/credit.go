package push

import (
	"fmt"
	"strconv"
	"time"

	"homestore/clienteling/shop"
)

// Credit tells a staff member that an order earned her something: mobile-contract/push/credit.schema.json. It says how
// much and why, never who bought or what: the phone may lie on the counter.
type Credit struct {
	CreditID shop.ID
	OrderID  shop.ID
	Role     string // why: home_staff, display_staff, assist_staff or selling_staff; a store's credit is nobody's notice
	Amount   int64  // minor units, above zero: what is taken back is seen in the statement, not told at night
	Currency shop.Currency
	// ShowBy is the last moment at which a phone that was off may still show it: the beginning of her quiet hours.
	ShowBy time.Time
	// IsSilent: it is night. The app learns of it, so that the figure is there when she looks, and nobody is woken.
	IsSilent bool
}

// earned is the title; the amount follows the currency code, which needs no locale to be read right.
var earned = shop.Text{
	shop.TraditionalChinese: "您賺得 %s %s",
	shop.English:            "You earned %s %s",
}

// becauseOf explains a role to the one who earned by it.
var becauseOf = map[string]shop.Text{
	"home_staff": {
		shop.TraditionalChinese: "您的顧客下單了。",
		shop.English:            "A customer of yours placed an order.",
	},
	"display_staff": {
		shop.TraditionalChinese: "有人掃了您的 QR 碼，並且買了。",
		shop.English:            "Somebody scanned your QR code, and bought.",
	},
	"assist_staff": {
		shop.TraditionalChinese: "您協助的訂單成立了。",
		shop.English:            "An order that you helped with was placed.",
	},
	"selling_staff": {
		shop.TraditionalChinese: "您在店裡成交了一筆。",
		shop.English:            "You made a sale in the shop.",
	},
}

// Message is the notice in the staff member's language. ErrTooLate when its moment has passed; ErrMalformed when
// there is nothing to tell, or nobody to tell it to.
func (c Credit) Message(language shop.Language, now time.Time) (Message, error) {
	reason, isPersonal := becauseOf[c.Role]
	if _, isBooked := c.Currency.Digits(); c.Amount <= 0 || !isBooked || !isPersonal {
		return Message{}, ErrMalformed.Saying("A credit notice tells one person of an amount above zero in a currency that is booked.")
	}
	ttl, err := lifetime(c.ShowBy, now)
	if err != nil {
		return Message{}, err
	}
	m := Message{
		Kind:  "credit",
		Title: fmt.Sprintf(earned.In(language), c.Currency, c.Currency.Format(c.Amount)),
		Body:  reason.In(language),
		Data: map[string]string{
			"type":         "credit",
			"version":      "1",
			"credit_id":    c.CreditID.String(),
			"order_id":     c.OrderID.String(),
			"role":         c.Role,
			"amount_minor": strconv.FormatInt(c.Amount, 10),
			"currency":     string(c.Currency),
		},
		CollapseKey: "credit", // after a day off she opens one notice and finds the list in the app
		Tag:         c.CreditID.String(),
		TTL:         ttl,
		Priority:    High, // "in seconds" is the promise
	}
	if c.IsSilent {
		m.Title, m.Body, m.IsSilent = "", "", true
		m.Priority = Normal // Google and Apple lower the rank of apps that wake a phone to show nothing
	}
	return m, m.Check()
}
