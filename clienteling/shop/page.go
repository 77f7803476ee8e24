package shop

import (
	"encoding/base64"
	"slices"
	"strings"
)

// Page asks for a part of a list: at most Limit items after the item that Cursor names. Lists are ordered by id,
// newest first unless the list says otherwise.
type Page struct {
	After ID // zero: from the beginning
	Limit int
}

// DefaultLimit and MaxLimit bound every list of the API.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// ErrBadCursor refuses a cursor that this API did not give out.
var ErrBadCursor = Refuse(Invalid, "cursor_invalid", "Pass next_cursor of the page before, unchanged, or none.")

// NewPage reads the parameters of a list. A limit of 0 means the default; more than MaxLimit is cut to it.
func NewPage(cursor string, limit int) (Page, error) {
	p := Page{Limit: min(limit, MaxLimit)}
	if limit <= 0 {
		p.Limit = DefaultLimit
	}
	if cursor == "" {
		return p, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) != len(p.After) {
		return Page{}, ErrBadCursor
	}
	copy(p.After[:], b)
	return p, nil
}

// Cursor is the text that leads on from the item.
func Cursor(last ID) string { return base64.RawURLEncoding.EncodeToString(last[:]) }

// Cut takes what was read with LIMIT Limit+1 and returns the items of this page and the cursor to the next one; the
// cursor is empty on the last page.
func Cut[T any](p Page, rows []T, id func(T) ID) (items []T, next string) {
	if len(rows) <= p.Limit {
		return slices.Clip(rows), ""
	}
	rows = rows[:p.Limit]
	return rows, Cursor(id(rows[len(rows)-1]))
}

// Language is a language that Homestore speaks to people.
type Language string

const (
	TraditionalChinese Language = "zh-TW"
	English            Language = "en"
)

// PreferredLanguage chooses from an Accept-Language header (RFC 9110, quality values aside: the first known one wins);
// fallback when none is known. All Chinese is answered in Traditional Chinese.
func PreferredLanguage(header string, fallback Language) Language {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); primary {
		case "zh":
			return TraditionalChinese
		case "en":
			return English
		}
	}
	return fallback
}

// Text is a text in the languages of the brand.
type Text map[Language]string

// In is the text in the language, or in any that there is: Chinese first, since the first markets write it.
func (t Text) In(l Language) string {
	for _, try := range []Language{l, TraditionalChinese, English} {
		if s := t[try]; s != "" {
			return s
		}
	}
	return ""
}
