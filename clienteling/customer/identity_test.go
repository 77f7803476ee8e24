package customer

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestIdentitiesHaveOneSpelling(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why    string
		kind   Kind
		value  string
		region string
		want   string
		err    error
	}{
		{"a mobile number as it is written in Taiwan", Phone, "0912-345-678", "TW", "+886912345678", nil},
		{"with brackets", Phone, "(02) 2395-7617", "TW", "+886223957617", nil},
		{"the country code without its plus", Phone, "886912345678", "TW", "+886912345678", nil},
		{"full-width digits from a Chinese keyboard", Phone, "０９１２３４５６７８", "TW", "+886912345678", nil},
		{"a number of Hong Kong given in Taiwan", Phone, "+852 5123 4567", "TW", "+85251234567", nil},
		{"a number of Hong Kong as written there", Phone, "5123 4567", "HK", "+85251234567", nil},
		{"no region: only with the country code", Phone, "0912345678", "", "", ErrPhone},
		{"no region, country code given", Phone, "+886912345678", "", "+886912345678", nil},
		{"a digit too few", Phone, "091234567", "TW", "", ErrPhone},
		{"behind an extension sits an office", Phone, "(02)2395-7617#12", "TW", "", ErrPhone},
		{"no number at all", Phone, "call me", "TW", "", ErrPhone},
		{"a text that does not end", Phone, strings.Repeat("0912345678", 1000), "TW", "", ErrPhone},
		{"mail is told apart by nobody's capitals", Email, " Lin@Example.COM ", "", "lin@example.com", nil},
		{"a name before the address", Email, "Lin <lin@example.com>", "", "", ErrEmail},
		{"no host", Email, "lin", "", "", ErrEmail},
		{"two addresses", Email, "a@example.com,b@example.com", "", "", ErrEmail},
		{"a member number as it is printed on cards", MemberNo, "a12-345 678", "", "A12345678", nil},
		{"an account of a web shop", WebShop, "shopify:9007199254740993", "", "shopify:9007199254740993", nil},
		{"an account without its shop", WebShop, "42", "", "", ErrIdentity},
		{"a shop without the account", WebShop, "shopify:", "", "", ErrIdentity},
		{"an issuer has colons of its own", OIDC, "https://id.example.com:443/x:abc", "", "https://id.example.com:443/x:abc", nil},
		{"a LINE user", LINE, "U4af4980629", "", "U4af4980629", nil},
		{"NUL, which PostgreSQL refuses", LINE, "U4af\x00", "", "", ErrIdentity},
		{"half a character", POS, "pos:\xe6\x9e", "", "", ErrIdentity},
		{"empty", LINE, "  ", "", "", ErrIdentity},
		{"a kind that there is not", Kind("fax"), "1", "", "", ErrIdentity},
	} {
		got, err := Normalise(tc.kind, tc.value, tc.region)
		if got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%s: %q, %v; want %q, %v", tc.why, got, err, tc.want, tc.err)
		}
	}
}

// data is a file of real input, which is not part of the project: its tests skip where it is not.
func data(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("HOMESTORE_TEST_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("SKIP: %s is not here; name the folder of test data in HOMESTORE_TEST_DATA", name)
	}
	return b
}

func TestWrittenFormsOfOneTaiwaneseNumberAreOneNumber(t *testing.T) {
	t.Parallel()
	var rules struct {
		WrittenForms  []string `json:"written_forms"`
		ExampleMobile string   `json:"example_mobile"`
	}
	if err := json.Unmarshal(data(t, "taiwan/phone_rules_tw.json"), &rules); err != nil {
		t.Fatal(err)
	}
	if len(rules.WrittenForms) < 5 {
		t.Fatalf("only %d written forms", len(rules.WrittenForms))
	}
	for _, form := range append(rules.WrittenForms, rules.ExampleMobile) {
		if got, err := Normalise(Phone, form, "TW"); err != nil || got != "+886912345678" {
			t.Errorf("%q: %q, %v", form, got, err)
		}
	}
}

