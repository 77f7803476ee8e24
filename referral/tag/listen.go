package tag

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// quietFor is how long the connection may say nothing before it is asked whether it still lives: a network that swallows
// packets does not close connections.
const quietFor = 20 * time.Second

// Listen hears of changes until ctx ends, over a connection of its own that connect opens and that is opened anew when it
// breaks. What was read before it was open is doubted then (see Doubt): it may have changed unheard. log hears of each
// outage once.
func (d *Directory) Listen(ctx context.Context, connect func(context.Context) (*pgx.Conn, error), log *slog.Logger) {
	const pause, maxPause = 200 * time.Millisecond, 5 * time.Second
	wait := pause
	told := false
	for {
		heard, err := d.listenOnce(ctx, connect)
		if ctx.Err() != nil {
			return
		}
		if heard {
			wait, told = pause, false
		}
		if !told {
			log.Warn("changes of tags go unheard until the database is back; what is known keeps being served", "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, maxPause)
	}
}

// listenOnce says whether it got as far as hearing, and why it no longer does.
func (d *Directory) listenOnce(ctx context.Context, connect func(context.Context) (*pgx.Conn, error)) (heard bool, err error) {
	conn, err := connect(ctx)
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := listenForChanges(ctx, conn); err != nil {
		return false, fmt.Errorf("listen: %w", err)
	}
	d.Doubt()
	for {
		if err := d.hear(ctx, conn); err != nil {
			return true, err
		}
	}
}

// hear waits for one change or, after a silence, makes sure that there is somebody who could tell.
func (d *Directory) hear(ctx context.Context, conn *pgx.Conn) error {
	quiet, cancel := context.WithTimeout(ctx, quietFor)
	n, err := conn.WaitForNotification(quiet)
	cancel()
	switch {
	case err == nil && n.Channel == "tag_changed":
		d.Changed(Code(n.Payload))
	case err == nil:
		if brand, err := strconv.ParseInt(n.Payload, 10, 32); err == nil {
			d.BrandChanged(shop.BrandID(brand))
		}
	case quiet.Err() != nil && ctx.Err() == nil && !conn.IsClosed():
		alive, cancel := context.WithTimeout(ctx, loadTimeout)
		defer cancel()
		return conn.Ping(alive)
	default:
		return fmt.Errorf("wait for changes: %w", err)
	}
	return nil
}
