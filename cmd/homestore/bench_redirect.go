package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"homestore/api/signin"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/tag"
)

// benchTags is how many codes are scanned by turns: the windows and shelves of some dozen stores.
const benchTags = 500

// redirectBench is the servers that are compared, each asked by turns.
type redirectBench struct {
	*bench
	codes   []string
	servers map[string]*benchServer
	meter   cpuMeter

	narrow, wide, insert rounds // 64 and 256 connections against bare; 256 against an INSERT each
	seen, limit          loadResult
}

// benchRedirect measures `GET /q/{code}` through the whole stack: the scan is stored before the answer.
func benchRedirect(ctx context.Context, b *bench) (r benchResult, err error) {
	s := &redirectBench{bench: b, servers: map[string]*benchServer{}}
	if s.codes, err = b.issueTags(ctx); err != nil {
		return r, fmt.Errorf("issue tags: %w", err)
	}
	if err := makePlainTables(ctx, b.db.ownerURL, "scan"); err != nil {
		return r, err
	}
	defer func() {
		for _, server := range s.servers {
			err = errors.Join(err, server.stop())
		}
	}()
	for _, role := range []string{benchWhole, benchBare, benchInsert} {
		if s.servers[role], err = b.startServer(ctx, role); err != nil {
			delete(s.servers, role)
			return r, err
		}
	}
	return s.measure(ctx)
}

// lasting is how long one turn takes.
func (b *bench) lasting(d time.Duration) time.Duration {
	if b.isQuick {
		return d / 10
	}
	return d
}

func (s *redirectBench) measure(ctx context.Context) (r benchResult, err error) {
	s.meter.server = s.servers[benchWhole].cmd.Process.Pid
	if s.meter.postmaster, err = s.db.postmaster(); err != nil {
		return r, err
	}
	for _, role := range []string{benchWhole, benchBare, benchInsert} {
		if err := s.warmUp(ctx, role); err != nil {
			return r, err
		}
	}
	before, err := scansStored(ctx, s.db.ownerURL)
	if err != nil {
		return r, err
	}
	turns := 5
	if s.isQuick {
		turns = 1
	}
	all := loadResult{}
	for range turns {
		all.merge(s.turn(ctx))
	}
	open := newLoad(s.servers[benchWhole].address, s.codes)
	steady := open.open(ctx, 1000, s.lasting(10*time.Second))
	open.close()
	all.merge(steady)
	stored, err := scansStored(ctx, s.db.ownerURL)
	if err != nil {
		return r, err
	}
	r = s.result(all, steady)
	if lost := len(all.took) - int(stored-before); lost > 0 {
		r.Errors += lost
		r.First = errors.Join(r.First, fmt.Errorf("%d scans were answered and are not stored", lost))
	}
	return r, nil
}

// warmUp asks a server until it keeps up: one that has no code in its cache yet may turn some of 256 away.
func (s *redirectBench) warmUp(ctx context.Context, role string) error {
	var last loadResult
	for range 10 {
		if last = s.ask(ctx, role, 256, s.lasting(time.Second)); last.errors == 0 {
			return nil
		}
	}
	return fmt.Errorf("warm up the %s server: %w", role, last.first)
}

// turn asks each server once at each width, and returns what the one under test answered.
func (s *redirectBench) turn(ctx context.Context) loadResult {
	bare64 := s.ask(ctx, benchBare, 64, s.lasting(1500*time.Millisecond))
	whole64 := s.ask(ctx, benchWhole, 64, s.lasting(1500*time.Millisecond))
	s.narrow.add(whole64.rate(), bare64.rate())

	bare := s.ask(ctx, benchBare, 256, s.lasting(2*time.Second))
	var whole loadResult
	_ = s.meter.during(func() error {
		whole = s.ask(ctx, benchWhole, 256, s.lasting(2*time.Second))
		return nil
	})
	insert := s.ask(ctx, benchInsert, 256, s.lasting(2*time.Second))
	s.wide.add(whole.rate(), bare.rate())
	s.insert.add(whole.rate(), insert.rate())

	s.limit.merge(bare)
	s.seen.merge(whole)
	whole64.merge(whole)
	for _, limit := range []loadResult{bare64, bare, insert} {
		whole64.errors += limit.errors
		whole64.first = errors.Join(whole64.first, limit.first)
	}
	return whole64
}

