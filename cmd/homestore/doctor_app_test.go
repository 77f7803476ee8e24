package main

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"homestore/clienteling/team"
)

// fakeWeb answers for every address.
type fakeWeb struct {
	status int
	kind   string
	body   string
	err    error
	asked  []string
}

func (w *fakeWeb) RoundTrip(r *http.Request) (*http.Response, error) {
	w.asked = append(w.asked, r.URL.String())
	if w.err != nil {
		return nil, w.err
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Header: http.Header{"Content-Type": {w.kind}}, Body: io.NopCloser(strings.NewReader(w.body)),
	}, nil
}

func TestDoctorFetchesAppLinkFilesAsPhonesDo(t *testing.T) {
	t.Parallel()
	const good = `{"applinks":{"details":[{"appIDs":["C1EARDAY00.example.clearday.home"]}]}}`
	for _, tt := range []struct {
		web  fakeWeb
		what string // empty: all is well
	}{
		{fakeWeb{status: 200, kind: "application/json", body: good}, ""},
		{fakeWeb{status: 200, kind: "application/json; charset=utf-8", body: good}, ""},
		{fakeWeb{err: errors.New("certificate is not trusted")}, "certificate is not trusted"},
		{fakeWeb{status: 301, kind: "application/json", body: good}, "Moved Permanently"},
		{fakeWeb{status: 200, kind: "text/html", body: good}, "not application/json"},
		{fakeWeb{status: 200, kind: "application/json", body: strings.Replace(good, "home", "homes", 1)}, "names another app"},
	} {
		e := &examination{check: "app links", said: &examined{}, web: &tt.web, brand: team.Brand{ShortDomain: "go.example.test"}}
		e.lookAtFile(t.Context(), "/.well-known/apple-app-site-association", "C1EARDAY00.example.clearday.home")
		if tt.what == "" && len(e.said.Findings) > 0 || tt.what != "" && !e.said.has("app links", tt.what) {
			t.Errorf("%+v: %+v", tt.web, e.said.Findings)
		}
		if len(tt.web.asked) != 1 || tt.web.asked[0] != "https://go.example.test/.well-known/apple-app-site-association" {
			t.Errorf("asked %v", tt.web.asked)
		}
	}
}

func TestDoctorAsksForEachAppsFile(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.do(`UPDATE brand SET short_domain = 'go.example.test'`)
	web := &fakeWeb{err: errors.New("nobody is there")}
	e, err := examineWith(t.Context(), p.cfg, p.db, web)
	if err != nil || len(web.asked) != 2 || !e.has("app links", "apple-app-site-association") || !e.has("app links", "assetlinks.json") {
		t.Errorf("asked %v: %+v, %v", web.asked, e, err)
	}
}
