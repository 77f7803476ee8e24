package endpoint

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
)

// shape is how an input struct is filled, worked out once when the handler is made.
type shape struct {
	parameters []parameter
	raw        []int                   // index of the field that takes the body's exact bytes, nil without one
	media      string                  // of a file that the field takes; empty: whatever comes
	body       map[string]reflect.Type // the fields that a JSON body may have; empty: no body is expected
	bodyType   reflect.Type
}

// parameter is one field that comes from the path, the query or a header.
type parameter struct {
	in    string // "path", "query" or "header"
	name  string
	index []int
}

func shapeOf[In any]() shape {
	t := reflect.TypeFor[In]()
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("endpoint: input %s is no struct", t))
	}
	s := shape{bodyType: t, body: fieldsOf(t)}
	for _, f := range reflect.VisibleFields(t) {
		s.add(t, f)
	}
	return s
}

func (s *shape) add(t reflect.Type, f reflect.StructField) {
	if kind := f.Tag.Get("body"); kind != "" {
		if f.Type != reflect.TypeFor[[]byte]() {
			panic(fmt.Sprintf("endpoint: %s.%s: a raw body is a []byte", t, f.Name))
		}
		media, ok := map[string]string{"raw": "", "csv": "text/csv", "yaml": "application/yaml"}[kind]
		if !ok {
			panic(fmt.Sprintf("endpoint: %s.%s: there is no body of kind %q", t, f.Name, kind))
		}
		s.raw, s.media = f.Index, media
		return
	}
	for _, in := range []string{"path", "query", "header"} {
		name, ok := f.Tag.Lookup(in)
		if !ok {
			continue
		}
		if !f.IsExported() || !isScalar(f.Type, in == "query") {
			panic(fmt.Sprintf("endpoint: %s.%s cannot be read from a %s", t, f.Name, in))
		}
		s.parameters = append(s.parameters, parameter{in: in, name: name, index: f.Index})
	}
}

// isScalar says whether one text fills the type; a query parameter may also be a slice (repeated) and any may be a
// pointer (absent is nil).
func isScalar(t reflect.Type, orSlice bool) bool {
	if isText(t) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64:
		return true
	case reflect.Pointer:
		return isScalar(t.Elem(), false)
	case reflect.Slice:
		return orSlice && isScalar(t.Elem(), false)
	}
	return false
}

func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// decode fills in from the request; what is wrong is refused with its field named, all parameters at once.
func (s shape) decode(c *fiber.Ctx, in any) error {
	v := reflect.ValueOf(in).Elem()
	var wrong []shop.Field
	for _, p := range s.parameters {
		if f := p.read(c, v.FieldByIndex(p.index)); f != nil {
			wrong = append(wrong, *f)
		}
	}
	if len(wrong) > 0 {
		return ErrParameters.With(wrong...)
	}
	// Never c.Body(): it unpacks a Content-Encoding, and not the bytes that a signature was made over.
	body := c.Request().Body()
	if s.media != "" && !isOf(c.Get(fiber.HeaderContentType), s.media) {
		return ErrMediaType.Saying("Send the file as %s in UTF-8.", s.media)
	}
	if s.raw != nil {
		v.FieldByIndex(s.raw).SetBytes(body[:len(body):len(body)]) // good until the handler returns: fasthttp uses its buffer again
		return nil
	}
	return s.decodeBody(c, body, in)
}

var fieldCache sync.Map // reflect.Type → map[string]reflect.Type

// fieldsOf is the JSON fields of a struct by exact name. Only fields with a json tag count: what comes from the path or a
// header has none, so no body can set it.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if known, ok := fieldCache.Load(t); ok {
		return known.(map[string]reflect.Type)
	}
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" && f.IsExported() {
			fields[name] = f.Type
		}
	}
	fieldCache.Store(t, fields)
	return fields
}
