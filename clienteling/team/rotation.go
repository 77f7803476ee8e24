package team

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// formerSecretLife is how long the secret before is still good: platforms repeat a delivery for
// two days, and may sign it as they did at first.
const formerSecretLife = 72 * time.Hour

// RotateWebhookSecret changes the secret with which a platform signs. The one before stays good for three days, so that
// messages on their way are not lost. The secret that it has already changes nothing: the one before is not forgotten over an act
// that is sent again. shop.ErrNotFound when this is no platform's key in use.
func (s *Service) RotateWebhookSecret(ctx context.Context, actor shop.Actor, id shop.ID, secret string) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	var c shop.Check
	c.That(len(secret) >= 16 && len(secret) <= 512, "webhook_secret", "webhook_secret_invalid", "16 to 512 characters.")
	if err := c.Err(); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	sealed := s.sealer.seal([]byte(secret), actor.Brand, id)
	return s.act(ctx, actor, now, audit.Entry{Act: "webhook_secret_rotated", Subject: id}, func(tx pgx.Tx) error {
		row, err := liveIntegration(ctx, tx, actor.Brand, id)
		if err != nil {
			return err
		}
		if present, err := s.sealer.open(row.webhookSecret, actor.Brand, id); err == nil && string(present) == secret {
			return nil
		}
		return rotateSecret(ctx, tx, actor.Brand, id, sealed, now.Add(formerSecretLife))
	})
}

// MapPlace says which store of ours a platform's place is. shop.ErrNotFound when there is no such key or store.
func (s *Service) MapPlace(ctx context.Context, actor shop.Actor, id shop.ID, place string, store shop.ID) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	var c shop.Check
	c.That(storable(place, 200) && place != "", "place", "place_invalid", "The platform's own id of the place.")
	c.That(!store.IsZero(), "store", "store_missing", "The store that it is.")
	if err := c.Err(); err != nil {
		return err
	}
	entry := audit.Entry{Act: "place_mapped", Subject: id, Detail: map[string]any{"place": place, "store": store.String()}}
	return s.act(ctx, actor, shop.Millis(s.now()), entry, func(tx pgx.Tx) error { return setPlace(ctx, tx, actor.Brand, id, place, store) })
}

// StoreOfPlace is the store behind a platform's place, zero when nobody has said; of no place ("") the web store of the key.
func StoreOfPlace(ctx context.Context, tx pgx.Tx, brand shop.BrandID, key shop.ID, place string) (shop.ID, error) {
	return storeOfPlace(ctx, tx, brand, key, place)
}
