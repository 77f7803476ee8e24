package faults

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
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

func TestScansOfHalfAMinuteWithoutADatabaseAreStored(t *testing.T) { // alone: it measures waits under load
	h := install(t, startDatabase(t))
	h.start(t)
	c, unread := crowdIn(t, h)
	before := c.endedSo(answered)
	h.db.kill(t)
	back := time.After(awayFor)
	c.untilMore(t, answered, phones)
	for path, want := range map[string]int{"/q/" + unread: 503, "/livez": 200, "/readyz": 503} {
		if a := h.get(t, path, ""); a.status != want {
			t.Errorf("%s is answered %d, want %d", path, a.status, want)
		}
	}
	<-back
	c.mustAllBeRedirected(t)
	t.Logf("%v without a database: %d scans answered, %d kB in the spool", awayFor, c.endedSo(answered)-before, h.metric(t, "homestore_scan_spool_bytes")>>10)
	c.breakOffDraining(t)
	if a := h.get(t, "/q/"+unread, ""); a.status != http.StatusFound {
		t.Errorf("afterwards the code is answered %d", a.status)
	}
	c.untilMore(t, answered, phones)
	c.mustBeStored(t, 1) // the code above
}

// breakOffDraining brings the database back and kills who drains the spool and who stores it, each with some of it stored.
func (c *crowd) breakOffDraining(t *testing.T) {
	t.Helper()
	h := c.h
	h.process.pause()
	h.db.start(t)
	last := c.last()
	waits := holdBack(t, h.db, last)
	h.process.resume()
	waits(t)
	h.kill()
	h.db.kill(t) // and with it who holds back
	h.db.start(t)
	waits = holdBack(t, h.db, last)
	h.start(t)
	waits(t)
	h.db.kill(t)
	h.db.start(t)
	h.untilDrained(t)
}

// holdBack has whoever stores a scan wait, as behind somebody who is just storing it. The returned function returns when
// somebody does; the rest of the spool, which comes before that scan, is stored by then.
func holdBack(t *testing.T, db *database, scan shop.ID) (waits func(*testing.T)) {
	t.Helper()
	holder, looker := db.connect(t), db.connect(t)
	for _, sql := range []string{"BEGIN", `
		INSERT INTO scan
		SELECT (jsonb_populate_record(s, jsonb_build_object('id', '` + scan.String() + `', 'scanned_at', id_time('` + scan.String() + `')))).*
		FROM scan AS s
		LIMIT 1`,
	} {
		if _, err := holder.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return func(t *testing.T) {
		t.Helper()
		for late := time.After(30 * time.Second); ; {
			var isWaiting bool
			err := looker.QueryRow(t.Context(), `SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'INSERT INTO scan'`).Scan(&isWaiting)
			if err != nil {
				t.Fatal(err)
			}
			if isWaiting {
				return
			}
			select {
			case <-late:
				t.Fatal("nobody drains the spool")
			case <-time.After(time.Millisecond):
			}
		}
	}
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
	said, lost := strings.Count(h.log(t), "a scan was answered with come again"), h.metric(t, "homestore_scans_lost_total")
	if n := c.otherwise[unavailable]; said != n || lost != n {
		t.Errorf("%d were told to come again, the log counts %d and the metric %d", n, said, lost)
	}
	for ended, n := range c.otherwise {
		if ended != unavailable {
			t.Errorf("%d scans ended with %s", n, ended)
		}
	}
	t.Logf("%d scans fitted on the disk, %d were told to come again", fitted, c.otherwise[unavailable])
}

// patience is how long whoever stops a process waits before killing it: Kubernetes' terminationGracePeriodSeconds.
const patience = 30 * time.Second

// A database that hangs neither answers nor breaks its connections, as behind a network that swallows everything.
func TestNobodyWaitsFiveSecondsForADatabaseThatHangs(t *testing.T) {
	t.Parallel()
	h := install(t, startDatabase(t))
	h.start(t)
	token := h.signInHQ(t)
	c, unread := crowdIn(t, h)
	const times, hangsFor = 2, 4 * time.Second
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
	c.mustAllBeRedirected(t)
	h.db.pause(t)
	c.untilMore(t, answered, phones)
	told := time.Now()
	ended := h.process.terminate(t)
	took := time.Since(told).Round(time.Millisecond)
	if took > patience {
		t.Errorf("told to stop while the database hung, it took %v", took)
	}
	t.Logf("told to stop while the database hung, it ended after %v with %v", took, ended)
	h.db.resume(t)
	h.start(t)
	c.mustBeStored(t, 0)
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
