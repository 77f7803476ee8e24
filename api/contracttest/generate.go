package contracttest

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// Generator draws values as the contract describes them, over the whole width of what it allows: fields that may be absent are
// absent in half of the draws, numbers and lengths stand at their edges more often than chance would have it.
type Generator struct {
	// Known are values that mean something to the server under test, by the name of a field or parameter, of a list for each of its items: ids that there are,
	// codes of stores. Two of three draws of such a field take one, so that calls come past "there is no such thing".
	Known func(name string) []any
	// Now is what times and days are drawn around.
	Now time.Time
}

// fullest is how many items or free keys are drawn where the contract sets no lower limit: enough for every loop to go round.
const fullest = 4

// Value draws what fits the schema; name is that of the field or parameter that it is for. Objects are map[string]any, lists
// []any, numbers int64 or float64.
func (g Generator) Value(t *rapid.T, name string, s *openapi3.Schema) any {
	if s.Nullable && oneIn(t, 6) {
		return nil
	}
	if isOne := !s.Type.Is("object") && !s.Type.Is("array"); g.Known != nil && isOne {
		if known := g.Known(name); len(known) > 0 && !oneIn(t, 3) {
			return rapid.SampledFrom(known).Draw(t, name)
		}
	}
	switch {
	case len(s.Enum) > 0:
		return rapid.SampledFrom(s.Enum).Draw(t, name)
	case s.Type.Is("object"):
		return g.object(t, s)
	case s.Type.Is("array"):
		return g.list(t, name, s)
	case s.Type.Is("string"):
		return g.text(t, name, s)
	case s.Type.Is("integer"):
		return integer(t, name, s)
	case s.Type.Is("number"):
		return rapid.Float64Range(bound(s.Min, -1e300), bound(s.Max, 1e300)).Draw(t, name)
	case s.Type.Is("boolean"):
		return rapid.Bool().Draw(t, name)
	}
	return Anything(t, fullest)
}

func (g Generator) object(t *rapid.T, s *openapi3.Schema) map[string]any {
	o := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, name) || rapid.Bool().Draw(t, "has "+name) {
			o[name] = g.Value(t, name, s.Properties[name].Value)
		}
	}
	if free := s.AdditionalProperties.Schema; free != nil {
		for range rapid.IntRange(0, fullest).Draw(t, "keys") {
			key := word(t, "key", 1, 40)
			o[key] = g.Value(t, key, free.Value)
		}
	}
	return o
}

func (g Generator) list(t *rapid.T, name string, s *openapi3.Schema) []any {
	least := int(s.MinItems)
	most := least + fullest
	if s.MaxItems != nil {
		most = min(most, int(*s.MaxItems))
	}
	items := []any{}
	for range rapid.IntRange(least, most).Draw(t, "items of "+name) {
		item := g.Value(t, name, s.Items.Value)
		if s.UniqueItems && slices.ContainsFunc(items, func(other any) bool { return reflect.DeepEqual(item, other) }) {
			continue // drawn twice: no list in the contract asks for more than one that differ
		}
		items = append(items, item)
	}
	return items
}

// integer stands at an edge, its own or one of the machine's, in half of the draws.
func integer(t *rapid.T, name string, s *openapi3.Schema) int64 {
	least, most := int64(math.MinInt64), int64(math.MaxInt64)
	if s.Format == "int32" {
		least, most = math.MinInt32, math.MaxInt32
	}
	if s.Min != nil {
		least = int64(*s.Min)
	}
	if s.Max != nil {
		most = int64(*s.Max)
	}
	edges := []int64{least, most}
	for _, edge := range []int64{
		-1, 0, 1, 2, 10_000, math.MaxInt16 + 1, math.MinInt32, math.MaxInt32, math.MaxInt32 + 1,
		1<<53 + 1, // the first that a float does not hold
	} {
		if least <= edge && edge <= most {
			edges = append(edges, edge)
		}
	}
	low := min(max(least, -100), most)
	small := rapid.Int64Range(low, min(most, low+200))
	return rapid.OneOf(rapid.SampledFrom(edges), small, rapid.Int64Range(least, most)).Draw(t, name)
}

// Anything draws JSON of no schema, so many levels deep at most.
func Anything(t *rapid.T, depth int) any {
	kinds := 5
	if depth > 0 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "boolean")
	case 2:
		return integer(t, "integer", &openapi3.Schema{})
	case 3:
		return rapid.SampledFrom([]any{0.5, -1e-300, 1e300, json.RawMessage("-0"), json.RawMessage("1E2"), json.RawMessage("123456789012345678901234567890")}).Draw(t, "number")
	case 4:
		return word(t, "text", 0, 40)
	case 5:
		list := []any{}
		for range rapid.IntRange(0, fullest).Draw(t, "items") {
			list = append(list, Anything(t, depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range rapid.IntRange(0, fullest).Draw(t, "keys") {
		object[word(t, "key", 0, 20)] = Anything(t, depth-1)
	}
	return object
}

func bound(b *float64, otherwise float64) float64 {
	if b == nil {
		return otherwise
	}
	return *b
}

func oneIn(t *rapid.T, n int) bool { return rapid.IntRange(1, n).Draw(t, "one in") == n }
