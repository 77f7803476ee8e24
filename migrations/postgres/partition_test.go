package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"homestore/migrations/postgres"
)

// A server of Taiwan may speak Chinese.
func TestMissingPartitionIsKnownInAnyLanguage(t *testing.T) {
	t.Parallel()
	missing := pgconn.PgError{Code: "23514", Message: "沒有分割區", Routine: "ExecFindPartition"}
	check := pgconn.PgError{Code: "23514", Message: "no partition is what the check is called", Routine: "ExecConstraints"}
	if !postgres.LacksPartition(&missing) || postgres.LacksPartition(&check) || postgres.LacksPartition(nil) {
		t.Error("taken for another error")
	}
}
