package manager

import (
	"context"

	"homestore/api/endpoint"
)

type changePasswordRequest struct {
	Old string `json:"old_password"`
	New string `json:"new_password"`
}

func (f *Face) changePassword(ctx context.Context, in changePasswordRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Team.ChangePassword(ctx, endpoint.Actor(ctx), in.Old, in.New)
}

type offerTOTPAnswer struct {
	Secret string `json:"secret"`
	URL    string `json:"url"` // as a QR code
}

func (f *Face) offerTOTP(ctx context.Context, _ endpoint.None) (offerTOTPAnswer, error) {
	offer, err := f.Team.OfferTOTP(ctx, endpoint.Actor(ctx))
	return offerTOTPAnswer{offer.Base32, offer.URL}, err
}

type confirmTOTPRequest struct {
	Secret string `json:"secret"`
	Code   string `json:"code"`
}

func (f *Face) confirmTOTP(ctx context.Context, in confirmTOTPRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Team.ConfirmTOTP(ctx, endpoint.Actor(ctx), in.Secret, in.Code)
}

type setPasswordRequest struct {
	byID
	Password string `json:"password"`
}

func (f *Face) setPassword(ctx context.Context, in setPasswordRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Team.SetPassword(ctx, endpoint.Actor(ctx), in.ID, in.Password)
}

func (f *Face) dropTOTP(ctx context.Context, in byID) (endpoint.None, error) {
	return endpoint.None{}, f.Team.DropTOTP(ctx, endpoint.Actor(ctx), in.ID)
}
