package shopper_test

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestTheProductPageSpeaksHerLanguageAndHandsTheClickOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/p/sunny/SOFA-3-%E9%87%91?hs_click=abc-DEF_1"
	english := b.ask(t, "GET", path, nil, "Accept-Language", "en")
	for _, want := range []string{
		`lang="en"`, "Three-seat sofa &lt;b&gt;", "Sit down.", "NT$1,234,500", "Buy in the web shop",
		`href="https://shop.example.test?hs_click=abc-DEF_1"`,
		`href="/p/sunny/SOFA-3%2F%E7%81%B0?lang=en&amp;hs_click=abc-DEF_1"`, "Gold", "Grey", "NT$999", "NT$12,800",
	} {
		if !strings.Contains(english.body, want) {
			t.Errorf("the English page lacks %q", want)
		}
	}
	if english.StatusCode != 200 {
		t.Errorf("%d", english.StatusCode)
	}
	mustAllowItsStyle(t, english)
	linked := b.ask(t, "GET", strings.Replace(path, "?", "?lang=en&", 1), nil, "Accept-Language", "zh-TW")
	if !strings.Contains(linked.body, `lang="en"`) {
		t.Errorf("the link says English: %.200s", linked.body)
	}
	chinese := b.ask(t, "GET", path, nil, "Accept-Language", "zh-TW")
	for _, want := range []string{`lang="zh-TW"`, "三人沙發", "到官網選購", "晴日家居"} {
		if !strings.Contains(chinese.body, want) {
			t.Errorf("the Chinese page lacks %q", want)
		}
	}
}

func TestTheProductPageRepeatsNoForeignClick(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, click := range []string{"%22%3E%3Cscript%3E", "a%0d%0ab", strings.Repeat("a", 81), ""} {
		got := b.ask(t, "GET", "/p/sunny/SOFA-3-%E9%87%91?hs_click="+click, nil)
		if strings.Contains(got.body, "hs_click") {
			t.Errorf("%q was handed on", click)
		}
	}
}

func TestAProductThatIsNotThereGetsAFriendlyPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tc := range []struct{ why, path string }{
		{"unknown SKU", "/p/sunny/NOPE"},
		{"unknown brand", "/p/nobody/SOFA-3-%E9%87%91"},
		{"half a character", "/p/sunny/%E9"},
		{"NUL", "/p/sunny/SOFA%00"},
		{"climbing", "/p/sunny/..%2F..%2Fetc"},
	} {
		got := b.ask(t, "GET", tc.path, nil, "Accept-Language", "en")
		if got.StatusCode != 404 || !strings.Contains(got.body, "We cannot find this product") || !strings.Contains(got.body, `href="https://shop.example.test"`) {
			t.Errorf("%s: %d %s", tc.why, got.StatusCode, got.body)
		}
	}
}

func TestRobotsKeepAwayFromTags(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if got := b.ask(t, "GET", "/robots.txt", nil); got.StatusCode != 200 || !strings.Contains(got.body, "Disallow: /Q/\n") || !strings.Contains(got.body, "Disallow: /q/\n") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

// No client sends this, but somebody will type it into a socket.
func TestABrokenAddressGetsAFriendlyPageToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	conn, err := net.Dial("tcp", b.host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, path := range []string{"/p/sunny/%ZZ", "/q/%ZZ", "/Q/%"} {
		if _, err := conn.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: " + b.host + "\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || got.StatusCode != 404 || got.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: %+v, %v", path, got, err)
		}
		got.Body.Close()
	}
}
