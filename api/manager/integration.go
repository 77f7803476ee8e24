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
		Name: in.Name, Platform: in.Platform, Store: in.Store, Scopes: in.Scopes, Lookup: in.Lookup, WebhookSecret: in.WebhookSecret,
	})
	if err != nil {
		return addIntegrationKeyAnswer{}, err
	}
	return addIntegrationKeyAnswer{answerIntegration(ctx, added), key}, nil
}

func (f *Face) revokeIntegrationKey(ctx context.Context, in byID) (endpoint.None, error) {
	return endpoint.None{}, f.Team.RevokeIntegrationKey(ctx, endpoint.Actor(ctx), in.ID)
}
