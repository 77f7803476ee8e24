package scan_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/scan"
)

// spoolDirVariable makes the test binary, started again by itself, a process that spools until it is killed.
const spoolDirVariable = "HOMESTORE_TEST_SPOOL_UNTIL_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(spoolDirVariable); dir != "" {
		spoolUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// spoolUntilKilled prints the id of each scan once Append has promised it.
func spoolUntilKilled(dir string) {
	spool, err := scan.OpenSpool(dir, &scan.Counters{})
	if err != nil {
		panic(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				s := scan.Scan{ID: shop.NewID(time.Now()), Brand: 1, Kind: scan.Person, Placement: "shelf"}
				if err := spool.Append(s); err != nil {
					panic(err)
				}
				if _, err := os.Stdout.WriteString(s.ID.String() + "\n"); err != nil {
					panic(err)
				}
			}
		})
	}
	all.Wait()
}

// Not beside the others: a process that is being started holds the locks of their spools for a moment after they let go.
func TestWhatWasPromisedBeforeKill9IsDrainedOnce(t *testing.T) {
	dir := t.TempDir()
	promised := map[string]bool{}
	for life := 1; life <= 5; life++ {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), spoolDirVariable+"="+dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if n == 100*life {
				if err := cmd.Process.Kill(); err != nil { // SIGKILL, at some instant of eight writers
					t.Fatal(err)
				}
			}
			if len(lines.Text()) == 36 {
				promised[lines.Text()] = true
			}
		}
		if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
			t.Fatalf("life %d ended by itself: %v %s", life, err, stderr.String())
		}
	}
	spool, err := scan.OpenSpool(dir, &scan.Counters{})
	if err != nil {
		t.Fatal(err)
	}
	defer spool.Close()
	drained := map[string]int{}
	err = spool.Drain(func(scans []scan.Scan) ([]scan.Scan, error) {
		for _, s := range scans {
			drained[s.ID.String()]++
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id := range promised {
		if drained[id] != 1 {
			t.Fatalf("%s was promised and drained %d times", id, drained[id])
		}
	}
	t.Logf("5 lives: %d scans promised, %d drained (the last ones of a life were written and not yet promised)", len(promised), len(drained))
}
