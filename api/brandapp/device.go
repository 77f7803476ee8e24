package brandapp

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/notify/device"
	"homestore/notify/push"
)

type registerRequest struct {
	TargetKind string `json:"target_kind"` // token, or fid; empty: token
	Target     string `json:"target"`
	Platform   string `json:"platform"`
	Language   string `json:"language"` // of the app; empty: that of the request
}

func (r *registerRequest) Validate() error {
	var c shop.Check
	if r.TargetKind == "" {
		r.TargetKind = string(push.Token)
	}
	target := push.Target{Kind: push.TargetKind(r.TargetKind), Value: r.Target}
	c.That(target.Check() == nil, "target", push.ErrNoTarget.Code, push.ErrNoTarget.Message)
	return c.Err()
}

// phone never says the address: who holds it could send to it.
type phone struct {
	ID           shop.ID         `json:"id"`
	Platform     device.Platform `json:"platform"`
	Language     shop.Language   `json:"language"`
	RegisteredAt time.Time       `json:"registered_at"`
	SeenAt       time.Time       `json:"seen_at"`
	Live         bool            `json:"live"` // messages go to it
}

func (f *Face) phoneOf(d device.Device) phone {
	return phone{
		ID: d.ID, Platform: d.Platform, Language: d.Language, RegisteredAt: d.RegisteredAt.UTC(), SeenAt: d.SeenAt.UTC(),
		Live: d.IsLive(f.Now()),
	}
}

func (f *Face) register(ctx context.Context, in registerRequest) (phone, error) {
	language := shop.Language(in.Language)
	if language == "" {
		language = endpoint.Language(ctx)
	}
	d, err := f.Devices.Register(ctx, endpoint.Actor(ctx), device.Registration{
		Target:   push.Target{Kind: push.TargetKind(in.TargetKind), Value: in.Target},
		Platform: device.Platform(in.Platform), Language: language,
	})
	if err != nil {
		return phone{}, err
	}
	return f.phoneOf(d), nil
}

type devicesResponse struct {
	Items []phone `json:"items"`
}

func (f *Face) devices(ctx context.Context, _ endpoint.None) (devicesResponse, error) {
	mine, err := f.Devices.Mine(ctx, endpoint.Actor(ctx))
	out := devicesResponse{Items: make([]phone, len(mine))}
	for i, d := range mine {
		out.Items[i] = f.phoneOf(d)
	}
	return out, err
}

type deviceRequest struct {
	ID shop.ID `path:"id"`
}

func (f *Face) forget(ctx context.Context, in deviceRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Devices.Forget(ctx, endpoint.Actor(ctx), in.ID)
}
