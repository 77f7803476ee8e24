package tag

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// shelf is what stands behind a directory in these tests: tags that can change, and a database that can go away.
type shelf struct {
	mu    sync.Mutex
	tags  map[Code]Target
	away  bool
	reads atomic.Int64
	hold  chan struct{} // when not nil, a read waits for it after it has read
	began chan struct{}
}

var errAway = errors.New("the database is away")

func (s *shelf) load(_ context.Context, code Code) (Target, error) {
	s.reads.Add(1)
	s.mu.Lock()
	target, ok := s.tags[code]
	away, hold := s.away, s.hold
	s.mu.Unlock()
	if hold != nil {
		s.began <- struct{}{}
		<-hold
	}
	switch {
	case away:
		return Target{}, errAway
	case !ok:
		return Target{}, ErrUnknown
	}
	return target, nil
}

func (s *shelf) set(code Code, label string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tags[code] = Target{Code: code, Label: label, Brand: Brand{ID: 7}}
}

func (s *shelf) goAway(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

type bundle struct {
	*shelf
	*Directory
	clock time.Time
}

func setup(t *testing.T, size int) *bundle {
	t.Helper()
	b := &bundle{shelf: &shelf{tags: map[Code]Target{}}, clock: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	b.Directory = NewDirectory(b.shelf.load, size, func() time.Time { return b.clock })
	return b
}

func (b *bundle) find(t *testing.T, code Code) string {
	t.Helper()
	got, err := b.Find(t.Context(), code)
	if err != nil {
		t.Fatalf("Find(%s): %v", code, err)
	}
	return got.Label
}

func TestAKnownCodeIsReadOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	for range 100 {
		if got := b.find(t, "A"); got != "sofa" {
			t.Fatal(got)
		}
	}
	if n := b.reads.Load(); n != 1 {
		t.Fatalf("read %d times", n)
	}
}

// A process that has just begun is busy: its first answer is worth waiting for, where there is no older one to give.
func TestWhoAsksFirstWaitsLongerThanWhoHasAnOlderAnswer(t *testing.T) {
	t.Parallel()
	clock := time.Now()
	var waits []time.Duration
	d := NewDirectory(func(ctx context.Context, code Code) (Target, error) {
		end, _ := ctx.Deadline()
		waits = append(waits, time.Until(end))
		return Target{Code: code}, nil
	}, 10, func() time.Time { return clock })
	for range 2 {
		if _, err := d.Find(t.Context(), "A"); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(maxAge)
	}
	if len(waits) != 2 || waits[0] <= loadTimeout || waits[1] > loadTimeout {
		t.Errorf("they wait %v", waits)
	}
}

func TestAChangedTagIsReadAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	b.find(t, "A")
	b.set("A", "chair")
	if got := b.find(t, "A"); got != "sofa" {
		t.Fatalf("%s before the change was heard of", got)
	}
	b.Changed("A")
	if got := b.find(t, "A"); got != "chair" {
		t.Fatalf("%s after the change was heard of", got)
	}
}

func TestAReadThatAChangeOvertookIsNotKept(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	b.hold, b.began = make(chan struct{}), make(chan struct{})
	done := make(chan string)
	go func() {
		got, _ := b.Find(context.Background(), "A")
		done <- got.Label
	}()
	<-b.began // the old row is read, and not yet kept
	b.set("A", "chair")
	b.Changed("A")
	close(b.hold)
	if got := <-done; got != "sofa" {
		t.Fatalf("the overtaken read gave %s", got)
	}
	b.shelf.mu.Lock()
	b.hold = nil
	b.shelf.mu.Unlock()
	if got := b.find(t, "A"); got != "chair" {
		t.Fatalf("%s was kept although the tag had changed", got)
	}
}

func TestAnUnknownCodeIsBelievedForAShortTime(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	for range 50 {
		if _, err := b.Find(t.Context(), "A"); !errors.Is(err, ErrUnknown) {
			t.Fatal(err)
		}
	}
	if n := b.reads.Load(); n != 1 {
		t.Fatalf("read %d times", n)
	}
	b.set("A", "sofa")
	b.clock = b.clock.Add(missFor)
	if got := b.find(t, "A"); got != "sofa" {
		t.Fatal(got)
	}
}

