// Package delivery keeps each message to each phone from before it is sent, and sends it.
//
// Always true: a row is written in the transaction that decided on the message, and marked as under way before the first byte
// leaves, so that a customer never gets the same campaign or offer twice, whatever crashes: what was under way when a process
// died is unknown, and is never sent again. Each message is sent only with her consent as it stands, outside her quiet hours
// and within the weekly cap (which an emergency passes); the first says how to refuse. A result is kept only from the sender
// that holds the lease.
//
// It does not decide who is addressed: see campaign. It does not speak to Firebase: see fcm.
package delivery

import (
	"context"
	"time"

	"homestore/clienteling/shop"
	"homestore/notify/push"
)

// State is how far a message has come.
type State string

// The states. A message ends in sent, dead, failed, unknown, expired or dropped.
const (
	Intended State = "intended" // to be sent
	Sending  State = "sending"  // under way: may have arrived
	Sent     State = "sent"     // Firebase took it, or she opened it
	Later    State = "later"    // Firebase did not take it, and will be asked again
	Dead     State = "dead"     // the phone is gone
	Failed   State = "failed"   // Firebase refuses it for a fault of ours
	Unknown  State = "unknown"  // nobody can say whether it arrived; not sent again
	Expired  State = "expired"  // its time was over before it could be sent
	Dropped  State = "dropped"  // was not to be sent any more
)

// Why says why a customer was passed over, or why a message was not sent. Beside these, a delivery keeps Firebase's own
// reasons in capitals.
type Why string

// Reasons of ours.
const (
	NoConsent   Why = "no_consent"
	NoDevice    Why = "no_device"
	WeeklyCap   Why = "weekly_cap"
	AlreadySent Why = "already_sent"
	QuietHours  Why = "quiet_hours"  // until the offer is over
	OfferOver   Why = "offer_over"   // or not begun, or not approved
	GaveUp      Why = "gave_up"      // Firebase was away for an hour
	Interrupted Why = "interrupted"  // the sender died while the message was under way
	Stopped     Why = "stopped"      // by a person
	NotOurs     Why = "not_customer" // the addressee was erased, merged, or never existed
)

// Delivery is one message to one customer's phone.
type Delivery struct {
	ID        shop.ID // carries the instant at which it was intended
	Purpose   shop.ID // the campaign; the offer where a staff member sent it to her alone
	Offer     shop.ID
	Customer  shop.ID
	Device    shop.ID
	Emergency bool
	State     State
	Why       Why // or Firebase's reason
	Attempts  int
	TriedAt   time.Time // first attempt; zero: none yet
	SentAt    time.Time // zero: not sent
	OpenedAt  time.Time // zero: not opened

	epoch int
}

// campaign is the campaign's id, zero when a staff member sent the offer.
func (d Delivery) campaign() shop.ID {
	if d.Purpose == d.Offer {
		return shop.ID{}
	}
	return d.Purpose
}

// Sender hands one message to Firebase: fcm.Sender. It makes at most one request that Firebase could accept.
type Sender interface {
	Send(ctx context.Context, m push.Message, to push.Target) (push.Outcome, error)
}