func (s *redirectBench) ask(ctx context.Context, role string, phones int, lasts time.Duration) loadResult {
	l := newLoad(s.servers[role].address, s.codes)
	defer l.close()
	return l.closed(ctx, phones, lasts)
}

func (s *redirectBench) result(all, steady loadResult) benchResult {
	s.seen.sort()
	s.limit.sort()
	r := benchResult{
		Unit: "scans stored and redirected, 256 connections", Against: "a bare Fiber redirect that does no work, 256 connections",
		Rate: median(s.wide.rates), LimitRate: median(s.wide.limits), Ratio: median(s.wide.ratios),
		P50: percentile(s.seen.took, 0.5), P99: percentile(s.seen.took, 0.99), LimitP99: percentile(s.limit.took, 0.99),
		CPU: s.meter.sum.per(len(s.seen.took)), ResidentMB: residentMB(s.meter.server),
		Errors: all.errors, First: all.first, N: len(all.took),
	}
	r.Adds = map[string]float64{
		"rate_64": median(s.narrow.rates), "bare_rate_64": median(s.narrow.limits), "ratio_64": median(s.narrow.ratios),
		"insert_rate": median(s.insert.limits), "times_insert": median(s.insert.ratios),
		"open_1000_rate": steady.rate(), "open_1000_p50_ms": percentile(steady.took, 0.5), "open_1000_p99_ms": percentile(steady.took, 0.99),
	}
	r.atLeast("of a bare redirect at 256 connections: 0.35", r.Ratio, 0.35)
	r.atLeast("times one synchronous INSERT per scan: 2.5", r.Adds["times_insert"], 2.5)
	r.atMost("CPU µs a scan, server: 60", r.CPU.Server, 60)
	r.atMost("p99 ms at 1,000 scans a second, open loop: 20", r.Adds["open_1000_p99_ms"], 20)
	r.round()
	return r
}

// withDomain opens the domain on the bench's database.
func (b *bench) withDomain(ctx context.Context, do func(*domain) error) error {
	keys, err := signin.NewKeyring(strings.Repeat("a bench keeps no secret ", 2))
	if err != nil {
		return err
	}
	d, err := newDomain(ctx, parts{
		database: b.db, keys: keys, spoolDir: filepath.Join(b.dir, "spool"), conns: 20, now: time.Now, log: slog.New(slog.DiscardHandler),
		hashing: team.Hashing{MemoryKiB: 64, Passes: 1}, // nobody signs in
	})
	if err != nil {
		return err
	}
	return errors.Join(do(d), d.close())
}

// issueTags makes the demo brand and tags of its shops, and returns their codes.
func (b *bench) issueTags(ctx context.Context) (codes []string, err error) {
	err = b.withDomain(ctx, func(d *domain) error {
		_, codes, err = d.benchBrand(ctx, benchTags)
		return err
	})
	return codes, err
}

// benchBrand makes the demo brand with so many tags more on its shelves.
func (d *domain) benchBrand(ctx context.Context, tags int) (shop.BrandID, []string, error) {
	cfg := Config{PublicURL: "http://127.0.0.1:8080", LocalAddr: "127.0.0.1:8081"}
	if err := d.seedDemo(ctx, cfg); err != nil {
		return 0, nil, err
	}
	brands, err := d.teams.Brands(ctx)
	if err != nil {
		return 0, nil, err
	}
	actor := shop.System(brands[0].ID)
	stores, _, err := d.teams.ListStores(ctx, actor, shop.Page{Limit: shop.MaxLimit})
	if err != nil {
		return 0, nil, err
	}
	var specs []tag.Spec
	for i := range tags {
		specs = append(specs, tag.Spec{
			Store: stores[i%len(stores)].ID, Placement: tag.Shelf, Label: fmt.Sprintf("bench %d", i), Destination: brands[0].SiteURL,
		})
	}
	made, err := d.tags.IssueSeveral(ctx, actor, specs)
	codes := make([]string, len(made))
	for i, t := range made {
		codes[i] = string(t.Code)
	}
	return actor.Brand, codes, err
}
