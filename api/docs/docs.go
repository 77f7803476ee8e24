// Package docs shows the contract: /openapi.yaml as it is, and /docs as a page that people read.
//
// Always true: the page needs nothing from anywhere else, so it works in a shop's network without the internet and under
// guard.PagePolicy, which lets no inline script run. Swagger UI's files come with the binary.
package docs

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/swaggest/swgui/v5/static"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/clienteling/shop"
	contract "homestore/mobile-contract"
)

//go:embed page.html page.js page.css
var ours embed.FS

// files are all that /docs/{file} answers with; theirs are kept compressed in the binary.
var files = map[string]struct {
	contentType string
	theirs      bool
}{
	"page.js":              {"text/javascript; charset=utf-8", false},
	"page.css":             {"text/css; charset=utf-8", false},
	"swagger-ui.css":       {"text/css; charset=utf-8", true},
	"swagger-ui-bundle.js": {"text/javascript; charset=utf-8", true},
}

// Routes are the three things to read.
func Routes() []endpoint.Route {
	return []endpoint.Route{
		{Method: http.MethodGet, Path: "/docs", Operation: "readDocs", Public: true, Handler: endpoint.Handle(page)},
		{Method: http.MethodGet, Path: "/docs/{file}", Operation: "readDocsFile", Public: true, Handler: endpoint.Handle(file)},
		{Method: http.MethodGet, Path: "/openapi.yaml", Operation: "readContract", Public: true, Handler: endpoint.Handle(text)},
	}
}

// Mount registers the routes, with the policy of pages on /docs.
func Mount(router fiber.Router, frame endpoint.Frame) {
	router.Use("/docs", guard.Pages(guard.PagePolicy))
	endpoint.Mount(router, Routes(), frame)
}

func page(context.Context, endpoint.None) (endpoint.File, error) {
	body, err := ours.ReadFile("page.html")
	return endpoint.File{ContentType: "text/html; charset=utf-8", Body: body}, err
}

func text(context.Context, endpoint.None) (endpoint.File, error) {
	return endpoint.File{ContentType: "application/yaml", Body: contract.OpenAPI}, nil
}

type fileRequest struct {
	File string `path:"file"`
}

func file(_ context.Context, in fileRequest) (endpoint.File, error) {
	known, ok := files[in.File]
	if !ok {
		return endpoint.File{}, shop.ErrNotFound
	}
	read := func(name string) ([]byte, error) { return ours.ReadFile(name) }
	if known.theirs {
		read = unpacked
	}
	body, err := read(in.File)
	return endpoint.File{ContentType: known.contentType, Body: body}, err
}

var unpackedFiles sync.Map // name → []byte

// unpacked unpacks a file once, when somebody first asks.
func unpacked(name string) ([]byte, error) {
	if known, ok := unpackedFiles.Load(name); ok {
		return known.([]byte), nil
	}
	packed, err := static.FS.ReadFile(name + ".gz")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", name, err)
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", name, err)
	}
	unpackedFiles.Store(name, body)
	return body, nil
}
