package shopper_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// hostileAuthorities stand where a host should. A is the brand's host, E somebody else's.
var hostileAuthorities = []string{
	// plain, and names that look like the brand's
	"E", "www.A", "example.test", "A.E", "E.A", "AE", "EA", "shop-example.test", "shop.example.tes", "shop.example.test.", "SHOP.EXAMPLE.TEST", "A..E", ".A", "-A",
	// user information
	"A@E", "A:pw@E", "@A", "me@A", "@E", "A%40E", "A@@E", "E@A", ":@A", "A:443@E", "A%3A@E",
	// ports
	"A:444", "A:443", "A:", "A:0", "A:99999", "A:80@E:443", "A:443:443", "127.0.0.1", "127.0.0.1:1", "localhost", "localhost:8080",
	// what some parsers end a host at and others do not
	`A\@E`, `A\E`, `A\.E`, "A%5c.E", "A%2f.E", "A%2e.E", "A;E", "A,E", "A&E", "A|E", "A^E", "A`E", "A'E", `A"E`, "A<E", "A>E", "A$E", "A!E", "A*E", "A(E)", "A~E", "A=E", "A+E",
	// control characters and space
	"A%00.E", "A E", "A\tE", "A\nE", "A\rE", "A%0aE", "A%09.E", "A%20.E", "A\x7fE", "\tE", " E",
	// letters and stops that browsers fold
	"ｓhop.example.test", "shop．example.test", "shop。example.test", "shop｡example.test", "A．E", "A／E", "A⁄E", "A∕E", "A＠E", "A：443", "A\u200bE", "sho\u00adp.example.test",
	"ſhop.example.test", "ѕhop.example.test", "shop.exаmple.test", "xn--hop-dtc.example.test", "%73hop.example.test", "shop%2eexample%2etest", "A\u202eE",
	// numbers, and addresses inside
	"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[A]", "[A", "A]", "[::1]@E", "169.254.169.254", "10.0.0.1", "metadata.google.internal",
	// placeholders where the host ends
	"{store}", "{sku}", "{label}.example.test", "A{sku}", "A{label}", "A{reference}", "{label}@A", "A:{batch}", "shop.{label}.test", "A{host}", "A{", "A}",
}

// hostileAddresses are whole ones.
var hostileAddresses = []string{
	"", " ", "A", "A/p", "/p", "/", "//", "///E", "////E", "https:", "https:/", "https://", "https:///", "https:///E", "https:////E", "https:E", "https:/E", "https:A", "https:/A",
	`https:\\E`, `https:\E`, `https:/\E`, `\\E`, `/\E`, `\/E`, `/\/E`, "https://A//E", "https://A///E", "https://A/p//E", `https://A/\E`, `https://A/p\..\E`, "https://A/%5cE", "https://A/%5CE", "https://A/%0d%0aLocation:https://E",
	"https://A/\r\nLocation: https://E", "https://A/?a=%0d%0aSet-Cookie:b", "https://A/%00", "https://A/\x00", "https://A/ E", "https://A/p?next= E", "https://A/?a=\nb", "https://A/\u2028E",
	"HTTPS://A/", "Https://A/", "hTTps://E/", "httpſ://A/", "https ://A/", " https://A/", "https\t://A/", "\x01https://A/", "\u00a0https://A/", "https://https://A/", "https:https://A/", "https://A https://E",
	"http://A/", "http:A", "ws://A/", "wss://A/", "ftp://A/", "file:///etc/passwd", "file://A/", "javascript:alert(1)", "javascript://A/%0aalert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
	"data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "vbscript:x", "blob:https://A/x", "about:blank", "mailto:a@E", "tel:110", "intent://A/#Intent;scheme=https;package=E;end", "line://E",
	"view-source:https://A/", "market://details?id=E", "https://A/{host}", "https://A/{sku", "https://A/sku}", "https://A/{{sku}}", "https://A/{s{sku}ku}", "https://A/?hs_click=mine", "https://A/?hs%5fclick=mine",
	"https://A/?a=1;hs_click=mine", "https://A/?%zz", "https://A/%zz", "https://A/%", `https://A/"><script>`, "https://A/'", "https://A/<", "https://A/^", "https://A/沙發", "https://A/" + strings.Repeat("a", 1500),
}

