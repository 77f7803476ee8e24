package label

import (
	"errors"
	"strings"
	"testing"

	"homestore/clienteling/shop"
	"homestore/referral/label/typeface"
)

// both is a template that shows everything, in two languages.
func both(format string) Template {
	return Template{
		Name: "shelf", Format: format, Languages: []shop.Language{shop.TraditionalChinese, shop.English},
		CallToAction: shop.Text{shop.TraditionalChinese: "掃描看全部顏色，宅配到府", shop.English: "Scan for all colours, delivered to your home"},
		ShowsPrice:   true, ShowsStore: true, ShowsCode: true, Design: Plain(),
	}
}

func sofa() Label {
	return Label{
		Text: "https://GO.BRAND.TW/Q/7K3QXMTWBA2D9", Code: "7K3Q-XMTWB-A2D9", Price: "NT$12,800",
		Name:  shop.Text{shop.TraditionalChinese: "三人座布沙發", shop.English: "Three-seater sofa"},
		Store: shop.Text{shop.TraditionalChinese: "台北信義店", shop.English: "Taipei Xinyi"},
	}
}

// overlong is a label on which every text is too long.
func overlong() Label {
	l := sofa()
	l.Name = shop.Text{shop.TraditionalChinese: strings.Repeat("可拆洗三人座布沙發", 12), shop.English: strings.Repeat("Three-seater sofa ", 20)}
	l.Price, l.Store = "NT$123,456,789 起", shop.Text{shop.TraditionalChinese: strings.Repeat("台北信義", 20)}
	return l
}

func TestNothingLeavesTheLabelOrCoversTheCode(t *testing.T) {
	t.Parallel()
	for _, f := range Formats {
		for _, modules := range []int{25, 29, 33, 37} {
			for why, l := range map[string]Label{"usual": sofa(), "overlong": overlong()} {
				a, err := both(f.Name).arrange(f, typeface.New(), modules, l)
				if err != nil {
					t.Errorf("%s, %d modules, %s: %v", f.Name, modules, why, err)
					continue
				}
				w, h := f.Width*pointsPerMM, f.Height*pointsPerMM
				if a.code.x < 0 || a.code.y < 0 || a.code.x+a.code.w > w || a.code.y+a.code.h > h || a.module < LeastModule*pointsPerMM {
					t.Errorf("%s, %d modules, %s: the code at %+v of %.0f × %.0f", f.Name, modules, why, a.code, w, h)
				}
				below := 0.0
				for _, line := range a.words {
					top, right := line.y-0.88*line.size, line.x+float64(typeface.New().Width(line.text))*line.size/typeface.Em
					isOutside := line.x < 0 || top < 0 || right > w || line.y+0.12*line.size > h
					isOnCode := line.x < a.code.x+a.code.w && right > a.code.x && top < a.code.y+a.code.h
					if isOutside || isOnCode || top < below-0.001 || line.size < leastCode {
						t.Errorf("%s, %d modules, %s: %+v", f.Name, modules, why, line)
					}
					below = line.y + 0.12*line.size
				}
			}
		}
	}
}

func TestALabelSaysWhatItsTemplateShows(t *testing.T) {
	t.Parallel()
	f, _ := formatNamed("avery-l7163")
	everything := []string{"三人座布沙發", "Three-seater sofa", "NT$12,800", "掃描看全部顏色，宅配到府", "Scan for all colours, delivered to", "台北信義店 Taipei Xinyi", "7K3Q-XMTWB-A2D9"}
	for _, tc := range []struct {
		why   string
		edit  func(*Template, *Label)
		lacks []string
	}{
		{"all of it", func(*Template, *Label) {}, nil},
		{"no price", func(t *Template, _ *Label) { t.ShowsPrice = false }, []string{"NT$"}},
		{"nothing has a price", func(_ *Template, l *Label) { l.Price = "" }, []string{"NT$"}},
		{"no store", func(t *Template, _ *Label) { t.ShowsStore = false }, []string{"信義", "Xinyi"}},
		{"no code", func(t *Template, _ *Label) { t.ShowsCode = false }, []string{"7K3Q"}},
		{"no call to action", func(t *Template, _ *Label) { t.CallToAction = nil }, []string{"掃描", "Scan"}},
		{"Chinese alone", func(t *Template, _ *Label) { t.Languages = t.Languages[:1] }, []string{"Three", "Scan", "Xinyi"}},
		{"English alone", func(t *Template, _ *Label) { t.Languages = t.Languages[1:] }, []string{"三人", "掃描", "信義"}},
	} {
		template, l := both("avery-l7163"), sofa()
		tc.edit(&template, &l)
		a, err := template.arrange(f, typeface.New(), 29, l)
		if err != nil {
			t.Fatal(err)
		}
		var text []string
		for _, line := range a.words {
			text = append(text, line.text)
		}
		said := strings.Join(text, "\n")
		for _, want := range everything {
			isLacking := false
			for _, part := range tc.lacks {
				isLacking = isLacking || strings.Contains(want, part)
				if strings.Contains(said, part) {
					t.Errorf("%s: %q is printed", tc.why, part)
				}
			}
			if !isLacking && !strings.Contains(said, want) {
				t.Errorf("%s: %q is not in %q", tc.why, want, said)
			}
		}
	}
}

func TestALabelThatNobodyCouldScanOrReadIsRefused(t *testing.T) {
	t.Parallel()
	small := Format{Name: "too-small", Across: 1, Down: 1, Width: 38.1, Height: 13}
	narrow := Format{Name: "too-narrow", Across: 1, Down: 1, Width: 20, Height: 60}
	long, _ := formatNamed("avery-l7651")
	for _, tc := range []struct {
		why     string
		format  Format
		modules int
	}{
		{"a code of 10 mm", small, 29},
		{"no room for the code in letters", narrow, 21},
		{"a domain so long that its code is dense", long, 57},
	} {
		l := sofa()
		if tc.format.Name == "too-narrow" {
			l.Code = strings.Repeat("7K3Q-", 9)
		}
		if _, err := both("").arrange(tc.format, typeface.New(), tc.modules, l); !errors.Is(err, ErrTooSmall) {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}
