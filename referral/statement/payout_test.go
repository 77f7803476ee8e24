package statement_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/statement"
)

func payments() []statement.Payment {
	return []statement.Payment{
		{Reference: "HS2603AAAAAAAAAA1", To: statement.Party{Kind: attribution.ToStaff, Code: "E0042", Name: "林美玲"}, Month: march, Currency: "HKD", Minor: 1_250_567},
		{Reference: "HS2603BBBBBBBBBB1", To: statement.Party{Kind: attribution.ToStore, IsOnline: true, Code: "WEB", Name: "=cmd()"}, Month: march, Currency: "HKD", Minor: 5},
		{Reference: "HS2603CCCCCCCCCC2", To: statement.Party{Kind: attribution.ToPool, Code: "S1", Name: "信義店"}, Month: march, Currency: "TWD", Minor: 700},
	}
}

const payoutFile = "\ufeffreference,kind,code,name,amount,currency,month\r\n" +
	"HS2603AAAAAAAAAA1,staff,E0042,林美玲,12505.67,HKD,2026-03\r\n" +
	"HS2603BBBBBBBBBB1,online,WEB,'=cmd(),0.05,HKD,2026-03\r\n" +
	"HS2603CCCCCCCCCC2,pool,S1,信義店,700,TWD,2026-03\r\n" +
	"TOTAL,,,2,12505.72,HKD,\r\nTOTAL,,,1,700,TWD,\r\n"

