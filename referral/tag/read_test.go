package tag

import (
	"errors"
	"strings"
	"testing"
)

func TestReadTakesOurOwnCodesAlone(t *testing.T) {
	t.Parallel()
	code := NewCode()
	ours := string(code)
	for _, tc := range []struct {
		why, text, domain string
		want              error
	}{
		{"the code alone", ours, "go.brand.tw", nil},
		{"as a person types it", strings.ToLower(code.Grouped()), "go.brand.tw", nil},
		{"as it is printed", QRText("go.brand.tw", code), "go.brand.tw", nil},
		{"in lower case", "https://go.brand.tw/q/" + strings.ToLower(ours), "go.brand.tw", nil},
		{"as an app got it from the page", "https://go.brand.tw/Q/" + ours + "?hs_click=abc", "go.brand.tw", nil},
		{"the demo", QRText("127.0.0.1:8080", code), "127.0.0.1:8080", nil},
		{"another host", "https://go.evil.tw/Q/" + ours, "go.brand.tw", ErrForeign},
		{"ours as a name before it", "https://go.brand.tw.evil.tw/Q/" + ours, "go.brand.tw", ErrForeign},
		{"ours as somebody's name", "https://go.brand.tw@evil.tw/Q/" + ours, "go.brand.tw", ErrForeign},
		{"another port", "https://go.brand.tw:444/Q/" + ours, "go.brand.tw", ErrForeign},
		{"without TLS", "http://go.brand.tw/Q/" + ours, "go.brand.tw", ErrForeign},
		{"no code behind it", "https://go.brand.tw/p/x", "go.brand.tw", ErrForeign},
		{"a script", "javascript:alert(1)", "go.brand.tw", ErrForeign},
		{"a network", "WIFI:S:free;T:WPA;P:x;;", "go.brand.tw", ErrForeign},
		{"not an address", "https://[", "go.brand.tw", ErrForeign},
		{"ours, and no code", "https://go.brand.tw/Q/" + ours[:12] + "U", "go.brand.tw", ErrUnknown},
		{"a word", "hello", "go.brand.tw", ErrUnknown},
		{"nothing", "", "go.brand.tw", ErrUnknown},
	} {
		read, err := Read(tc.text, tc.domain)
		if !errors.Is(err, tc.want) || tc.want == nil && (err != nil || read != code) {
			t.Errorf("%s: %q, %v; want %v", tc.why, read, err, tc.want)
		}
	}
}
