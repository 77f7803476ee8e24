package tag_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/tag"
)

const shelves = `store,placement,sku,label,batch,staff,valid_until,destination
S1,shelf,SOFA-3,窗邊,2026-11,,,https://shop.example.test/p/{sku}
S1,shelf,SOFA-3,窗邊,2026-11,,,https://shop.example.test/p/{sku}
S2,window,LAMP,,2026-11,ben,2026-12-24,https://shop.example.test/p/{sku}
`

func verdicts(lines []tag.Line) (said string) {
	for _, line := range lines {
		said += fmt.Sprintf("%d %s ", line.Row, line.Verdict)
	}
	return strings.TrimSpace(said)
}

func TestAFileThatIsSentAgainChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.IssueFile(t.Context(), b.hq, []byte(shelves), false)
	if err != nil || verdicts(first) != "2 new 3 new 4 new" {
		t.Fatalf("%+v, %v", first, err)
	}
	if made := first[2].Tag; made.Store != b.S2 || made.Staff != b.Ben || made.SKU() != "LAMP" || made.Batch != "2026-11" || made.ValidUntil.IsZero() || made.Code == "" {
		t.Errorf("%+v", made)
	}
	again, err := b.IssueFile(t.Context(), b.hq, []byte(shelves), false)
	if err != nil || verdicts(again) != "2 known 3 known 4 known" {
		t.Fatalf("%+v, %v", again, err)
	}
	for i := range first {
		if again[i].Tag.Code != first[i].Tag.Code {
			t.Errorf("row %d is %s and was %s", i, again[i].Tag.Code, first[i].Tag.Code)
		}
	}
	longer, err := b.IssueFile(t.Context(), b.hq, []byte(shelves+"S1,shelf,SOFA-3,窗邊,2026-11,,,https://shop.example.test/p/{sku}\n"), false)
	if err != nil || verdicts(longer) != "2 known 3 known 4 known 5 new" {
		t.Errorf("%+v, %v", longer, err)
	}
	if n := b.count(t, `SELECT count(*) FROM tag WHERE brand_id = $1`); n != 4 {
		t.Errorf("there are %d tags", n)
	}
}

func TestOfAFileWithAWrongRowNothingIsMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := []byte(shelves + "S9,shelf,A,,2026-11,,,https://shop.example.test/\nS1,shelf,=A,,2026-11,,,https://evil.test/\n")
	_, err := b.IssueFile(t.Context(), b.hq, file, false)
	var wrong *shop.Refusal
	if !errors.Is(err, tag.ErrRows) || !errors.As(err, &wrong) || len(wrong.Fields) != 3 || wrong.Fields[0].Name != "rows[5].store" || wrong.Fields[1].Name != "rows[6].sku" {
		t.Fatalf("%v", err)
	}
	lines, err := b.IssueFile(t.Context(), b.hq, file, true)
	if err != nil || verdicts(lines) != "2 new 3 new 4 new 5 wrong 6 wrong" || lines[4].Fields[1].Code != "tag_destination_refused" {
		t.Errorf("a rehearsal: %+v, %v", lines, err)
	}
	if !lines[0].Tag.ID.IsZero() {
		t.Error("a rehearsal tells of a code that nobody will have")
	}
	if n := b.count(t, `SELECT count(*) FROM tag WHERE brand_id = $1`) + b.count(t, `SELECT count(*) FROM tag_batch WHERE brand_id = $1`); n != 0 {
		t.Errorf("%d rows were made", n)
	}
}

func TestARowThatChangedIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := "key,store,placement,destination\nA-1,S1,shelf,https://shop.example.test/a\n"
	if _, err := b.IssueFile(t.Context(), b.hq, []byte(file), false); err != nil {
		t.Fatal(err)
	}
	_, err := b.IssueFile(t.Context(), b.hq, []byte(strings.ReplaceAll(file, "test/a", "test/b")), false)
	var wrong *shop.Refusal
	if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Name != "rows[2].key" || wrong.Fields[0].Code != "row_changed" {
		t.Errorf("%v", err)
	}
}

func TestAManagersFileIsOfHerStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := "key,store,placement,destination\n1,%s,shelf,https://shop.example.test/a\n"
	if _, err := b.IssueFile(t.Context(), b.hq, fmt.Appendf(nil, file, "S2"), false); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, store := range []string{"S2", "NONE"} { // another's store, also with a row that is known there, is one that does not exist
		lines, err := b.IssueFile(t.Context(), b.manager, fmt.Appendf(nil, file, store), true)
		if err != nil || len(lines) != 1 || lines[0].Verdict != tag.RowWrong || !lines[0].Tag.ID.IsZero() {
			t.Fatalf("%+v, %v", lines, err)
		}
		said = append(said, fmt.Sprint(lines[0].Fields))
	}
	if said[0] != said[1] {
		t.Errorf("another's store is answered %s, nobody's %s", said[0], said[1])
	}
	if _, err := b.IssueFile(t.Context(), b.amy, []byte(shelves), true); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("staff: %v", err)
	}
	abroad := postgrestest.Brand(t, b.pool)
	lines, err := b.IssueFile(t.Context(), shop.Actor{Brand: abroad.Brand, Role: shop.RoleHQ, ID: abroad.Ben}, fmt.Appendf(nil, file, "S2"), false)
	if err != nil || lines[0].Verdict != tag.RowNew || lines[0].Tag.Store != abroad.S2 {
		t.Errorf("another brand's row with the same key: %+v, %v", lines, err)
	}
}

func TestOneFileSentByEightAtOnceIsMadeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all sync.WaitGroup
	codes := make([]tag.Code, 8)
	for n := range codes {
		all.Go(func() {
			lines, err := b.IssueFile(t.Context(), b.hq, []byte(shelves), false)
			if err != nil {
				t.Error(err)
				return
			}
			codes[n] = lines[0].Tag.Code
		})
	}
	all.Wait()
	for _, code := range codes {
		if code != codes[0] {
			t.Errorf("%v: somebody was told of a tag that is not there", codes)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM tag WHERE brand_id = $1`); n != 3 {
		t.Errorf("there are %d tags, want 3", n)
	}
}
