package endpoint

import (
	"encoding"
	"errors"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
)

// ErrParameters refuses a path, query or header value of the wrong form.
var ErrParameters = shop.Refuse(shop.Invalid, "parameters_invalid", "Some parameters have the wrong form; each is named.")

// read sets the field from its place in the request; an absent parameter leaves it as it is. Unknown query parameters are
// left alone: campaigns and browsers add their own to any link.
func (p parameter) read(c *fiber.Ctx, field reflect.Value) *shop.Field {
	texts := p.texts(c)
	if len(texts) == 0 {
		return nil
	}
	if field.Kind() == reflect.Slice && !isText(field.Type()) {
		list := reflect.MakeSlice(field.Type(), len(texts), len(texts))
		for i, text := range texts {
			if wrong := p.set(list.Index(i), text); wrong != nil {
				return wrong
			}
		}
		field.Set(list)
		return nil
	}
	if len(texts) > 1 {
		return &shop.Field{Name: p.name, Code: "parameter_repeated", Hint: "Give this parameter once."}
	}
	return p.set(field, texts[0])
}

func (p parameter) texts(c *fiber.Ctx) []string {
	switch p.in {
	case "path":
		text, err := url.PathUnescape(c.Params(p.name))
		if err != nil {
			return []string{"\x00"} // refused below as text that nobody can mean
		}
		return []string{text}
	case "query":
		var texts []string
		for _, b := range c.Context().QueryArgs().PeekMulti(p.name) {
			texts = append(texts, string(b))
		}
		return texts
	}
	var texts []string
	for _, b := range c.Request().Header.PeekAll(p.name) {
		texts = append(texts, string(b))
	}
	return texts
}

func (p parameter) set(field reflect.Value, text string) *shop.Field {
	if !isStorable(text) {
		return &shop.Field{Name: p.name, Code: "text_invalid", Hint: hintText}
	}
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	if wrong := setScalar(field, text); wrong != nil {
		wrong.Name = p.name
		return wrong
	}
	return nil
}

func setScalar(field reflect.Value, text string) *shop.Field {
	if u, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return unmarshalText(u, text)
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return &shop.Field{Code: "boolean_invalid", Hint: "Write true or false."}
		}
		field.SetBool(b)
	default:
		n, err := strconv.ParseInt(text, 10, field.Type().Bits())
		if err != nil {
			return &shop.Field{Code: "integer_invalid", Hint: "Write a whole number in digits."}
		}
		field.SetInt(n)
	}
	return nil
}

// unmarshalText lets a type read its own text. A refusal of the type is passed on; other errors quote the input, so they
// are not.
func unmarshalText(u encoding.TextUnmarshaler, text string) *shop.Field {
	err := u.UnmarshalText([]byte(text))
	if err == nil {
		// The zero id and the zero time stand for "none" in our own code: whoever says them would be heard as silent.
		if value, ok := u.(interface{ IsZero() bool }); ok && value.IsZero() {
			return &shop.Field{Code: "value_invalid", Hint: "This names nothing; leave it out instead."}
		}
		return nil
	}
	var refusal *shop.Refusal
	if errors.As(err, &refusal) {
		return &shop.Field{Code: refusal.Code, Hint: refusal.Message}
	}
	return &shop.Field{Code: "value_invalid", Hint: "This value has the wrong form."}
}

const hintText = "Write UTF-8 without the character U+0000."

// isStorable says whether PostgreSQL can keep the text: it refuses U+0000, as an error of ours unless we refuse first.
func isStorable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
