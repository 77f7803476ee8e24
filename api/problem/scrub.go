package problem

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// personal finds what must not be in a log wherever it came from: e-mail addresses, JWTs, and runs of digits long
// enough to be a phone, a card or a PIN list. UUIDs come first in the pattern, and stay.
var personal = regexp.MustCompile(
	`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}` +
		`|eyJ[\w-]+\.[\w-]+\.[\w-]*` +
		`|[^\s@"'<>()]+@[^\s@"'<>()]+` +
		`|\+?\d(?:[ .()-]?\d){6,}`)

const uuidLength = 36

// Scrub is the text of an error that may go into a log. Errors of Homestore carry ids only; this is the second wall,
// for libraries that quote their input: what PostgreSQL says is cut to its SQLSTATE and the names in the schema, and
// what looks like an address, a token or a number of a person is replaced.
func Scrub(err error) string {
	text := err.Error()
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		said := fmt.Sprintf("SQLSTATE %s table=%s column=%s constraint=%s routine=%s",
			pg.Code, pg.TableName, pg.ColumnName, pg.ConstraintName, pg.Routine)
		text = strings.ReplaceAll(text, pg.Error(), said)
	}
	return ScrubText(text)
}

// ScrubText is Scrub for a text that is no error, such as the value of a panic.
func ScrubText(text string) string {
	return personal.ReplaceAllStringFunc(text, func(found string) string {
		if len(found) == uuidLength && found[8] == '-' && found[13] == '-' && !strings.Contains(found, "@") {
			return found
		}
		return "[removed]"
	})
}
