package faults

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is a process of the binary under test.
type child struct {
	process *os.Process
	done    chan struct{}
	exit    error // how it ended; read after done
}

// startChild starts a process that writes to a log file and dies with this one.
func startChild(env []string, log string, command ...string) (*child, error) {
	return startChildAs(dyingWithUs(), env, log, command...)
}

// startChildAs is startChild for a process with namespaces of its own.
func startChildAs(attr *syscall.SysProcAttr, env []string, log string, command ...string) (*child, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	c := &child{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel's death signal follows the thread that forked; it is kept until the child has ended.
		runtime.LockOSThread()
		defer file.Close()
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = env, file, file, attr
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		c.process = cmd.Process
		started <- nil
		c.exit = cmd.Wait()
		close(c.done)
	}()
	return c, <-started
}

// kill is SIGKILL, and the wait for the end.
func (c *child) kill() {
	_ = c.process.Kill() // fails only when it has ended
	<-c.done
}

// pause stops it as it is, until resume.
func (c *child) pause()  { _ = c.process.Signal(syscall.SIGSTOP) }
func (c *child) resume() { _ = c.process.Signal(syscall.SIGCONT) }

// terminate asks it to stop, as systemd and Kubernetes do, and returns how it ended.
func (c *child) terminate(t *testing.T) error {
	t.Helper()
	_ = c.process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(time.Minute):
		c.kill()
		t.Fatal("it did not stop within a minute of SIGTERM")
	}
	return c.exit
}

// residentMB is how much memory it holds.
func (c *child) residentMB(t *testing.T) float64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(b), "VmRSS:")
	kB, err := strconv.ParseFloat(strings.Fields(after + " -")[0], 64)
	if err != nil {
		t.Fatalf("the memory of process %d: %v", c.process.Pid, err)
	}
	return kB / 1024
}
