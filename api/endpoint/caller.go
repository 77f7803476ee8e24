package endpoint

import (
	"context"
	"net/netip"

	"homestore/clienteling/shop"
)

// Caller is what the frame knows about a request before the route is reached. api/guard fills it in.
type Caller struct {
	RequestID string
	Address   netip.Addr // of the client; of the proxy's client when the proxy is trusted
	Language  shop.Language
	Actor     shop.Actor // zero when nobody has proven who she is
	// Unproven is why there is no actor although a token was sent. A public route does not care; one with roles answers it.
	Unproven error
}

type callerKey struct{}

// WithCaller puts the caller into the context of a request. The pointer is shared: middleware that learns the actor
// later writes it there, before the handler runs.
func WithCaller(ctx context.Context, caller *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// CallerOf is the caller of this request; an empty one outside of a request.
func CallerOf(ctx context.Context) *Caller {
	if caller, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return caller
	}
	return &Caller{Language: shop.TraditionalChinese}
}

// Actor is who is asking. In a handler of a route with roles it is always one of them.
func Actor(ctx context.Context) shop.Actor { return CallerOf(ctx).Actor }

// Language is the language to answer people in: Accept-Language, else Traditional Chinese.
func Language(ctx context.Context) shop.Language { return CallerOf(ctx).Language }

// RequestID names the request in logs and answers.
func RequestID(ctx context.Context) string { return CallerOf(ctx).RequestID }

// Address is where the request came from, for limits. It is personal data: never log it, never store it in the clear.
func Address(ctx context.Context) netip.Addr { return CallerOf(ctx).Address }
