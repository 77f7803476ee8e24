package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"homestore/api/guard"
	"homestore/migrations/postgres"
)

// limitLocation is as long as the address to which a demo tag leads with a click id.
const limitLocation = "http://127.0.0.1:8080/p/harumi/SOFA-CLOUD-GREY?hs_click=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// serveLimit answers every scan by a redirect, and nothing else: what Fiber can do on this machine. work, if any, is done
// before the answer.
func serveLimit(ctx context.Context, cfg Config, out io.Writer, work func(context.Context) error) error {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/q/:code", func(c *fiber.Ctx) error {
		if work != nil {
			if err := work(ctx); err != nil {
				return err
			}
		}
		return c.Redirect(limitLocation, http.StatusFound)
	})
	listener, err := guard.Listen(ctx, cfg.Addr)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "ready")
	go func() {
		<-ctx.Done()
		_ = app.Shutdown()
	}()
	return app.Listener(listener)
}

// serveInsert stores each scan by a statement and a commit of its own, on as many connections as Homestore has.
func serveInsert(ctx context.Context, cfg Config, db *database, out io.Writer) error {
	pool, err := postgres.Open(ctx, postgres.Config{URL: db.ownerURL, Role: "postgres", MaxConnections: cfg.Connections})
	if err != nil {
		return err
	}
	defer pool.Close()
	return serveLimit(ctx, cfg, out, func(ctx context.Context) error { return insertPlainScan(ctx, pool.Raw()) })
}
