package manager_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func (b *bundle) tag(who string, more object) named {
	b.t.Helper()
	body := object{"store": b.S1, "placement": "shelf", "sku": "SOFA", "label": "=三人沙發", "destination": "https://shop.example.test/{lang}/p/{sku}"}
	for name, value := range more {
		body[name] = value
	}
	var made named
	b.post(who, "/v1/manager/tags", body).into(http.StatusCreated, &made)
	return made
}

func TestATagsPictureIsReadByAnotherDecoder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.tag("manager", nil)
	path := "/v1/manager/tags/" + made.ID.String() + "/qr"
	drawn := b.get("finance", path+"?format=png&pixels=300").into(http.StatusOK, nil)
	picture, err := png.Decode(bytes.NewReader(drawn.body))
	if err != nil || drawn.header.Get("Content-Type") != "image/png" {
		t.Fatalf("%v %v", drawn.header, err)
	}
	if side := picture.Bounds().Dx(); side != 300 {
		t.Errorf("%d pixels wide, want 300", side)
	}
	if got, want := decode(t, drawn.body), "https://Q.EXAMPLE.TEST/Q/"+made.Code; got != want {
		t.Errorf("decoded %q, want %q", got, want)
	}
	vector := b.get("hq", path+"?format=svg").into(http.StatusOK, nil)
	var svg struct {
		Title string `xml:"title"`
	}
	if err := xml.Unmarshal(vector.body, &svg); err != nil || svg.Title != "=三人沙發" || vector.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%v, %q: %v", vector.header, svg.Title, err)
	}
	for _, pixels := range []string{"64", "4096"} {
		b.get("hq", path+"?pixels="+pixels).into(http.StatusOK, nil)
	}
	onPaper := b.get("hq", path+"?format=svg&mm=30&margin=6&correction=H&dark=%231A3C5E&light=%23FFF5E0").into(http.StatusOK, nil)
	for _, want := range []string{`width="30mm"`, `fill="#1A3C5E"`, `fill="#FFF5E0"`} {
		if !strings.Contains(string(onPaper.body), want) {
			t.Errorf("%s is not in %.300s", want, onPaper.body)
		}
	}
}

func TestAPictureThatReadersFailOnIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/v1/manager/tags/" + b.tag("manager", nil).ID.String() + "/qr?"
	for query, want := range map[string]string{
		"dark=red": "label_colour_malformed", "light=%2312": "label_colour_malformed", "correction=X": "label_correction_unknown",
	} {
		b.get("hq", path+query).refused(http.StatusBadRequest, want, "")
	}
	for query, want := range map[string]string{"dark=%23FFCC00": "label_contrast_too_low", "mm=11": "label_too_small"} {
		b.get("hq", path+query).refused(http.StatusUnprocessableEntity, want, "")
	}
	for query, field := range map[string]string{
		"format=gif": "format", "pixels=63": "pixels", "pixels=5000": "pixels", "mm=9": "mm", "mm=30&pixels=300": "mm", "margin=3": "margin",
	} {
		b.get("hq", path+query).refused(http.StatusUnprocessableEntity, "fields_invalid", field)
	}
}

// decode reads a picture with zbar, which shares no line with what drew it.
func decode(t *testing.T, picture []byte) string {
	t.Helper()
	if _, err := exec.LookPath("zbarimg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("zbarimg is not installed (apt-get install zbar-tools)")
		}
		t.Skip("SKIP: zbarimg is not installed (apt-get install zbar-tools), so no code is decoded")
	}
	cmd := exec.CommandContext(t.Context(), "zbarimg", "--raw", "-q", "-Sdisable", "-Sqrcode.enable", "-")
	cmd.Stdin = bytes.NewReader(picture)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func TestATagGoesThroughItsStates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.tag("manager", object{"draft": true})
	at := "/v1/manager/tags/" + made.ID.String()
	for _, step := range []struct{ act, state string }{{"publish", "live"}, {"pause", "paused"}, {"pause", "paused"}, {"resume", "live"}, {"retire", "retired"}, {"retire", "retired"}} {
		var now named
		b.post("manager", at+"/"+step.act, nil).into(http.StatusOK, &now)
		if now.State != step.state {
			t.Errorf("after %s: %s", step.act, now.State)
		}
	}
	b.post("manager", at+"/resume", nil).refused(http.StatusGone, "tag_retired", "")
	b.ask("manager", http.MethodPut, at+"/destination", object{"destination": "https://shop.example.test/"}).refused(http.StatusGone, "tag_retired", "")
	draft := b.tag("manager", object{"draft": true})
	b.post("manager", "/v1/manager/tags/"+draft.ID.String()+"/pause", nil).refused(http.StatusConflict, "tag_state_conflict", "")
}

func TestAPrintedTagLeadsElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old, new := b.tag("hq", nil), b.tag("hq", nil)
	at := "/v1/manager/tags/" + old.ID.String()
	var read struct{ Destination, State string }
	b.ask("manager", http.MethodPut, at+"/destination", object{"destination": "https://shop.example.test/sale"}).into(http.StatusOK, nil)
	b.get("finance", at).into(http.StatusOK, &read)
	if read.Destination != "https://shop.example.test/sale" {
		t.Errorf("%+v", read)
	}
	b.post("manager", at+"/replace", object{"by": old.ID}).refused(http.StatusUnprocessableEntity, "tag_replacement_refused", "")
	b.post("manager", at+"/replace", object{"by": new.ID}).into(http.StatusOK, &read)
	if read.State != "replaced" {
		t.Errorf("%+v", read)
	}
}

