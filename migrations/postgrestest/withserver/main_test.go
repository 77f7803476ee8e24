package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"homestore/migrations/embedded"
	"homestore/migrations/postgrestest"
)

// asCommand makes this test binary withserver itself.
const asCommand = "WITHSERVER_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

func withserver(url string, command ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append([]string{"--"}, command...)...)
	cmd.Env = append(os.Environ(), asCommand+"=1", postgrestest.URLVariable+"="+url)
	return cmd
}

func code(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return 0
}

func TestCommandGetsAServerThatGoesAfterwards(t *testing.T) {
	t.Parallel()
	s, err := embedded.Start(t.Context(), embedded.Config{Throwaway: true})
	if err != nil {
		if errors.Is(err, embedded.ErrNotInstalled) && os.Getenv("CI") == "" {
			t.Skip("SKIP, this test needs PostgreSQL:", err)
		}
		t.Fatal(err)
	}
	defer func() { _ = s.Stop(t.Context()) }()

	out, err := withserver("", "sh", "-c", `echo "$`+postgrestest.URLVariable+`"; exit 7`).Output()
	if code(err) != 7 {
		t.Errorf("exit code %d, want the command's 7", code(err))
	}
	_, after, ok := strings.Cut(string(out), "host='")
	if !ok {
		t.Fatalf("the command was told %q", out)
	}
	socket, _, _ := strings.Cut(after, "'")
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", socket, err)
	}
}

func TestServerThatIsThereIsUsed(t *testing.T) {
	t.Parallel()
	out, err := withserver("host=somewhere", "sh", "-c", `echo "$`+postgrestest.URLVariable+`"`).Output()
	if err != nil || strings.TrimSpace(string(out)) != "host=somewhere" {
		t.Errorf("the command was told %q, %v", out, err)
	}
}

func TestSignalsArePassedOn(t *testing.T) {
	t.Parallel()
	// A shell gives what it runs beside itself an empty stdin, at whose end cat would end too, unless it is told another.
	cmd := withserver("host=somewhere", "sh", "-c", `trap 'kill $waiting; exit 9' TERM; exec 3<&0; cat <&3 & waiting=$!; echo ready; wait`)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := cmd.StdinPipe() // keeps cat waiting
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); code(err) != 9 {
		t.Errorf("exit code %d, want 9 from the command's trap (%v)", code(err), err)
	}
}

func TestExitCodeIsThatOfAShell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		script string
		want   int
	}{
		{"success", "exit 0", 0},
		{"the command's own", "exit 3", 3},
		{"128 and the signal", "kill -KILL $$", 137},
	} {
		if got := code(withserver("host=somewhere", "sh", "-c", c.script).Run()); got != c.want {
			t.Errorf("%s: %d, want %d", c.why, got, c.want)
		}
	}
	if got := code(withserver("host=somewhere", "/no/such/command").Run()); got != 1 {
		t.Errorf("a command that does not exist: %d, want 1", got)
	}
}
