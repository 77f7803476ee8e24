package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/guard"
)

// runServe runs Homestore until it is told to stop: the API and the workers, or one of them. On the embedded default
// (no database given) it starts PostgreSQL, seeds the demo brand and prints where to look.
func runServe(ctx context.Context, args []string, out io.Writer) error {
	api, work, err := facesWanted(args)
	if err != nil {
		return err
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	log, closeLog, err := openLog(cfg)
	if err != nil {
		return err
	}
	defer closeLog()
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	if db.private == nil && cfg.DatabaseURL == "" {
		return fmt.Errorf("a Homestore runs on %s already; stop it, or give this one another HOMESTORE_DATA_DIR", cfg.DataDir)
	}
	// Last of all, when nobody asks it anything any more.
	return errors.Join(serveOn(ctx, cfg, db, log, out, api, work), db.stop())
}

func facesWanted(args []string) (api, work bool, err error) {
	switch {
	case len(args) == 0:
		return true, true, nil
	case len(args) == 1 && args[0] == "--api-only":
		return true, false, nil
	case len(args) == 1 && args[0] == "--work-only":
		return false, true, nil
	}
	return false, false, errors.New("usage: homestore serve [--api-only | --work-only]")
}

// serveOn builds the house on an open database and runs it.
func serveOn(ctx context.Context, cfg Config, db *database, log *slog.Logger, out io.Writer, api, work bool) error {
	fcmEndpoint := ""
	if cfg.isLocal() {
		local, err := startLocalServices(ctx, cfg, time.Now, log)
		if err != nil {
			return err
		}
		defer func() { _ = local.stop() }()
		fcmEndpoint = local.fcmEndpoint()
	}
	h, err := newHouse(ctx, cfg, db, fcmEndpoint, log)
	if err != nil {
		return err
	}
	// After all that can fail and before anything is promised: in a deploy, who calls may get this process from here on.
	var listener net.Listener
	if api {
		if listener, err = guard.Listen(ctx, cfg.Addr); err != nil {
			return errors.Join(fmt.Errorf("%w (HOMESTORE_ADDR moves it)", err), h.close())
		}
		defer listener.Close()
	}
	private, err := guard.Listen(ctx, cfg.PrivateAddr)
	if err != nil {
		return errors.Join(fmt.Errorf("%w (HOMESTORE_PRIVATE_ADDR moves it)", err), h.close())
	}
	defer h.servePrivate(private)()
	if db.private == nil {
		fmt.Fprintf(out, "Homestore runs at %s\n", cfg.PublicURL)
		if cfg.isLocal() {
			fmt.Fprintf(out, "No Firebase credentials: messages go to the local FCM at http://%s/, which also signs customers in for tests\n", cfg.LocalAddr)
		}
	} else {
		if err := h.seedDemo(ctx, cfg); err != nil {
			return errors.Join(err, h.close())
		}
		if err := h.welcome(ctx, out); err != nil {
			return errors.Join(err, h.close())
		}
	}
	return errors.Join(h.run(ctx, db, listener, work), h.close())
}

// jobsEndWithin is for jobs that are under way when the process is told to stop. With the requests before them they end within
// the 30 s or so that whoever runs it waits before it kills; a job that does not is done again by another process.
const jobsEndWithin = 20 * time.Second

// run serves (a nil listener: does not) and works until ctx ends or the database is gone. It stops in this order: requests
// are answered, then jobs end, so that nothing that was promised is cut off.
func (h *house) run(ctx context.Context, db *database, listener net.Listener, work bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { h.isStopping.Store(true) })()
	go func() {
		select {
		case <-db.gone():
			cancel(errors.New("the private PostgreSQL has ended"))
		case <-ctx.Done():
		}
	}()
	go h.directory.Listen(ctx, h.connectToListen, h.log)
	if work {
		// Jobs that are under way when ctx ends may finish: Stop below waits for them.
		if err := h.queue.Start(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("start the workers: %w", err)
		}
	}
	var failed error
	if listener != nil {
		failed = h.server().Serve(ctx, listener)
	} else {
		<-ctx.Done()
	}
	if work {
		stop, done := context.WithTimeout(context.Background(), jobsEndWithin)
		defer done()
		failed = errors.Join(failed, h.queue.Stop(stop))
	}
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		failed = errors.Join(failed, cause)
	}
	return failed
}

// connectToListen gives the directory of codes a connection of its own, for hearing of changed tags.
func (h *house) connectToListen(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, h.pool.Raw().Config().ConnConfig)
}
