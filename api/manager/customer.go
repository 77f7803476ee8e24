package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

type eraseCustomerRequest struct {
	ID     shop.ID `path:"id"`
	Reason string  `json:"reason"`
}

type erasedCustomerAnswer struct {
	Customer shop.ID   `json:"customer"`
	ErasedAt time.Time `json:"erased_at"`
}

func (f *Face) eraseCustomer(ctx context.Context, in eraseCustomerRequest) (erasedCustomerAnswer, error) {
	at, err := f.Customers.Erase(ctx, endpoint.Actor(ctx), in.ID, in.Reason)
	if err != nil {
		return erasedCustomerAnswer{}, err
	}
	return erasedCustomerAnswer{Customer: in.ID, ErasedAt: at.UTC()}, nil
}
