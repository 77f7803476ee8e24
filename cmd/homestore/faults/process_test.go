package faults

import (
	"net/http"
	"syscall"
	"testing"
)

func TestAKilledHomestoreStartsAgainOnWhatItLeft(t *testing.T) {
	t.Parallel()
	db := startDatabase(t)
	h := install(t, db)
	h.start(t)
	before := h.codes(t)
	token := h.signInHQ(t)
	h.kill()
	db.kill(t)
	db.start(t)
	h.start(t)
	if after := h.codes(t); len(after) != len(before) {
		t.Errorf("%d tags before, %d afterwards", len(before), len(after))
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url("/v1/manager/stores"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token) // which the first process gave
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the next process answers %d", resp.StatusCode)
	}
	t.Logf("%.0f MB resident", h.process.residentMB(t))
	if err := h.process.terminate(t); err != nil {
		t.Errorf("told to stop it ends with %v:\n%s", err, h.logTail(t))
	}
}

func TestAPausedDatabaseAnswersAgain(t *testing.T) {
	t.Parallel()
	db := startDatabase(t)
	db.pause(t)
	if n := len(db.processes(t)); n < 2 {
		t.Fatalf("%d processes found", n)
	}
	db.resume(t)
	var fsync string
	if err := db.connect(t).QueryRow(t.Context(), `SHOW fsync`).Scan(&fsync); err != nil || fsync != "on" {
		t.Fatalf("fsync %q, %v", fsync, err)
	}
	if err := syscall.Kill(db.postmaster(), 0); err != nil {
		t.Error(err)
	}
	db.stop(t)
}
