package tag

import (
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/csvfile"
)

// written is a row as it is read; empty cells are not there.
func written(number int, columns, cells []string) row {
	said := map[string]string{}
	for i, text := range cells {
		if text != "" {
			said[columns[i]] = text
		}
	}
	return row{csvfile.Row{Number: number, Cells: said}}
}

func TestARowSaysWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	taipei := time.FixedZone("Asia/Taipei", 8*3600)
	n := names{
		zone: taipei, stores: map[string]team.Store{"S1": {ID: shop.NewID(time.Now()), Kind: team.Shop}},
		staff: map[string]shop.ID{"amy": shop.NewID(time.Now())}, hosts: Hosts{"www.brand.tw"},
		addresses: map[string]string{"sale": "https://www.brand.tw/sale", "old": "https://elsewhere.tw/"},
	}
	good := map[string]string{"store": "S1", "placement": "shelf", "destination": "https://www.brand.tw/{sku}", "sku": "SOFA"}
	byTemplate := map[string]string{"store": "S1", "placement": "shelf", "kind": "collection", "reference": "sale"}
	for _, tc := range []struct{ why, column, text, code string }{
		{"as it should be", "label", "窗邊", ""},
		{"a template", "template", "sale", ""},
		{"a template that there is not", "template", "spring", "tag_template_unknown"},
		{"a template that leads where the brand does not allow any more", "template", "old", "tag_destination_refused"},
		{"a kind that there is not", "kind", "sofa", "unknown"},
		{"a reseller's shelf in a shop", "placement", "reseller", "tag_reseller_store"},
		{"a store that there is not", "store", "S9", "store_unknown"},
		{"no store", "store", "", "required"},
		{"nobody's number", "staff", "zoe", "staff_unknown"},
		{"a placement that there is not", "placement", "ceiling", "unknown"},
		{"a foreign host", "destination", "https://evil.test/", "tag_destination_refused"},
		{"nowhere", "destination", "", "tag_template_unknown"},
		{"a day that there is not", "valid_from", "2026-02-30", "time_invalid"},
		{"a day as people write it", "valid_until", "1.12.2026", "time_invalid"},
		{"neither true nor false", "draft", "maybe", "boolean_invalid"},
		{"true", "draft", "TRUE", ""},
		{"a key that is too long", "key", strings.Repeat("k", 101), "too_long"},
	} {
		said := map[string]string{}
		from := good
		if tc.column == "template" || tc.column == "kind" {
			from = byTemplate
		}
		for column, text := range from {
			said[column] = text
		}
		said[tc.column] = tc.text
		r := row{csvfile.Row{Cells: said}}
		r.spec(n)
		if len(r.Wrong) == 0 && tc.code == "" {
			continue
		}
		if len(r.Wrong) != 1 || r.Wrong[0].Name != tc.column || r.Wrong[0].Code != tc.code || r.Wrong[0].Hint == "" {
			t.Errorf("%s: %+v, want %s of %s alone", tc.why, r.Wrong, tc.code, tc.column)
		}
	}
}

func TestDaysOfAFileAreWholeDaysByTheBrandsClock(t *testing.T) {
	t.Parallel()
	taipei := time.FixedZone("Asia/Taipei", 8*3600)
	r := written(2, []string{"valid_from", "valid_until"}, []string{"2026-12-01", "2026-12-24"})
	s, _ := r.spec(names{zone: taipei})
	if want := time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC); !s.ValidFrom.Equal(want) {
		t.Errorf("from %s, want %s", s.ValidFrom, want)
	}
	if want := time.Date(2026, 12, 24, 16, 0, 0, 0, time.UTC); !s.ValidUntil.Equal(want) { // Christmas Eve belongs to it
		t.Errorf("until %s, want %s", s.ValidUntil, want)
	}
	r = written(2, []string{"valid_from"}, []string{"2026-12-01T10:00:00+08:00"})
	if s, _ := r.spec(names{zone: taipei}); s.ValidFrom.UTC().Hour() != 2 {
		t.Errorf("from %s", s.ValidFrom)
	}
}

func TestRowsAreKnownByTheirKeyOrByWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	columns := []string{"store", "key", "sku", "batch", "destination"}
	for _, tc := range []struct {
		why      string
		one, two []string
		same     bool
	}{
		{"the same row twice is two tags", []string{"S1", "", "A", "b", "x"}, []string{"S1", "", "A", "b", "x"}, false},
		{"another article", []string{"S1", "", "A", "b", "x"}, []string{"S1", "", "B", "b", "x"}, false},
		{"one key", []string{"S1", "k", "A", "b", "x"}, []string{"S1", "k", "B", "c", "y"}, true},
		{"one key in two stores: each manager counts from one", []string{"S1", "1", "A", "b", "x"}, []string{"S2", "1", "A", "b", "x"}, false},
	} {
		rows := []row{written(2, columns, tc.one), written(3, columns, tc.two)}
		keys := keysOf(rows)
		if got := keys[0] == keys[1]; got != tc.same || (len(rows[1].Wrong) > 0) != tc.same {
			t.Errorf("%s: %v, %+v", tc.why, keys, rows[1].Wrong)
		}
	}
	here, there := written(2, columns, []string{"S1", "", "A", "b", "x"}), written(9, columns, []string{"S1", "", "A", "b", "moved"})
	if a, b := keysOf([]row{here}), keysOf([]row{there}); a[0] != b[0] || here.said() == there.said() {
		t.Error("a row that leads elsewhere is the same row, and says something else")
	}
}
