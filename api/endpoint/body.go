package endpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
)

// Refusals of a body. Who tries `role` or `brand_id` gets body_invalid with field_unknown on that field.
var (
	ErrMediaType    = shop.Refuse(shop.Unsupported, "media_type_unsupported", "Send the body as application/json in UTF-8.")
	ErrBodyRequired = shop.Refuse(shop.Invalid, "body_required", "This path needs a JSON object as its body.")
	ErrMalformed    = shop.Refuse(shop.Invalid, "json_malformed", "The body is not one well-formed JSON object in UTF-8.")
	ErrTooDeep      = shop.Refuse(shop.Invalid, "json_too_deep", "The body is nested deeper than 32 levels.")
	ErrBody         = shop.Refuse(shop.Invalid, "body_invalid", "Some fields of the body cannot be taken; each is named.")
)

// To decode a body takes some ten times its size for a moment. Above largeBody, which few are, one is decoded and the
// others wait, so that a crowd that sends the largest there are does not fill the memory.
const (
	largeBody = 64 << 10
	atOnce    = 1
)

var decoding = make(chan struct{}, atOnce)

// decodeBody reads the JSON body into in, strictly: the walk refuses what encoding/json would let pass (unknown fields,
// fields in another case, duplicates, depth, U+0000, a second value), so that Unmarshal sees only what was meant.
func (s shape) decodeBody(c *fiber.Ctx, body []byte, in any) error {
	if len(body) == 0 {
		if len(s.body) > 0 {
			return ErrBodyRequired
		}
		return nil
	}
	if !isOf(c.Get(fiber.HeaderContentType), fiber.MIMEApplicationJSON) {
		return ErrMediaType
	}
	if len(body) > largeBody {
		select {
		case decoding <- struct{}{}:
			defer func() { <-decoding }()
		case <-c.UserContext().Done():
			return c.UserContext().Err()
		}
	}
	if !utf8.Valid(body) {
		return ErrMalformed
	}
	if err := inspect(body, s.bodyType); err != nil {
		return err
	}
	var wrongType *json.UnmarshalTypeError
	err := json.Unmarshal(body, in)
	if errors.As(err, &wrongType) {
		return ErrBody.With(shop.Field{Name: wrongType.Field, Code: "type_wrong", Hint: "Another type is expected here; see the contract."})
	}
	if err != nil {
		return ErrMalformed
	}
	return nil
}

// isOf says whether a body is of a media type, in UTF-8.
func isOf(contentType, want string) bool {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || media != want {
		return false
	}
	charset := parameters["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8")
}

// inspect walks the whole body once before it is decoded.
func inspect(body []byte, t reflect.Type) error {
	w := walk{decoder: json.NewDecoder(bytes.NewReader(body))}
	w.decoder.UseNumber()
	first, err := w.decoder.Token()
	if err != nil || first != json.Delim('{') {
		return ErrMalformed
	}
	if err := w.value(first, t, ""); err != nil {
		return err
	}
	if _, err := w.decoder.Token(); !errors.Is(err, io.EOF) {
		return ErrMalformed // something follows the object
	}
	if len(w.wrong) > 0 {
		return ErrBody.With(w.wrong...)
	}
	return nil
}
