package faults

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	bombAnsweredWithin = time.Second // quality.md, Faults
	bombMemoryMB       = 64
	bombersAtOnce      = 10 // one is promised; of ten the bodies are 10 MB, and the collector lets as much again and more lie
	hundredMB          = 100 << 20
	mostSaidBack       = 16 << 10
)

// bomb is a request that is small for who sends it and meant to be large for who reads it.
type bomb struct {
	why     string
	body    []byte
	length  int64 // instead of the body's, which is then repeated; -1: chunked, without one
	headers [][2]string
	query   string
}

// bombs are made once: they are large.
var bombs = sync.OnceValue(func() []bomb {
	var manyKeys, manyHeaders bytes.Buffer
	for n := range 100_000 {
		fmt.Fprintf(&manyKeys, `"k%d":1,`, n)
		fmt.Fprintf(&manyHeaders, "h%d,", n)
	}
	form := strings.Repeat("a=1&", 100_000)
	mebibyte := strings.Repeat("x", 1<<20-200)
	return []bomb{
		{why: "gzip of 2 GB", body: gzipOf(2 << 30), headers: [][2]string{{"Content-Encoding", "gzip"}}},
		{why: "100 MB", body: []byte(strings.Repeat(" ", 1<<20)), length: hundredMB},
		{why: "100 MB, chunked", body: []byte(strings.Repeat(" ", 1<<20)), length: -1},
		{why: "the most that a program may send", body: []byte(strings.Repeat(" ", 1<<20))},
		{why: "200,000 arrays deep", body: []byte(`{"lines":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + "}")},
		{why: "200,000 objects deep", body: []byte(strings.Repeat(`{"a":`, 200_000) + "1" + strings.Repeat("}", 200_000))},
		{why: "1 MB of headers", body: []byte("{}"), headers: [][2]string{{"X-Large", mebibyte}}},
		{why: "100,000 names in a header", body: []byte("{}"), headers: [][2]string{{"X-Many", manyHeaders.String()}}},
		{why: "100,000 parameters", body: []byte("{}"), query: "?" + form},
		{why: "a form of 100,000 fields", body: []byte(form), headers: [][2]string{{"Content-Type", "application/x-www-form-urlencoded"}}},
		{why: "100,000 keys", body: []byte("{" + manyKeys.String() + `"order":"1"}`)},
		{why: "a name of 1 MB", body: []byte(`{"order":"` + mebibyte + `","system":"` + `"}`)},
		{why: "a key of 1 MB", body: []byte(`{"` + mebibyte + `":1}`)},
		{why: "a number of 1 MB", body: []byte(`{"version":` + strings.Repeat("9", 1<<20-200) + `}`)},
		{why: "50,000 lines", body: []byte(`{"order":"1","lines":[` + strings.Repeat(`{"quantity":-1},`, 50_000) + `{}]}`)},
		{why: "50,000 products", body: []byte(`{"products":[` + strings.Repeat(`{"category":""},`, 50_000) + `{}]}`)},
		{why: "a zip in a form", body: zipForm().Bytes(), headers: [][2]string{{"Content-Type", "multipart/form-data; boundary=bomb"}}},
	}
})

func gzipOf(size int64) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.CopyN(w, zeros{}, size) // into memory
	_ = w.Close()
	return packed.Bytes()
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func zipForm() *bytes.Buffer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.SetBoundary("bomb")
	part, _ := form.CreateFormFile("file", "orders.zip") // into memory
	archive := zip.NewWriter(part)
	file, _ := archive.Create("orders.csv")
	_, _ = io.CopyN(file, zeros{}, 256<<20)
	_ = archive.Close()
	_ = form.Close()
	return &body
}

// door is where a bomb is thrown.
type door struct {
	method, path, token string
	headers             [][2]string
}

// doors are one of each kind: nobody asks who comes, secrets are guessed, people and programs work, a platform signs.
func doors(s *systems) []door {
	unsigned := [][2]string{{"X-Shopify-Shop-Domain", webShop}, {"X-Shopify-Topic", "orders/create"}, {"X-Shopify-Hmac-Sha256", "AAAA"}}
	return []door{
		{method: "GET", path: "/q/" + s.codes[0]},
		{method: "POST", path: "/v1/sign-in/manager"},
		{method: "POST", path: "/v1/staff/customers/search"},
		{method: "POST", path: "/v1/staff/customers/search", token: s.tokens[0]},
		{method: "POST", path: "/v1/manager/stores", token: s.tokens[0]},
		{method: "POST", path: "/v1/integrations/orders", token: s.keys[0]},
		{method: "POST", path: "/v1/integrations/products", token: s.keys[0]},
		{method: "POST", path: "/v1/integrations/shopify/webhooks", headers: unsigned},
	}
}

// throw sends the bomb and returns the status of the answer and after how long it came. A server may answer before it has all,
// and close: what cannot be sent any more is not.
func (s *systems) throw(b bomb, d door) (status int, took time.Duration, err error) {
	req := s.request(d.method, d.path+b.query, d.token, b.body)
	for _, h := range slices.Concat(d.headers, b.headers) {
		req.Header.Set(h[0], h[1])
	}
	switch {
	case b.length > 0:
		req.Body, req.ContentLength = io.NopCloser(io.LimitReader(&repeated{of: b.body}, b.length)), b.length
	case b.length < 0:
		req.Body, req.ContentLength = io.NopCloser(io.LimitReader(&repeated{of: b.body}, hundredMB)), -1
	}
	began := time.Now()
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       2 * slowestAnswer,
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, time.Since(began), errors.Unwrap(err) // without the address, which may be the bomb
	}
	defer resp.Body.Close()
	said, err := io.Copy(io.Discard, resp.Body)
	if said > mostSaidBack {
		err = errors.Join(err, fmt.Errorf("%d bytes are said back", said))
	}
	return resp.StatusCode, time.Since(began), err
}

// repeated is its bytes again and again.
type repeated struct {
	of []byte
	at int
}

func (r *repeated) Read(b []byte) (int, error) {
	n := copy(b, r.of[r.at:])
	r.at = (r.at + n) % len(r.of)
	return n, nil
}

// Each bomb at each door, one after the other and by a crowd at once: refused quickly, and memory stays where it was.
func TestA12BombsAreRefusedQuicklyAndSmall(t *testing.T) {
	t.Parallel()
	h := install(t, startDatabase(t))
	h.start(t)
	s := connectSystems(t, h, 1)
	bombs()
	before := h.process.residentMB(t)
	r := raid{t: t, systems: s}
	for _, b := range bombs() {
		h.process.forgetPeak(t)
		for _, d := range doors(s) {
			r.throw(b, d, bombAnsweredWithin)
		}
		r.weigh(b.why, before)
	}
	t.Logf("one after the other: the slowest answer after %v, at most %.0f MB more than %.0f", r.slowest, r.most, before)
	r.slowest, r.most = 0, 0
	for _, b := range bombs() {
		for _, d := range doors(s) {
			h.process.forgetPeak(t)
			var all sync.WaitGroup
			for range bombersAtOnce {
				all.Go(func() { r.throw(b, d, slowestAnswer) })
			}
			all.Wait()
			r.weigh(fmt.Sprint(b.why, ", many at once at ", d.path), before)
		}
	}
	t.Logf("many at once: the slowest answer after %v, at most %.0f MB more", r.slowest, r.most)
	c := caller{address: h.address}
	began := time.Now()
	if got, err := c.ask(s.scan(1)); err != nil || got.status != http.StatusFound || time.Since(began) > bombAnsweredWithin {
		t.Errorf("afterwards a scan is answered %d after %v, %v", got.status, time.Since(began), err)
	}
}

// raid throws bombs and remembers the worst.
type raid struct {
	*systems
	t       *testing.T
	mu      sync.Mutex
	slowest time.Duration
	most    float64
}

func (r *raid) throw(b bomb, d door, within time.Duration) {
	status, took, err := r.systems.throw(b, d)
	if err != nil || took > within || !isRefusal(status, d) {
		r.t.Errorf("%s at %s: %d after %v, %v", b.why, d.path, status, took, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slowest = max(r.slowest, took)
}

// weigh looks at the most memory that the process had since it was last told to forget.
func (r *raid) weigh(why string, before float64) {
	grown := r.h.process.peakMB(r.t) - before
	r.most = max(r.most, grown)
	if grown > bombMemoryMB {
		r.t.Errorf("%s: %.0f MB more", why, grown)
	}
}

// isRefusal: a scan has no body that anybody would read, so one with a small bomb is a scan all the same.
func isRefusal(status int, d door) bool {
	return status >= 400 && status < 500 || d.method == http.MethodGet && status == http.StatusFound
}
