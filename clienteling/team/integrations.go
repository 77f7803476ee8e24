package team

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// AddIntegrationKey lets a system of the brand in. For the platform "api" the key is returned, here and nowhere else; for others
// the webhook secret is kept sealed and the result is empty. Under the id of one that is there no second one is made, and its key
// is another, since nobody has heard the first. ErrIntegrationExists and shop.ErrFields can come back.
func (s *Service) AddIntegrationKey(ctx context.Context, actor shop.Actor, n NewIntegration) (Integration, string, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return Integration{}, "", err
	}
	if err := n.check(); err != nil {
		return Integration{}, "", err
	}
	now := shop.Millis(s.now())
	if n.ID.IsZero() {
		n.ID = shop.NewID(now)
	}
	in := Integration{
		ID: n.ID, Brand: actor.Brand, Name: n.Name, Platform: n.Platform, Store: n.Store,
		Scopes: append([]string{}, n.Scopes...), CreatedAt: now,
	}
	var key string
	row := integrationRow{Integration: in, lookup: strings.ToLower(n.Lookup)}
	if n.Platform == PlatformAPI {
		key = newAPIKey()
		row.lookup, row.keyHash = keyLookup(key), digest(key)
	} else {
		row.webhookSecret = s.sealer.seal([]byte(n.WebhookSecret), actor.Brand, in.ID)
	}
	entry := audit.Entry{Act: "integration_added", Subject: in.ID, Detail: map[string]any{"platform": in.Platform, "scopes": in.Scopes}}
	if err := s.act(ctx, actor, now, entry, func(tx pgx.Tx) error { return insertIntegration(ctx, tx, row) }); err != nil {
		return Integration{}, "", err
	}
	return in, key, nil
}

// RevokeIntegrationKey shuts a system out within five seconds.
func (s *Service) RevokeIntegrationKey(ctx context.Context, actor shop.Actor, id shop.ID) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	return s.act(ctx, actor, now, audit.Entry{Act: "integration_revoked", Subject: id}, func(tx pgx.Tx) error {
		return revokeIntegration(ctx, tx, actor.Brand, id, now)
	})
}

// ListIntegrationKeys is the brand's systems, newest first, without their secrets.
func (s *Service) ListIntegrationKeys(ctx context.Context, actor shop.Actor, page shop.Page) ([]Integration, string, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	var all []Integration
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = pageOfIntegrations(ctx, tx, actor.Brand, page)
		return err
	})
	all, next := shop.Cut(page, all, func(in Integration) shop.ID { return in.ID })
	return all, next, err
}

// ActorOfKey is the system whose API key this is, with its scopes, or ErrAPIKey.
func (s *Service) ActorOfKey(ctx context.Context, key string) (shop.Actor, error) {
	if !strings.HasPrefix(key, KeyPrefix) || len(key) > 200 {
		return shop.Actor{}, ErrAPIKey
	}
	row, err := s.lookUp(ctx, PlatformAPI, keyLookup(key))
	if errors.Is(err, shop.ErrNotFound) || (err == nil && !sameDigest(row.keyHash, digest(key))) {
		return shop.Actor{}, ErrAPIKey
	}
	if err != nil {
		return shop.Actor{}, fmt.Errorf("look up API key: %w", err)
	}
	return shop.Actor{Brand: row.Brand, Role: shop.RoleIntegration, ID: row.ID, Store: row.Store, Scopes: row.Scopes}, nil
}

// WebhookKeyOf is what messages of a platform's shop are checked with, or shop.ErrNotFound.
func (s *Service) WebhookKeyOf(ctx context.Context, platform, lookup string) (WebhookKey, error) {
	row, err := s.lookUp(ctx, platform, strings.ToLower(lookup))
	if err == nil && len(row.webhookSecret) == 0 {
		err = shop.ErrNotFound
	}
	if err != nil {
		return WebhookKey{}, fmt.Errorf("look up webhook key: %w", err)
	}
	secret, err := s.sealer.open(row.webhookSecret, row.Brand, row.ID)
	if err != nil {
		return WebhookKey{}, fmt.Errorf("webhook key %s: %w", row.ID, err)
	}
	key := WebhookKey{Integration: row.Integration, Secret: secret, FormerUntil: row.formerUntil}
	if len(row.formerSecret) > 0 {
		if key.Former, err = s.sealer.open(row.formerSecret, row.Brand, row.ID); err != nil {
			return WebhookKey{}, fmt.Errorf("former webhook key %s: %w", row.ID, err)
		}
	}
	return key, nil
}

// lookUp goes the one way from what a system presents to its brand, and reads the key there.
func (s *Service) lookUp(ctx context.Context, platform, lookup string) (integrationRow, error) {
	var brand shop.BrandID
	var id shop.ID
	err := s.pool.Global(ctx, func(tx pgx.Tx) (err error) {
		brand, id, err = directoryEntry(ctx, tx, platform, lookup)
		return err
	})
	if err != nil {
		return integrationRow{}, err
	}
	var row integrationRow
	err = s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		row, err = liveIntegration(ctx, tx, brand, id)
		return err
	})
	return row, err
}

// AddIssuer lets customers of the brand sign in with an issuer's tokens for an audience. Adding it again changes where its keys
// are fetched.
func (s *Service) AddIssuer(ctx context.Context, actor shop.Actor, i Issuer) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	if err := i.check(); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	entry := audit.Entry{Act: "issuer_added", Detail: map[string]any{"provider": i.Provider, "issuer": i.Issuer}}
	return s.act(ctx, actor, now, entry, func(tx pgx.Tx) error { return upsertIssuer(ctx, tx, actor.Brand, i) })
}

// ListIssuers is all of them, of every provider.
func (s *Service) ListIssuers(ctx context.Context, actor shop.Actor) (all []Issuer, err error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return nil, err
	}
	for _, provider := range providers {
		of, err := s.Issuers(ctx, actor.Brand, provider)
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	return all, nil
}

// Issuers are those whose tokens the brand takes, of one provider.
func (s *Service) Issuers(ctx context.Context, brand shop.BrandID, provider string) ([]Issuer, error) {
	var all []Issuer
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		all, err = selectIssuers(ctx, tx, brand, provider)
		return err
	})
	return all, err
}
