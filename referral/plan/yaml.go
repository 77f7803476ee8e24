package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"homestore/clienteling/shop"
)

// mostBytes is more than a plan of as many rules as one may have, with a comment on each.
const mostBytes = 256 << 10

// ReadYAML reads a plan from its file. shop.ErrFields names, with its line, every key that a plan does not have, every one that
// stands there twice, and every value that is of another sort than the key's. JSON is YAML, but for control characters in a text, so it reads
// that too.
func ReadYAML(text []byte) (Written, error) {
	root, err := parse(text)
	if err != nil {
		return Written{}, unreadable("", err.Error())
	}
	r := &reading{}
	value := r.value(root, reflect.TypeFor[Plan](), "")
	if len(r.wrong) > 0 {
		return Written{}, shop.ErrFields.With(r.wrong...)
	}
	b, err := json.Marshal(value)
	if err != nil {
		return Written{}, fmt.Errorf("read a plan: %w", err)
	}
	var w Written
	if err := json.Unmarshal(b, &w); err != nil {
		return Written{}, unreadable("", err.Error())
	}
	return w, nil
}

func unreadable(name, hint string) error {
	return shop.ErrFields.With(shop.Field{Name: name, Code: "plan_unreadable", Hint: hint})
}

// parse is the one document that the text holds.
func parse(text []byte) (*yaml.Node, error) {
	if len(text) > mostBytes {
		return nil, fmt.Errorf("a plan's file has at most %d bytes", mostBytes)
	}
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	var document, second yaml.Node
	switch err := d.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file says nothing")
	case err != nil:
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("one file holds one plan; another document follows")
	}
	return document.Content[0], nil
}

// reading walks the file beside the type that it is to fill, and notes what does not fit with its line.
type reading struct{ wrong []shop.Field }

const mostWrong = 50 // are enough to mend a file by

func (r *reading) refuse(n *yaml.Node, at, format string, args ...any) {
	if len(r.wrong) < mostWrong {
		r.wrong = append(r.wrong, shop.Field{Name: at, Code: "plan_unreadable", Hint: fmt.Sprintf("Line %d: ", n.Line) + fmt.Sprintf(format, args...)})
	}
}

// value is the node as JSON knows it. What is refused has no value.
func (r *reading) value(n *yaml.Node, t reflect.Type, at string) any {
	isNull := n.Kind == yaml.ScalarNode && n.Tag == "!!null"
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.refuse(n, at, "anchors and aliases are not taken; write it out.")
		return nil
	case isNull && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Map || t.Kind() == reflect.Slice):
		return nil
	case t.Kind() == reflect.Pointer:
		return r.value(n, t.Elem(), at)
	case t == reflect.TypeFor[Day]():
		return r.day(n, at)
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return r.mapping(n, t, at)
	case t.Kind() == reflect.Slice:
		return r.list(n, t, at)
	}
	return r.scalar(n, t, at)
}

func (r *reading) mapping(n *yaml.Node, t reflect.Type, at string) any {
	if n.Kind != yaml.MappingNode {
		r.refuse(n, at, "keys with their values are expected here.")
		return nil
	}
	out := map[string]any{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := strings.TrimPrefix(at+"."+key.Value, ".")
		_, isTwice := out[key.Value]
		of, isKnown := typeOfKey(t, key.Value)
		switch {
		case key.Kind != yaml.ScalarNode || !isKnown:
			r.refuse(key, name, "there is no key %q here%s", key.Value, instead(t, key.Value))
		case isTwice:
			r.refuse(key, name, "%q stands here twice.", key.Value)
		default:
			out[key.Value] = r.value(value, of, name)
		}
	}
	return out
}

func (r *reading) list(n *yaml.Node, t reflect.Type, at string) any {
	if n.Kind != yaml.SequenceNode {
		r.refuse(n, at, "a list is expected here.")
		return nil
	}
	out := make([]any, len(n.Content))
	for i, item := range n.Content {
		out[i] = r.value(item, t.Elem(), fmt.Sprintf("%s[%d]", at, i))
	}
	return out
}

func (r *reading) day(n *yaml.Node, at string) any {
	if _, err := ParseDay(n.Value); n.Kind != yaml.ScalarNode || err != nil {
		r.refuse(n, at, "a day is expected here, YYYY-MM-DD.")
	}
	return n.Value
}

// wholeNumber is how a plan writes one. YAML knows more ways, of which some mean another number than they seem to.
var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

func (r *reading) scalar(n *yaml.Node, t reflect.Type, at string) any {
	is := func(tag string) bool { return n.Kind == yaml.ScalarNode && n.Tag == tag }
	switch t.Kind() {
	case reflect.String:
		switch {
		case !is("!!str"):
			r.refuse(n, at, "a text is expected here; put it in quotes.")
		case strings.ContainsRune(n.Value, 0):
			r.refuse(n, at, "U+0000 is no character of a text.") // PostgreSQL cannot keep it
		}
		return n.Value
	case reflect.Bool:
		if !is("!!bool") {
			r.refuse(n, at, "true or false is expected here.")
		}
		return n.Value == "true"
	}
	_, err := strconv.ParseInt(n.Value, 10, t.Bits())
	if !is("!!int") || !wholeNumber.MatchString(n.Value) || err != nil {
		r.refuse(n, at, "a whole number is expected here.")
		return nil
	}
	return json.Number(n.Value)
}

// typeOfKey is what stands under a key: of a map the same under each, of a struct that of its field.
func typeOfKey(t reflect.Type, key string) (reflect.Type, bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), true
	}
	for _, f := range reflect.VisibleFields(t) {
		if key != "" && keyOf(f) == key {
			return f.Type, true
		}
	}
	return nil, false
}

func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// instead names the keys that there are, for somebody who misspelt one.
func instead(t reflect.Type, key string) string {
	var near []string
	for _, f := range reflect.VisibleFields(t) {
		if k := keyOf(f); k != "" && (strings.HasPrefix(k, key[:min(len(key), 4)]) || strings.Contains(k, key)) && key != "" {
			near = append(near, k)
		}
	}
	if len(near) == 0 {
		return "."
	}
	slices.Sort(near)
	return "; did you mean " + strings.Join(near, " or ") + "?"
}