func TestAGuesserNeverPushesATagOut(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	b.find(t, "A")
	for i := range 3 * maxMisses {
		if _, err := b.Find(t.Context(), Code(fmt.Sprint(i))); !errors.Is(err, ErrUnknown) {
			t.Fatal(err)
		}
	}
	reads := b.reads.Load()
	b.find(t, "A")
	if b.reads.Load() != reads {
		t.Fatal("the tag was read again")
	}
	if len(b.misses) > maxMisses {
		t.Fatalf("%d misses are remembered", len(b.misses))
	}
}

func TestTheDirectoryIsBoundedAndKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	b := setup(t, 100)
	b.set("busy", "till")
	for i := range 1000 {
		b.clock = b.clock.Add(time.Millisecond)
		code := Code(fmt.Sprint(i))
		b.set(code, "x")
		b.find(t, code)
		b.find(t, "busy")
		if b.Len() > 100 {
			t.Fatalf("%d entries", b.Len())
		}
	}
	reads := b.reads.Load()
	if b.find(t, "busy"); b.reads.Load() != reads {
		t.Fatal("the busiest tag was given up")
	}
}

func TestKnownCodesAreServedWithoutADatabase(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	b.find(t, "A")
	b.goAway(true)
	b.clock = b.clock.Add(24 * time.Hour)
	reads := b.reads.Load()
	for range 100 {
		if got := b.find(t, "A"); got != "sofa" {
			t.Fatal(got)
		}
	}
	if n := b.reads.Load() - reads; n != 1 {
		t.Fatalf("the absent database was asked %d times in a moment", n)
	}
	if _, err := b.Find(t.Context(), "B"); !errors.Is(err, errAway) {
		t.Fatalf("a code that was never read gave %v", err)
	}
}

func TestAfterAnOutageNothingIsForgottenAndAllIsReadAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	b.find(t, "A")
	b.goAway(true)
	b.set("A", "chair") // on another machine, while we could not hear of it
	b.clock = b.clock.Add(time.Minute)
	b.Doubt()
	if got := b.find(t, "A"); got != "sofa" {
		t.Fatalf("%s while the database is away", got)
	}
	b.goAway(false)
	b.clock = b.clock.Add(retryAfter)
	if got := b.find(t, "A"); got != "chair" {
		t.Fatalf("%s after the outage", got)
	}
	reads := b.reads.Load()
	b.find(t, "A")
	if b.reads.Load() != reads {
		t.Fatal("read again after it was refreshed")
	}
}

func TestATagThatIsGoneAfterAnOutageIsUnknown(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	b.find(t, "A")
	b.shelf.mu.Lock()
	delete(b.tags, "A")
	b.shelf.mu.Unlock()
	b.clock = b.clock.Add(time.Second)
	b.Doubt()
	if _, err := b.Find(t.Context(), "A"); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
}

func TestAChangedBrandMakesItsTagsDoubtful(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	b.find(t, "A")
	b.set("A", "chair")
	b.BrandChanged(8)
	if got := b.find(t, "A"); got != "sofa" {
		t.Fatalf("%s after another brand changed", got)
	}
	b.BrandChanged(7)
	if got := b.find(t, "A"); got != "chair" {
		t.Fatal(got)
	}
}

func TestManyWhoAskAtOnceReadOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, 10)
	b.set("A", "sofa")
	b.hold, b.began = make(chan struct{}), make(chan struct{}, 64)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if got, err := b.Find(context.Background(), "A"); err != nil || got.Label != "sofa" {
				t.Errorf("%q, %v", got.Label, err)
			}
		})
	}
	<-b.began
	close(b.hold)
	all.Wait()
	if n := b.reads.Load(); n > 3 {
		t.Fatalf("read %d times", n)
	}
}

func BenchmarkFind(b *testing.B) {
	s := &shelf{tags: map[Code]Target{}}
	s.set("A", "sofa")
	d := NewDirectory(s.load, 10, time.Now)
	for b.Loop() {
		if _, err := d.Find(context.Background(), "A"); err != nil {
			b.Fatal(err)
		}
	}
}
