package brandapp

import (
	"context"
	"time"

	"homestore/api/endpoint"
)

type codeResponse struct {
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expires_at"`
}

// code is what she shows in a shop. An earlier one ends, so that only the screen in her hand is worth anything.
func (f *Face) code(ctx context.Context, _ endpoint.None) (codeResponse, error) {
	c, err := f.Visits.IssueMemberCode(ctx, endpoint.Actor(ctx))
	return codeResponse{Code: c.Code, ExpiresAt: c.ExpiresAt}, err
}
