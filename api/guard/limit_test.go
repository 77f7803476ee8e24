package guard

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestALimitRefillsWithTime(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := NewLimiter(Rate{PerSecond: 2, Burst: 3}, func() time.Time { return now })
	steps := []struct {
		after time.Duration
		key   string
		ok    bool
		wait  time.Duration
		why   string
	}{
		{0, "a", true, 0, "the burst"},
		{0, "a", true, 0, "is three"},
		{0, "a", true, 0, "at once"},
		{0, "a", false, 500 * time.Millisecond, "and no more: the next token is half a second away"},
		{0, "b", true, 0, "somebody else has a bucket of her own"},
		{400 * time.Millisecond, "a", false, 100 * time.Millisecond, "asking does not push the token back"},
		{100 * time.Millisecond, "a", true, 0, "there it is"},
		{time.Hour, "a", true, 0, "a long rest"},
		{0, "a", true, 0, "fills the bucket"},
		{0, "a", true, 0, "to the burst"},
		{0, "a", false, 500 * time.Millisecond, "and not above"},
		{-time.Hour, "a", false, 500 * time.Millisecond, "a clock that goes back gives nothing"},
	}
	for _, s := range steps {
		now = now.Add(s.after)
		if wait, ok := l.Take(s.key); ok != s.ok || wait.Round(time.Millisecond) != s.wait {
			t.Fatalf("%s: %v after %s", s.why, ok, wait)
		}
	}
}

func TestALimiterOfManyKeysStaysSmall(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := NewLimiter(Rate{PerSecond: 1, Burst: 1}, func() time.Time { return now })
	l.keys = 100
	for i := range 10_000 {
		l.Take(fmt.Sprint(i))
		if _, ok := l.Take("guesser"); ok != (i == 0) {
			t.Fatalf("after %d keys the one who asks all the time is forgotten", i)
		}
	}
	if n := len(l.young) + len(l.old); n > 200 {
		t.Errorf("%d buckets", n)
	}
}

func TestAnIPv6NetworkIsOneCaller(t *testing.T) {
	t.Parallel()
	key := func(s string) string { return AddressKey(netip.MustParseAddr(s)) }
	if key("2001:db8:1:2::1") != key("2001:db8:1:2:ffff::9") || key("2001:db8:1:2::1") == key("2001:db8:1:3::1") {
		t.Error("a network is a /64")
	}
	if key("203.0.113.1") == key("203.0.113.2") {
		t.Error("IPv4 addresses are callers of their own")
	}
}
