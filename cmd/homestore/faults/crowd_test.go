package faults

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

const (
	// phones scan at once, in one burst after the other: whatever breaks between two answers breaks in the middle of a burst.
	phones = 64
	// scansPerSecond is what the faults are to be seen at. At a machine's limit its own slowness would be seen.
	scansPerSecond = 320
	// slowestAnswer is for any request, whatever is broken (quality.md, Faults).
	slowestAnswer = 5 * time.Second

	phoneBrowser = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

// crowd is phones that scan the codes of a Homestore and write down each click id that they were given.
type crowd struct {
	h      *homestore
	codes  []string
	client *http.Client
	leave  context.CancelFunc
	gone   sync.WaitGroup

	mu        sync.Mutex
	clicks    map[shop.ID]int // by the scan that a click id vouches for
	answered  int             // 302 with a click id
	otherwise map[string]int
	slowest   time.Duration
	marks     []mark
}

// mark is a count that somebody waits for.
type mark struct {
	what    string // a key of otherwise, or answered
	at      int
	reached chan struct{}
}

// How a scan can end, beside the status of its answer.
const (
	answered   = "302"
	notReached = "not reached" // no connection: nothing can have been stored
	cutOff     = "cut off"     // asked and not answered: it may have been stored
)

// startCrowd lets the phones in. They scan until depart.
func startCrowd(t *testing.T, h *homestore, codes []string) *crowd {
	t.Helper()
	ctx, leave := context.WithCancel(context.Background())
	c := &crowd{
		h: h, codes: codes, leave: leave, clicks: map[shop.ID]int{}, otherwise: map[string]int{},
		client: &http.Client{
			// A connection for each scan, as in a shop. An http.Client asks again by itself when a used connection breaks, and
			// then one scan here would be two there.
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       2 * slowestAnswer,
		},
	}
	bursts := make(chan struct{}, 2*phones)
	c.gone.Go(func() {
		every := time.NewTicker(time.Second * phones / scansPerSecond)
		defer every.Stop()
		defer close(bursts)
		for {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
			}
			for range phones {
				select {
				case bursts <- struct{}{}:
				default: // all are busy: who comes to a crowd that waits goes home
				}
			}
		}
	})
	for range phones {
		c.gone.Go(func() {
			for range bursts {
				began := time.Now()
				click, ended := c.scan()
				c.note(click, ended, time.Since(began))
			}
		})
	}
	t.Cleanup(c.depart)
	return c
}

// depart returns when the last phone has its answer.
func (c *crowd) depart() {
	c.leave()
	c.gone.Wait()
}

// scan reads one code as somebody who never did: an address and a cookie of her own, so that a scan which is stored twice,
// under whatever id, is seen to be.
func (c *crowd) scan() (click, ended string) {
	code := c.codes[mathrand.IntN(len(c.codes))]
	req, err := http.NewRequest(http.MethodGet, c.h.url("/q/"+code), nil)
	if err != nil {
		return "", err.Error()
	}
	var seed [16]byte
	_, _ = rand.Read(seed[:]) // documented never to fail
	req.Header.Set("User-Agent", phoneBrowser)
	req.Header.Set("X-Real-IP", fmt.Sprintf("10.%d.%d.%d", seed[0], seed[1], seed[2]))
	req.AddCookie(&http.Cookie{Name: "hs_device", Value: base64.RawURLEncoding.EncodeToString(seed[:])})
	resp, err := c.client.Do(req)
	if err != nil {
		return "", howItFailed(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusFound {
		return "", fmt.Sprint(resp.StatusCode, whatIsMissing(resp))
	}
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || to.Query().Get(tag.ClickParameter) == "" {
		return "", "302 without a click id"
	}
	return to.Query().Get(tag.ClickParameter), answered
}

// whatIsMissing says what a shopper who is not redirected lacks: a page, and when to come again.
func whatIsMissing(resp *http.Response) string {
	missing := ""
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		missing += " without a page"
	}
	if resp.Header.Get("Retry-After") == "" {
		missing += " without Retry-After"
	}
	return missing
}

func howItFailed(err error) string {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return notReached
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "not answered in time"
	}
	return cutOff
}

func (c *crowd) note(click, ended string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slowest = max(c.slowest, took)
	if ended == answered {
		c.answered++
		c.clicks[scanOf(click)]++
	} else {
		c.otherwise[ended]++
	}
	waiting := c.marks[:0]
	for _, m := range c.marks {
		if c.count(m.what) >= m.at {
			close(m.reached)
		} else {
			waiting = append(waiting, m)
		}
	}
	c.marks = waiting
}

// count is how many scans ended so. The caller holds mu.
func (c *crowd) count(ended string) int {
	if ended == answered {
		return c.answered
	}
	return c.otherwise[ended]
}

// scanOf is the scan within a click id: after the key's number (1 byte) and the brand (4), before the signature (16).
func scanOf(click string) (id shop.ID) {
	token, err := base64.RawURLEncoding.DecodeString(click)
	if err == nil && len(token) == 1+4+16+16 {
		copy(id[:], token[5:])
	}
	return id // zero, which no scan has, where it is none of ours
}

// untilMore returns when so many more scans have ended so: in the middle of a burst.
func (c *crowd) untilMore(t *testing.T, ended string, n int) {
	t.Helper()
	c.mu.Lock()
	m := mark{ended, c.count(ended) + n, make(chan struct{})}
	c.marks = append(c.marks, m)
	c.mu.Unlock()
	select {
	case <-m.reached:
	case <-time.After(30 * time.Second):
		t.Fatalf("half a minute without %d more scans that ended with %s: %s\n%s", n, ended, c.tally(), c.h.logTail(t))
	}
}

// tally is how all scans ended so far.
func (c *crowd) tally() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%d scans answered, otherwise %v, the slowest after %v", c.answered, c.otherwise, c.slowest.Round(time.Millisecond))
}

func (c *crowd) endedSo(ended string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count(ended)
}

// last is the latest scan that somebody was answered for.
func (c *crowd) last() (last shop.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.clicks {
		if bytes.Compare(id[:], last[:]) > 0 {
			last = id
		}
	}
	return last
}

func (c *crowd) mustAllBeRedirected(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.otherwise) > 0 {
		t.Errorf("codes in memory were answered otherwise than by a redirect: %v", c.otherwise)
	}
}
