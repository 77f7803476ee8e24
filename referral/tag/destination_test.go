package tag

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
)

var allowed = Hosts{"www.brand.tw", "shop.brand.tw", "shop.brand.tw:8443", "xn--fiq228c.tw", "127.0.0.1:8080", "localhost:8080"}

func TestDestinationOnAnAllowedHostIsTaken(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, template string }{
		{"a product page", "https://www.brand.tw/p/{sku}"},
		{"the bare host", "https://www.brand.tw"},
		{"with a slash", "https://www.brand.tw/"},
		{"query at once", "https://www.brand.tw?lang={lang}"},
		{"campaign parameters", "https://shop.brand.tw/{lang}/p/{sku}?utm_source=shelf&utm_medium=qr&utm_content={store}-{placement}&utm_campaign={batch}"},
		{"a fragment", "https://www.brand.tw/p/{sku}#colours"},
		{"escaped Chinese", "https://www.brand.tw/%E6%B2%99%E7%99%BC"},
		{"a port that is listed", "https://shop.brand.tw:8443/x"},
		{"an international name that is listed", "https://xn--fiq228c.tw/"},
		{"the demo on this machine", "http://127.0.0.1:8080/p/demo/{sku}"},
		{"the demo by name", "http://localhost:8080/p/demo/{sku}"},
		{"another address as a parameter stays a parameter", "https://www.brand.tw/?ref=https%3A%2F%2Fother.tw"},
	} {
		if err := allowed.CheckDestination(tc.template); err != nil {
			t.Errorf("%s: %s: %v", tc.why, tc.template, err)
		}
	}
}

func TestDestinationElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, template string }{
		{"nothing", ""},
		{"a foreign host", "https://evil.tw/"},
		{"a subdomain that is not listed", "https://a.www.brand.tw/"},
		{"the parent domain", "https://brand.tw/"},
		{"an allowed host as a prefix", "https://www.brand.tw.evil.tw/"},
		{"an allowed host as a suffix", "https://evilwww.brand.tw/"},
		{"an allowed host in the path", "https://evil.tw/www.brand.tw"},
		{"an allowed host in the query", "https://evil.tw?www.brand.tw"},
		{"an allowed host in the fragment", "https://evil.tw#www.brand.tw"},
		{"user information", "https://www.brand.tw@evil.tw/"},
		{"user and password", "https://www.brand.tw:pw@evil.tw/"},
		{"empty user information", "https://@www.brand.tw/"},
		{"user before an allowed host", "https://me@www.brand.tw/"},
		{"encoded at sign", "https://www.brand.tw%40evil.tw/"},
		{"a backslash as a slash", "https://www.brand.tw\\@evil.tw/"},
		{"a backslash host", "https:\\\\evil.tw/"},
		{"a backslash after the scheme", "https:/\\evil.tw"},
		{"a backslash in the path", "https://www.brand.tw/\\evil.tw"},
		{"an encoded backslash", "https://www.brand.tw/%5cevil.tw"},
		{"an encoded backslash, upper case", "https://www.brand.tw/%5Cevil.tw"},
		{"no scheme", "www.brand.tw/"},
		{"relative to the scheme", "//www.brand.tw/"},
		{"relative to the scheme, foreign", "//evil.tw/"},
		{"three slashes", "https:///evil.tw/"},
		{"one slash", "https:/www.brand.tw/"},
		{"no slash", "https:www.brand.tw/"},
		{"path that begins with two slashes", "https://www.brand.tw//evil.tw"},
		{"empty segment further on", "https://www.brand.tw/a//evil.tw"},
		{"a path only", "/p/1"},
		{"javascript", "javascript:alert(1)"},
		{"javascript with a comment that looks like a host", "javascript://www.brand.tw/%0aalert(1)"},
		{"data", "data:text/html,<script>alert(1)</script>"},
		{"file", "file:///etc/passwd"},
		{"ftp", "ftp://www.brand.tw/"},
		{"an app's scheme", "intent://www.brand.tw/#Intent;scheme=https;end"},
		{"scheme in upper case", "HTTPS://www.brand.tw/"},
		{"mixed scheme", "hTTps://www.brand.tw/"},
		{"two schemes", "https://https://www.brand.tw/"},
		{"view-source", "view-source:https://www.brand.tw/"},
		{"space before", " https://www.brand.tw/"},
		{"tab in the scheme", "ht\ttps://www.brand.tw/"},
		{"line break in the scheme", "https:\n//evil.tw"},
		{"a new header", "https://www.brand.tw/\r\nSet-Cookie: a=b"},
		{"an encoded new header", "https://www.brand.tw/%0d%0aSet-Cookie:a=b"},
		{"an encoded new header in the query", "https://www.brand.tw/?a=%0D%0Ab"},
		{"NUL", "https://www.brand.tw/\x00"},
		{"encoded NUL", "https://www.brand.tw/%00.evil.tw"},
		{"NUL in the host", "https://www.brand.tw%00.evil.tw/"},
		{"space in the host", "https://www.brand.tw .evil.tw/"},
		{"without TLS", "http://www.brand.tw/"},
		{"without TLS on a port that is listed for https", "http://shop.brand.tw:8443/"},
		{"a port", "https://www.brand.tw:444/"},
		{"the usual port, written out", "https://www.brand.tw:443/"},
		{"an empty port", "https://www.brand.tw:/"},
		{"a trailing dot", "https://www.brand.tw./"},
		{"upper case host, which the list does not have", "https://WWW.BRAND.TW/"},
		{"Cyrillic letters that look alike", "https://www.br\u0430nd.tw/"},
		{"full-width letters that fold", "https://ｗｗｗ.brand.tw/"},
		{"full-width dot", "https://www.brand.tw\uff0eevil.tw/"},
		{"ideographic full stop", "https://www\u3002brand.tw/"},
		{"full-width slash", "https://www.brand.tw\uff0fevil.tw/"},
		{"fraction slash", "https://www.brand.tw\u2044.evil.tw/"},
		{"division slash", "https://www.brand.tw\u2215evil.tw"},
		{"zero-width space", "https://www.brand.tw\u200b/"},
		{"soft hyphen", "https://www.br\u00adand.tw/"},
		{"long s, which folds to s", "http\u017f://www.brand.tw/"},
		{"Kelvin sign", "https://www.brand.tw\u212a/"},
		{"right-to-left override", "https://www.brand.tw/\u202egnp.exe"},
		{"Chinese in the path, unescaped", "https://www.brand.tw/沙發"},
		{"punycode that is not listed", "https://xn--brnd-5cd.tw/"},
		{"encoded letter in the host", "https://www.%62rand.tw/"},
		{"encoded slash in the host", "https://www.brand.tw%2f.evil.tw/"},
		{"semicolon in the host", "https://www.brand.tw;evil.tw/"},
		{"comma in the host", "https://www.brand.tw,evil.tw/"},
		{"ampersand in the host", "https://www.brand.tw&evil.tw/"},
		{"loopback on another port", "http://127.0.0.1:8081/"},
		{"loopback without its port", "http://127.0.0.1/"},
		{"loopback in decimal", "http://2130706433:8080/"},
		{"loopback in octal", "http://0177.0.0.1:8080/"},
		{"loopback short", "http://127.1:8080/"},
		{"all interfaces", "http://0.0.0.0:8080/"},
		{"loopback of IPv6, not listed", "http://[::1]:8080/"},
		{"mapped address", "https://[::ffff:127.0.0.1]/"},
		{"the cloud's metadata", "http://169.254.169.254/latest/meta-data"},
		{"a name that begins like this machine", "http://localhost:8080.evil.tw/"},
		{"a name that begins like loopback", "http://127.0.0.1:8080.evil.tw/"},
		{"loopback as user information", "http://127.0.0.1:8080@evil.tw/"},
		{"broken brackets", "https://[www.brand.tw]/"},
		{"bad escape", "https://www.brand.tw/%zz"},
		{"quote", "https://www.brand.tw/\"onload="},
		{"markup", "https://www.brand.tw/<script>"},
		{"a placeholder for the host", "https://{store}/"},
		{"a placeholder in the host", "https://{store}.brand.tw/"},
		{"a placeholder behind the host without a slash", "https://www.brand.tw{sku}"},
		{"an unknown placeholder", "https://www.brand.tw/{host}"},
		{"a placeholder left open", "https://www.brand.tw/{sku"},
		{"a placeholder that was never opened", "https://www.brand.tw/sku}"},
		{"a placeholder within a placeholder", "https://www.brand.tw/{{sku}}"},
		{"the click id set by the template", "https://www.brand.tw/?hs_click=mine"},
		{"the click id set by the template, encoded", "https://www.brand.tw/?hs%5Fclick=mine"},
		{"a query that two parsers read in two ways", "https://www.brand.tw/?a=1;hs_click=mine"},
		{"too long", "https://www.brand.tw/" + strings.Repeat("a", maxDestination)},
	} {
		if err := allowed.CheckDestination(tc.template); !errors.Is(err, ErrDestination) {
			t.Errorf("%s: %q was taken (%v)", tc.why, tc.template, err)
		}
	}
}

