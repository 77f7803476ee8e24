package endpoint

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"

	"homestore/clienteling/shop"
)

const (
	maxDepth = 32 // the deepest body of the contract has 6 levels; encoding/json itself would go to 10,000
	maxWrong = 20 // enough to mend a body by; a body of 100,000 wrong fields is not listed back
	maxName  = 100
	maxItems = 10_000 // of a list; the longest of the contract, the lines of an order
)

// walk passes over one JSON value token by token beside the Go type that it is meant for, and notes what is wrong with
// the path from the root: lines[2].sku. A nil type means that anything goes, within the depth.
type walk struct {
	decoder *json.Decoder
	depth   int
	wrong   []shop.Field
}

func (w *walk) note(path, code, hint string) error {
	if len(path) > maxName {
		path = path[:maxName]
	}
	w.wrong = append(w.wrong, shop.Field{Name: path, Code: code, Hint: hint})
	if len(w.wrong) == maxWrong {
		return ErrBody.With(w.wrong...)
	}
	return nil
}

func (w *walk) value(token json.Token, t reflect.Type, path string) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t != nil && !isText(t) && reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		t = nil // the type reads itself
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return w.object(t, path)
		}
		return w.array(t, path)
	case string:
		return w.text(token, t, path)
	case json.Number:
		return w.number(token, t, path)
	case bool:
		if t != nil && t.Kind() != reflect.Bool && t.Kind() != reflect.Interface {
			return w.note(path, "type_wrong", "true and false are not taken here.")
		}
	case nil:
		// encoding/json leaves the field as it is, which hides what was meant. A type that means something by null reads itself.
		if t != nil && t.Kind() != reflect.Interface {
			return w.note(path, "type_wrong", "null is not taken here; leave the field out.")
		}
	}
	return nil
}

func (w *walk) object(t reflect.Type, path string) error {
	if w.depth++; w.depth > maxDepth {
		return ErrTooDeep
	}
	defer func() { w.depth-- }()
	var fields map[string]reflect.Type
	switch {
	case t == nil || t.Kind() == reflect.Interface || t.Kind() == reflect.Map:
	case t.Kind() == reflect.Struct && !isText(t):
		fields = fieldsOf(t)
	default:
		if err := w.note(path, "type_wrong", "An object is not taken here."); err != nil {
			return err
		}
		t = nil
	}
	seen := map[string]bool{}
	for w.decoder.More() {
		token, err := w.decoder.Token()
		if err != nil {
			return ErrMalformed
		}
		key, ok := token.(string)
		if !ok {
			return ErrMalformed
		}
		if err := w.member(key, seen, t, fields, path); err != nil {
			return err
		}
	}
	return w.end()
}

func (w *walk) member(key string, seen map[string]bool, t reflect.Type, fields map[string]reflect.Type, path string) error {
	at := key
	if path != "" {
		at = path + "." + key
	}
	var err error
	if seen[key] {
		err = w.note(at, "field_repeated", "Give this field once.")
	}
	seen[key] = true
	var inner reflect.Type
	switch {
	case t != nil && t.Kind() == reflect.Map:
		inner = t.Elem()
	case fields != nil:
		known := false
		if inner, known = fields[key]; !known {
			err = w.note(at, "field_unknown", "There is no such field here; names are exact.")
		}
	}
	if err == nil && !isStorable(key) {
		err = w.note(path, "text_invalid", hintText)
	}
	if err != nil {
		return err
	}
	return w.next(inner, at)
}

func (w *walk) array(t reflect.Type, path string) error {
	if w.depth++; w.depth > maxDepth {
		return ErrTooDeep
	}
	defer func() { w.depth-- }()
	var inner reflect.Type
	switch {
	case t == nil || t.Kind() == reflect.Interface:
	case (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && !isText(t):
		inner = t.Elem()
	default:
		if err := w.note(path, "type_wrong", "A list is not taken here."); err != nil {
			return err
		}
	}
	for i := 0; w.decoder.More(); i++ {
		if i == maxItems {
			return ErrBody.With(shop.Field{Name: path[:min(len(path), maxName)], Code: "too_many", Hint: "At most 10000."})
		}
		if err := w.next(inner, path+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	return w.end()
}

func (w *walk) next(t reflect.Type, path string) error {
	token, err := w.decoder.Token()
	if err != nil {
		return ErrMalformed
	}
	return w.value(token, t, path)
}

// end passes over the closing bracket.
func (w *walk) end() error {
	if _, err := w.decoder.Token(); err != nil {
		return ErrMalformed
	}
	return nil
}

func (w *walk) text(text string, t reflect.Type, path string) error {
	if !isStorable(text) {
		return w.note(path, "text_invalid", hintText)
	}
	switch {
	case t == nil || t.Kind() == reflect.Interface || t.Kind() == reflect.String && !isText(t):
	case isText(t):
		if wrong := unmarshalText(reflect.New(t).Interface().(encoding.TextUnmarshaler), text); wrong != nil {
			return w.note(path, wrong.Code, wrong.Hint)
		}
	case t == reflect.TypeFor[[]byte]():
	default:
		return w.note(path, "type_wrong", "A text is not taken here.")
	}
	return nil
}

// number refuses what the Go type cannot hold exactly: fractions and overflow of whole numbers.
func (w *walk) number(number json.Number, t reflect.Type, path string) error {
	if t == nil {
		return nil
	}
	err := error(nil)
	switch t.Kind() {
	case reflect.Interface:
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		_, err = strconv.ParseInt(number.String(), 10, t.Bits())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		_, err = strconv.ParseUint(number.String(), 10, t.Bits())
	case reflect.Float32, reflect.Float64:
		_, err = strconv.ParseFloat(number.String(), t.Bits())
	case reflect.String:
		if t != reflect.TypeFor[json.Number]() {
			return w.note(path, "type_wrong", "A number is not taken here; write it as text.")
		}
	default:
		return w.note(path, "type_wrong", "A number is not taken here.")
	}
	if err != nil {
		return w.note(path, "number_invalid", "A number of this size or with these digits is not taken here.")
	}
	return nil
}
