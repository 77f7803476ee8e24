package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// runDemo plays the journey against a running Homestore, over its public API and as its kinds of user, and prints each
// step with what came back. It fails when anything is not as it must be.
func runDemo(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		return errors.New("usage: homestore demo (beside a running `homestore serve`)")
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	return playJourney(ctx, "http://"+cfg.Addr, "http://"+cfg.LocalAddr, out, nil)
}

// playJourney plays it against an API and its local services. seen hears of every call, for a test that compares them with
// the contract; nil: nobody does.
func playJourney(ctx context.Context, api, local string, out io.Writer, seen func(*http.Request, *http.Response, []byte)) error {
	s, err := readSeed()
	if err != nil {
		return err
	}
	j := &journey{seed: s, api: api, local: local, out: out, client: client{
		http: &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		seen: seen,
	}}
	for i, step := range journeySteps {
		fmt.Fprintf(out, "\n%2d. %s\n", i+1, step.title)
		if err := step.play(j, ctx); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.title, err)
		}
	}
	fmt.Fprintf(out, "\nThe journey is as it must be: %d steps.\n", len(journeySteps))
	return nil
}

// client speaks HTTP as an app would.
type client struct {
	http *http.Client
	seen func(*http.Request, *http.Response, []byte)
}

// phone is what a shopper's browser says of itself.
const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"

// call sends one request and reads the answer into out when its status is the one wanted; otherwise it says what came.
func (c client) call(ctx context.Context, r call, want int, out any) (http.Header, error) {
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", phone)
	req.Header.Set("Accept-Language", "zh-TW")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.method == http.MethodPost {
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w (is `make run` running beside this?)", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if c.seen != nil {
		c.seen(req, resp, answer)
	}
	if resp.StatusCode != want {
		return nil, fmt.Errorf("%s %s: status %d, want %d: %s", r.method, req.URL.Path, resp.StatusCode, want, answer)
	}
	switch into := out.(type) {
	case nil:
	case *[]byte:
		*into = answer
	default:
		if err := json.Unmarshal(answer, out); err != nil {
			return nil, fmt.Errorf("%s %s: %w in %s", r.method, req.URL.Path, err, answer)
		}
	}
	return resp.Header, nil
}

// call is one request.
type call struct {
	method, url, token string
	body               any
}
