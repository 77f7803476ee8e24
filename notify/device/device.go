// Package device keeps the phones on which customers have the brand's app and people of the shops the staff app, as addresses of
// push messages.
//
// Always true: an address belongs to one person of the brand, its last owner, so whoever registers a phone that somebody else
// used before gets her own messages there and none of the other's; an address that Firebase called dead, or that was silent for
// 270 days, is not sent to until it registers again; a person has at most ten addresses; of the staff app, one on which she has
// signed out is none. It does not ask for consent: see delivery.
package device

import (
	"time"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/notify/push"
)

// Platform is what the phone runs.
type Platform string

// Platforms that Firebase reaches.
const (
	IOS     Platform = "ios"
	Android Platform = "android"
	Web     Platform = "web"
)

// Registration is what the app says when it starts, and whenever Firebase gives it a new address.
type Registration struct {
	Target   push.Target
	Platform Platform
	Language shop.Language // of the app on this phone: messages come in it
}

// Device is one app on one phone.
type Device struct {
	ID       shop.ID
	Customer shop.ID
	Registration
	RegisteredAt time.Time // by this customer
	SeenAt       time.Time // last registration
	DeadAt       time.Time // zero: alive
}

// silence is after how long Google itself drops an address.
const silence = 270 * 24 * time.Hour

// mostPerPerson is more phones than anybody carries, and bounds what one person's message costs.
const mostPerPerson = 10

// IsLive says whether a message may be sent to it.
func (d Device) IsLive(now time.Time) bool { return d.DeadAt.IsZero() && now.Sub(d.SeenAt) < silence }

var _ = postgres.RefuseOn("push_device_customer_fkey", customer.ErrUnknown)

func (r Registration) check() error {
	if err := r.Target.Check(); err != nil {
		return err
	}
	var c shop.Check
	c.That(r.Platform == IOS || r.Platform == Android || r.Platform == Web, "platform", "platform_unknown", "ios, android or web.")
	c.That(r.Language == shop.TraditionalChinese || r.Language == shop.English, "language", "language_unknown", "zh-TW or en.")
	return c.Err()
}