// hostileValues are what a tag may say of itself, or a shopper's browser of her, where a destination has places for it.
var hostileValues = []string{
	"//evil.test", "/evil.test", "@evil.test", ":443@evil.test", ".evil.test", `\evil.test`, `\\evil.test`, "https://evil.test", "https:evil.test", "..", "../..", ".", "...", "%2e%2e", "%2f%2fevil.test", "%5cevil.test", "%0d%0aLocation:https://evil.test",
	"?next=https://evil.test", "#@evil.test", "&hs_click=forged", "a&hs_click=forged#", ";hs_click=forged", "{sku}", "{label}", "}{", "javascript:alert(1)", `"><script>alert(1)</script>`, "沙發", "／／evil.test", "。evil.test", "\u202eevil", " ", "+", "%", "%zz", "%00",
	strings.Repeat("../", 30), strings.Repeat("/", 60), "ſ", "\u200b",
}

// hostileRequests are links to a printed code with something in them, and headers.
var hostileRequests = []struct{ query, header, value string }{
	{query: "?url=https://evil.test"}, {query: "?next=//evil.test"}, {query: "?destination=https://evil.test"}, {query: "?redirect=https://evil.test"}, {query: "?to=//evil.test&to=//evil.test"}, {query: "?template=evil"},
	{query: "?lang=//evil.test"}, {query: "?lang=en%0d%0aLocation:%20https://evil.test"}, {query: "?lang=@evil.test"}, {query: "?lang=../.."}, {query: "?app=1&app=//evil.test"}, {query: "?app=https://evil.test"}, {query: "?hs_click=https://evil.test"},
	{query: "?{sku}=//evil.test"}, {query: "?https://evil.test"}, {query: "?//evil.test"}, {query: "?@evil.test"},
	{header: "Host", value: "evil.test"}, {header: "X-Forwarded-Host", value: "evil.test"}, {header: "X-Forwarded-Proto", value: "javascript"}, {header: "X-Original-URL", value: "https://evil.test"}, {header: "X-Rewrite-URL", value: "//evil.test"},
	{header: "Forwarded", value: "host=evil.test"}, {header: "Referer", value: "https://evil.test"}, {header: "Origin", value: "https://evil.test"}, {header: "Accept-Language", value: "//evil.test"}, {header: "Accept-Language", value: "en@evil.test"},
	{header: "Cookie", value: "hs_click=https://evil.test"}, {header: "Cookie", value: "hs_device=//evil.test"},
}

