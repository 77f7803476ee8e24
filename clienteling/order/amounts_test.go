package order

import (
	"slices"
	"testing"
)

func line(no int, kind LineKind, paid int64) Line {
	return Line{No: no, Kind: kind, Quantity: 1, UnitPrice: paid, TaxIncluded: true}
}

func TestPaidAndNetOfLines(t *testing.T) {
	t.Parallel()
	untaxed := line(2, Merchandise, 1000)
	untaxed.TaxIncluded = false
	several := Line{No: 1, Kind: Merchandise, Quantity: 3, UnitPrice: 111, Discount: 33, TaxIncluded: true}
	tests := []struct {
		why      string
		lines    []Line
		discount int64
		taxBP    int
		paid     []int64
		net      []int64
	}{
		{"quantity x unit price - the line's discount", []Line{several}, 0, 0, []int64{300}, []int64{300}},
		{"317.14 is 317", []Line{line(1, Merchandise, 333)}, 0, 500, []int64{333}, []int64{317}},
		{"200 / 1.05 = 190.476 once, not 95.238 twice; the unit to the earlier of equals", []Line{line(1, Merchandise, 100), line(2, Merchandise, 100)}, 0, 500, []int64{100, 100}, []int64{95, 95}},
		{"95.24 is 95; 32.3 + 31.35 + 31.35: the unit to the largest fraction, of equals the earlier", []Line{line(1, Merchandise, 34), line(2, Merchandise, 33), line(3, Merchandise, 33)}, 0, 500, []int64{34, 33, 33}, []int64{32, 32, 31}},
		{"an exact half goes up: 21 / 2 = 10.5", []Line{line(1, Merchandise, 21)}, 0, 10000, []int64{21}, []int64{11}},
		{"the order's discount goes over merchandise alone, ties to the lower number", []Line{line(1, Merchandise, 100), line(2, Merchandise, 100), line(3, Shipping, 50)}, 3, 0, []int64{98, 99, 50}, []int64{98, 99, 50}},
		{"shipping is on the invoice, a gift card and a tip are not", []Line{line(1, Merchandise, 105), line(2, Shipping, 105), line(3, GiftCard, 105), line(4, Tip, 105)}, 0, 500, []int64{105, 105, 105, 105}, []int64{100, 100, 105, 105}},
		{"a price without tax is net as it stands", []Line{line(1, Merchandise, 1050), untaxed}, 0, 500, []int64{1050, 1000}, []int64{1000, 1000}},
		{"everything given away", []Line{line(1, Merchandise, 100)}, 100, 500, []int64{0}, []int64{0}},
		{"nothing was paid, so there is nothing to take a discount off", []Line{line(1, Merchandise, 0)}, 10, 500, []int64{0}, []int64{0}},
		{"an exchange left less than the discount", []Line{line(1, Merchandise, 100), line(2, Shipping, 50)}, 130, 0, []int64{0, 50}, []int64{0, 50}},
		{"no lines", nil, 10, 500, nil, nil},
	}
	for _, tt := range tests {
		o := Order{Lines: tt.lines, Discount: tt.discount, TaxBP: tt.taxBP}
		for turn := range 2 {
			var paid, net []int64
			for _, a := range o.Amounts() {
				paid, net = append(paid, a.Paid), append(net, a.Net)
			}
			if !slices.Equal(paid, tt.paid) || !slices.Equal(net, tt.net) {
				t.Errorf("%s (turned round %d times): paid %v net %v, want %v and %v", tt.why, turn, paid, net, tt.paid, tt.net)
			}
			o.Lines = slices.Clone(o.Lines)
			slices.Reverse(o.Lines)
		}
	}
}
