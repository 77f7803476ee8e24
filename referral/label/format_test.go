package label

import (
	"math"
	"testing"
)

func TestSheetsAreAsTheyAreSold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		format    string
		perSheet  int
		left, top float64 // mm, as the maker prints on the package
		why       string
	}{
		{"avery-l7159", 24, 7.2, 12.9, "63.5 × 33.9"},
		{"avery-l7160", 21, 7.2, 15.1, "63.5 × 38.1"},
		{"avery-l7163", 14, 4.7, 15.1, "99.1 × 38.1"},
		{"avery-l7165", 8, 4.7, 13.1, "99.1 × 67.7"},
		{"avery-l7651", 65, 4.7, 10.7, "38.1 × 21.2"},
		{"avery-l7654", 40, 9.7, 21.5, "45.7 × 25.4"},
		{"shelf-39", 21, 7.5, 12, "strips of 195 mm"},
		{"shelf-26", 30, 7.5, 18.5, "strips of 195 mm"},
	} {
		f, ok := formatNamed(tc.format)
		if !ok || f.PerSheet() != tc.perSheet {
			t.Errorf("%s: %+v, want %d labels (%s)", tc.format, f, tc.perSheet, tc.why)
			continue
		}
		if x, y := f.corner(0); math.Abs(x-tc.left) > 0.15 || math.Abs(y-tc.top) > 0.15 {
			t.Errorf("%s begins at %.2f, %.2f, want %.1f, %.1f (%s)", tc.format, x, y, tc.left, tc.top, tc.why)
		}
	}
}

func TestLabelsOfASheetLieApartAndOnThePage(t *testing.T) {
	t.Parallel()
	for _, f := range Formats {
		for place := range f.PerSheet() {
			x, y := f.corner(place)
			if x < 4 || y < 4 || x+f.Width > pageWidth-4 || y+f.Height > pageHeight-4 {
				t.Errorf("%s: label %d is nearer to the edge than printers print", f.Name, place)
			}
			for other := range place {
				u, v := f.corner(other)
				if math.Abs(u-x) < f.Width-1e-9 && math.Abs(v-y) < f.Height-1e-9 {
					t.Errorf("%s: labels %d and %d overlap", f.Name, other, place)
				}
			}
		}
	}
}
