package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

type deviceAnswer struct {
	ID         shop.ID   `json:"id"`
	Store      shop.ID   `json:"store"`
	Name       string    `json:"name"`
	EnrolUntil time.Time `json:"enrol_until,omitzero"` // of a code that was not redeemed yet
	EnrolledAt time.Time `json:"enrolled_at,omitzero"`
	RevokedAt  time.Time `json:"revoked_at,omitzero"`
	CreatedAt  time.Time `json:"created_at"`
}

func answerDevice(_ context.Context, d team.Device) deviceAnswer {
	a := deviceAnswer{ID: d.ID, Store: d.Store, Name: d.Name, EnrolledAt: d.EnrolledAt.UTC(), RevokedAt: d.RevokedAt.UTC(), CreatedAt: d.CreatedAt.UTC()}
	if d.EnrolledAt.IsZero() {
		a.EnrolUntil = d.EnrolUntil.UTC()
	}
	return a
}

func (f *Face) listDevices(ctx context.Context, in endpoint.Paging) (endpoint.List[deviceAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[deviceAnswer]{}, err
	}
	devices, next, err := f.Team.ListDevices(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, devices, next, answerDevice), err
}

type makeDeviceCodeRequest struct {
	Store shop.ID `json:"store"`
	Name  string  `json:"name"`
}

type makeDeviceCodeAnswer struct {
	Device deviceAnswer `json:"device"`
	Code   string       `json:"code"` // shown here and nowhere else
}

func (f *Face) makeDeviceCode(ctx context.Context, in makeDeviceCodeRequest) (makeDeviceCodeAnswer, error) {
	device, code, err := f.Team.EnrolDeviceOnce(ctx, endpoint.Actor(ctx), endpoint.CreationID(ctx), in.Store, in.Name)
	if err != nil {
		return makeDeviceCodeAnswer{}, err
	}
	return makeDeviceCodeAnswer{answerDevice(ctx, device), code}, nil
}

func (f *Face) revokeDevice(ctx context.Context, in byID) (endpoint.None, error) {
	return endpoint.None{}, f.Team.RevokeDevice(ctx, endpoint.Actor(ctx), in.ID)
}
