package contracttest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// Fault is what was made wrong with a request. Whether that leaves it outside the contract is for Verify to say, but for a
// body that no reader should take: what it means depends on who reads.
type Fault struct {
	What      string
	Ambiguous bool
}

// place is one value of a body or a parameter, with what the contract says of it.
type place struct {
	name   string
	schema *openapi3.Schema
	value  any
	put    func(any) // puts another value in its stead
}

// fault is one way to do it wrong: what to write instead, and false where it cannot be done there.
type fault struct {
	what      string
	ambiguous bool
	instead   func(t *rapid.T, p place) (any, bool)
}

// raw is JSON that a value of Go cannot say.
func raw(text string) func(*rapid.T, place) (any, bool) {
	return func(*rapid.T, place) (any, bool) { return json.RawMessage(text), true }
}

var faults = []fault{
	{"null", false, func(*rapid.T, place) (any, bool) { return nil, true }},
	{"another type", false, anotherType},
	{"wrapped in a list", false, func(_ *rapid.T, p place) (any, bool) { return []any{p.value}, true }},
	{"wrapped in an object", false, func(_ *rapid.T, p place) (any, bool) { return map[string]any{p.name: p.value}, true }},
	{"of as many levels as nobody needs", false, raw(strings.Repeat("[", 50) + strings.Repeat("]", 50))},

	{"a field that nobody knows", false, unknownField},
	{"a field in another case", false, fieldInAnotherCase},
	{"without a field that it needs", false, missingField},
	{"a field twice", true, repeatedField},
	{"too many items", false, tooManyItems},
	{"too few items", false, func(_ *rapid.T, p place) (any, bool) { return []any{}, p.schema.MinItems > 0 }},

	{"below the least", false, func(_ *rapid.T, p place) (any, bool) {
		return int64(bound(p.schema.Min, 0)) - 1, p.schema.Min != nil
	}},
	{"above the most", false, func(_ *rapid.T, p place) (any, bool) {
		return int64(bound(p.schema.Max, 0)) + 1, p.schema.Max != nil
	}},
	{"a fraction", false, onNumbers("1.5")},
	{"a whole number with an exponent", false, onNumbers("1e2")},
	{"less than nothing, and not", false, onNumbers("-0")},
	{"more than 64 bits", false, onNumbers("9223372036854775808")},
	{"more than a float", true, onNumbers("1e400")},

	{"too long", false, tooLong},
	{"too short", false, tooShort},
	{"not one of them", false, func(_ *rapid.T, p place) (any, bool) {
		return fmt.Sprint(p.value, "x"), len(p.schema.Enum) > 0
	}},
	{"of another form", false, otherForm},
	// Of a few words, an empty one says as little as an absent one, and the contract says so in words: kin-openapi reads none.
	{"empty", false, func(_ *rapid.T, p place) (any, bool) {
		return json.RawMessage(`""`), p.schema.Type.Is("string") && len(p.schema.Enum) == 0
	}},
	{"no UTF-8", true, onTexts("\"a\xff\"")},
	{"half of a sign", false, onTexts(`"\ud800"`)},
	{"with U+0000", false, onTexts(`"a\u0000b"`)},
}

func onNumbers(text string) func(*rapid.T, place) (any, bool) {
	return func(_ *rapid.T, p place) (any, bool) {
		return json.RawMessage(text), p.schema.Type.Is("integer") || p.schema.Type.Is("number")
	}
}

func onTexts(text string) func(*rapid.T, place) (any, bool) {
	return func(_ *rapid.T, p place) (any, bool) { return json.RawMessage(text), p.schema.Type.Is("string") }
}

func anotherType(t *rapid.T, p place) (any, bool) {
	types := map[string]any{"string": "true", "integer": 7, "boolean": true, "array": []any{}, "object": map[string]any{}}
	for name := range types {
		if p.schema.Type.Is(name) {
			delete(types, name)
		}
	}
	return types[rapid.SampledFrom(slices.Sorted(maps.Keys(types))).Draw(t, "type")], p.schema.Type != nil
}

