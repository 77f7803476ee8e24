package brandapp

import (
	"context"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

type openedRequest struct {
	ID shop.ID `path:"id"`
}

// opened is said by the app when she taps a message; saying it again changes nothing.
func (f *Face) opened(ctx context.Context, in openedRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Deliveries.Opened(ctx, endpoint.Actor(ctx), in.ID)
}
