package contracttest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// Operation is one of the contract, with where it stands.
type Operation struct {
	*openapi3.Operation
	Method, Path string // the path as the contract writes it: /v1/manager/tags/{id}
	Item         *openapi3.PathItem
}

// Operations are all of the contract, in the order of their paths.
func Operations(doc *openapi3.T) []Operation {
	var all []Operation
	paths := doc.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		operations := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			all = append(all, Operation{operations[method], method, path, paths[path]})
		}
	}
	return all
}

// Request is one that was drawn.
type Request struct {
	Method string
	Path   string // escaped, with the query
	Header http.Header
	Body   []byte
	Fault  Fault // zero: it is as the contract says
}

// HTTP is the request to a server at that address, such as http://127.0.0.1:8080. It can be read again, as Verify does.
func (r Request) HTTP(ctx context.Context, address string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, address+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	maps.Copy(req.Header, r.Header)
	return req, nil
}

// String is the request as a shell would send it again, to $HOMESTORE; bytes that do not print are escaped as of bash's $”.
func (r Request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -i -X %s \"$HOMESTORE\"%s", r.Method, quote(r.Path))
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			fmt.Fprintf(&b, " -H %s", quote(name+": "+value))
		}
	}
	if r.Body != nil {
		fmt.Fprintf(&b, " --data-binary %s", quote(string(r.Body)))
	}
	if r.Fault.What != "" {
		fmt.Fprintf(&b, " # %s", r.Fault.What)
	}
	return b.String()
}

// mostShown is how much of a text is shown: enough of a body to see what is wrong with it. -rapid.failfile sends the whole again.
const mostShown = 6000

func quote(text string) string {
	shown, more := text[:min(len(text), mostShown)], ""
	if len(shown) < len(text) {
		more = fmt.Sprintf("…%d more bytes", len(text)-len(shown))
	}
	var b strings.Builder
	for i := range len(shown) {
		switch c := shown[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return "$'" + strings.ToValidUTF8(b.String(), `\xff`) + more + "'"
}

// Request draws a request for an operation. Half of them are as the contract says, the others have one fault.
func (g Generator) Request(t *rapid.T, o Operation) Request {
	d := &draft{Generator: g, operation: o, request: Request{Method: o.Method, Header: http.Header{}}}
	d.parameters(t)
	d.body(t)
	if rapid.Bool().Draw(t, "with a fault") {
		d.spoil(t)
	}
	d.address()
	return d.request
}

// draft is a request on its way.
type draft struct {
	Generator
	operation Operation
	request   Request
	drawn     []drawn
	value     any // of a JSON body
	schema    *openapi3.Schema
}

// drawn is a parameter with its value.
type drawn struct {
	*openapi3.Parameter
	value any
}

func (d *draft) parameters(t *rapid.T) {
	for _, p := range slices.Concat(d.operation.Item.Parameters, d.operation.Parameters) {
		if p.Value.Required || rapid.Bool().Draw(t, "has "+p.Value.Name) {
			value := d.Value(t, p.Value.Name, p.Value.Schema.Value)
			if text, ok := value.(string); ok && p.Value.In == openapi3.ParameterInHeader {
				value = cmp.Or(sendable(text), "-")
			}
			d.drawn = append(d.drawn, drawn{p.Value, value})
		}
	}
}

func (d *draft) body(t *rapid.T) {
	if d.operation.RequestBody == nil {
		return
	}
	media := d.operation.RequestBody.Value.Content.Get("application/json")
	if media == nil {
		d.file(t)
		return
	}
	d.request.Header.Set("Content-Type", "application/json")
	d.schema = media.Schema.Value
	if IsForeign(d.operation.Operation) && oneIn(t, 3) {
		d.request.Body = rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "bytes")
		return
	}
	d.value = d.Value(t, "body", d.schema)
	d.encode()
}

// file draws a CSV file: one that means something to the server, the contract's example, one of those with something changed, or noise.
func (d *draft) file(t *rapid.T) {
	for kind, media := range d.operation.RequestBody.Value.Content {
		d.request.Header.Set("Content-Type", kind)
		files := []any{media.Example}
		if d.Known != nil {
			files = append(files, d.Known("file of "+d.operation.OperationID)...)
		}
		text := fmt.Sprint(rapid.SampledFrom(files).Draw(t, "file"))
		switch rapid.IntRange(0, 3).Draw(t, "kind of file") {
		case 0:
			text = strings.Replace(text, ",", rapid.SampledFrom([]string{";", ",,", "\n", "\"", "\x00", "\xff", ",=1", "\ufeff"}).Draw(t, "instead of a comma"), rapid.IntRange(1, 9).Draw(t, "commas"))
		case 1:
			text = string(rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "bytes"))
		}
		d.request.Body = []byte(text)
	}
}

