package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"homestore/api"
	"homestore/api/brandapp"
	"homestore/api/contracttest"
	"homestore/api/docs"
	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/api/integration"
	"homestore/api/integration/shopify"
	"homestore/api/manager"
	"homestore/api/shopper"
	"homestore/api/signin"
	"homestore/api/staffapp"
	"homestore/clienteling/shop"
)

// mounted are the routes of every face, as api.New mounts them.
func mounted() []endpoint.Route {
	routes := append(guard.New(guard.Config{}).HealthRoutes(), docs.Routes()...)
	for _, face := range []api.Face{&signin.Face{}, &shopper.Face{}, &staffapp.Face{}, &brandapp.Face{}, &manager.Face{}, &integration.Face{}, &shopify.Webhooks{}} {
		routes = append(routes, face.Routes()...)
	}
	return routes
}

// operation is one of the contract, with where it stands.
type operation struct {
	*openapi3.Operation
	method, path string
	item         *openapi3.PathItem
}

func promised(t *testing.T) (*openapi3.T, map[string]operation) {
	t.Helper()
	doc, err := contracttest.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]operation{}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			all[o.OperationID] = operation{o, method, path, item}
		}
	}
	return doc, all
}

func TestRoutesAndOperationsAreTheSame(t *testing.T) {
	t.Parallel()
	_, operations := promised(t)
	seen := map[string]bool{}
	for _, r := range mounted() {
		if seen[r.Operation] {
			t.Errorf("two routes are operation %s", r.Operation)
		}
		seen[r.Operation] = true
		o, ok := operations[r.Operation]
		if !ok {
			t.Errorf("%s %s is operation %s, which the contract does not have", r.Method, r.Path, r.Operation)
			continue
		}
		compare(t, r, o)
	}
	for id, o := range operations {
		if !seen[id] {
			t.Errorf("the contract has %s %s (%s), which nothing answers", o.method, o.path, id)
		}
	}
}

func compare(t *testing.T, r endpoint.Route, o operation) {
	t.Helper()
	if r.Method != o.method || r.Path != o.path {
		t.Errorf("%s is %s %s in the code and %s %s in the contract", r.Operation, r.Method, r.Path, o.method, o.path)
	}
	if r.Public != contracttest.IsPublic(o.Operation) {
		t.Errorf("%s: public is %v in the code; an operation for anybody says `security: []`", r.Operation, r.Public)
	}
	roles := contracttest.Roles(o.Operation)
	for _, role := range r.Roles {
		if !slices.Contains(roles, string(role)) {
			t.Errorf("%s lets %s in, and x-roles does not say so", r.Operation, role)
		}
	}
	if len(roles) != len(r.Roles) {
		t.Errorf("%s: x-roles is %v, the code lets in %v", r.Operation, roles, r.Roles)
	}
	if scope, _ := o.Extensions["x-scope"].(string); scope != r.Scope {
		t.Errorf("%s: x-scope is %q, the code asks for %q", r.Operation, scope, r.Scope)
	}
	needsKey := slices.ContainsFunc(o.Parameters, func(p *openapi3.ParameterRef) bool {
		return p.Value.Name == endpoint.IdempotencyKeyHeader && p.Value.Required
	})
	if r.Creates != needsKey || r.Creates != contracttest.Says(o.Operation, "x-creates") {
		t.Errorf("%s: creates is %v in the code; then, and only then, x-creates is true and %s a required header", r.Operation, r.Creates, endpoint.IdempotencyKeyHeader)
	}
	takesKey := slices.ContainsFunc(o.Parameters, func(p *openapi3.ParameterRef) bool {
		return p.Value.Name == endpoint.IdempotencyKeyHeader && !p.Value.Required
	})
	if r.TakesKey != takesKey || r.TakesKey != contracttest.Says(o.Operation, "x-takes-key") {
		t.Errorf("%s: takes a key is %v in the code; then, and only then, x-takes-key is true and %s a header that is not required", r.Operation, r.TakesKey, endpoint.IdempotencyKeyHeader)
	}
	if r.ShowsOnce != contracttest.Says(o.Operation, "x-shows-once") {
		t.Errorf("%s: shows once is %v in the code, not in the contract", r.Operation, r.ShowsOnce)
	}
	if r.ShowsAnew != contracttest.Says(o.Operation, "x-shows-anew") {
		t.Errorf("%s: shows anew is %v in the code, not in the contract", r.Operation, r.ShowsAnew)
	}
	if success := r.Answers; success != 0 && o.Responses.Status(success) == nil {
		t.Errorf("%s answers %d, which the contract does not have", r.Operation, success)
	}
	if r.Creates && o.Responses.Status(http.StatusCreated) == nil {
		t.Errorf("%s creates and the contract has no 201", r.Operation)
	}
}

