package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"homestore/api/contracttest"
)

// flyThrough sends an operation a canary in each of its fields, parameters and headers, one at a time, in the right form and in
// wrong ones.
func (a *aviary) flyThrough(t *testing.T, o operation) {
	t.Helper()
	who := a.whoMay(o)
	about := func(part string) string { return o.OperationID + " " + part }
	for _, p := range o.parameters() {
		value := a.canary(p.Name, about(p.In+" "+p.Name))
		r := o.request(a.cast, t, who, a.xinyi, a.namesOf(o))
		switch p.In {
		case "path":
			names := a.namesOf(o)
			names[p.Name] = value
			r = o.request(a.cast, t, who, a.xinyi, names)
		case "query":
			r.url += map[bool]string{true: "&", false: "?"}[strings.Contains(r.url, "?")] + p.Name + "=" + url.QueryEscape(value)
		case "header":
			r.header.Set(p.Name, value)
		}
		a.send(t, r)
	}
	for _, header := range []string{"User-Agent", "Cookie", "Referer", "X-Forwarded-For", "X-Real-Ip", "Authorization", "X-Unknown", "Content-Type"} {
		r := o.request(a.cast, t, who, a.xinyi, a.namesOf(o))
		value := a.canary(header, about("header "+header))
		r.header.Set(header, map[string]string{"Authorization": "Bearer ", "Cookie": "hs_device="}[header]+value)
		a.send(t, r)
	}
	if o.json() != nil {
		a.fillIn(t, o, who, asItIs, inAnObject, inAList)
	}
	if o.RequestBody != nil {
		a.scrawl(t, o, who)
	}
	a.send(t, request{method: o.method, url: a.cfg.PublicURL + "/" + a.canary("path", about("unknown path"))})
	a.send(t, request{method: "KANARI", url: a.cfg.PublicURL + "/"})
}

// Forms of a canary in a field.
var (
	asItIs     = func(v any) any { return v }
	inAnObject = func(v any) any { return map[string]any{"inner": v} }
	inAList    = func(v any) any { return []any{v, v} }
)

// fillIn puts a canary into each field, and into one that there is not.
func (a *aviary) fillIn(t *testing.T, o operation, who castActor, forms ...func(any) any) {
	t.Helper()
	fields := fieldsOf("", o.json().Schema.Value)
	for _, field := range append(fields, "unknown") {
		name := field[strings.LastIndex(field, ".")+1:]
		for _, form := range forms {
			r := o.request(a.cast, t, who, a.xinyi, a.namesOf(o))
			body, _ := r.body.(map[string]any)
			put(body, strings.Split(field, "."), form(a.canary(name, o.OperationID+" field "+field)))
			a.send(t, r)
		}
	}
}

// scrawl sends bodies that are no JSON, or not one, and files of which every cell is wrong.
func (a *aviary) scrawl(t *testing.T, o operation, who castActor) {
	t.Helper()
	for _, form := range []string{`{"a": %q`, `{"a": "%s`, `%s`, `[%q]`, `{"a": %q} {"a": 1}`, `{"a": %q, "a": 1}`, "{\"a\": \"%s\x00\xff\"}",
		"store,placement,label,valid_from\n%[1]s,%[1]s,%[1]s,%[1]s\n", "store,placement,%s\nS1,shelf,x\n", "store,placement\n\"%s"} {
		r := o.request(a.cast, t, who, a.xinyi, a.namesOf(o))
		r.body = fmt.Appendf(nil, form, a.canary("token", o.OperationID+" body"))
		a.send(t, r)
	}
}

// send asks, and looks for canaries where none may be in an answer: a refusal, and the address that a redirect leads to.
func (a *aviary) send(t *testing.T, r request) {
	t.Helper()
	r.isUnpromised = true // what a wrong form is answered is held against the contract where forms are drawn at random
	got := a.ask(t, r)
	where := got.header.Get("Location")
	if got.status >= http.StatusBadRequest {
		where += got.body
	}
	for _, found := range a.foundIn(where) {
		t.Errorf("%s %s is answered %d with %s: %.400s", r.method, r.url, got.status, found, where)
	}
}

// whoMay is somebody whom the operation lets in.
func (a *aviary) whoMay(o operation) castActor {
	roles := contracttest.Roles(o.Operation)
	if o.OperationID == "signOut" {
		return a.leaving
	}
	for _, who := range a.actors {
		if slices.Contains(roles, string(who.role)) {
			return who
		}
	}
	return a.who("anonymous")
}

// namesOf are things that stand.
func (a *aviary) namesOf(o operation) map[string]string {
	names := map[string]string{}
	for _, s := range o.slots {
		names[s.name] = a.stand[s.kind]
	}
	return names
}

// fieldsOf are the paths of all fields of a body, whatever their types.
func fieldsOf(at string, s *openapi3.Schema) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		path := strings.TrimPrefix(at+"."+name, ".")
		all = append(all, path)
		all = append(all, fieldsOf(path, s.Properties[name].Value)...)
	}
	if s.Items != nil && len(s.Items.Value.Properties) > 0 {
		all = append(all, fieldsOf(at+"[]", s.Items.Value)...)
	}
	return all
}
