package label

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"homestore/clienteling/shop"
)

// Template is how a brand prints its labels.
type Template struct {
	Name         string          // by which sheets name it
	Format       string          // of Formats
	Languages    []shop.Language // one or two; the first is printed larger
	CallToAction shop.Text       // what a shopper should do; may be empty
	ShowsPrice   bool
	ShowsStore   bool
	ShowsCode    bool // for people whose phone does not read it
	Design       Design
	CreatedAt    time.Time
	ChangedAt    time.Time
}

// ErrTemplates bounds how many a brand keeps.
var ErrTemplates = shop.Refuse(shop.Conflict, "label_templates_too_many", "A brand keeps at most 100 label templates. Change one in place of adding another.")

// Limits of what is written in a template.
const (
	mostTemplates = 100
	longestCall   = 80 // characters: more is not read at a shelf
)

// templateName is what a template may be called: a word that stands in a URL as it is.
var templateName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

// check names all wrong fields at once; the design has refusals of its own.
func (t Template) check() error {
	var c shop.Check
	c.That(templateName.MatchString(t.Name), "name", "form", "use up to 40 of a-z, 0-9, - and _, a letter first")
	_, isFormat := formatNamed(t.Format)
	c.That(isFormat, "format", "format_unknown", "Use one of "+strings.Join(formatNames(), ", ")+".")
	known := func(l shop.Language) bool { return l == shop.TraditionalChinese || l == shop.English }
	isOnce := len(t.Languages) == 1 || len(t.Languages) == 2 && t.Languages[0] != t.Languages[1]
	c.That(isOnce && !slices.ContainsFunc(t.Languages, func(l shop.Language) bool { return !known(l) }),
		"languages", "languages_unknown", "zh-TW, en, or both, each once.")
	for language, text := range t.CallToAction {
		c.That(known(language), "call_to_action", "language_unknown", "zh-TW or en.")
		c.That(isLine(text, longestCall), "call_to_action", "text_invalid", "At most 80 characters on one line.")
	}
	if err := c.Err(); err != nil {
		return err
	}
	return t.Design.check()
}

func isLine(s string, longest int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= longest && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl)
}
