package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

type integrationAnswer struct {
	ID        shop.ID   `json:"id"`
	Name      string    `json:"name"`
	Platform  string    `json:"platform"`
	Store     shop.ID   `json:"store,omitzero"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

func answerIntegration(_ context.Context, i team.Integration) integrationAnswer {
	return integrationAnswer{
		ID: i.ID, Name: i.Name, Platform: i.Platform, Store: i.Store, Scopes: append([]string{}, i.Scopes...),
		CreatedAt: i.CreatedAt.UTC(), RevokedAt: i.RevokedAt.UTC(),
	}
}

func (f *Face) listIntegrationKeys(ctx context.Context, in endpoint.Paging) (endpoint.List[integrationAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[integrationAnswer]{}, err
	}
	keys, next, err := f.Team.ListIntegrationKeys(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, keys, next, answerIntegration), err
}

type addIntegrationKeyRequest struct {
	Name          string   `json:"name"`
	Platform      string   `json:"platform"`
	Store         shop.ID  `json:"store"`
	Scopes        []string `json:"scopes"`
	Lookup        string   `json:"lookup"`
	WebhookSecret string   `json:"webhook_secret"`
}

type addIntegrationKeyAnswer struct {
	Integration integrationAnswer `json:"integration"`
	Key         string            `json:"key,omitempty"` // of platform "api"; shown here and nowhere else
}

func (f *Face) addIntegrationKey(ctx context.Context, in addIntegrationKeyRequest) (addIntegrationKeyAnswer, error) {
	added, key, err := f.Team.AddIntegrationKey(ctx, endpoint.Actor(ctx), team.NewIntegration{
		ID: endpoint.CreationID(ctx), Name: in.Name, Platform: in.Platform, Store: in.Store, Scopes: in.Scopes, Lookup: in.Lookup, WebhookSecret: in.WebhookSecret,
	})
	if err != nil {
		return addIntegrationKeyAnswer{}, err
	}
	return addIntegrationKeyAnswer{answerIntegration(ctx, added), key}, nil
}

func (f *Face) revokeIntegrationKey(ctx context.Context, in byID) (endpoint.None, error) {
	return endpoint.None{}, f.Team.RevokeIntegrationKey(ctx, endpoint.Actor(ctx), in.ID)
}

type rotateWebhookSecretRequest struct {
	byID
	Secret string `json:"webhook_secret"`
}

func (f *Face) rotateWebhookSecret(ctx context.Context, in rotateWebhookSecretRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Team.RotateWebhookSecret(ctx, endpoint.Actor(ctx), in.ID, in.Secret)
}

type mapPlaceRequest struct {
	byID
	Place string  `json:"place"`
	Store shop.ID `json:"store"`
}

func (f *Face) mapPlace(ctx context.Context, in mapPlaceRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Team.MapPlace(ctx, endpoint.Actor(ctx), in.ID, in.Place, in.Store)
}

// issuerBody is who vouches for customers, as head office says it and reads it.
type issuerBody struct {
	Provider string `json:"provider"`
	Issuer   string `json:"issuer"`
	Audience string `json:"audience"`
	JWKSURL  string `json:"jwks_url,omitempty"`
}

func (f *Face) setIssuer(ctx context.Context, in issuerBody) (endpoint.None, error) {
	return endpoint.None{}, f.Team.AddIssuer(ctx, endpoint.Actor(ctx), team.Issuer(in))
}

func (f *Face) listIssuers(ctx context.Context, _ endpoint.None) (endpoint.List[issuerBody], error) {
	all, err := f.Team.ListIssuers(ctx, endpoint.Actor(ctx))
	return listOf(ctx, all, "", func(_ context.Context, i team.Issuer) issuerBody { return issuerBody(i) }), err
}
