package customer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Channel is a way to reach a customer, each of which she agrees to by itself.
type Channel string

const (
	ByPush  Channel = "push"
	BySMS   Channel = "sms"
	ByEmail Channel = "email"
	ByLINE  Channel = "line"
)

// Channels are all there are.
var Channels = []Channel{ByPush, BySMS, ByEmail, ByLINE}

// Consent is what she said about one channel, where (brand_app, till, import) and when.
type Consent struct {
	Channel Channel
	Granted bool
	Source  string
	At      time.Time // zero: now
}

// SetConsents keeps what she said now, or said at c.At; what she said later than that stays. Saying the same again changes
// nothing, so the consent keeps its first time and source. Each change is in the audit.
func SetConsents(ctx context.Context, tx pgx.Tx, actor shop.Actor, id shop.ID, consents []Consent, now time.Time) error {
	var check shop.Check
	for _, c := range consents {
		check.That(slices.Contains(Channels, c.Channel), "consents.channel", "unknown", "use push, sms, email or line")
		check.That(c.Source != "" && isPlainText(c.Source, 40), "consents.source", "required", "say where she said so")
		check.That(!c.At.After(now), "consents.at", "in_future", "nobody has agreed in the future")
	}
	if err := check.Err(); err != nil {
		return err
	}
	var changes []audit.Entry
	for _, c := range consents {
		if c.At.IsZero() {
			c.At = now
		}
		changed, err := upsertConsent(ctx, tx, actor.Brand, id, c)
		if err != nil {
			return fmt.Errorf("set consent of customer %s: %w", id, err)
		}
		if changed {
			changes = append(changes, audit.Entry{
				Act: "consent_changed", Customer: id,
				Detail: map[string]any{"channel": c.Channel, "granted": c.Granted, "source": c.Source, "at": c.At},
			})
		}
	}
	return audit.Note(ctx, tx, actor, now, changes...)
}

// Consents are what stands, by channel. A channel that is not named was never asked about, which is no consent.
func Consents(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) ([]Consent, error) {
	consents, err := consentsOf(ctx, db, brand, id)
	if err != nil {
		return nil, fmt.Errorf("consents of customer %s: %w", id, err)
	}
	return consents, nil
}
