package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// phoneBrowser is what scans, in some hundred versions. It sends no cookies: each scan is somebody new.
const phoneBrowser = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_%d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"

// load is many phones that scan the codes at one address.
type load struct {
	client *fasthttp.HostClient
	paths  []string
}

func newLoad(address string, codes []string) *load {
	l := &load{client: &fasthttp.HostClient{
		Addr: address, MaxConns: 1024, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, NoDefaultUserAgentHeader: true,
		Dial: func(addr string) (net.Conn, error) { return fasthttp.DialTimeout(addr, 3*time.Second) },
	}}
	for _, code := range codes {
		l.paths = append(l.paths, "http://"+address+"/q/"+code)
	}
	return l
}

// loadResult is what the phones saw.
type loadResult struct {
	took   []time.Duration // sorted
	lasted time.Duration
	errors int
	first  error
}

func (r loadResult) rate() float64 { return float64(len(r.took)) / r.lasted.Seconds() }

func (r *loadResult) sort() { slices.Sort(r.took) }

func (r *loadResult) merge(other loadResult) {
	r.took = append(r.took, other.took...)
	r.lasted += other.lasted
	r.errors += other.errors
	if r.first == nil {
		r.first = other.first
	}
}

// phoneAt is one connection's requests and what came of them.
type phoneAt struct {
	load *load
	req  fasthttp.Request
	resp fasthttp.Response
	seen loadResult
	draw *rand.Rand
}

func (l *load) phone(n uint64) *phoneAt {
	p := &phoneAt{load: l, draw: rand.New(rand.NewPCG(n, 7))} //nolint:gosec // which tag is scanned next is no secret
	p.req.Header.SetUserAgent(fmt.Sprintf(phoneBrowser, p.draw.IntN(300)))
	p.req.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	p.req.Header.Set("Accept-Language", "zh-TW,zh-Hant;q=0.9,en;q=0.8")
	p.req.Header.Set("Sec-Fetch-Dest", "document")
	p.req.Header.Set("Sec-Fetch-Mode", "navigate")
	return p
}

var locationName = []byte("http")

// scan sends one request and counts whatever is not a redirect to somewhere.
func (p *phoneAt) scan(since time.Time) {
	p.req.SetRequestURI(p.load.paths[p.draw.IntN(len(p.load.paths))])
	err := p.load.client.Do(&p.req, &p.resp)
	if err == nil && (p.resp.StatusCode() != http.StatusFound || !bytes.HasPrefix(p.resp.Header.Peek("Location"), locationName)) {
		err = fmt.Errorf("answered %d %.80q", p.resp.StatusCode(), p.resp.Header.Peek("Location"))
	}
	if err != nil {
		p.seen.errors++
		if p.seen.first == nil {
			p.seen.first = err
		}
		return
	}
	p.seen.took = append(p.seen.took, time.Since(since))
}

// closed has so many phones scan one after the other, each as fast as it is answered.
func (l *load) closed(ctx context.Context, phones int, lasts time.Duration) loadResult {
	ctx, cancel := context.WithTimeout(ctx, lasts)
	defer cancel()
	return l.together(phones, func(p *phoneAt) {
		for ctx.Err() == nil {
			p.scan(time.Now())
		}
	})
}

// open sends so many scans a second, whether or not earlier ones were answered; each is timed from when it was due, so that
// a server that stalls is seen to stall.
func (l *load) open(ctx context.Context, perSecond int, lasts time.Duration) loadResult {
	due := make(chan time.Time, perSecond)
	go func() {
		defer close(due)
		began := time.Now()
		for i := 0; ; i++ {
			at := began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
			if at.Sub(began) >= lasts {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(at)):
				due <- at
			}
		}
	}()
	return l.together(128, func(p *phoneAt) {
		for at := range due {
			p.scan(at)
		}
	})
}

func (l *load) together(phones int, do func(*phoneAt)) loadResult {
	var sum loadResult
	var running sync.WaitGroup
	all := make([]*phoneAt, phones)
	began := time.Now()
	for i := range all {
		all[i] = l.phone(uint64(i) + uint64(began.UnixNano()))
		running.Go(func() { do(all[i]) })
	}
	running.Wait()
	lasted := time.Since(began)
	for _, p := range all {
		sum.merge(p.seen)
	}
	sum.lasted = lasted
	sum.sort()
	return sum
}

// close ends the connections, so that the next server under test has the machine to itself.
func (l *load) close() { l.client.CloseIdleConnections() }
