package manager_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"homestore/clienteling/shop"
)

const tagFile = "store,placement,sku,label,batch,destination\nS1,shelf,SOFA,三人沙發,2026-11,https://shop.example.test/p/{sku}\nS2,window,LAMP,,2026-11,https://shop.example.test/p/{sku}\n"

type lines struct {
	New, Known, Wrong int
	Rows              []struct {
		Row     int
		Verdict string
		Code    string
		Fields  []shop.Field
	}
}

func TestAFileOfTagsIsRehearsedMadeAndSentAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var got lines
	sent := []string{"Content-Type", "text/csv; charset=utf-8"}
	b.ask("hq", http.MethodPost, "/v1/manager/tags/csv?rehearsal=true", tagFile, sent...).into(http.StatusOK, &got)
	if got.New != 2 || got.Rows[0].Code != "" {
		t.Errorf("a rehearsal: %+v", got)
	}
	b.ask("hq", http.MethodPost, "/v1/manager/tags/csv", tagFile, sent...).into(http.StatusOK, &got)
	if got.New != 2 || got.Rows[1].Row != 3 || got.Rows[1].Verdict != "new" || got.Rows[1].Code == "" {
		t.Errorf("%+v", got)
	}
	b.ask("hq", http.MethodPost, "/v1/manager/tags/csv", tagFile, sent...).into(http.StatusOK, &got)
	if got.New != 0 || got.Known != 2 {
		t.Errorf("again: %+v", got)
	}
	b.ask("manager", http.MethodPost, "/v1/manager/tags/csv", tagFile, sent...).refused(http.StatusUnprocessableEntity, "tag_csv_rows_wrong", "rows[3].store")
	b.ask("hq", http.MethodPost, "/v1/manager/tags/csv", "a\x00", sent...).refused(http.StatusUnprocessableEntity, "tag_csv_unreadable", "")
	b.ask("hq", http.MethodPost, "/v1/manager/tags/csv", tagFile).refused(http.StatusUnsupportedMediaType, "media_type_unsupported", "")
	b.ask("staff", http.MethodPost, "/v1/manager/tags/csv", tagFile, sent...).refused(http.StatusForbidden, "forbidden", "")
	long := "store,placement\n" + strings.Repeat("S1,shelf\n", 10_001)
	b.ask("hq", http.MethodPost, "/v1/manager/tags/csv", long, sent...).refused(http.StatusRequestEntityTooLarge, "tag_csv_too_long", "")
}

func TestAnExportOfTagsHasWhatAPrinterNeedsAndNoFormula(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.tag("manager", object{"batch": "-1+1", "staff": b.Amy})
	b.tag("hq", object{"store": b.S2})
	file := b.get("manager", "/v1/manager/tags/csv?batch=-1%2B1").into(http.StatusOK, nil)
	if file.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(string(file.body), "\ufeff") {
		t.Errorf("%v", file.header)
	}
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.body), "\ufeff"))).ReadAll()
	if err != nil || len(table) != 2 {
		t.Fatalf("%v, %v", table, err)
	}
	row := map[string]string{}
	for i, name := range table[0] {
		row[name] = table[1][i]
	}
	for column, want := range map[string]string{
		"code": made.Code, "qr_text": "https://Q.EXAMPLE.TEST/Q/" + made.Code, "store": "S1", "staff": "amy", "label": "'=三人沙發", "batch": "'-1+1", "state": "live",
		"typed": made.Code[:4] + "-" + made.Code[4:9] + "-" + made.Code[9:],
	} {
		if row[column] != want {
			t.Errorf("%s is %q, want %q", column, row[column], want)
		}
	}
	if mine := b.get("manager", "/v1/manager/tags/csv").into(http.StatusOK, nil); strings.Count(string(mine.body), "\r\n") != 2 {
		t.Errorf("a manager gets %s", mine.body)
	}
}

func TestAGridOfTagsIsMadeOnceForAKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	grid := object{"stores": []shop.ID{b.S1, b.S2}, "skus": []string{"SOFA", "LAMP"}, "placements": []string{"shelf"}, "batch": "2026-11", "destination": "https://shop.example.test/p/{sku}"}
	key := []string{"Idempotency-Key", "a-grid"}
	first := b.ask("hq", http.MethodPost, "/v1/manager/tags/grid", grid, key...).into(http.StatusCreated, nil)
	again := b.ask("hq", http.MethodPost, "/v1/manager/tags/grid", grid, key...).into(http.StatusCreated, nil)
	if string(first.body) != string(again.body) || strings.Count(string(first.body), `"batch":"2026-11"`) != 4 {
		t.Errorf("%s\nthen %s", first.body, again.body)
	}
	b.post("manager", "/v1/manager/tags/grid", grid).refused(http.StatusForbidden, "forbidden", "")
	grid["skus"] = []string{"SOFA", "SOFA"}
	b.post("hq", "/v1/manager/tags/grid", grid).refused(http.StatusUnprocessableEntity, "fields_invalid", "skus")
}

func TestEverybodyOfAStoreGetsACard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var cards struct {
		New   int
		Items []struct{ Staff, Store shop.ID }
	}
	b.post("manager", "/v1/manager/tags/cards", object{"store": b.S1, "batch": "cards"}).into(http.StatusOK, &cards)
	if cards.New != 1 || len(cards.Items) != 1 || cards.Items[0].Staff != b.Amy {
		t.Errorf("%+v", cards)
	}
	b.post("hq", "/v1/manager/tags/cards", object{}).into(http.StatusOK, &cards)
	if cards.New != 1 || len(cards.Items) != 2 {
		t.Errorf("of all stores: %+v", cards)
	}
	b.post("manager", "/v1/manager/tags/cards", object{"store": b.S2}).refused(http.StatusNotFound, "not_found", "")
}
