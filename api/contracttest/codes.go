package contracttest

import (
	"encoding/json"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Codes are all codes that an operation may refuse with: its own, and those shared ones that fit it.
func Codes(doc *openapi3.T, path *openapi3.PathItem, o *openapi3.Operation) []string {
	shared := map[string][]string{}
	read(doc.Extensions["x-shared-error-codes"], &shared)
	codes := append(slices.Clone(OwnCodes(o)), shared["everywhere"]...)
	parameters := slices.Concat(path.Parameters, o.Parameters)
	has := func(name string) bool {
		return slices.ContainsFunc(parameters, func(p *openapi3.ParameterRef) bool { return p.Value.Name == name })
	}
	isReal := func(p *openapi3.ParameterRef) bool { return p.Value.In != "header" }
	for _, fitting := range []struct {
		group string
		fits  bool
	}{
		{"signed_in", !IsPublic(o)},
		{"body", o.RequestBody != nil},
		{"parameters", slices.ContainsFunc(parameters, isReal)},
		{"list", has("cursor")},
		{"creates", Says(o, "x-creates") || Says(o, "x-takes-key")},
		{"shows_once", Says(o, "x-shows-once")},
		{"scope", o.Extensions["x-scope"] != nil},
	} {
		if fitting.fits {
			codes = append(codes, shared[fitting.group]...)
		}
	}
	return codes
}

// OwnCodes are those that the operation itself lists; nil when it lists none, not even an empty list.
func OwnCodes(o *openapi3.Operation) []string {
	var own []string
	read(o.Extensions["x-error-codes"], &own)
	return own
}

// Roles are those whom the operation lets in; none for a public one.
func Roles(o *openapi3.Operation) []string {
	var roles []string
	read(o.Extensions["x-roles"], &roles)
	return roles
}

// IsPublic says whether anybody may call.
func IsPublic(o *openapi3.Operation) bool { return o.Security != nil && len(*o.Security) == 0 }

// IsForeign says whether a body is another system's message, kept as it comes: the contract says nothing of it.
func IsForeign(o *openapi3.Operation) bool {
	if o.RequestBody == nil {
		return false
	}
	media := o.RequestBody.Value.Content.Get("application/json")
	return media != nil && media.Schema.Value.Type == nil
}

// Says is whether an extension is true.
func Says(o *openapi3.Operation, extension string) bool {
	yes, _ := o.Extensions[extension].(bool)
	return yes
}

// read takes an extension as the type that it is written as; what is something else stays empty.
func read(extension, into any) {
	text, err := json.Marshal(extension)
	if err == nil {
		_ = json.Unmarshal(text, into)
	}
}
