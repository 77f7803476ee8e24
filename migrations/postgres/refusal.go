package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"homestore/clienteling/shop"
)

var refusals sync.Map // constraint name → *shop.Refusal

// RefuseOn says what a caller is told when the named constraint or unique index stops an act. It is called while packages
// are initialised, by the owner of the table.
func RefuseOn(constraint string, r *shop.Refusal) struct{} {
	refusals.Store(constraint, r)
	return struct{}{}
}

// The keys of a partition get their names from PostgreSQL: sales_order_2026_pkey is sales_order_pkey.
var partitionMark = regexp.MustCompile(`_(\d{4}|\d{6})(_|$)`)

func refused(err error) error {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || pg.ConstraintName == "" {
		return err
	}
	if r, ok := refusals.Load(pg.ConstraintName); ok {
		return r.(*shop.Refusal)
	}
	if r, ok := refusals.Load(partitionMark.ReplaceAllString(pg.ConstraintName, "$2")); ok {
		return r.(*shop.Refusal)
	}
	return err
}

// worthAnotherRun: serialization_failure and deadlock_detected, which say themselves that the act may be tried again.
func worthAnotherRun(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01")
}

// IsDown says whether the error means that the database is away or full, not that the act was wrong: the caller may be told
// to come again.
func IsDown(err error) bool {
	if err == nil {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Class 08 connection, 53 resources, 57P admin shutdown, crash, cannot connect now.
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57P")
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok && !errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool") // pgx has no values for these two
}
