package manager_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"homestore/clienteling/shop"
)

// template puts a label template with what differs from the usual.
func (b *bundle) labelTemplate(more object) answer {
	b.t.Helper()
	body := object{"format": "avery-l7160", "languages": []string{"zh-TW", "en"}, "call_to_action": object{"zh-TW": "掃描看全部顏色"}, "shows_price": true, "shows_code": true}
	for name, value := range more {
		body[name] = value
	}
	return b.ask("hq", http.MethodPut, "/v1/manager/label-templates/shelf", body)
}

func TestASheetOfLabelsIsPrintedAndRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.labelTemplate(object{"dark": "#1A3C5E"}).into(http.StatusOK, nil)
	first, second := b.tag("manager", nil), b.tag("manager", nil)
	sheet := b.post("manager", "/v1/manager/label-sheets", object{"template": "shelf", "tags": []shop.ID{first.ID}, "skip": 4}).into(http.StatusOK, nil)
	if sheet.header.Get("Content-Type") != "application/pdf" || !strings.Contains(sheet.header.Get("Content-Disposition"), "labels.pdf") {
		t.Errorf("%v", sheet.header)
	}
	if got, want := decode(t, rasterised(t, sheet.body)), "https://Q.EXAMPLE.TEST/Q/"+first.Code; got != want {
		t.Errorf("decoded %q, want %q", got, want)
	}
	all := b.post("manager", "/v1/manager/label-sheets", object{"template": "shelf", "store": b.S1}).into(http.StatusOK, nil)
	if got := decode(t, rasterised(t, all.body)); !strings.Contains(got, first.Code) || !strings.Contains(got, second.Code) {
		t.Errorf("decoded %q", got)
	}
}

// rasterised is the first page of a PDF as a picture.
func rasterised(t *testing.T, pdf []byte) []byte {
	t.Helper()
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftoppm is not installed (apt-get install poppler-utils)")
		}
		t.Skip("SKIP: pdftoppm is not installed (apt-get install poppler-utils), so no sheet is looked at")
	}
	file := filepath.Join(t.TempDir(), "labels.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	picture, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "200", "-f", "1", "-l", "1", "-png", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func TestLabelTemplatesArePutAndListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	logo := base64.StdEncoding.EncodeToString(file.Bytes())
	var put struct {
		Name, Dark, Correction string
		HasLogo                bool `json:"has_logo"`
	}
	b.labelTemplate(object{"logo": logo, "correction": "H", "dark": "#1A3C5E"}).into(http.StatusOK, &put)
	if !put.HasLogo || put.Name != "shelf" || put.Dark != "#1A3C5E" || put.Correction != "H" {
		t.Errorf("%+v", put)
	}
	var list page
	if listed := b.get("finance", "/v1/manager/label-templates").into(http.StatusOK, &list); len(list.Items) != 1 || bytes.Contains(listed.body, []byte(logo[:40])) {
		t.Errorf("%s", listed.body)
	}
	tag := b.tag("manager", nil)
	coloured := b.get("manager", "/v1/manager/tags/"+tag.ID.String()+"/qr?template=shelf&format=svg").into(http.StatusOK, nil)
	if !bytes.Contains(coloured.body, []byte("#1A3C5E")) || !bytes.Contains(coloured.body, []byte("<image ")) {
		t.Errorf("not as the template says: %.300s", coloured.body)
	}
	b.labelTemplate(object{"logo": logo, "keeps_logo": true}).refused(http.StatusUnprocessableEntity, "fields_invalid", "logo")
	b.labelTemplate(object{"logo": "%%%"}).refused(http.StatusUnprocessableEntity, "label_logo_refused", "")
	b.labelTemplate(object{"logo": "R0lGODlh"}).refused(http.StatusUnprocessableEntity, "label_logo_refused", "")
	b.labelTemplate(object{"dark": "navy"}).refused(http.StatusBadRequest, "label_colour_malformed", "")
	b.labelTemplate(object{"light": "#333333"}).refused(http.StatusUnprocessableEntity, "label_contrast_too_low", "")
	b.labelTemplate(object{"format": "letter"}).refused(http.StatusUnprocessableEntity, "fields_invalid", "format")
	for why, body := range map[string]object{
		"nothing named":     {"template": "shelf"},
		"named in two ways": {"template": "shelf", "tags": []shop.ID{tag.ID}, "store": b.S1},
	} {
		if got := b.post("manager", "/v1/manager/label-sheets", body); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", why, got.status)
		}
	}
	b.post("manager", "/v1/manager/label-sheets", object{"template": "poster", "store": b.S1}).refused(http.StatusUnprocessableEntity, "label_template_unknown", "")
	b.get("hq", "/v1/manager/tags/"+tag.ID.String()+"/qr?template=poster").refused(http.StatusUnprocessableEntity, "label_template_unknown", "")
}
