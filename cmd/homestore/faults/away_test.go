package faults

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// awayFor is how long the database is away (issue 3).
const awayFor = 30 * time.Second

// unavailable is a page that says when to come again.
const unavailable = "503"

// crowdIn lets a crowd in that scans all tags but one, which stays unknown to the server's memory until it is asked for.
func crowdIn(t *testing.T, h *homestore) (c *crowd, unread string) {
	t.Helper()
	codes := h.codes(t)
	c = startCrowd(t, h, codes[1:])
	c.untilMore(t, answered, 10*phones) // each code was read by then
	return c, codes[0]
}

func TestScansOfHalfAMinuteWithoutADatabaseAreStored(t *testing.T) {
	t.Parallel()
	h := install(t, startDatabase(t))
	h.start(t)
	c, unread := crowdIn(t, h)
	before := c.endedSo(answered)
	h.db.kill(t)
	back := time.After(awayFor)
	c.untilMore(t, answered, phones)
	if a := h.get(t, "/q/"+unread, ""); a.status != http.StatusServiceUnavailable || a.missing != "" {
		t.Errorf("a code that is not in memory: %d%s", a.status, a.missing)
	}
	if a := h.get(t, "/livez", ""); a.status != http.StatusOK {
		t.Errorf("/livez says %d", a.status)
	}
	if a := h.get(t, "/readyz", ""); a.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz says %d", a.status)
	}
	<-back
	while := c.endedSo(answered) - before
	if len(h.spooled(t)) == 0 {
		t.Error("the spool is empty")
	}
	h.db.start(t)
	h.untilDrained(t)
	if a := h.get(t, "/q/"+unread, ""); a.status != http.StatusFound {
		t.Errorf("afterwards the code is answered %d", a.status)
	}
	c.untilMore(t, answered, phones)
	c.mustBeStored(t, 1) // the code above
	if len(c.otherwise) > 0 {
		t.Error("codes in memory were answered otherwise than by a redirect")
	}
	t.Logf("%v without a database: %d scans answered", awayFor, while)
}

// smallDisk mounts a small disk of its own on $1, then is what $0 says.
const smallDisk = `mount --make-rprivate / && mount -t tmpfs -o size="$2" tmpfs "$1" && exec $0`

// onFullDisk has a Homestore's spool on a disk that is full after some thousand scans.
func (h *homestore) onFullDisk(t *testing.T) {
	t.Helper()
	h.attr = withOwnMounts(t)
	spool := filepath.Join(h.dir, "spool")
	if err := os.MkdirAll(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	h.serve = []string{"sh", "-c", smallDisk, h.binary + " serve", spool, "256k"}
}

func TestWithAFullSpoolAShopperIsToldToComeAgainAndNoAnsweredScanIsLost(t *testing.T) {
	t.Parallel()
	h := install(t, startDatabase(t))
	h.onFullDisk(t)
	h.start(t)
	token := h.signInHQ(t)
	c, _ := crowdIn(t, h)
	h.db.kill(t)
	began := c.endedSo(answered)
	c.untilMore(t, unavailable, 1)
	fitted := c.endedSo(answered) - began
	c.untilMore(t, unavailable, 1000)
	if a := h.get(t, "/livez", ""); a.status != http.StatusOK {
		t.Errorf("/livez says %d", a.status)
	}
	h.db.start(t)
	h.untilDrained(t)
	told := c.endedSo(unavailable)
	c.untilMore(t, answered, 10*phones)
	if more := c.endedSo(unavailable) - told; more > 0 {
		t.Errorf("with the database back %d were told to come again", more)
	}
	if a := h.get(t, "/v1/manager/stores", token); a.status != http.StatusOK {
		t.Errorf("afterwards headquarters is answered %d", a.status)
	}
	c.mustBeStored(t, 0)
	if said := strings.Count(h.log(t), "a scan was answered with come again"); said != c.otherwise[unavailable] {
		t.Errorf("%d were told to come again, the log counts %d", c.otherwise[unavailable], said)
	}
	for ended, n := range c.otherwise {
		if ended != unavailable {
			t.Errorf("%d scans ended with %s", n, ended)
		}
	}
	t.Logf("%d scans fitted on the disk, %d were told to come again", fitted, c.otherwise[unavailable])
}

// A database that hangs neither answers nor breaks its connections, as behind a network that swallows everything.
func TestNobodyWaitsFiveSecondsForADatabaseThatHangs(t *testing.T) {
	t.Parallel()
	h := install(t, startDatabase(t))
	h.start(t)
	token := h.signInHQ(t)
	c, unread := crowdIn(t, h)
	const times, hangsFor = 3, 4 * time.Second
	for range times {
		h.db.pause(t)
		goesOn := time.After(hangsFor)
		for path, with := range map[string]string{"/q/" + unread: "", "/v1/manager/stores": token, "/readyz": ""} {
			if a := h.get(t, path, with); a.status != http.StatusServiceUnavailable || a.took > slowestAnswer {
				t.Errorf("%s is answered %d after %v", path, a.status, a.took)
			}
		}
		<-goesOn
		h.db.resume(t)
		h.untilDrained(t)
		c.untilMore(t, answered, 3*phones)
	}
	c.mustBeStored(t, 0)
	if len(c.otherwise) > 0 {
		t.Error("codes in memory were answered otherwise than by a redirect")
	}
	if !strings.Contains(h.log(t), saysSpooling) {
		t.Error("no scan waited for the database: this proves nothing")
	}
	t.Logf("the database hung %d times for %v", times, hangsFor)
}

// answer is what came of one request.
type answer struct {
	status  int
	missing string
	took    time.Duration
}

// get asks once, as a phone.
func (h *homestore) get(t *testing.T, path, token string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*slowestAnswer)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", phoneBrowser)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	began := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(req) // redirects are not followed
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return answer{took: time.Since(began)}
	}
	defer resp.Body.Close()
	return answer{resp.StatusCode, whatIsMissing(resp), time.Since(began)}
}