func TestSeveralTagsAreMadeAtOnceAndListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one := func(store any, label string) object {
		return object{"store": store, "placement": "window", "label": label, "batch": "spring", "destination": "https://shop.example.test/"}
	}
	var made struct {
		Items []struct{ Label, Code string }
	}
	b.post("hq", "/v1/manager/tags/several", object{"tags": []object{one(b.S1, "a"), one(b.S2, "b"), one(b.S1, "c")}}).into(http.StatusCreated, &made)
	if len(made.Items) != 3 || made.Items[1].Label != "b" || made.Items[0].Code == made.Items[2].Code {
		t.Errorf("%+v", made)
	}
	b.post("manager", "/v1/manager/tags/several", object{"tags": []object{one(b.S1, "d"), one(b.S2, "e")}}).refused(http.StatusForbidden, "forbidden", "")
	for path, want := range map[string]int{"?batch=spring": 3, "?batch=spring&store=" + b.S2.String(): 1, "?state=retired": 0} {
		var list page
		b.get("hq", "/v1/manager/tags"+path).into(http.StatusOK, &list)
		if len(list.Items) != want {
			t.Errorf("%s lists %d, want %d", path, len(list.Items), want)
		}
	}
	for field, text := range map[string]string{"state": "lost", "batch": strings.Repeat("x", 101)} {
		b.get("hq", "/v1/manager/tags?"+field+"="+text).refused(http.StatusUnprocessableEntity, "fields_invalid", field)
	}
	var hers page
	b.get("manager", "/v1/manager/tags").into(http.StatusOK, &hers)
	if len(hers.Items) != 2 {
		t.Errorf("a manager of S1 sees %d tags of 3", len(hers.Items))
	}
}

func TestFiguresOfTagsCountPeopleAndSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen, unseen := b.tag("manager", nil), b.tag("manager", nil)
	for _, s := range []struct {
		ago  time.Duration
		kind string
	}{{3 * time.Hour, "person"}, {170 * time.Minute, "person"}, {time.Hour, "person"}, {time.Hour, "bot"}} {
		b.scan(seen, noon.Add(-s.ago), s.kind)
	}
	var list struct {
		Items []struct {
			Tag             named
			Scans, Sessions int64
		}
	}
	b.get("finance", "/v1/manager/reports/tags?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z").into(http.StatusOK, &list)
	for _, item := range list.Items {
		want := [2]int64{0, 0}
		if item.Tag.ID == seen.ID {
			want = [2]int64{3, 2}
		}
		if got := [2]int64{item.Scans, item.Sessions}; got != want {
			t.Errorf("%s: %v, want %v", item.Tag.ID, got, want)
		}
	}
	if len(list.Items) != 2 || unseen.ID.IsZero() {
		t.Errorf("a tag that nobody scanned is there too: %+v", list)
	}
}

// scan stores a reading of the tag by one and the same device.
func (b *bundle) scan(of named, at time.Time, kind string) {
	b.t.Helper()
	err := b.pool.Brand(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(b.t.Context(), `
INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, placement, kind, device, scanned_at)
VALUES ($1, $2, $3, $4, $5, 'shelf', $6, decode(repeat('ab', 16), 'hex'), $7)`, b.Brand, shop.NewID(at), of.ID, of.Code, b.S1, kind, at)
		return postgres.RowAt(at, err)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestAPrintBatchIsListedAndRevokedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tag("manager", object{"batch": "2026-11 shelves"})
	made := b.tag("hq", object{"batch": "2026-11 shelves", "store": b.S2})
	var list struct {
		Items []struct {
			ID    shop.ID
			Batch string
			Tags  map[string]int
		}
	}
	b.get("manager", "/v1/manager/tag-batches").into(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Batch != "2026-11 shelves" || list.Items[0].Tags["live"] != 1 {
		t.Fatalf("a manager sees %+v", list.Items)
	}
	revoke := "/v1/manager/tag-batches/" + list.Items[0].ID.String() + "/revoke"
	var done struct{ Retired int }
	b.post("hq", revoke, object{"reason": "stolen"}).into(http.StatusOK, &done)
	if done.Retired != 2 {
		t.Errorf("%d tags were retired, want 2", done.Retired)
	}
	b.get("hq", "/v1/manager/tags/"+made.ID.String()).into(http.StatusOK, &made)
	if made.State != "retired" {
		t.Errorf("a tag of the batch is %s", made.State)
	}
	b.post("hq", "/v1/manager/tags", object{
		"store": b.S1, "placement": "shelf", "destination": "https://shop.example.test/", "batch": "2026-11 shelves",
	}).refused(http.StatusConflict, "tag_batch_revoked", "")
	b.post("foreign hq", revoke, object{"reason": "stolen"}).refused(http.StatusNotFound, "not_found", "")
	b.post("hq", revoke, object{"reason": ""}).refused(http.StatusUnprocessableEntity, "fields_invalid", "reason")
}
