// Package push keeps what Homestore says to a phone: one payload type per schema in mobile-contract/push, and the
// verdicts on a send.
//
// Always true: a Message that a payload type built fits FCM's limit, lives for a stated time, and is readable on a lock
// screen by anybody, so it names no customer. The package is pure. It does not decide who gets a message, nor when
// (campaign), keeps no record of it (delivery) and does not send it (fcm).
package push

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"homestore/clienteling/shop"
)

// Priority is how eagerly a sleeping phone is woken.
type Priority string

const (
	Normal Priority = "normal" // may wait until the phone wakes by itself: all marketing
	High   Priority = "high"   // wakes the phone: what somebody is waiting for
)

// Message is one notification for one phone, before anything of FCM.
type Message struct {
	Kind        string // the payload's type: "offer", "credit", "dispute"; also the notification channel on Android
	Title, Body string
	IsSilent    bool              // nothing is shown and nothing sounds: the app alone reads the data
	Data        map[string]string // what the app reads when the notification is opened; the schema of Kind names the keys
	CollapseKey string            // of the messages waiting for a phone that is off, only the newest of a key is kept
	Tag         string            // a second message with the same tag replaces the first on the screen, so a double send is seen once
	TTL         time.Duration     // FCM gives up after it
	Priority    Priority
}

// MaxPayloadBytes is FCM's limit on notification and data together.
const MaxPayloadBytes = 4096

// MaxTTL is the longest FCM keeps a message: four weeks, which is also what it takes when nothing is said.
const MaxTTL = 28 * 24 * time.Hour

var (
	// ErrTooLarge refuses a message that FCM would refuse for its size.
	ErrTooLarge = shop.Refuse(shop.TooLarge, "push_too_large", "The texts of this message are too long for a push notification (4,096 bytes).")
	// ErrTooLate refuses a message whose last moment has passed.
	ErrTooLate = shop.Refuse(shop.Unprocessable, "push_too_late", "The time in which this message may be shown has passed.")
	// ErrMalformed refuses a message that FCM would refuse, or keep for longer than anybody wants.
	ErrMalformed = shop.Refuse(shop.Unprocessable, "push_malformed", "This is no message that FCM takes.")
	// ErrNoTarget refuses an address that names no phone.
	ErrNoTarget = shop.Refuse(shop.Unprocessable, "push_target_invalid", "A push goes to one registration token or one Firebase installation id.")
)

// Payload is the part that the phone gets, as mobile-contract/push/<kind>.schema.json promises it.
func (m Message) Payload() []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // FCM counts what the phone gets, where "&" is one byte
	payload := struct {
		Notification map[string]string `json:"notification,omitempty"`
		Data         map[string]string `json:"data"`
	}{Data: m.Data}
	if !m.IsSilent {
		payload.Notification = map[string]string{"title": m.Title, "body": m.Body}
	}
	if err := encoder.Encode(payload); err != nil {
		panic(err) // maps of strings always encode
	}
	return bytes.TrimSpace(out.Bytes())
}

// Check is nil for a message that FCM takes; ErrMalformed or ErrTooLarge otherwise.
func (m Message) Check() error {
	switch {
	case m.Kind == "" || m.Data["type"] != m.Kind:
		return ErrMalformed.Saying("A message says in data.type what it is.")
	case m.Title == "" && !m.IsSilent:
		return ErrMalformed.Saying("A message needs a title.")
	case m.IsSilent && (m.Title != "" || m.Body != "" || m.Priority != Normal):
		return ErrMalformed.Saying("A silent message has no words, and wakes no phone.")
	case m.TTL < time.Second || m.TTL > MaxTTL:
		return ErrMalformed.Saying("A message lives from one second to four weeks, and says how long.")
	case m.Priority != Normal && m.Priority != High:
		return ErrMalformed.Saying("A message has normal or high priority.")
	}
	for key := range m.Data {
		if reservedKey(key) {
			return ErrMalformed.Saying("The data key %q is FCM's own.", key)
		}
	}
	if len(m.Payload()) > MaxPayloadBytes {
		return ErrTooLarge
	}
	return nil
}

// reservedKey knows the data keys that FCM answers with 400.
func reservedKey(key string) bool {
	return key == "from" || key == "message_type" || key == "" ||
		strings.HasPrefix(key, "google.") || strings.HasPrefix(key, "gcm.")
}

// lifetime is how long FCM may keep a message that nobody must see after until.
func lifetime(until, now time.Time) (time.Duration, error) {
	left := until.Sub(now).Truncate(time.Second)
	if left < time.Second {
		return 0, ErrTooLate
	}
	return min(left, MaxTTL), nil
}

// TargetKind says what an app registers with.
type TargetKind string

const (
	Token          TargetKind = "token" // FCM registration token
	InstallationID TargetKind = "fid"   // Firebase installation id, which is replacing the token
)

// Target is the address of one app on one phone. It identifies a person, so it prints as its kind alone.
type Target struct {
	Kind  TargetKind
	Value string
}

// MaxTargetBytes bounds what is kept as an address; tokens seen are about 160 bytes, and Google promises no length. An address
// is looked up by itself, and an entry of a PostgreSQL index holds 2,704 bytes with all its columns.
const MaxTargetBytes = 2560

// Check is nil for an address that can be sent to; ErrNoTarget otherwise.
func (t Target) Check() error {
	if t.Kind != Token && t.Kind != InstallationID {
		return ErrNoTarget
	}
	notPrintable := func(r rune) bool { return r <= ' ' || r > '~' }
	if t.Value == "" || len(t.Value) > MaxTargetBytes || strings.ContainsFunc(t.Value, notPrintable) {
		return ErrNoTarget
	}
	return nil
}

// String hides the address.
func (t Target) String() string { return string(t.Kind) + ":[hidden]" }

// GoString hides the address from %#v.
func (t Target) GoString() string { return t.String() }

// LogValue hides the address from slog.
func (t Target) LogValue() slog.Value { return slog.StringValue(t.String()) }