func hostileDestinations() []string {
	hosts := strings.NewReplacer("A", "shop.example.test", "E", "evil.test")
	all := []string{}
	for _, authority := range hostileAuthorities {
		for _, form := range []string{"https://%s/p", "https://%s", "//%s/p", "http://%s/p"} {
			all = append(all, fmt.Sprintf(form, hosts.Replace(authority)))
		}
	}
	for _, address := range hostileAddresses {
		all = append(all, hosts.Replace(address))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// staysAt asks as strictly as no browser does: where a redirect leads is one of the two hosts, letter by letter, and plain ASCII.
func (b *bundle) staysAt(location string) error {
	rest, ok := strings.CutPrefix(location, "https://shop.example.test")
	if !ok {
		if rest, ok = strings.CutPrefix(location, b.url); !ok {
			return errors.New("another host")
		}
	}
	plain := func(r rune) bool { return r > ' ' && r < 0x7f && r != '\\' }
	if strings.Trim(rest[:min(1, len(rest))], "/?#") != "" || strings.HasPrefix(rest, "//") || strings.ContainsFunc(location, func(r rune) bool { return !plain(r) }) {
		return errors.New("reads in two ways")
	}
	u, err := url.Parse(location)
	if err != nil || u.User != nil || len(u.Query()[tag.ClickParameter]) > 1 || slices.Contains(strings.Split(u.EscapedPath(), "/"), "..") {
		return fmt.Errorf("%+v, %w", u, err)
	}
	return nil
}

// follow scans a code and looks where it leads.
func (b *bundle) follow(t *testing.T, payload string, code tag.Code, query string, headers ...string) {
	t.Helper()
	got := b.ask(t, "HEAD", "/Q/"+string(code)+query, nil, append([]string{"Accept-Language", "en"}, headers...)...)
	if got.StatusCode != 302 {
		t.Errorf("%q: %d", payload, got.StatusCode)
	} else if err := b.staysAt(got.Header.Get("Location")); err != nil {
		t.Errorf("%q leads to %q: %v", payload, got.Header.Get("Location"), err)
	}
}

// Nobody who may make tags makes one that leads away: not by its own destination, not by a template, not by a rule.
func TestAbuse03NoneOf500DestinationsIsTakenThatLeadsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	payloads := hostileDestinations()
	made := b.issue(t, nil)
	taken := 0
	for _, payload := range payloads {
		acts := map[string]func() error{
			"a new tag":   func() error { _, err := b.tags.Issue(t.Context(), b.hq, b.leading(payload)); return err },
			"a template":  func() error { _, err := b.tags.PutTemplate(t.Context(), b.hq, "variant", payload); return err },
			"destination": func() error { _, err := b.tags.ChangeDestination(t.Context(), b.hq, made.ID, payload); return err },
			"a rule": func() error {
				_, err := b.tags.ChangeRules(t.Context(), b.hq, made.ID, []tag.Rule{{Language: shop.English, Destination: payload}})
				return err
			},
		}
		for what, act := range acts {
			switch err := act(); {
			case err == nil:
				taken++
				t.Errorf("%q was taken as %s", payload, what)
			case !errors.Is(err, tag.ErrDestination) && !errors.Is(err, tag.ErrTemplate) && !errors.Is(err, shop.ErrFields):
				t.Errorf("%q as %s: %v", payload, what, err)
			}
		}
	}
	if len(payloads) < 500 {
		t.Errorf("only %d payloads", len(payloads))
	}
	t.Logf("%d payloads, each in four ways; %d taken", len(payloads), taken)
}

func (b *bundle) leading(destination string) tag.Spec {
	return tag.Spec{Store: b.S1, Kind: tag.Variant, Reference: "SOFA-3", Placement: tag.Shelf, Destination: destination}
}

// And if one came into the record all the same, by a mistake of ours or an import, it is not followed.
func TestAbuse03NoneOf500DestinationsInTheRecordIsFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	payloads := slices.DeleteFunc(hostileDestinations(), func(p string) bool { return strings.ContainsRune(p, 0) }) // which no text column takes
	specs := make([]tag.Spec, len(payloads))
	for i := range specs {
		specs[i] = b.leading("https://shop.example.test/own")
	}
	own, err := b.tags.IssueSeveral(t.Context(), b.hq, specs)
	if err != nil {
		t.Fatal(err)
	}
	ruled, err := b.tags.IssueSeveral(t.Context(), b.hq, specs)
	if err != nil {
		t.Fatal(err)
	}
	err = b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for i, payload := range payloads {
			batch.Queue(`UPDATE tag SET destination = $3 WHERE brand_id = $1 AND id = $2`, b.Brand, own[i].ID, payload)
			batch.Queue(`UPDATE tag SET rules = $3 WHERE brand_id = $1 AND id = $2`, b.Brand, ruled[i].ID, []tag.Rule{{Language: shop.English, Destination: payload}})
		}
		return tx.SendBatch(t.Context(), batch).Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, payload := range payloads {
		b.follow(t, payload, own[i].Code, "")
		b.follow(t, payload, ruled[i].Code, "")
	}
	t.Logf("%d payloads, each as destination and as rule", len(payloads))
}

// What a tag says of itself, its store of itself and a browser of its owner is filled in, and leads nowhere else by it.
func TestAbuse03NothingThatIsFilledInLeadsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	places := "https://shop.example.test/{lang}/{sku}/{reference}/{label}/{batch}/{store}?a={sku}&b={label}&c={batch}&d={store}&e={lang}#{label}{store}"
	if _, err := b.tags.PutTemplate(t.Context(), b.hq, "variant", places); err != nil {
		t.Fatal(err)
	}
	first := "https://shop.example.test/{sku}"
	for i, value := range hostileValues {
		err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE store SET code = $3 WHERE brand_id = $1 AND id = $2`, b.Brand, b.S2, value[:min(len(value), 40)]+fmt.Sprint(i))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		spec := tag.Spec{Store: b.S2, Kind: tag.Variant, Reference: value, Placement: tag.Shelf, Label: value, Batch: value}
		b.follow(t, value, b.issue(t, func(s *tag.Spec) { *s = spec }).Code, "?lang="+url.QueryEscape(value), "Accept-Language", "zh-TW")
		spec.Destination = first
		b.follow(t, value, b.issue(t, func(s *tag.Spec) { *s = spec }).Code, "")
	}
	t.Logf("%d values in every place", len(hostileValues))
}

func TestAbuse03NothingInALinkToACodeLeadsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	yes := true
	code := b.issue(t, func(s *tag.Spec) {
		s.Rules = []tag.Rule{{HasApp: &yes, Destination: "https://shop.example.test/app/{lang}"}}
		s.Destination = "https://shop.example.test/{lang}?l={lang}"
	}).Code
	for _, r := range hostileRequests {
		headers := []string{}
		if r.header != "" {
			headers = []string{r.header, r.value}
		}
		b.follow(t, r.query+r.header+": "+r.value, code, r.query, headers...)
	}
	t.Logf("%d links and headers", len(hostileRequests))
}
