package main

import (
	"context"
	"fmt"
	"io"

	"github.com/getkin/kin-openapi/openapi3"

	contract "homestore/mobile-contract"
)

// runContract checks that the promise is well-formed: the document by OpenAPI's own rules, its examples by its schemas.
// That code and promise agree is a test (mobile-contract/contract_test.go).
func runContract(ctx context.Context, _ []string, out io.Writer) error {
	doc, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		return fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(ctx, openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation()); err != nil {
		return fmt.Errorf("openapi.yaml: %w", err)
	}
	operations := 0
	for _, item := range doc.Paths.Map() {
		operations += len(item.Operations())
	}
	fmt.Fprintf(out, "ok: contract %s, %d operations\n", doc.Info.Version, operations)
	return nil
}
