package order

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func TestFactsThatNobodyCanMeanAreRefusedByField(t *testing.T) {
	t.Parallel()
	good := func() WasPlaced {
		return WasPlaced{
			Order: "1", PlacedAt: placed, Channel: Online, Store: shop.NewID(placed), Currency: "TWD",
			Lines: []Line{{Quantity: 1, UnitPrice: 100, Discount: 10}, {Quantity: 1, UnitPrice: 50, Kind: Shipping}},
		}
	}
	change := func(act func(*WasPlaced)) Fact {
		f := good()
		act(&f)
		return f
	}
	tests := []struct {
		why   string
		fact  Fact
		field string // empty: it is taken
	}{
		{"nothing is wrong", good(), ""},
		{"an order needs a name", change(func(f *WasPlaced) { f.Order = "" }), "order"},
		{"PostgreSQL keeps no U+0000", change(func(f *WasPlaced) { f.Order = "a\x00b" }), "order"},
		{"a name is UTF-8", change(func(f *WasPlaced) { f.Order = "\xff" }), "order"},
		{"nobody books in this currency", change(func(f *WasPlaced) { f.Currency = "XAU" }), "currency"},
		{"somebody must have sold it", change(func(f *WasPlaced) { f.Store = shop.ID{} }), "store"},
		{"who assisted did so at a store", change(func(f *WasPlaced) { f.AssistStaff = shop.NewID(placed) }), "assist_store"},
		{"a store may assist without a name", change(func(f *WasPlaced) { f.AssistStore = shop.NewID(placed) }), ""},
		{"ids carry no instant before 1970", change(func(f *WasPlaced) { f.PlacedAt = time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC) }), "placed_at"},
		{"nothing of nothing was bought", change(func(f *WasPlaced) { f.Lines[0].Quantity = 0 }), "lines[0].quantity"},
		{"pieces are not negative", change(func(f *WasPlaced) { f.Lines[0].Quantity = -1 }), "lines[0].quantity"},
		{"prices are not negative", change(func(f *WasPlaced) { f.Lines[1].UnitPrice = -1 }), "lines[1].unit_price_minor"},
		{"pieces times price must fit", change(func(f *WasPlaced) { f.Lines[0].Quantity, f.Lines[0].UnitPrice = 1e9, 1e15 }), "lines[0].unit_price_minor"},
		{"a line is not sold below nothing", change(func(f *WasPlaced) { f.Lines[0].Discount = 101 }), "lines[0].discount_minor"},
		{"the discount comes off merchandise only", change(func(f *WasPlaced) { f.Discount = 91 }), "discount_minor"},
		{"all merchandise may be free", change(func(f *WasPlaced) { f.Discount = 90 }), ""},
		{"two lines of one name cannot be told apart", change(func(f *WasPlaced) { f.Lines[0].ExternalID, f.Lines[1].ExternalID = "x", "x" }), "lines[1].external_id"},
		{"nor two of one number", change(func(f *WasPlaced) { f.Lines[0].No, f.Lines[1].No = 3, 3 }), "lines[1].line"},
		{"1000 characters are taken, whatever their bytes", change(func(f *WasPlaced) { f.Lines[0].Category = strings.Repeat("燈", 1000) }), ""},
		{"1001 are not, however few their bytes", change(func(f *WasPlaced) { f.Lines[0].Category = strings.Repeat("x", 1001) }), "lines[0].name"},
		{"an edit comes after version 1", WasEdited{Order: "1", Version: 1, At: placed}, "version"},
		{"a refund takes something", WasRefunded{Order: "1", ExternalID: "r", At: placed}, "lines"},
		{"lines or one amount, not both", WasRefunded{Order: "1", ExternalID: "r", At: placed, Amount: 1, Lines: []RefundedLine{{Line: "1", Quantity: 1}}}, "lines"},
		{"a void takes all", WasRefunded{Order: "1", ExternalID: "r", Kind: Void, At: placed, Amount: 1}, "lines"},
		{"money does not come back by a refund", WasRefunded{Order: "1", ExternalID: "r", At: placed, Amount: -1}, "amount_minor"},
		{"pieces or money of a line", WasRefunded{Order: "1", ExternalID: "r", At: placed, Lines: []RefundedLine{{Line: "1", Quantity: 1, Amount: 1}}}, "lines[0].quantity"},
		{"goods leave in one of two ways", WasFulfilled{Order: "1", ExternalID: "f", At: placed, Kind: "fly"}, "kind"},
		{"it happened some time", WasPaid{Order: "1"}, "at"},
		{"an adjustment gives something", WasAdjusted{Order: "1", ExternalID: "a", At: placed, Lines: []AdjustedLine{{"1", 1}, {"2", 0}}}, "lines[1].amount_minor"},
		{"on some line", WasAdjusted{Order: "1", ExternalID: "a", At: placed}, "lines"},
	}
	for _, test := range tests {
		err := checkFact(test.fact, today)
		if !refuses(err, test.field) {
			t.Errorf("%s: got %v, want field %q", test.why, err, test.field)
		}
	}
}

// refuses says whether an error names the field, or is none where there is no field to name.
func refuses(err error, field string) bool {
	var refusal *shop.Refusal
	if field == "" || !errors.As(err, &refusal) {
		return field == "" && err == nil
	}
	return refusal.Kind == shop.Unprocessable && slices.ContainsFunc(refusal.Fields, func(f shop.Field) bool { return f.Name == field })
}

func TestFactsOfTheFutureAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.sofa("1")
	f.PlacedAt = today.Add(25 * time.Hour)
	if _, err := b.s.Apply(t.Context(), b.Brand, source, f); !errors.Is(err, ErrFuture) {
		t.Errorf("placed tomorrow: %v", err)
	}
	b.want(b.sofa("1"), Applied, "")
	if _, err := b.s.Apply(t.Context(), b.Brand, source, WasPaid{Order: "1", At: today.Add(25 * time.Hour)}); !errors.Is(err, ErrFuture) {
		t.Errorf("paid tomorrow: %v", err)
	}
	f = b.sofa("2")
	f.Store = shop.NewID(placed)
	if _, err := b.s.Apply(t.Context(), b.Brand, source, f); !errors.Is(err, team.ErrStoreUnknown) {
		t.Errorf("sold by a store that does not exist: %v", err)
	}
}