func TestEveryOperationHasExamplesAndErrorCodes(t *testing.T) {
	t.Parallel()
	doc, operations := promised(t)
	for id, o := range operations {
		if o.Summary == "" || len(o.Tags) != 1 || doc.Tags.Get(o.Tags[0]) == nil {
			t.Errorf("%s lacks its summary, or its one tag of the list", id)
		}
		if o.Extensions["x-error-codes"] == nil {
			t.Errorf("%s has no x-error-codes; write [] when it has none of its own", id)
		}
		if o.RequestBody != nil {
			exemplary(t, id+" request", o.RequestBody.Value.Content)
		}
		successes := 0
		for code, response := range o.Responses.Map() {
			if status, err := strconv.Atoi(code); err == nil && status < http.StatusBadRequest {
				successes++
				exemplary(t, id+" "+code, response.Value.Content)
			}
		}
		if successes == 0 || o.Responses.Default() == nil {
			t.Errorf("%s lacks a success, or the default that is a problem", id)
		}
	}
}

func exemplary(t *testing.T, where string, content openapi3.Content) {
	t.Helper()
	for media, m := range content {
		if m.Example == nil && len(m.Examples) == 0 {
			t.Errorf("%s %s has no example", where, media)
		}
	}
}

func TestRequestsTakeNoUnknownFields(t *testing.T) {
	t.Parallel()
	_, operations := promised(t)
	for id, o := range operations {
		if o.RequestBody == nil {
			continue
		}
		m := o.RequestBody.Value.Content.Get("application/json")
		if m == nil || o.Extensions["x-foreign-body"] != nil {
			continue
		}
		closed(t, id, m.Schema, map[*openapi3.Schema]bool{})
	}
}

// closed follows a request's schema to every object in it.
func closed(t *testing.T, at string, ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	t.Helper()
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	s := ref.Value
	seen[s] = true
	isOpen := s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has
	if s.Type.Is("object") && s.AdditionalProperties.Schema == nil && isOpen {
		t.Errorf("%s: an object of a request says additionalProperties: false", at)
	}
	for name, property := range s.Properties {
		closed(t, at+"."+name, property, seen)
	}
	closed(t, at+"[]", s.Items, seen)
}

func TestEveryCodeOfTheContractIsInTheCode(t *testing.T) {
	t.Parallel()
	doc, operations := promised(t)
	declared := declaredCodes(t)
	for id, o := range operations {
		for _, code := range contracttest.Codes(doc, o.item, o.Operation) {
			if !declared[code] {
				t.Errorf("%s: no shop.Refuse has code %q", id, code)
			}
		}
	}
}

func TestEveryRoleOfTheContractExists(t *testing.T) {
	t.Parallel()
	known := []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleCustomer, shop.RoleIntegration}
	_, operations := promised(t)
	for _, id := range slices.Sorted(maps.Keys(operations)) {
		for _, role := range contracttest.Roles(operations[id].Operation) {
			if !slices.Contains(known, shop.Role(role)) {
				t.Errorf("%s: there is no role %q", id, role)
			}
		}
	}
}

// declaredCodes are the codes that stand as text in a call of shop.Refuse, anywhere in the house.
func declaredCodes(t *testing.T) map[string]bool {
	t.Helper()
	codes := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				noteCode(call, codes)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

func noteCode(call *ast.CallExpr, codes map[string]bool) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	if name != "Refuse" || len(call.Args) < 2 {
		return
	}
	if text, ok := call.Args[1].(*ast.BasicLit); ok && text.Kind == token.STRING {
		if code, err := strconv.Unquote(text.Value); err == nil {
			codes[code] = true
		}
	}
}
