package tag

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"homestore/clienteling/shop"
)

const (
	// missFor is how long "unknown" is believed without asking again: long enough to spare the database a guesser, short
	// enough that a tag hung up a moment too early works at the second try.
	missFor = 10 * time.Second
	// maxMisses bounds what guessers can make us remember. Misses live apart, so that they never push a real tag out.
	maxMisses = 4096
	// maxAge is after how long an entry is read again even if no change was heard of.
	maxAge = 10 * time.Minute
	// loadTimeout bounds the wait for the database, retryAfter how often a stale entry waits for it: in between, what is
	// known is served at once. Who is the first to ask has nothing else to go by and waits longer: a process that has just begun
	// is busy. With a scan that is not stored but spooled it is still within any request's time.
	loadTimeout  = time.Second
	firstTimeout = 2500 * time.Millisecond
	retryAfter   = 5 * time.Second
	// evictionSample is how many entries are looked at for the one to give up; the least recently used of 8 is close
	// enough to the least recently used of all (Redis takes 5).
	evictionSample = 8
)

// Directory is the memory from a code to its target. It is bounded, forgets what changed on any process (see Listen), and
// keeps answering what it knows while the database is away.
type Directory struct {
	load    func(context.Context, Code) (Target, error)
	now     func() time.Time
	size    int
	loading singleflight.Group
	changes atomic.Uint64 // counts what Changed and Doubt did, so that a load that began before is not kept

	mu       sync.RWMutex
	known    map[Code]*entry
	misses   map[Code]time.Time
	doubtful time.Time // entries read before this instant are read again
}

type entry struct {
	target  Target
	readAt  time.Time
	retryAt time.Time
	usedAt  atomic.Int64
}

// NewDirectory remembers up to size targets, read by load, usually Service.Resolve.
func NewDirectory(load func(context.Context, Code) (Target, error), size int, now func() time.Time) *Directory {
	return &Directory{load: load, now: now, size: size, known: map[Code]*entry{}, misses: map[Code]time.Time{}}
}

// Find is the target of a code, from memory if it can be. ErrUnknown when there is none; any other error means that the
// code is not in memory and the database did not answer.
func (d *Directory) Find(ctx context.Context, code Code) (Target, error) {
	now := d.now()
	d.mu.RLock()
	e, known := d.known[code]
	missed, miss := d.misses[code]
	fresh := known && now.Sub(e.readAt) < maxAge && !e.readAt.Before(d.doubtful) || known && now.Before(e.retryAt)
	d.mu.RUnlock()
	if known {
		e.usedAt.Store(now.UnixNano())
	}
	if fresh {
		return e.target, nil
	}
	if miss && now.Sub(missed) < missFor {
		return Target{}, ErrUnknown
	}
	within := firstTimeout
	if known {
		within = loadTimeout
	}
	target, err := d.read(ctx, code, now, within)
	if err == nil || errors.Is(err, ErrUnknown) || !known {
		return target, err
	}
	d.mu.Lock()
	if again, ok := d.known[code]; ok && again == e {
		again.retryAt = now.Add(retryAfter)
	}
	d.mu.Unlock()
	return e.target, nil // the database is away: what is known is better than nothing
}

// read asks the database once for all who ask for the code at the same time.
func (d *Directory) read(ctx context.Context, code Code, now time.Time, within time.Duration) (Target, error) {
	got, err, _ := d.loading.Do(string(code), func() (any, error) {
		if target, ok := d.readSince(code, now); ok {
			return target, nil // somebody else's answer came between this one's look and its question
		}
		before := d.changes.Load()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within) // not this caller's alone
		defer cancel()
		target, err := d.load(ctx, code)
		if err == nil || errors.Is(err, ErrUnknown) {
			d.remember(code, target, err, now, before)
		}
		return target, err
	})
	target, _ := got.(Target)
	if err != nil {
		return Target{}, err
	}
	return target, nil
}

// readSince is the answer in memory when it was read at the instant or later, and nothing has made it doubtful.
func (d *Directory) readSince(code Code, at time.Time) (Target, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e, ok := d.known[code]
	if !ok || e.readAt.Before(at) || e.readAt.Before(d.doubtful) {
		return Target{}, false
	}
	return e.target, true
}

// remember keeps the database's answer, a target or ErrUnknown, unless something changed since before.
func (d *Directory) remember(code Code, target Target, unknown error, now time.Time, before uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changes.Load() != before {
		return
	}
	if unknown != nil {
		if len(d.misses) >= maxMisses {
			clear(d.misses)
		}
		d.misses[code] = now
		delete(d.known, code)
		return
	}
	if _, ok := d.known[code]; !ok && len(d.known) >= d.size {
		d.evict()
	}
	e := &entry{target: target, readAt: now}
	e.usedAt.Store(now.UnixNano())
	d.known[code] = e
}

// evict gives up one entry that was not used for long. The caller holds the lock.
func (d *Directory) evict() {
	var oldest Code
	at, looked := int64(0), 0
	for code, e := range d.known { // Go begins at a random place
		if used := e.usedAt.Load(); looked == 0 || used < at {
			oldest, at = code, used
		}
		if looked++; looked == evictionSample {
			break
		}
	}
	delete(d.known, oldest)
}

// Changed forgets a code: the next scan reads it again.
func (d *Directory) Changed(code Code) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes.Add(1)
	d.loading.Forget(string(code))
	delete(d.known, code)
	delete(d.misses, code)
}

// BrandChanged makes every entry of the brand doubtful: its hosts, its site or its name may differ now.
func (d *Directory) BrandChanged(brand shop.BrandID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes.Add(1)
	for code, e := range d.known {
		if e.target.Brand.ID == brand {
			d.loading.Forget(string(code))
			e.readAt, e.retryAt = time.Time{}, time.Time{}
		}
	}
}

// Doubt keeps everything, and reads each entry again before it is next used, because changes may have gone unheard until
// now. Where the database does not answer then, the entry still serves.
func (d *Directory) Doubt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes.Add(1)
	d.doubtful = d.now()
	clear(d.misses)
}

// Len is how many targets are remembered.
func (d *Directory) Len() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.known)
}