func unknownField(t *rapid.T, p place) (any, bool) {
	o, ok := p.value.(map[string]any)
	if !ok {
		return nil, false
	}
	with := maps.Clone(o)
	with[rapid.SampledFrom([]string{"role", "brand_id", "id", "__proto__", "", "é"}).Draw(t, "field")] = Anything(t, 1)
	return with, true
}

func fieldInAnotherCase(t *rapid.T, p place) (any, bool) {
	return withoutOne(t, p, func(o map[string]any, name string, value any) bool {
		o[strings.ToUpper(name)] = value
		return true
	})
}

func missingField(t *rapid.T, p place) (any, bool) {
	return withoutOne(t, p, func(_ map[string]any, name string, _ any) bool { return slices.Contains(p.schema.Required, name) })
}

// withoutOne is the object less a field, which then says what becomes of.
func withoutOne(t *rapid.T, p place, then func(o map[string]any, name string, value any) bool) (any, bool) {
	o, _ := p.value.(map[string]any)
	if len(o) == 0 {
		return nil, false
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(o))).Draw(t, "field")
	left := maps.Clone(o)
	delete(left, name)
	return left, then(left, name, o[name])
}

func repeatedField(t *rapid.T, p place) (any, bool) {
	o, _ := p.value.(map[string]any)
	if len(o) == 0 {
		return nil, false
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(o))).Draw(t, "field")
	again, err := json.Marshal(map[string]any{name: o[name]})
	if err != nil {
		return nil, false
	}
	whole, err := json.Marshal(o)
	if err != nil {
		return nil, false
	}
	return json.RawMessage(string(again[:len(again)-1]) + "," + string(whole[1:])), true
}

func tooManyItems(_ *rapid.T, p place) (any, bool) {
	list, _ := p.value.([]any)
	if p.schema.MaxItems == nil || len(list) == 0 {
		return nil, false
	}
	return slices.Repeat(list[:1], int(*p.schema.MaxItems)+1), true
}

func tooLong(t *rapid.T, p place) (any, bool) {
	if p.schema.MaxLength == nil {
		return nil, false
	}
	most := int(*p.schema.MaxLength)
	return word(t, p.name, most+1, most+1), true
}

func tooShort(_ *rapid.T, p place) (any, bool) {
	if p.schema.MinLength == 0 {
		return nil, false
	}
	return strings.Repeat("x", int(p.schema.MinLength)-1), true
}

func otherForm(t *rapid.T, p place) (any, bool) {
	text, ok := p.value.(string)
	if !ok || p.schema.Format == "" && p.schema.Pattern == "" {
		return nil, false
	}
	return rapid.SampledFrom([]string{text + "!", "!" + text, text + text, text + "\n", strings.ToUpper(text), text[:len(text)/2], "x"}).Draw(t, "form"), true
}

// spoil makes one thing wrong with one of the places and says what. It returns false when there is nothing to spoil.
func spoil(t *rapid.T, places []place) (Fault, bool) {
	if len(places) == 0 {
		return Fault{}, false
	}
	p := rapid.SampledFrom(places).Draw(t, "place")
	// Most faults fit some places only, so each that is drawn is tried from there on.
	from := rapid.IntRange(0, len(faults)-1).Draw(t, "fault")
	for i := range faults {
		f := faults[(from+i)%len(faults)]
		if instead, ok := f.instead(t, p); ok {
			p.put(instead)
			return Fault{What: p.name + ": " + f.what, Ambiguous: f.ambiguous}, true
		}
	}
	return Fault{}, false
}

// placesIn are all values in a value, itself among them.
func placesIn(p place) []place {
	all := []place{p}
	switch value := p.value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			inner := p.schema.AdditionalProperties.Schema
			if property := p.schema.Properties[name]; property != nil {
				inner = property
			}
			if inner != nil {
				all = append(all, placesIn(place{name, inner.Value, value[name], func(v any) { value[name] = v }})...)
			}
		}
	case []any:
		for i := range value {
			all = append(all, placesIn(place{p.name, p.schema.Items.Value, value[i], func(v any) { value[i] = v }})...)
		}
	}
	return all
}
