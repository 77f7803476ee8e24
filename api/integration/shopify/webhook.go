package shopify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// BodyLimit is the largest body taken; guard reads no more of this path. Shopify's own largest order is about 1 MB.
const BodyLimit = 2 << 20

// Path of the webhook.
const Path = "/v1/integrations/shopify/webhooks"

// Refusals of a webhook. Who sends a wrong signature learns nothing about which part of it was wrong.
var (
	ErrSignature = shop.Refuse(shop.Unauthenticated, "webhook_signature_invalid", "The signature is not that of a shop that is connected here.")
	ErrTooLarge  = shop.Refuse(shop.TooLarge, "webhook_too_large", "The body is over 2 MB.")
)

// Keys knows with which secrets a shop signs.
type Keys interface {
	WebhookKeyOf(ctx context.Context, platform, lookup string) (team.WebhookKey, error)
}

// Webhooks takes what Shopify sends.
type Webhooks struct {
	keys  Keys
	inbox *order.Inbox
	now   func() time.Time
}

// NewWebhooks makes the face of one platform.
func NewWebhooks(keys Keys, inbox *order.Inbox, now func() time.Time) *Webhooks {
	return &Webhooks{keys: keys, inbox: inbox, now: now}
}

// Routes is its table of contents.
func (w *Webhooks) Routes() []endpoint.Route {
	return []endpoint.Route{
		{Method: http.MethodPost, Path: Path, Operation: "receiveShopifyWebhook", Public: true, Handler: endpoint.Handle(w.receive)},
	}
}

type webhook struct {
	Domain    string `header:"X-Shopify-Shop-Domain"`
	Signature string `header:"X-Shopify-Hmac-Sha256"`
	ID        string `header:"X-Shopify-Webhook-Id"`
	Topic     string `header:"X-Shopify-Topic"`
	Body      []byte `body:"raw"`
}

type received struct {
	Status string `json:"status"` // received; known when this message was there before
}

// receive keeps a signed message. Whether anybody understands it is found out later: to Shopify it has arrived.
func (w *Webhooks) receive(ctx context.Context, in webhook) (received, error) {
	if len(in.Body) > BodyLimit {
		return received{}, ErrTooLarge
	}
	key, err := w.keys.WebhookKeyOf(ctx, Platform, in.Domain)
	if err != nil && !errors.Is(err, shop.ErrNotFound) {
		return received{}, err
	}
	if !isSigned(in.Body, in.Signature, key.Secrets(w.now())) {
		return received{}, ErrSignature
	}
	if in.ID == "" {
		sum := sha256.Sum256(append([]byte(in.Topic+"\n"), in.Body...))
		in.ID = "sha256:" + hex.EncodeToString(sum[:])
	}
	isNew, err := w.inbox.Receive(ctx, order.Message{
		Brand: key.Brand, Source: Platform, ExternalID: cut(in.ID, 200), Topic: cut(in.Topic, 200), Body: in.Body, Key: key.ID,
	})
	if err != nil {
		return received{}, err
	}
	if !isNew {
		return received{Status: "known"}, nil
	}
	return received{Status: "received"}, nil
}

// isSigned compares the signature, base64 of HMAC-SHA256 over the bytes of the body, in constant time with that of each
// secret. Of a shop that is not known one is worked out all the same, so that the time does not tell which shops are.
func isSigned(body []byte, signature string, secrets [][]byte) bool {
	given, err := base64.StdEncoding.Strict().DecodeString(signature)
	isGood := false
	if len(secrets) == 0 {
		sign(body, []byte("nobody's"))
	}
	for _, secret := range secrets {
		isSame := hmac.Equal(given, sign(body, secret))
		isGood = isGood || isSame && err == nil && len(secret) > 0
	}
	return isGood
}

func sign(body, secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return mac.Sum(nil)
}

func cut(s string, most int) string { return strings.ToValidUTF8(s[:min(len(s), most)], "") }
