package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"homestore/api/contracttest"
	"homestore/clienteling/shop"
)

// operation is one of the contract, with every place in its request where it names something.
type operation struct {
	*openapi3.Operation
	item         *openapi3.PathItem
	method, path string
	slots        []slot
}

// slot is one such place.
type slot struct {
	in   string // path, query, body
	name string // of the parameter; in a body its path: to.store, tags[].staff
	kind string // of things
}

// operations are all of the contract, by method and path. One that names what namedBy does not know fails the test.
func operations(t *testing.T) []operation {
	t.Helper()
	doc, err := contracttest.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []operation
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			o := operation{Operation: item.Operations()[method], item: item, method: method, path: path}
			o.slots = o.namesIn(t)
			all = append(all, o)
		}
	}
	return all
}

func (o operation) namesIn(t *testing.T) (slots []slot) {
	t.Helper()
	for _, p := range o.parameters() {
		upTo, _, _ := strings.Cut(o.path, "{"+p.Name+"}")
		switch {
		case p.In == "path":
			slots = append(slots, o.known(t, p.In, p.Name, []string{o.OperationID + " " + p.Name, o.path, upTo + "{" + p.Name + "}"}))
		case p.In == "query" && p.Schema.Value.Format == "uuid":
			slots = append(slots, o.known(t, p.In, p.Name, []string{p.Name}))
		}
	}
	if o.json() == nil {
		return slots
	}
	for name, s := range texts("", o.json().Schema.Value) {
		_, isKnown := namedBy[o.OperationID+" "+name]
		if isKnown || s.Format == "uuid" || name == "member_code" || name == "clicks[]" {
			slots = append(slots, o.known(t, "body", name, []string{o.OperationID + " " + name, name}))
		}
	}
	slices.SortFunc(slots, func(a, b slot) int { return strings.Compare(a.in+a.name, b.in+b.name) })
	return slots
}

// json is the body as the contract has it, nil without one and for a file.
func (o operation) json() *openapi3.MediaType {
	if o.RequestBody == nil {
		return nil
	}
	return o.RequestBody.Value.Content["application/json"]
}

func (o operation) known(t *testing.T, in, name string, keys []string) slot {
	t.Helper()
	for _, key := range keys {
		if kind := namedBy[key]; kind != "" {
			if things[kind] == nil {
				t.Fatalf("%s: nobody knows how to make a %s for %s; add it to things (cast_things_test.go)", o.OperationID, kind, name)
			}
			return slot{in, name, kind}
		}
	}
	t.Fatalf("%s: what does %s of its %s name? Add %q to namedBy (matrix_names_test.go) with its kind, and how to make one to things (cast_things_test.go)",
		o.OperationID, name, in, keys[len(keys)-1])
	return slot{}
}

func (o operation) parameters() (all []*openapi3.Parameter) {
	for _, p := range slices.Concat(o.item.Parameters, o.Parameters) {
		all = append(all, p.Value)
	}
	return all
}

// texts are the strings of a body by their paths.
func texts(at string, s *openapi3.Schema) map[string]*openapi3.Schema {
	all := map[string]*openapi3.Schema{}
	if s.Type.Is("string") {
		all[at] = s
	}
	for name, property := range s.Properties {
		maps.Copy(all, texts(strings.TrimPrefix(at+"."+name, "."), property.Value))
	}
	if s.Items != nil {
		maps.Copy(all, texts(at+"[]", s.Items.Value))
	}
	return all
}

// request is the operation as its example, asked at a place, with what it names put in: a name that stands in neither the path
// nor the example is put in only where names has it.
func (o operation) request(c *cast, t *testing.T, who castActor, p *castStore, names map[string]string) request {
	t.Helper()
	r := request{method: o.method, token: who.token, header: http.Header{}}
	path, query := o.path, url.Values{}
	for _, param := range o.parameters() {
		value, isNamed := names[param.Name]
		switch {
		case param.In == "path":
			path = strings.ReplaceAll(path, "{"+param.Name+"}", url.PathEscape(value))
		case param.In == "query" && isNamed && o.hasSlot("query", param.Name):
			query.Set(param.Name, value)
		case param.In == "query" && param.Required:
			query.Set(param.Name, fmt.Sprint(param.Example))
		case param.Name == "Idempotency-Key":
			r.header.Set(param.Name, shop.NewID(c.house.now()).String())
		}
	}
	r.url = c.cfg.PublicURL + path
	if len(query) > 0 {
		r.url += "?" + query.Encode()
	}
	switch {
	case o.json() != nil:
		r.body = o.body(c, t, p, names)
	case o.RequestBody != nil:
		r.body = []byte(files[o.OperationID](c, p))
		for media := range o.RequestBody.Value.Content {
			r.header.Set("Content-Type", media)
		}
	}
	return r
}

func (o operation) hasSlot(in, name string) bool {
	return slices.ContainsFunc(o.slots, func(s slot) bool { return s.in == in && s.name == name })
}

func (o operation) body(c *cast, t *testing.T, p *castStore, names map[string]string) any {
	t.Helper()
	var body map[string]any
	text, err := json.Marshal(o.json().Example)
	if err == nil {
		err = json.Unmarshal(text, &body)
	}
	if err != nil {
		t.Fatalf("%s: %v", o.OperationID, err)
	}
	c.today(p, body)
	if overlay := bodies[o.OperationID]; overlay != nil {
		maps.Copy(body, overlay(c, t, p))
		maps.DeleteFunc(body, func(_ string, value any) bool { return value == nil }) // put in again where it is named
	}
	for _, s := range o.slots {
		if value, isNamed := names[s.name]; isNamed && s.in == "body" {
			put(body, strings.Split(s.name, "."), value)
		}
	}
	for name := range names {
		delete(body, instead[o.OperationID+" "+name])
	}
	return body
}

// has says whether the example names something there.
func has(body any, path []string) bool {
	field, isList := strings.CutSuffix(path[0], "[]")
	object, _ := body.(map[string]any)
	value, ok := object[field]
	if list, _ := value.([]any); isList && ok && len(list) > 0 {
		value = list[0]
	}
	return ok && (len(path) == 1 || has(value, path[1:]))
}

// put writes a value into a body.
func put(object map[string]any, path []string, value any) {
	field, isList := strings.CutSuffix(path[0], "[]")
	if len(path) > 1 {
		inner, _ := object[field].(map[string]any)
		if list, _ := object[field].([]any); isList && len(list) > 0 {
			inner, _ = list[0].(map[string]any)
		}
		if inner == nil {
			inner = map[string]any{}
		}
		put(inner, path[1:], value)
		if object[field] = inner; isList {
			object[field] = []any{inner}
		}
		return
	}
	object[field] = value
	if isList {
		object[field] = []any{value}
	}
}
