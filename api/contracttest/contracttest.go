// Package contracttest holds answers of a running Homestore against mobile-contract/openapi.yaml. It is for tests.
//
// Always true: what passes is an answer that the contract describes, with no field that it does not name, and a refusal is
// one of the codes that its operation lists. A request that is meant to be refused need not fit; one that was answered with
// success must.
package contracttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	contract "homestore/mobile-contract"
)

// uuid is any version, in either case as RFC 9562 reads it: kin-openapi knows none unless told.
var uuid = regexp.MustCompile(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// Load reads the contract and says what is wrong with it: its form, and its examples by its schemas.
func Load(ctx context.Context) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	defineFormats()
	if err := doc.Validate(ctx, openapi3.EnableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	return doc, nil
}

var defineFormats = sync.OnceFunc(func() {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(uuid.String()))
	for _, media := range []string{"image/png", "image/svg+xml", "text/html", "text/css", "text/javascript", "application/yaml"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
	}
	openapi3filter.RegisterBodyDecoder("text/csv", openapi3filter.FileBodyDecoder) // the usual one wants a table of one shape
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", decodeLines)
})

// decodeLines reads a stream as the list of its lines, which is how the contract describes one.
func decodeLines(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	lines := []any{}
	for d := json.NewDecoder(body); ; {
		var line any
		err := d.Decode(&line)
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read line %d: %w", len(lines)+1, err)
		}
		lines = append(lines, line)
	}
}

// strict is the contract with answers closed: a field that it does not name is an error here, though clients must bear it.
var strict = sync.OnceValues(func() (routers.Router, error) {
	doc, err := Load(context.Background())
	if err != nil {
		return nil, err
	}
	seen := map[*openapi3.Schema]bool{}
	for _, schema := range doc.Components.Schemas {
		shut(schema, seen)
	}
	for _, path := range doc.Paths.Map() {
		for _, operation := range path.Operations() {
			for _, response := range operation.Responses.Map() {
				for _, media := range response.Value.Content {
					shut(media.Schema, seen)
				}
			}
		}
	}
	doc.Servers = nil // any address
	return legacy.NewRouter(doc)
})

func shut(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	s := ref.Value
	seen[s] = true
	if len(s.Properties) > 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
		closed := false
		s.AdditionalProperties.Has = &closed
	}
	for _, property := range s.Properties {
		shut(property, seen)
	}
	shut(s.Items, seen)
	shut(s.AdditionalProperties.Schema, seen)
}

// Check fails the test unless the answer, and a request that was answered with success, are as the contract says. It reads
// the answer's body and puts it back.
func Check(t testing.TB, req *http.Request, res *http.Response) {
	t.Helper()
	if err := Verify(req, res); err != nil {
		t.Errorf("%s %s → %d: %v", req.Method, req.URL.Path, res.StatusCode, err)
	}
}

// Verify is Check for those who have no test.
func Verify(req *http.Request, res *http.Response) error {
	asked, err := find(req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	if res.StatusCode < http.StatusBadRequest {
		if err := openapi3filter.ValidateRequest(req.Context(), asked); err != nil {
			return fmt.Errorf("the request does not fit and was answered all the same: %w", err)
		}
	}
	answered := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: asked, Status: res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(body)), Options: asked.Options,
	}
	if err := openapi3filter.ValidateResponse(req.Context(), answered); err != nil {
		return err
	}
	if res.StatusCode < http.StatusBadRequest || req.Method == http.MethodHead { // which is answered without the body that has the code
		return nil
	}
	return checkCode(asked.Route, res, body)
}

// Fits is nil when the request is as the contract says.
func Fits(req *http.Request) error {
	asked, err := find(req)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(req.Context(), asked)
}

// find is the request with the operation that it is for. Who may call is left to the server.
func find(req *http.Request) (*openapi3filter.RequestValidationInput, error) {
	router, err := strict()
	if err != nil {
		return nil, err
	}
	route, parameters, err := router.FindRoute(req)
	if err != nil {
		return nil, fmt.Errorf("the contract has no such operation: %w", err)
	}
	options := &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, ExcludeRequestBody: IsForeign(route.Operation),
	}
	return &openapi3filter.RequestValidationInput{Request: again(req), PathParams: parameters, Route: route, Options: options}, nil
}

// again is the request with a body that can be read a second time.
func again(req *http.Request) *http.Request {
	copied := req.Clone(req.Context())
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			copied.Body = body
		}
	}
	return copied
}

func checkCode(route *routers.Route, res *http.Response, body []byte) error {
	var problem struct{ Code string }
	if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
		if strings.HasPrefix(got, "text/html") {
			return nil // a page for people, which has no code
		}
		return fmt.Errorf("a refusal is sent as %q", got)
	}
	if err := json.Unmarshal(body, &problem); err != nil {
		return fmt.Errorf("read the problem: %w", err)
	}
	if !slices.Contains(Codes(route.Spec, route.PathItem, route.Operation), problem.Code) {
		return fmt.Errorf("the contract does not list code %q for %s", problem.Code, route.Operation.OperationID)
	}
	return nil
}
