package shopper_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"homestore/referral/tag"
)

func TestAbuse02ASwappedCodeLeadsToAFriendlyPageAndCreditsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := b.issue(t, nil)
	for _, tc := range []struct{ why, code string }{
		{"one letter swapped", swapped(string(mine.Code), 0)},
		{"the check letter swapped", swapped(string(mine.Code), len(mine.Code)-1)},
		{"another well-formed code", string(tag.NewCode())},
	} {
		got := b.ask(t, "GET", "/Q/"+tc.code, nil, "Accept-Language", "en")
		if got.StatusCode != 404 || !strings.Contains(got.body, "There is nothing behind this code") || !strings.Contains(got.body, `href="https://shop.example.test"`) {
			t.Errorf("%s: %d %s", tc.why, got.StatusCode, got.body)
		}
		if len(got.Cookies()) > 0 || strings.Contains(got.body, "hs_click") {
			t.Errorf("%s: a click id was given", tc.why)
		}
	}
	if kinds := b.stored(t); len(kinds) > 0 {
		t.Errorf("scans of nobody's codes are stored: %v", kinds)
	}
}

// swapped is the code with another letter at one place.
func swapped(code string, at int) string {
	other := "K"
	if code[at] == 'K' {
		other = "M"
	}
	return code[:at] + other + code[at+1:]
}

func TestAbuse04UnknownAndRevokedAnswerAlikeInStatusBodyAndTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// As many as an address may try; the other half of the questions comes from another address.
	const questions = 15
	var took [2][]time.Duration
	for n := range questions {
		revoked := b.issue(t, nil)
		if _, err := b.tags.Retire(t.Context(), b.hq, revoked.ID); err != nil {
			t.Fatal(err)
		}
		forms := [2]string{}
		for kind, code := range []tag.Code{tag.NewCode(), revoked.Code} { // in turn, so that a busy machine is busy for both
			began := time.Now()
			got := b.ask(t, "GET", "/Q/"+string(code), nil, "X-Real-IP", fmt.Sprintf("192.0.2.%d", kind+1))
			took[kind] = append(took[kind], time.Since(began))
			forms[kind] = form(got)
		}
		if forms[0] != forms[1] {
			t.Fatalf("question %d: a guesser can tell them apart:\n%s\n%s", n, forms[0], forms[1])
		}
	}
	unknown, revoked := middle(took[0]), middle(took[1])
	if slices.Min(slices.Concat(took[0], took[1])) < 40*time.Millisecond {
		t.Errorf("an answer was there before its time: %v", took)
	}
	// Both wait for the same moment, so what is between their medians is the machine's.
	if between := (unknown - revoked).Abs(); between > 20*time.Millisecond {
		t.Errorf("unknown takes %v, revoked %v", unknown, revoked)
	}
	t.Logf("medians: unknown %v, revoked %v", unknown, revoked)
	if kinds := b.stored(t); kinds["person"] != questions {
		t.Errorf("%v are stored of %d scans of revoked tags", kinds, questions)
	}
}

// form is all that somebody who asks can see of an answer, but for what differs between any two.
func form(a answer) string {
	for _, name := range []string{"Date", "X-Request-Id"} {
		a.Header.Del(name)
	}
	return fmt.Sprint(a.StatusCode, a.Header, a.body)
}

func middle(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}

func TestAbuse04WhoTriesManyCodesIsSlowedDownAndFindsHerOwnStill(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, revoked := b.issue(t, nil), b.issue(t, nil)
	if _, err := b.tags.Retire(t.Context(), b.hq, revoked.ID); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		code := tag.NewCode()
		if i%2 == 0 {
			code = revoked.Code
		}
		if got := b.ask(t, "GET", "/Q/"+string(code), nil); got.StatusCode != 404 {
			t.Fatalf("miss %d: %d", i+1, got.StatusCode)
		}
	}
	for _, path := range []string{"/Q/" + string(tag.NewCode()), "/Q/" + string(revoked.Code), "/q/nonsense"} {
		got := b.ask(t, "GET", path, nil, "Accept-Language", "en")
		seconds, err := strconv.Atoi(got.Header.Get("Retry-After"))
		if got.StatusCode != 429 || err != nil || seconds < 1 || seconds > 60 || !strings.Contains(got.body, "One moment, please") {
			t.Fatalf("%s, miss 21: %d, Retry-After %q, %s", path, got.StatusCode, got.Header.Get("Retry-After"), got.body)
		}
	}
	if got := b.ask(t, "GET", "/Q/"+string(made.Code), nil); got.StatusCode != 302 {
		t.Fatalf("a shopper on the same Wi-Fi got %d", got.StatusCode)
	}
}