// Of 124 shops 7 have no number, and one has its address where the number belongs.
func TestNumbersOfTaipeiShopsAreRead(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(strings.NewReader(string(data(t, "taiwan/taipei_shops.csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var read, empty int
	var refused []string
	for _, row := range rows[1:] {
		switch got, err := Normalise(Phone, row[2], "TW"); {
		case row[2] == "":
			empty++
		case err != nil:
			refused = append(refused, row[2])
		default:
			read++
			if !strings.HasPrefix(got, "+886") || digitsOf(got)[3:] != strings.TrimLeft(digitsOf(row[2]), "0") {
				t.Errorf("%q became %q", row[2], got)
			}
		}
	}
	t.Logf("%d read, %d empty, refused: %q", read, empty, refused)
	if read != 116 || empty != 7 || len(refused) != 1 {
		t.Errorf("%d of %d rows were read, %d are empty", read, len(rows)-1, empty)
	}
}

func TestMasksShowNoMoreThanNeeded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, in, want string }{
		{"a mobile number of Taiwan as people write it", "+886912345678", "0912•••678"},
		{"a landline", "+886223957617", "0223•••617"},
		{"eight digits of Hong Kong: less of the beginning", "+85251234567", "51•••567"},
		{"nothing", "", ""},
		{"too short to show any", "+12345", "•••"},
	} {
		if got := MaskPhone(tc.in); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.why, got, tc.want)
		}
	}
	for in, want := range map[string]string{"lin@example.com": "l•••@example.com", "林@example.com": "林•••@example.com", "": "", "@x": ""} {
		if got := MaskEmail(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestNamesAreFoundByTheirPairs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, name, query string
		want             bool
	}{
		{"the whole name", "林小美", "林小美", true},
		{"the given name", "林小美", "小美", true},
		{"the surname alone", "林小美", "林", true},
		{"a character in the middle", "林小美", "小", true},
		{"a gap in the name", "林 小美", "林小美", true},
		{"other characters", "林小美", "陳", false},
		{"capitals", "Amy Lin", "amy LIN", true},
		{"part of a word", "Margaret Chan", "garet", true},
		{"words in another order", "Chan Tai Man", "tai chan", true},
		{"a letter begins a word", "Amy Lin", "l", true},
		{"a letter within a word does not count", "Amy Lin", "m", false},
		{"all pairs, but not side by side", "Abcab", "bcabc", false},
		{"a hyphen", "Mei-Hua", "meihua", true},
		{"accents are letters", "Élodie", "élo", true},
	} {
		tokens := map[string]bool{}
		for _, token := range nameTokens(tc.name) {
			tokens[token] = true
		}
		indexed := true
		for _, token := range queryTokens(tc.query) {
			indexed = indexed && tokens[token]
		}
		got := indexed && nameContains(tc.name, tc.query)
		if got != tc.want {
			t.Errorf("%s: %q in %q is %t", tc.why, tc.query, tc.name, got)
		}
	}
	if len(queryTokens(" - ")) != 0 {
		t.Error("a query without letters has tokens")
	}
}

func TestMemberNumbersShowTypingMistakes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		no := newMemberNo()
		if !isMemberNo(no) || seen[no] {
			t.Fatalf("%s is malformed or came twice", no)
		}
		seen[no] = true
		for i := range len(no) {
			for d := byte('0'); d <= '9'; d++ {
				if wrong := no[:i] + string(d) + no[i+1:]; wrong != no && isMemberNo(wrong) {
					t.Fatalf("%s with one wrong digit is %s, which passes", no, wrong)
				}
			}
			if i > 0 && no[i] != no[i-1] {
				if swapped := no[:i-1] + string(no[i]) + string(no[i-1]) + no[i+1:]; isMemberNo(swapped) {
					t.Fatalf("%s with two digits swapped is %s, which passes", no, swapped)
				}
			}
		}
	}
	if checkDigit("572") != '4' {
		t.Error("not the check digit of Damm's own example")
	}
}
