package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"homestore/api"
	"homestore/api/guard"
)

// benchServerRole is a subcommand of bench that only bench itself calls: the server under test is a process of its own, so
// that its processor time and memory are told apart from those of who asks.
const benchServerRole = "server"

// What a process of bench can be.
const (
	benchWhole  = "whole"  // Homestore's API, whole
	benchBare   = "bare"   // a redirect by Fiber, without any work
	benchInsert = "insert" // the same with one INSERT of its own for each scan
)

// unlimited is more than any load: what is measured is the work of a request, not its refusal.
var unlimited = guard.Rate{PerSecond: 1e9, Burst: 1 << 30}

// runBenchServer serves until its standard input ends, which it also does when bench is killed.
func runBenchServer(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("this is called by bench alone")
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	stop, err := profileTo(args[1])
	if err != nil {
		return err
	}
	defer stop()
	db := asEachRole(string(cfg.DatabaseURL))
	switch args[0] {
	case benchBare:
		return serveLimit(ctx, cfg, out, nil)
	case benchInsert:
		return serveInsert(ctx, cfg, db, out)
	}
	return serveWhole(ctx, cfg, db, out)
}

// serveWhole is what serve does, without limits of rate.
func serveWhole(ctx context.Context, cfg Config, db *database, out io.Writer) error {
	log, closeLog, err := openLog(cfg)
	if err != nil {
		return err
	}
	defer closeLog()
	h, err := newHouse(ctx, cfg, db, "http://"+cfg.LocalAddr+"/v1", log)
	if err != nil {
		return err
	}
	h.rates = api.Rates{Address: unlimited, SignIn: unlimited, Webhooks: unlimited, Identity: unlimited}
	listener, err := guard.Listen(ctx, cfg.Addr)
	if err != nil {
		return errors.Join(err, h.close())
	}
	fmt.Fprintln(out, "ready")
	return errors.Join(h.run(ctx, db, listener, false), h.close())
}

// profileTo records where processor time goes, into a file; without a name it does nothing.
func profileTo(name string) (stop func(), err error) {
	if name == "" {
		return func() {}, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}, nil
}

// benchServer is a process that serves.
type benchServer struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	address string
}

// startServer runs this program again in a role, on a free port.
func (b *bench) startServer(ctx context.Context, role string) (*benchServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &benchServer{}
	if s.address, err = freeLoopback(); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(b.dir, role+".log")) // a line a request, on disk as in earnest
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.cmd = exec.CommandContext(ctx, self, "bench", benchServerRole, role, b.profileOf(role))
	s.cmd.Args[0] = "homestore"
	s.cmd.Env = append(withoutHomestore(os.Environ()), "HOMESTORE_ADDR="+s.address, "HOMESTORE_LOCAL_ADDR=127.0.0.1:1",
		"HOMESTORE_DATABASE_URL="+b.db.ownerURL, "HOMESTORE_DATA_DIR="+filepath.Join(b.dir, role), "HOMESTORE_SECRET="+strings.Repeat("a bench keeps no secret ", 2))
	s.cmd.Stderr = log
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the %s server: %w", role, err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		_ = s.cmd.Wait()
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("start the %s server: %q %s", role, line, said)
	}
	return s, s.untilListening(ctx)
}

func (s *benchServer) untilListening(ctx context.Context) error {
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *benchServer) stop() error {
	_ = s.stdin.Close()
	return s.cmd.Wait()
}

func (b *bench) profileOf(name string) string {
	if b.profile == "" {
		return ""
	}
	dir, err := filepath.Abs(b.profile)
	if err != nil {
		return ""
	}
	return filepath.Join(dir, name+".pprof")
}

// withoutHomestore keeps the operator's own settings away from what is measured.
func withoutHomestore(env []string) []string {
	var out []string
	for _, v := range env {
		if !strings.HasPrefix(v, "HOMESTORE_") {
			out = append(out, v)
		}
	}
	return out
}

func freeLoopback() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
