package label

import "slices"

// A4 in millimetres. Label sheets of other sizes are not sold where the first brands are.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
)

// Format is a sheet of A4 and the labels on it, in millimetres.
type Format struct {
	Name          string
	Across, Down  int
	Width, Height float64 // of a label
	GapX, GapY    float64 // between labels
	IsCut         bool    // plain paper: hairlines show where to cut
}

// Formats are all there are. The sheets with an Avery number have the label and gap that Avery Zweckform prints on its
// packages; the margins left over are equal on both sides, as the sheets of glabels' list of ISO templates are too. Shelf-edge
// strips fit the price channels of shelves, 26 and 39 mm high.
var Formats = []Format{
	{Name: "avery-l7159", Across: 3, Down: 8, Width: 63.5, Height: 33.9, GapX: 2.54},
	{Name: "avery-l7160", Across: 3, Down: 7, Width: 63.5, Height: 38.1, GapX: 2.54},
	{Name: "avery-l7163", Across: 2, Down: 7, Width: 99.1, Height: 38.1, GapX: 2.54},
	{Name: "avery-l7165", Across: 2, Down: 4, Width: 99.1, Height: 67.7, GapX: 2.54},
	{Name: "avery-l7651", Across: 5, Down: 13, Width: 38.1, Height: 21.2, GapX: 2.54},
	{Name: "avery-l7654", Across: 4, Down: 10, Width: 45.7, Height: 25.4, GapX: 2.54},
	{Name: "a4-poster", Across: 1, Down: 1, Width: 194, Height: 281},
	{Name: "a4-2x2", Across: 2, Down: 2, Width: 97, Height: 140, IsCut: true},
	{Name: "a4-2x4", Across: 2, Down: 4, Width: 97, Height: 70, IsCut: true},
	{Name: "a4-3x8", Across: 3, Down: 8, Width: 64, Height: 35, IsCut: true},
	{Name: "shelf-26", Across: 3, Down: 10, Width: 65, Height: 26, IsCut: true},
	{Name: "shelf-39", Across: 3, Down: 7, Width: 65, Height: 39, IsCut: true},
}

func formatNamed(name string) (f Format, ok bool) {
	at := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if at < 0 {
		return Format{}, false
	}
	return Formats[at], true
}

func formatNames() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = f.Name
	}
	return names
}

// PerSheet is how many labels a sheet has.
func (f Format) PerSheet() int { return f.Across * f.Down }

// corner is the upper left of the place-th label of a sheet, counted from 0 in rows.
func (f Format) corner(place int) (x, y float64) {
	left := (pageWidth - float64(f.Across)*f.Width - float64(f.Across-1)*f.GapX) / 2
	top := (pageHeight - float64(f.Down)*f.Height - float64(f.Down-1)*f.GapY) / 2
	return left + float64(place%f.Across)*(f.Width+f.GapX), top + float64(place/f.Across)*(f.Height+f.GapY)
}
