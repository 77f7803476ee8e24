package push

import "time"

// Verdict is what became of one send, as the one who keeps the delivery must know it.
type Verdict string

const (
	// Sent: FCM took the message and gave it a name. That is not yet a delivery: the phone may be off until the TTL ends.
	Sent Verdict = "sent"
	// Later: FCM certainly did not take it, and says or implies that waiting helps. It may be sent again.
	Later Verdict = "later"
	// TokenDead: the address will never work again and is to be dropped. Nothing was sent.
	TokenDead Verdict = "token_dead"
	// OurFault: FCM will refuse this for as long as somebody does not mend the message, the credentials or the project.
	OurFault Verdict = "our_fault"
	// Unknown: the connection broke, or an answer from nobody we know came, after the message may have been taken. FCM has
	// no idempotency key, so sending again may show it twice: it is parked, never repeated by itself.
	Unknown Verdict = "unknown"
)

// Outcome is the verdict with what is known beside it. Nothing in it identifies a person.
type Outcome struct {
	Verdict   Verdict
	MessageID string // FCM's name of the message; only with Sent
	// RetryAfter is the least wait before the same message may be sent again; only with Later.
	RetryAfter time.Duration
	// HoldAll: the wait is for the whole sender (a quota), not for this message alone.
	HoldAll bool
	// Reason is FCM's error code (UNREGISTERED, QUOTA_EXCEEDED) or ours in the same style (NOT_CONNECTED); empty with Sent.
	Reason string
}
