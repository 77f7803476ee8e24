// Package migrations holds the schema: numbered SQL files, forward only, each table under a line that names its owner, the
// one package that writes it. Package postgres runs them.
package migrations

import "embed"

// Files are the migrations in goose's format.
//
//go:embed *.sql
var Files embed.FS
