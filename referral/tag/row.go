package tag

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Verdict is what becomes of a row of a file.
type Verdict string

const (
	RowNew   Verdict = "new"   // its tag is made, or would be
	RowKnown Verdict = "known" // its tag was made from the same row before
	RowWrong Verdict = "wrong" // nothing of the file is made until it is mended
)

// Line is a row of a file and what becomes of it.
type Line struct {
	Row     int // the line of the file that it begins on; the header is 1
	Verdict Verdict
	Tag     Tag          // of a known row and, unless it was a rehearsal, of a new one
	Fields  []shop.Field // of a wrong row: which column, and what to do
}

// names are what the rows of a file may name.
type names struct {
	zone      *time.Location
	stores    map[string]team.Store // by code; those of the actor
	staff     map[string]shop.ID    // by employee number
	addresses map[string]string     // of templates, by name
	hosts     Hosts
}

// spec is the tag that a row asks for, and the address that it leads to; what it asks wrongly is noted in the row.
func (r *row) spec(n names) (Spec, string) {
	s := Spec{
		Store: n.stores[r.Cells["store"]].ID, Staff: n.staff[r.Cells["staff"]], Kind: Kind(r.Cells["kind"]), Reference: r.Cells["reference"],
		Placement: Placement(r.Cells["placement"]), Label: r.Cells["label"], Batch: r.Cells["batch"], Template: r.Cells["template"],
		Destination: r.Cells["destination"], ValidFrom: r.instant("valid_from", n.zone, 0), ValidUntil: r.instant("valid_until", n.zone, 1),
	}
	r.That(r.Cells["store"] == "" || !s.Store.IsZero(), "store", "store_unknown", "Write the code of one of your stores.")
	r.That(r.Cells["staff"] == "" || !s.Staff.IsZero(), "staff", "staff_unknown", "Write the employee number of somebody of the brand.")
	r.That(len(r.Cells["key"]) <= longestKey, "key", "too_long", "Use at most 100 bytes.")
	if sku := r.Cells["sku"]; sku != "" {
		r.That(s.Kind == "" && s.Reference == "", "sku", "ambiguous", "Name the article by sku, or by kind and reference.")
		s.Kind, s.Reference = Variant, sku
	}
	if draft := r.Cells["draft"]; draft != "" {
		isDraft, err := strconv.ParseBool(strings.ToLower(draft))
		r.That(err == nil, "draft", "boolean_invalid", "Write true or false.")
		s.Draft = isDraft
	}
	var refusal *shop.Refusal
	s = s.complete()
	if err := s.check(); errors.As(err, &refusal) {
		for _, f := range refusal.Fields {
			r.That(false, f.Name, f.Code, f.Hint)
		}
	}
	r.That(s.Placement != Reseller || n.stores[r.Cells["store"]].Kind == team.Reseller, "placement", ErrReseller.Code, ErrReseller.Message)
	return s, r.address(n, s)
}

// address is where the row's tag leads: its own destination, or its template's.
func (r *row) address(n names, s Spec) string {
	address, column, isKnown := s.Destination, "destination", true
	if s.Template != "" {
		address, isKnown = n.addresses[s.Template]
	}
	if r.Cells["template"] != "" {
		column = "template"
	}
	if !slices.Contains(Kinds, s.Kind) {
		return "" // its template is called as its kind, which was complained of
	}
	r.That(isKnown, column, ErrTemplate.Code, "Give a destination, or the name of one of the brand's templates.")
	var refusal *shop.Refusal
	if err := n.hosts.CheckDestination(address); isKnown && errors.As(err, &refusal) {
		r.That(false, column, refusal.Code, refusal.Message)
	}
	return address
}

// instant reads a time, or a day by the brand's clock: its beginning, or so many days later.
func (r *row) instant(column string, zone *time.Location, days int) time.Time {
	text := r.Cells[column]
	if text == "" {
		return time.Time{}
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return shop.Millis(at)
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		r.That(false, column, "time_invalid", "Write a day, 2026-12-01, or an instant, 2026-12-01T10:00:00+08:00.")
		return time.Time{}
	}
	return day.AddDate(0, 0, days).UTC()
}

const longestKey = 100

// aboutColumns are what makes two rows without keys the same row: everything but where and when the tag leads.
var aboutColumns = []string{"batch", "store", "staff", "sku", "kind", "reference", "placement", "label"}

// keysOf are the names under which the rows' tags are kept. A row is known by its store and its own key or, without one, by its
// batch and what it is about; the second such row of a file is another than the first. A key that stands twice is noted as wrong.
func keysOf(rows []row) []string {
	keys, seen := make([]string, len(rows)), map[string]int{}
	for i := range rows {
		if own := rows[i].Cells["key"]; own != "" {
			keys[i] = fmt.Sprintf("key %s %s", rows[i].Cells["store"], own)
			if first, again := seen[keys[i]]; again {
				rows[i].That(false, "key", "key_repeated", fmt.Sprintf("Row %d has the same store and key. Give each row its own.", first))
			}
			seen[keys[i]] = rows[i].Number
			continue
		}
		about := rows[i].digest(aboutColumns)
		seen[about]++
		sum := sha256.Sum256([]byte(about + strconv.Itoa(seen[about])))
		keys[i] = "row " + hex.EncodeToString(sum[:16])
	}
	return keys
}

// said is a hash of everything that the row says. A column that is not filled in leaves it as it is, so that columns may be added.
func (r *row) said() [sha256.Size]byte { return sha256.Sum256([]byte(r.digest(tagFile.Columns))) }

func (r *row) digest(columns []string) string {
	var b strings.Builder
	for _, column := range columns {
		if text := r.Cells[column]; text != "" {
			fmt.Fprintf(&b, "%s=%q\n", column, text)
		}
	}
	return b.String()
}
