package signin

import (
	"errors"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func TestMemoryIsShortAndBounded(t *testing.T) {
	t.Parallel()
	m := newMemory(10)
	looks := 0
	look := func() (shop.Actor, error) { looks++; return shop.Actor{Role: shop.RoleStaff}, nil }
	name := func(n int) [32]byte { return [32]byte{byte(n), byte(n >> 8)} }
	for _, c := range []struct {
		why   string
		later time.Duration
		looks int
	}{
		{"the first time it looks", 0, 1}, {"then it remembers", knownFor - time.Millisecond, 1},
		{"not for longer than that", knownFor, 2}, {"nor when a clock went back", knownFor - time.Second, 3},
	} {
		if _, err := m.get(name(0), noon.Add(c.later), look); err != nil || looks != c.looks {
			t.Errorf("%s: %d looks, %v", c.why, looks, err)
		}
	}
	for n := range 1000 {
		_, _ = m.get(name(n), noon, look)
	}
	if held := len(m.young) + len(m.old); held > 20 {
		t.Errorf("%d actors held, 20 is the most", held)
	}
}

func TestMemoryKeepsThatASessionIsOverAndNothingElseThatFailed(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		err   error
		looks int
	}{
		"a session that is over": {team.ErrSessionOver, 1}, "a made-up key": {team.ErrAPIKey, 2}, "a database that is away": {errors.New("away"), 2},
	} {
		m := newMemory(10)
		looks := 0
		for range 2 {
			if _, err := m.get([32]byte{}, noon, func() (shop.Actor, error) { looks++; return shop.Actor{}, c.err }); !errors.Is(err, c.err) {
				t.Errorf("%s: %v", why, err)
			}
		}
		if looks != c.looks {
			t.Errorf("%s: %d looks, want %d", why, looks, c.looks)
		}
	}
}
