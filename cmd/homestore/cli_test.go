package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test program is homestore too, so that scripts run it as an operator does: as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"homestore": main})
}

// Each script of testdata is a session of an operator, with a data directory and addresses of its own.
func TestSessionsOfAnOperator(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("zbarimg"); err != nil && os.Getenv("CI") == "" {
		t.Skip("zbarimg is not here; make deps installs it")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOMESTORE_DATA_DIR", e.WorkDir+"/data")
			var failed error
			for _, name := range []string{"HOMESTORE_ADDR", "HOMESTORE_LOCAL_ADDR", "OTHER_ADDR"} {
				address, err := freeAddressOf()
				e.Setenv(name, address)
				failed = errors.Join(failed, err)
			}
			return failed
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ready": ready},
	})
}

func freeAddressOf() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// ready waits until the API of the script says that it is, a minute at most.
func ready(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+ts.Getenv("HOMESTORE_ADDR")+"/readyz", nil)
		ts.Check(err)
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("the API is not ready within a minute")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
