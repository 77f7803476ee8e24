package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Config says where a server keeps its data and how careful it is with them.
type Config struct {
	// DataDir is made when it does not exist and holds everything: cluster, socket, lock and log. A Throwaway server
	// may leave it empty: it then makes a directory of its own, in memory where the machine allows.
	DataDir string
	// Throwaway trades durability for speed (no fsync), for tests. A directory that Start made goes with the server.
	Throwaway bool
	// MaxConnections is 100 when zero.
	MaxConnections int
	// Log hears which server was started and where; nil is silent.
	Log *slog.Logger
}

// Server is a running PostgreSQL.
type Server struct {
	home    home
	bin     binaries
	config  Config
	process *os.Process
	done    chan struct{}
	exit    error // how the process ended; read after done
}

// Start finds PostgreSQL, makes the cluster when there is none, and returns once the server answers. When the machine has
// no PostgreSQL the error is ErrNotInstalled; when another process owns the directory it is ErrInUse.
func Start(ctx context.Context, config Config) (*Server, error) {
	if config.MaxConnections == 0 {
		config.MaxConnections = 100
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	h, err := openHome(config)
	if err != nil {
		return nil, err
	}
	s := &Server{home: h, config: config, done: make(chan struct{})}
	if err := s.prepareAndBoot(ctx); err != nil {
		if s.process == nil { // else the goroutine that waits for it has closed the home
			h.close()
		}
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", h.dir, err)
	}
	return s, nil
}

func (s *Server) prepareAndBoot(ctx context.Context) error {
	made, err := s.home.major()
	if err != nil {
		return err
	}
	if s.bin, err = machine().find(ctx, made); err != nil {
		return err
	}
	id, err := chooseIdentity(ctx, s.bin, s.home.dir)
	if err != nil {
		return err
	}
	if made == 0 {
		err = s.home.create(ctx, s.bin, id, s.config.Throwaway)
	} else {
		err = s.home.settle(ctx, id)
	}
	if err != nil {
		return err
	}
	if err := s.home.makeSocketDir(id); err != nil {
		return err
	}
	if err := s.boot(id); err != nil {
		return err
	}
	if err := s.untilAnswering(ctx); err != nil {
		s.kill()
		return err
	}
	s.config.Log.Info("PostgreSQL is up", "version", s.bin.version, "binaries", s.bin.dir, "data", s.home.dir, "runs_as", id.String())
	return nil
}

// boot starts the process and a goroutine that waits for its end and clears up after it.
func (s *Server) boot(id identity) error {
	log, err := os.OpenFile(s.home.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the server log: %w", err)
	}
	started := make(chan error)
	go func() {
		// The kernel's death signal follows the thread that forked, not the process. This goroutine keeps that thread
		// until the server has ended.
		runtime.LockOSThread()
		defer log.Close()
		cmd := exec.Command(s.bin.path("postgres"), s.arguments()...)
		cmd.Env, cmd.Dir = cleanEnvironment(), "/"
		cmd.Stdout, cmd.Stderr = log, log
		cmd.SysProcAttr = id.attributes(s.stopSignal())
		if err := cmd.Start(); err != nil {
			started <- fmt.Errorf("run postgres: %w", err)
			return
		}
		s.process = cmd.Process
		started <- nil
		s.exit = cmd.Wait()
		s.home.close()
		close(s.done)
	}()
	return <-started
}

func (s *Server) arguments() []string {
	settings := []string{
		"listen_addresses=",
		"unix_socket_directories=" + s.home.socket,
		"unix_socket_permissions=0700",
		"max_connections=" + strconv.Itoa(s.config.MaxConnections),
		"timezone=UTC",
		"log_timezone=UTC",
		"logging_collector=off",
		"jit=off", // our queries are short; compiling them costs more than it saves
	}
	if s.config.Throwaway {
		settings = append(settings,
			"fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "max_wal_size=8GB", "checkpoint_timeout=1h",
			"autovacuum=off",                  // a test's tables live for a second
			"dynamic_shared_memory_type=mmap", // in the data directory, so that a kill -9 leaves nothing outside it
		)
	}
	args := []string{"-D", s.home.cluster()}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// untilAnswering returns when a connection was made, or with the server's last words when it ended instead.
func (s *Server) untilAnswering(ctx context.Context) error {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		conn, err := pgx.Connect(ctx, s.DSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.done:
			return fmt.Errorf("postgres ended at once (%w); the end of its log:\n%s", s.exit, s.home.logTail())
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", errors.Join(ctx.Err(), err))
		case <-time.After(pause):
		}
	}
}

// DSN names a database of this server to pgx and to libpq, as the cluster's superuser. There is no password: the socket's
// directory lets only its owner in.
func (s *Server) DSN(database string) string { return dsn(s.home.socket, database) }

// RunningDSN is DSN for the server that another process of the same user runs in a data directory (ErrInUse), so that a
// command can work beside it.
func RunningDSN(dataDir, database string) (string, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return "", fmt.Errorf("find the data directory: %w", err)
	}
	return dsn(socketOf(dir), database), nil
}

func dsn(socket, database string) string {
	return fmt.Sprintf("host=%s port=5432 user=postgres dbname=%s sslmode=disable", quoteDSN(socket), quoteDSN(database))
}

// Version is that of the binaries, such as 15.18.
func (s *Server) Version() string { return s.bin.version }

// DataDir is where the server keeps everything; for a Throwaway server without one, the directory that Start made.
func (s *Server) DataDir() string { return s.home.dir }

// Done is closed when the server has ended, for whatever reason, and its lock and socket are gone.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends the server and waits for it. Open transactions are rolled back, and what was committed is on disk. When ctx
// ends first the server is ended without ceremony (the next Start recovers from its log) and the error says so.
func (s *Server) Stop(ctx context.Context) error {
	_ = s.process.Signal(s.stopSignal()) // fails only when the process has ended
	select {
	case <-s.done:
	case <-ctx.Done():
		s.kill()
		return fmt.Errorf("stop PostgreSQL in time: %w", ctx.Err())
	}
	if s.exit != nil && !s.config.Throwaway {
		return fmt.Errorf("PostgreSQL in %s ended badly: %w", s.home.dir, s.exit)
	}
	return nil
}

func (s *Server) kill() {
	_ = s.process.Signal(syscall.SIGQUIT)
	<-s.done
}

// stopSignal is SIGINT (fast shutdown: roll back, checkpoint, end) for data that matter and SIGQUIT (end now) for data
// that do not. Never SIGTERM: that shutdown waits until the last client has left.
func (s *Server) stopSignal() syscall.Signal {
	if s.config.Throwaway {
		return syscall.SIGQUIT
	}
	return syscall.SIGINT
}

// cleanEnvironment keeps the caller's PG* and locale variables away: they change what initdb and postgres do.
func cleanEnvironment() []string {
	return []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin"}
}
