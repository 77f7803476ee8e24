package statement_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/statement"
)

var (
	taipei   = time.FixedZone("Asia/Taipei", 8*60*60)
	march    = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	february = march.AddDate(0, -1, 0)
	formats  = []statement.Format{statement.CSV, statement.XLSX, statement.PDF}
)

func of[T any](v T) *T { return &v }

// amys is a person's month in which everything happens that may: a late fact, a return, the cap, an order that looks like a formula.
func amys(in shop.Language) *statement.Statement {
	at := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)
	id := func(n int) shop.ID { return shop.ID{1, 0x9c, 0x12, 0x34, 0x56, byte(n), 0x70, 1, 0x80} }
	trace := func(n int) string { return "https://hs.example.tw/console/orders/" + id(n).String() }
	lines := []statement.Line{
		{PostedAt: at, EffectiveAt: at, Kind: ledger.Credited, Role: plan.HomeStaff, Order: "A1001", OrderID: id(1), LineNo: 1, Minor: 41_905, State: ledger.Pending,
			Why: "2 % of 20,952.38: her customer since 2025-11-02, by scan of shelf tag 7K3Q", Trace: trace(1)},
		{PostedAt: at.AddDate(0, 0, 1), EffectiveAt: at.AddDate(0, 0, -7), BelongsTo: february, Kind: ledger.Refunded, Role: plan.HomeStaff, Order: "A0877", OrderID: id(2), LineNo: 3, Minor: -12_050,
			State: ledger.Payable, Why: "退貨 1 件，共 2 件：三人座布沙發「大象」（可拆洗），顧客於門市退回", Trace: trace(2)},
		{PostedAt: at.AddDate(0, 0, 2), EffectiveAt: at.AddDate(0, 0, 2), Kind: ledger.Credited, Role: plan.PackingStore, Order: "=1+1", OrderID: id(3), Parcel: "F-2026-03-07-0001", Minor: 5_00,
			State: ledger.Stated, Why: "@packing fee 5.00 of the parcel", Trace: trace(3)},
		{PostedAt: at.AddDate(0, 1, 0), EffectiveAt: at.AddDate(0, 1, 0), Kind: "tier", Role: plan.HomeStaff, Minor: 1_234_567, State: ledger.Stated, Why: "volume 123,456,700.00 reaches step 3", Trace: "https://hs.example.tw/console/true-ups/1"},
		{PostedAt: at.AddDate(0, 1, 0), EffectiveAt: at.AddDate(0, 1, 0), Kind: "clawback_cap", Minor: 2_050, State: ledger.Stated, Why: "120.50 taken back, cap 100.00"},
	}
	return &statement.Statement{
		Language: in, Brand: "好日子家居 Clear Day Living", Month: march, Zone: taipei, Currency: "HKD",
		To:      statement.Party{Kind: attribution.ToStaff, Code: "E0042", Name: "林美玲 Amy Lin"},
		Figures: statement.Figures{PendingOpening: 300_00, Opening: -45_00, Movement: 1_266_972, PendingClosing: 41_905, Stated: 1_250_567, Carried: 0},
		Terms:   statement.Terms{PlanVersions: []int{3, 4}, HoldDays: 14, ClawbackDays: of(60), ClawbackMonthCap: of[int64](100_00), Forgiven: 2_050},
		Lines:   each(lines), Seal: ledger.Head{Seals: 18_234, Hash: [32]byte{0xA1, 0xB2, 31: 0xFF}, SealedAt: at.AddDate(0, 1, 0)}, ClosedAt: at.AddDate(0, 1, 0),
	}
}

func each(lines []statement.Line) iter.Seq2[statement.Line, error] {
	return func(yield func(statement.Line, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// webs is an online team's month of n orders of NT$7 each.
func webs(n int, in shop.Language) *statement.Statement {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, taipei)
	return &statement.Statement{
		Language: in, Brand: "好日子家居", Month: march, Zone: taipei, Currency: "TWD",
		To:      statement.Party{Kind: attribution.ToStore, IsOnline: true, Code: "WEB", Name: "官網"},
		Figures: statement.Figures{Movement: 7 * int64(n), Stated: 7 * int64(n)},
		Terms:   statement.Terms{PlanVersions: []int{1}, HoldDays: 14},
		Lines: func(yield func(statement.Line, error) bool) {
			for i := range n {
				when := at.Add(time.Duration(i) * time.Second)
				l := statement.Line{PostedAt: when, EffectiveAt: when, Kind: ledger.Credited, Role: plan.OnlineTeam, Order: fmt.Sprint("W", 100_000+i), OrderID: shop.NewID(when),
					LineNo: 1, Minor: 7, State: ledger.Stated, Why: "1 % 的 700：電商團隊", Trace: fmt.Sprint("https://hs.example.tw/console/orders/", i)}
				if !yield(l, nil) {
					return
				}
			}
		},
		ClosedAt: at.AddDate(0, 1, 0),
	}
}

func written(t testing.TB, s *statement.Statement, as statement.Format) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := s.Write(&out, as); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTheSameStatementGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, as := range formats {
		first := written(t, amys(shop.TraditionalChinese), as)
		for range 5 {
			if again := written(t, amys(shop.TraditionalChinese), as); !bytes.Equal(first, again) {
				t.Errorf("%s: written again it is another file", as)
				break
			}
		}
	}
}

func TestAStatementThatDoesNotAddUpIsNotWritten(t *testing.T) {
	t.Parallel()
	broken := errors.New("the database went away")
	for _, tc := range []struct {
		why  string
		edit func(*statement.Statement)
		want error
	}{
		{"its movement is not what its lines are", func(s *statement.Statement) { s.Movement, s.Stated = s.Movement+1, s.Stated+1 }, statement.ErrDoesNotAddUp},
		{"it closes with more than it had", func(s *statement.Statement) { s.Stated++ }, statement.ErrDoesNotAddUp},
		{"it has lost its lines", func(s *statement.Statement) { s.Lines = each(nil) }, statement.ErrDoesNotAddUp},
		{"its lines cannot be read to the end", func(s *statement.Statement) {
			s.Lines = func(yield func(statement.Line, error) bool) {
				_ = yield(statement.Line{Minor: s.Movement}, nil) && yield(statement.Line{}, broken)
			}
		}, broken},
	} {
		for _, as := range formats {
			s := amys(shop.English)
			tc.edit(s)
			if err := s.Write(new(bytes.Buffer), as); !errors.Is(err, tc.want) {
				t.Errorf("%s, %s: %v", as, tc.why, err)
			}
		}
	}
	if err := amys(shop.English).Write(new(bytes.Buffer), "docx"); !errors.Is(err, statement.ErrFormat) {
		t.Errorf("as docx: %v", err)
	}
}

func TestEveryFormHasItsMediaTypeAndName(t *testing.T) {
	t.Parallel()
	for as, want := range map[statement.Format][2]string{
		statement.CSV:  {"text/csv; charset=utf-8", "statement-2026-03-E0042-HKD.csv"},
		statement.XLSX: {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "statement-2026-03-E0042-HKD.xlsx"},
		statement.PDF:  {"application/pdf", "statement-2026-03-E0042-HKD.pdf"},
	} {
		if got := [2]string{as.ContentType(), amys(shop.English).FileName(as)}; got != want {
			t.Errorf("%s: %v", as, got)
		}
	}
}
