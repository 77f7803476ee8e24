package label_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/label"
	"homestore/referral/tag"
)

// shelf is a template that shows everything.
func shelf(format string, d label.Design) label.Template {
	return label.Template{
		Name: "shelf", Format: format, Languages: []shop.Language{shop.TraditionalChinese, shop.English},
		CallToAction: shop.Text{shop.TraditionalChinese: "掃描看全部顏色，宅配到府", shop.English: "Scan for all colours"},
		ShowsPrice:   true, ShowsStore: true, ShowsCode: true, Design: d,
	}
}

// sofas are labels of as many tags.
func sofas(n int) []label.Label {
	labels := make([]label.Label, n)
	for i := range labels {
		code := codeOf(i)
		labels[i] = label.Label{
			Text: tag.QRText("go.brand.tw", code), Code: code.Grouped(), Price: "NT$12,800",
			Name:  shop.Text{shop.TraditionalChinese: "堃記三人座布沙發 " + strconv.Itoa(i), shop.English: "Sofa " + strconv.Itoa(i)},
			Store: shop.Text{shop.TraditionalChinese: "台北信義店", shop.English: "Taipei Xinyi"},
		}
	}
	return labels
}

func printed(t testing.TB, of label.Template, labels []label.Label, skip int) (file string) {
	t.Helper()
	pdf, err := label.Print(t.Context(), of, labels, skip, time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "labels.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// poppler runs one of poppler's programs, the PDF reader of most Linux desktops.
func poppler(t testing.TB, program string, arguments ...string) []byte {
	t.Helper()
	lacking(t, program, "poppler-utils")
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, arguments...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%s %v: %v %s", program, arguments, err, said.Bytes())
	}
	return out
}

// wordsOf are what a PDF says, as a viewer would copy them.
func wordsOf(t testing.TB, pdf []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "labels.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return string(poppler(t, "pdftotext", "-layout", file, "-"))
}

// view is a page as a printer of so many dots an inch puts it on paper.
func view(t testing.TB, file string, page, dpi int) *image.Gray {
	t.Helper()
	raw := poppler(t, "pdftoppm", "-r", strconv.Itoa(dpi), "-f", strconv.Itoa(page), "-l", strconv.Itoa(page), "-gray", file)
	var width, height int
	if _, err := fmt.Sscanf(string(raw[:min(20, len(raw))]), "P5\n%d %d\n255\n", &width, &height); err != nil || len(raw) < width*height {
		t.Fatalf("%.20q: %v", raw, err)
	}
	return &image.Gray{Pix: raw[len(raw)-width*height:], Stride: width, Rect: image.Rect(0, 0, width, height)}
}

func TestEveryCodeOfEverySheetIsReadByAnotherDecoder(t *testing.T) {
	t.Parallel()
	for i, format := range label.Formats {
		t.Run(format.Name, func(t *testing.T) {
			t.Parallel()
			design := label.Plain()
			if i%2 == 0 {
				design = branded(t)
			}
			labels := sofas(format.PerSheet())
			file := printed(t, shelf(format.Name, design), labels, 0)
			dpi := 300 // half of what an office printer has
			if format.PerSheet() == 1 {
				dpi = 75
			}
			page := view(t, file, 1, dpi)
			var codes [][]byte
			var want []string
			read := 0
			for place := 0; place < len(labels); place += 1 + len(labels)/6 { // some from all over the page
				one := cut(page, format, place)
				codes, want = append(codes, pack(t, one)), append(want, labels[place].Text)
				if zxing(t, one) == labels[place].Text {
					read++
				}
			}
			if got := zbar(t, codes...); !slices.Equal(got, want) {
				t.Errorf("zbar reads %d of %d codes", len(got), len(want))
			}
			if read*4 < len(want)*3 { // it takes modules for a corner now and then, upright as they are here
				t.Errorf("zxing reads %d of %d codes", read, len(want))
			}
		})
	}
}

// cut is the place-th label of a page, as its maker's table says where that lies.
func cut(page *image.Gray, f label.Format, place int) image.Image {
	dots := float64(page.Bounds().Dx()) / 210
	left := (210 - float64(f.Across)*f.Width - float64(f.Across-1)*f.GapX) / 2
	top := (297 - float64(f.Down)*f.Height - float64(f.Down-1)*f.GapY) / 2
	x, y := left+float64(place%f.Across)*(f.Width+f.GapX), top+float64(place/f.Across)*(f.Height+f.GapY)
	one := image.NewGray(image.Rect(0, 0, int(f.Width*dots), int(f.Height*dots)))
	draw.Draw(one, one.Bounds(), page, image.Pt(int(x*dots), int(y*dots)), draw.Src)
	return one
}

func TestASheetBeginsWhereTheLastOneEnded(t *testing.T) {
	t.Parallel()
	labels := sofas(21)
	file := printed(t, shelf("avery-l7160", label.Plain()), labels, 20)
	if info := poppler(t, "pdfinfo", file); !regexp.MustCompile(`Pages: +2\n`).Match(info) || !regexp.MustCompile(`Page size: +595.28 x 841.89 pts \(A4\)`).Match(info) {
		t.Errorf("%s", info)
	}
	first := view(t, file, 1, 150)
	if got := zbar(t, pack(t, first)); len(got) != 1 || got[0] != labels[0].Text {
		t.Errorf("on the first sheet: %q", got)
	}
	if at := darkPart(first); at.Min.X < first.Bounds().Dx()/2 || at.Min.Y < first.Bounds().Dy()*3/4 {
		t.Errorf("the first label is at %v of %v, not on the last place", at, first.Bounds())
	}
	if got := zbar(t, pack(t, view(t, file, 2, 150))); len(got) != 20 {
		t.Errorf("on the second sheet: %d codes", len(got))
	}
}

// darkPart is where a page is printed on.
func darkPart(page *image.Gray) (part image.Rectangle) {
	for y := range page.Bounds().Dy() {
		for x := range page.Bounds().Dx() {
			if page.GrayAt(x, y).Y < 0x80 {
				part = part.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return part
}

func TestTheWordsOfASheetCanBeSearchedAndItsFontTravelsWithIt(t *testing.T) {
	t.Parallel()
	labels := sofas(3)
	labels[1].Name[shop.TraditionalChinese] = "紙燈😀"
	labels[2].Name[shop.TraditionalChinese] = strings.Repeat("可拆洗三人座布沙發", 20)
	file := printed(t, shelf("avery-l7163", label.Plain()), labels, 0)
	text := string(poppler(t, "pdftotext", "-layout", file, "-"))
	for _, want := range []string{"堃記三人座布沙發 0", "Sofa 0", "NT$12,800", "掃描看全部顏色，宅配到府", "台北信義店 Taipei Xinyi", labels[0].Code, labels[2].Code, "紙燈〓", "…"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	fonts := string(poppler(t, "pdffonts", file))
	if !regexp.MustCompile(`NotoSansTC +CID TrueType +Identity-H +yes +\w+ +yes`).MatchString(fonts) {
		t.Errorf("embedded, with its table of characters:\n%s", fonts)
	}
	if info := string(poppler(t, "pdfinfo", file)); !regexp.MustCompile(`Title: +shelf\n`).MatchString(info) {
		t.Error(info)
	}
	if _, err := exec.LookPath("qpdf"); err == nil { // a second reader, where there is one
		if out, err := exec.CommandContext(t.Context(), "qpdf", "--check", file).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}

func TestAThousandLabelsShareOneFontAndOneLogo(t *testing.T) {
	t.Parallel()
	small, err := label.Print(t.Context(), shelf("avery-l7651", branded(t)), sofas(1), 0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	large, err := label.Print(t.Context(), shelf("avery-l7651", branded(t)), sofas(201), 0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if each := (len(large) - len(small)) / 200; each > 2000 {
		t.Errorf("each further label takes %d bytes", each)
	}
	if n := bytes.Count(large, []byte("/Subtype /Image")); n != 1 {
		t.Errorf("the logo is in the file %d times", n)
	}
}

func TestALabelThatCannotBePrintedStopsItsSheet(t *testing.T) {
	t.Parallel()
	labels := sofas(3)
	labels[2].Text = tag.QRText(strings.Repeat("a-long-name.", 9)+"tw", codeOf(0))
	if _, err := label.Print(t.Context(), shelf("avery-l7651", label.Plain()), labels, 0, time.Now()); !errors.Is(err, label.ErrTooSmall) || !strings.Contains(err.Error(), "label 3 of 3") {
		t.Errorf("%v", err)
	}
}
