// Package contract is what Homestore promises to others: routes, codes and payloads, as files. A test fails when code and
// promise differ. It imports nothing.
package contract

import "embed"

// OpenAPI is the HTTP contract, OpenAPI 3.0.3, which all generators read.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Files are the other promises: schemas of push messages and of events, with examples.
//
//go:embed push
var Files embed.FS

// PlanSchema is the JSON Schema of a brand's commission rules, as the API takes them and as one file.
//
//go:embed plan.schema.json
var PlanSchema []byte
