package comparison

import (
	"testing"

	"homestore/clienteling/shop"
)

func TestAVerdictIsASentence(t *testing.T) {
	t.Parallel()
	many, few := Group{Sessions: 1000, Buying: 120, Minor: 120_000, Squares: 120_000_000}, Group{Sessions: 1000, Buying: 50, Minor: 50_000, Squares: 50_000_000}
	for _, tt := range []struct {
		why     string
		got     shop.Text
		english string
		chinese string
	}{
		{"A is more", Conversion(many, few).OfConversion("Window", "Shelf"),
			"More of those who scan Window buy than of those who scan Shelf: 12.0 % against 5.0 %, which is between 4.6 and 9.5 points more.",
			"掃「Window」的人比掃「Shelf」的人會買：12.0% 對 5.0%，相差 4.6 到 9.5 個百分點。"},
		{"B is more, and comes first", Conversion(few, many).OfConversion("Shelf", "Window"),
			"More of those who scan Window buy than of those who scan Shelf: 12.0 % against 5.0 %, which is between 4.6 and 9.5 points more.",
			"掃「Window」的人比掃「Shelf」的人會買：12.0% 對 5.0%，相差 4.6 到 9.5 個百分點。"},
		{"dollars have cents", Revenue(many, few).OfRevenue("Window", "Shelf", "HKD"),
			"Window sells more than Shelf: HKD 1.20 a session against 0.50, which is between 0.46 and 0.94 more.",
			"「Window」賣得比「Shelf」多：每次掃碼 HKD 1.20 對 0.50，相差 0.46 到 0.94。"},
		{"Taiwanese have none, but a mean has", Revenue(few, many).OfRevenue("Shelf", "Window", "TWD"),
			"Window sells more than Shelf: TWD 120.0 a session against 50.0, which is between 45.7 and 94.3 more.",
			"「Window」賣得比「Shelf」多：每次掃碼 TWD 120.0 對 50.0，相差 45.7 到 94.3。"},
		{"more sessions would tell", Conversion(Group{Sessions: 100, Buying: 10}, Group{Sessions: 100, Buying: 5}).OfConversion("A", "B"),
			"It cannot be told yet whether more of those who scan A buy, or of those who scan B (10.0 % against 5.0 %), about 670 more sessions needed.",
			"還看不出掃「A」和掃「B」的人哪邊比較會買（10.0% 對 5.0%），大約還要 670 次掃碼。"},
		{"nobody knows how many", Revenue(Group{Sessions: 5}, Group{}).OfRevenue("A", "B", "TWD"),
			"It cannot be told yet whether A sells more or B (TWD 0.0 a session against 0.0).",
			"還看不出「A」和「B」哪邊賣得多（每次掃碼 TWD 0.0 對 0.0）。"},
	} {
		if tt.got[shop.English] != tt.english || tt.got[shop.TraditionalChinese] != tt.chinese {
			t.Errorf("%s:\n%s\n%s", tt.why, tt.got[shop.English], tt.got[shop.TraditionalChinese])
		}
	}
}