func TestNoBrandAllowsEverything(t *testing.T) {
	t.Parallel()
	for _, hosts := range []Hosts{nil, {}, {""}, {"*"}} {
		for _, template := range []string{"https://www.brand.tw/", "https:///x", "https://", "http://127.0.0.1:8080/"} {
			if err := hosts.CheckDestination(template); err == nil {
				t.Errorf("%q lets %q through", hosts, template)
			}
		}
	}
}

func TestFillKeepsQueryAndFragment(t *testing.T) {
	t.Parallel()
	values := map[string]string{"sku": "SOFA 3/金", "lang": "zh-TW", "store": "XINYI", "batch": "2026&11"}
	for _, tc := range []struct{ why, template, click, want string }{
		{"no query", "https://www.brand.tw/p/{sku}", "tok", "https://www.brand.tw/p/SOFA%203%2F%E9%87%91?hs_click=tok"},
		{"a query is kept", "https://www.brand.tw/?a=1&l={lang}", "tok", "https://www.brand.tw/?a=1&l=zh-TW&hs_click=tok"},
		{"an empty query", "https://www.brand.tw/?", "tok", "https://www.brand.tw/?hs_click=tok"},
		{"before the fragment", "https://www.brand.tw/p#colours", "tok", "https://www.brand.tw/p?hs_click=tok#colours"},
		{"a bot gets no click id", "https://www.brand.tw/?c={batch}", "", "https://www.brand.tw/?c=2026%2611"},
		{"what the tag does not have is empty", "https://www.brand.tw/?l={label}", "", "https://www.brand.tw/?l="},
	} {
		if got := Fill(tc.template, values, tc.click); got != tc.want {
			t.Errorf("%s: %s; want %s", tc.why, got, tc.want)
		}
	}
}

func TestHostileValuesNeverMoveTheDestination(t *testing.T) {
	t.Parallel()
	hostile := []string{"//evil.tw", "@evil.tw", "\\evil.tw", "..", "../..", ".", "%2e%2e", "?x=https://evil.tw", "#@evil.tw", "\r\nX: y",
		"a&hs_click=forged", "{sku}", "javascript:alert(1)", "沙發", "\x00", ":443", strings.Repeat("../", 50)}
	for _, template := range []string{"https://www.brand.tw/{sku}", "https://www.brand.tw/p/{sku}/x?y={sku}&z=1#{sku}", "https://www.brand.tw?{sku}=1"} {
		for _, v := range hostile {
			got := Fill(template, map[string]string{"sku": v}, "real")
			u, err := url.Parse(got)
			if err != nil || u.Host != "www.brand.tw" || u.User != nil {
				t.Errorf("%q in %s leads to %q (%v)", v, template, got, err)
				continue
			}
			if strings.ContainsAny(got, "\r\n\\ \x00") {
				t.Errorf("%q in %s is not one header line: %q", v, template, got)
			}
			if clicks := u.Query()[ClickParameter]; len(clicks) != 1 || clicks[0] != "real" {
				t.Errorf("%q in %s gives the click ids %q", v, template, clicks)
			}
			if strings.Contains(u.EscapedPath(), "/../") || strings.HasSuffix(u.EscapedPath(), "/..") {
				t.Errorf("%q in %s climbs: %s", v, template, got)
			}
		}
	}
}

func TestQRTextIsUpperCaseButForItsScheme(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, domain, want string }{
		{"a brand", "go.brand.tw", "https://GO.BRAND.TW/Q/7K3QXMTWBA2D9"},
		{"the demo on this machine", "127.0.0.1:8080", "http://127.0.0.1:8080/Q/7K3QXMTWBA2D9"},
		{"the demo by name", "localhost:8080", "http://LOCALHOST:8080/Q/7K3QXMTWBA2D9"},
		{"IPv6", "[::1]:8080", "http://[::1]:8080/Q/7K3QXMTWBA2D9"},
	} {
		if got := QRText(tc.domain, "7K3QXMTWBA2D9"); got != tc.want {
			t.Errorf("%s: %s; want %s", tc.why, got, tc.want)
		}
	}
}

// Whatever is taken leads to an allowed host, whatever is filled in.
func FuzzCheckDestination(f *testing.F) {
	f.Add("https://www.brand.tw/p/{sku}?a={lang}#x", "SOFA 3")
	f.Add("https://www.brand.tw@evil.tw/", "..")
	f.Add("http://127.0.0.1:8080/", "//evil.tw")
	f.Fuzz(func(t *testing.T, template, sku string) {
		if allowed.CheckDestination(template) != nil {
			return
		}
		u, err := url.Parse(Fill(template, map[string]string{"sku": sku}, "tok"))
		if err != nil || !slices.Contains(allowed, u.Host) || u.User != nil || len(u.Query()[ClickParameter]) != 1 {
			t.Fatalf("%q with %q leads to %v (%v)", template, sku, u, err)
		}
	})
}