func TestThePayoutFileHasEachPaymentAndTheTotalOfEachCurrency(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := statement.WritePayout(&out, payments()); err != nil || out.String() != payoutFile {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestAPayoutFileThatPaysTwiceOrBackwardsIsNotWritten(t *testing.T) {
	t.Parallel()
	for why, edit := range map[string]func([]statement.Payment){
		"twice":     func(p []statement.Payment) { p[1].Reference = p[0].Reference },
		"backwards": func(p []statement.Payment) { p[1].Minor = -1 },
		"nothing":   func(p []statement.Payment) { p[1].Minor = 0 },
	} {
		wrong := payments()
		edit(wrong)
		if err := statement.WritePayout(new(bytes.Buffer), wrong); err == nil {
			t.Errorf("%s: it was written", why)
		}
	}
}

// The first one is written out, because a reference that changes with the program would let a bank pay twice.
func TestAReferenceIsOfOnePaymentForEver(t *testing.T) {
	t.Parallel()
	amy, ben := attribution.StaffOf(shop.ID{1}), attribution.StaffOf(shop.ID{2})
	if got := statement.Reference(7, march, amy, "TWD", 1); got != "HS2603HSWWQQNSRG1" {
		t.Errorf("the reference has become %s", got)
	}
	seen := map[string]string{}
	form := regexp.MustCompile(`^HS2603[0-9A-HJKMNP-TV-Z]{10}[12]$|^HS2602[0-9A-HJKMNP-TV-Z]{10}1$`)
	for what, got := range map[string]string{
		"amy": statement.Reference(7, march, amy, "TWD", 1), "ben": statement.Reference(7, march, ben, "TWD", 1), "in February": statement.Reference(7, february, amy, "TWD", 1),
		"in HKD": statement.Reference(7, march, amy, "HKD", 1), "of another brand": statement.Reference(8, march, amy, "TWD", 1), "tried again": statement.Reference(7, march, amy, "TWD", 2),
		"her pool": statement.Reference(7, march, attribution.PoolOf(shop.ID{1}), "TWD", 1),
	} {
		if other, known := seen[got]; known || !form.MatchString(got) {
			t.Errorf("%s: %s, as %s", what, got, other)
		}
		seen[got] = what
	}
}

func TestWhatBecameOfPaymentsIsReadFromThePayoutFileItself(t *testing.T) {
	t.Parallel()
	answered := strings.NewReplacer("month\r\n", "month,Outcome,PAID,note\r\n", "林美玲,12505.67,HKD,2026-03", "林美玲,12505.67,HKD,2026-03,Paid,,",
		"0.05,HKD,2026-03", "0.05,HKD,2026-03,failed,,account closed", "700,TWD,2026-03", `700,TWD,2026-03,partial,300,"limit, 上限"`).Replace(payoutFile) + ",,,,,,,,,\r\n"
	got, err := statement.ReadOutcomes([]byte(answered), payments())
	if err != nil {
		t.Fatal(err)
	}
	want := "paid 1250567 \nfailed 0 account closed\npartial 300 limit, 上限\n"
	said := ""
	for _, o := range got {
		said += fmt.Sprintln(o.Outcome, o.Minor, o.Note)
	}
	if said != want || got[2].Payment != payments()[2] {
		t.Errorf("%s", said)
	}
	short, err := statement.ReadOutcomes([]byte("outcome,reference\n部分,\n已付,HS2603AAAAAAAAAA1\n"), payments())
	if !errors.Is(err, statement.ErrOutcomes) || short != nil {
		t.Errorf("a row without a reference: %v, %v", short, err)
	}
	short, err = statement.ReadOutcomes([]byte("outcome,reference\n已付,HS2603AAAAAAAAAA1\n"), payments())
	if err != nil || len(short) != 1 || short[0].Minor != 1_250_567 {
		t.Errorf("two columns, in Chinese: %v, %v", short, err)
	}
}

func TestAWrongRowIsNamedAndNothingOfTheFileIsTaken(t *testing.T) {
	t.Parallel()
	const a, b = "HS2603AAAAAAAAAA1", "HS2603BBBBBBBBBB1"
	for _, tc := range []struct{ why, rows, want string }{
		{"a payment that nobody made", "HS0000,paid,,,,", "rows[2].reference reference_unknown"},
		{"the same payment twice", a + ",paid,,,,\n" + a + ",failed,,,,", "rows[3].reference reference_repeated"},
		{"neither paid nor failed", a + ",perhaps,,,,", "rows[2].outcome outcome_unknown"},
		{"a part that is all", a + ",partial,12505.67,,,", "rows[2].paid paid_wrong"},
		{"a part that is more", a + ",partial,12505.68,,,", "rows[2].paid paid_wrong"},
		{"a part of nothing", a + ",partial,,,,", "rows[2].paid paid_wrong"},
		{"a part below zero", a + ",partial,-1,,,", "rows[2].paid paid_wrong"},
		{"a part of a cent", a + ",partial,1.005,,,", "rows[2].paid paid_wrong"},
		{"a part with its thousands apart", a + `,partial,"1,000",,,`, "rows[2].paid paid_wrong"},
		{"paid, but less", a + ",paid,12505.66,,,", "rows[2].paid paid_wrong"},
		{"failed, but something came", a + ",failed,1,,,", "rows[2].paid paid_wrong"},
		{"the file of another month", a + ",paid,,12505.66,,", "rows[2].amount amount_differs"},
		{"another currency", a + ",paid,,,TWD,", "rows[2].currency currency_differs"},
		{"a novel", a + ",paid,,,," + strings.Repeat("長", 501), "rows[2].note note_too_long"},
		{"a comma too many", a + ",paid,,,,,x", "rows[2].row too_many_cells"},
		{"all at once", a + ",perhaps,,1,,\n\n" + b + ",partial,9,,,", "rows[2].outcome outcome_unknown rows[2].amount amount_differs rows[4].paid paid_wrong"},
	} {
		got, err := statement.ReadOutcomes([]byte("reference,outcome,paid,amount,currency,note\n"+tc.rows+"\n"), payments())
		var refusal *shop.Refusal
		if !errors.As(err, &refusal) || !errors.Is(err, statement.ErrOutcomes) {
			t.Errorf("%s: %v, %v", tc.why, got, err)
			continue
		}
		var names []string
		for _, f := range refusal.Fields {
			names = append(names, f.Name, f.Code)
		}
		if said := strings.Join(names, " "); said != tc.want || got != nil {
			t.Errorf("%s: %s, want %s", tc.why, said, tc.want)
		}
	}
	crowd := "reference,outcome\n" + strings.Repeat("x,paid\n", 1000)
	var refusal *shop.Refusal
	if _, err := statement.ReadOutcomes([]byte(crowd), payments()); !errors.As(err, &refusal) || len(refusal.Fields) != 50 {
		t.Errorf("a thousand wrong rows: %.300v", err)
	}
}

func TestAFileThatIsNoneIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for why, tc := range map[string]struct {
		file string
		want error
	}{
		"empty":                     {"", statement.ErrOutcomesFile},
		"no reference":              {"outcome\npaid\n", statement.ErrOutcomesFile},
		"no outcome":                {"reference\nx\n", statement.ErrOutcomesFile},
		"a column that is none":     {"reference,outcome,amout\n", statement.ErrOutcomesFile},
		"a column twice":            {"reference,outcome,outcome\n", statement.ErrOutcomesFile},
		"UTF-16":                    {"\xff\xfer\x00", statement.ErrOutcomesFile},
		"Big5":                      {"reference,outcome\n\xa4\xa4,paid\n", statement.ErrOutcomesFile},
		"an open quotation mark":    {"reference,outcome\n\"x,paid\n", statement.ErrOutcomesFile},
		"longer than anybody sends": {"reference,outcome\n" + strings.Repeat("x,paid\n", 10_001), statement.ErrOutcomesLong},
	} {
		if got, err := statement.ReadOutcomes([]byte(tc.file), payments()); !errors.Is(err, tc.want) || got != nil {
			t.Errorf("%s: %v", why, err)
		}
	}
}
