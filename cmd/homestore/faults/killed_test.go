package faults

import (
	mathrand "math/rand/v2"
	"strings"
	"testing"
)

// kills is how often each is killed (issue 3).
const kills = 10

// saysSpooling is the line of the log when the database is found to be away.
const saysSpooling = "scans go to the spool until the database takes them again"

// Whatever is killed, and at whatever instant of sixty-four phones' scans, every click id that a phone was given is a scan
// that is stored exactly once.
func TestEveryClickIDOutlivesKill9(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		what        string
		kill, start func(*testing.T, *crowd)
		isHit       func(*testing.T, *crowd) bool // whether a kill came in the middle of something
	}{
		{"of the server", killServer, startServer, someAreCutOff},
		{"of PostgreSQL", killDatabase, startDatabaseAgain, someAreSpooled},
		{"of both", killBoth, startBoth, func(t *testing.T, c *crowd) bool { return someAreCutOff(t, c) && someAreSpooled(t, c) }},
	} {
		t.Run(tc.what, func(t *testing.T) {
			t.Parallel()
			h := install(t, startDatabase(t))
			h.start(t)
			c := startCrowd(t, h, h.codes(t))
			for range kills {
				c.untilMore(t, answered, 100+mathrand.IntN(200)) // some of them while the spool is drained
				tc.kill(t, c)
				tc.start(t, c)
			}
			c.untilMore(t, answered, 100)
			c.mustBeStored(t, 0)
			if !tc.isHit(t, c) {
				t.Error("no kill came in the middle of a scan: this proves nothing")
			}
			t.Logf("%d kills %s", kills, tc.what)
		})
	}
}

func killServer(_ *testing.T, c *crowd)         { c.h.kill() }
func startServer(t *testing.T, c *crowd)        { t.Helper(); c.h.start(t) }
func killDatabase(t *testing.T, c *crowd)       { t.Helper(); c.h.db.kill(t) }
func startDatabaseAgain(t *testing.T, c *crowd) { t.Helper(); c.h.db.start(t) }

// killBoth kills the server at once or with some scans in its spool, which only the next process can store.
func killBoth(t *testing.T, c *crowd) {
	t.Helper()
	c.h.db.kill(t)
	if mathrand.IntN(2) == 0 {
		c.untilMore(t, answered, 1+mathrand.IntN(2*phones))
	}
	c.h.kill()
}

func startBoth(t *testing.T, c *crowd) {
	t.Helper()
	c.h.db.start(t)
	c.h.start(t)
}

func someAreCutOff(_ *testing.T, c *crowd) bool { return c.endedSo(cutOff) > 0 }

func someAreSpooled(t *testing.T, c *crowd) bool {
	t.Helper()
	return strings.Contains(c.h.log(t), saysSpooling)
}
