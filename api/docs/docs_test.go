package docs_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"homestore/api/contracttest"
	"homestore/api/docs"
	"homestore/api/endpoint"
	"homestore/api/guard"
	contract "homestore/mobile-contract"
)

func serve(t *testing.T) (base string) {
	t.Helper()
	server := guard.New(guard.Config{Log: slog.New(slog.DiscardHandler), DrainFor: time.Millisecond})
	docs.Mount(server.App, endpoint.Frame{})
	ctx, stop := context.WithCancel(t.Context())
	listener, err := guard.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

func get(t *testing.T, url string) (status int, header http.Header, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	contracttest.Check(t, req, res)
	read, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(read)
}

func TestPageNeedsNoInternetAndNoInlineScript(t *testing.T) {
	t.Parallel()
	base := serve(t)
	status, header, body := get(t, base+"/docs")
	if status != http.StatusOK || header.Get("Content-Security-Policy") != guard.PagePolicy {
		t.Fatalf("%d %v", status, header)
	}
	if regexp.MustCompile(`<script>|<style|\son\w+=|//[a-z]`).MatchString(body) {
		t.Errorf("the page has something inline or from elsewhere: %s", body)
	}
	links := regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(body, -1)
	if len(links) < 4 {
		t.Fatalf("only %d links in %s", len(links), body)
	}
	for _, link := range links {
		status, header, body := get(t, base+link[1])
		if status != http.StatusOK || len(body) < 50 || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %d bytes, %v", link[1], status, len(body), header)
		}
	}
}

func TestContractIsServedAsItIs(t *testing.T) {
	t.Parallel()
	status, header, body := get(t, serve(t)+"/openapi.yaml")
	if status != http.StatusOK || header.Get("Content-Type") != "application/yaml" || body != string(contract.OpenAPI) {
		t.Errorf("%d %v, %d bytes", status, header, len(body))
	}
}

func TestOnlyFilesOfThePageAreServed(t *testing.T) {
	t.Parallel()
	base := serve(t)
	for _, name := range []string{"docs.go", "swagger-ui.css.gz", "oauth2-redirect.html"} {
		if status, header, _ := get(t, base+"/docs/"+name); status != http.StatusNotFound || !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d %v", name, status, header)
		}
	}
}