// encode writes the body; encoding/json leaves raw JSON as it is, well-formed as all of ours is.
func (d *draft) encode() {
	body, err := json.Marshal(d.value)
	if err != nil {
		panic(fmt.Sprintf("encode a drawn value: %v", err))
	}
	d.request.Body = body
}

// spoil makes one thing wrong, with the body in most draws where there is one.
func (d *draft) spoil(t *rapid.T) {
	switch {
	case d.operation.RequestBody == nil && oneIn(t, 8):
		d.request.Body = []byte(rapid.SampledFrom([]string{"{}", `{"role":"hq"}`, "x"}).Draw(t, "body"))
		d.request.Header.Set("Content-Type", "application/json")
		d.request.Fault = Fault{What: "a body that nobody asked for"}
	case d.value != nil && !IsForeign(d.operation.Operation) && !oneIn(t, 5):
		d.spoilBody(t)
	default:
		d.spoilParameter(t)
	}
}

func (d *draft) spoilBody(t *rapid.T) {
	if !oneIn(t, 6) {
		root := place{"body", d.schema, d.value, func(v any) { d.value = v }}
		if f, ok := spoil(t, placesIn(root)); ok {
			d.request.Fault = f
			d.encode()
		}
		return
	}
	body := string(d.request.Body)
	spoilt := rapid.SampledFrom([]struct{ what, text string }{
		{"nothing", ""}, {"cut off", body[:len(body)-1]}, {"twice", body + body}, {"with something after it", body + "x"},
		{"after a byte order mark", "\ufeff" + body}, {"a text", `"{}"`}, {"no JSON", "a=1"}, {"with a comment", "/**/" + body},
		{"with a comma too many", body[:len(body)-1] + ",}"}, {"of many levels", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)},
	}).Draw(t, "body")
	d.request.Body, d.request.Fault = []byte(spoilt.text), Fault{"body: " + spoilt.what, true}
	if oneIn(t, 4) {
		kind := rapid.SampledFrom([]string{"text/plain", "application/json; charset=utf-16", "application/x-www-form-urlencoded", "", "nonsense;;"}).Draw(t, "content type")
		d.request.Body, d.request.Fault = []byte(body), Fault{What: "body: sent as " + kind}
		d.request.Header.Set("Content-Type", kind)
	}
}

func (d *draft) spoilParameter(t *rapid.T) {
	if len(d.drawn) == 0 {
		return
	}
	i := rapid.IntRange(0, len(d.drawn)-1).Draw(t, "parameter")
	p := &d.drawn[i]
	switch {
	case p.Required && p.In != openapi3.ParameterInPath && oneIn(t, 5):
		d.request.Fault = Fault{What: p.Name + ": missing"}
		d.drawn = slices.Delete(d.drawn, i, i+1)
	case p.In == openapi3.ParameterInQuery && oneIn(t, 6):
		d.request.Fault = Fault{What: p.Name + ": twice"}
		d.drawn = append(d.drawn, *p)
	default:
		f, ok := spoil(t, []place{{p.Name, p.Schema.Value, p.value, func(v any) { p.value = v }}})
		if ok {
			d.request.Fault = Fault{What: f.What} // two readers of a text read the same
		}
	}
}

// address puts the parameters where they belong.
func (d *draft) address() {
	path := d.operation.Path
	var query []string
	for _, p := range d.drawn {
		text := textOf(p.value)
		switch p.In {
		case openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(segment(text)))
		case openapi3.ParameterInQuery:
			query = append(query, url.QueryEscape(p.Name)+"="+url.QueryEscape(text))
		case openapi3.ParameterInHeader:
			d.request.Header.Add(p.Name, sendable(text))
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	d.request.Path = path
}

// textOf is a value as a parameter says it.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.RawMessage:
		return strings.Trim(strings.ReplaceAll(string(v), `\u0000`, "\x00"), `"`)
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode a drawn parameter: %v", err))
	}
	return string(text)
}

// segment is one of a path: with a slash, or as dots alone, it would be another path.
func segment(text string) string {
	text = strings.ReplaceAll(text, "/", "-")
	if strings.Trim(text, ".") == "" {
		return "-"
	}
	return text
}

// sendable leaves out what a client cannot send as a header.
func sendable(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text))
}
