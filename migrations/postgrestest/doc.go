// Package postgrestest gives each test a migrated PostgreSQL database of its own, and rows to begin with.
//
// New clones a template that was migrated once (some 20 ms) and drops the clone when the test ends. The template is named
// by the hash of the migrations: a changed migration makes a new one.
//
// `make test` starts one server for the whole run (package withserver) and names it in HOMESTORE_TEST_DATABASE_URL, which
// may also name any PostgreSQL that lets its user make databases and roles. Without the variable, as in plain
// `go test ./x`, the test binary starts a throwaway server of its own in memory; it dies with the process, also by a panic
// or a time-out, and what it leaves is removed at the next start.
//
// A machine without PostgreSQL skips these tests, with a line that says so; where CI is set, they fail.
package postgrestest
