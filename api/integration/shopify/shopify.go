// Package shopify takes Shopify's webhooks and says in Homestore's words what they tell.
//
// Always true: nothing of a body is parsed before its signature was found to be that of the shop it says it is from; a
// message that was answered with 200 is in the inbox; ids and amounts are texts until they are whole minor units, never
// floats. What is in a body decides, not the topic it came with: the signature does not cover the headers.
//
// It decides nothing about orders: see clienteling/order, whose inbox calls Translate.
package shopify

import (
	"bytes"
	"encoding/json"
	"errors"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// Platform is what Shopify is called in the directory of integrations, and as the source of facts.
const Platform = "shopify"

// errOrderAwaited is no refusal: the queue tries again, and by then the order may have come.
var errOrderAwaited = errors.New("an amount is in the currency of an order that has not come")

// text is a JSON string or number as it was written. A number stays the digits that were sent: 195.66 would not survive a
// float, nor would an id beyond 2^53. Null is empty.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
		return nil
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = text(b)
		return nil
	}
	return order.ErrNotUnderstood.Saying("A text or a number is expected, not %.20q.", b)
}

// money reads an amount of the currency; nothing written is nothing paid. errOrderAwaited when nobody can say which currency it is.
func (t text) money(c shop.Currency) (int64, error) {
	if t == "" {
		return 0, nil
	}
	if c == "" {
		return 0, errOrderAwaited
	}
	minor, err := c.ParseAmount(string(t))
	if err != nil {
		return 0, order.ErrNotUnderstood.Saying("%.40q is no amount of %s.", string(t), c)
	}
	return minor, nil
}

// unwrap is the body of a webhook, or what an API answer wraps under the name of its kind.
func unwrap(body []byte, name string, into any) error {
	var wrapped map[string]json.RawMessage
	if err := json.Unmarshal(body, &wrapped); err != nil {
		return order.ErrNotUnderstood.Saying("The body is no JSON object.")
	}
	if inner, ok := wrapped[name]; ok && len(wrapped) == 1 && inner[0] == '{' {
		body = inner
	}
	if err := json.Unmarshal(body, into); err != nil {
		return order.ErrNotUnderstood.Saying("The body does not look like a %s.", name)
	}
	return nil
}
