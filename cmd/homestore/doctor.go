package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
)

// finding is something that is not as it should be, and what to do about it.
type finding struct{ what, remedy string }

// runDoctor examines a running installation, changes nothing, and fails when it finds anything, for monitoring.
func runDoctor(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		return errors.New("usage: homestore doctor")
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	db, err := findDatabase(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	found, err := examine(ctx, db)
	for _, f := range found {
		fmt.Fprintf(out, "%s\n  → %s\n", f.what, f.remedy)
	}
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%d findings", len(found))
	}
	if err == nil {
		fmt.Fprintln(out, "ok: schema, inbox and ledger of every brand are as they should be")
	}
	return errors.Join(err, db.stop())
}

func examine(ctx context.Context, db *database) ([]finding, error) {
	pool, err := postgres.Open(ctx, postgres.Config{URL: db.appURL, MaxConnections: 4})
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	switch err := pool.IsCurrent(ctx); {
	case errors.Is(err, postgres.ErrBehind):
		return []finding{{"the database lacks migrations of this program", "run `homestore migrate`"}}, nil
	case postgres.IsDown(err):
		return []finding{{"the database does not answer", "start it, or mend HOMESTORE_DATABASE_URL"}}, nil
	case err != nil:
		return nil, err
	}
	teams, err := team.New(pool, time.Now, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		return nil, err
	}
	brands, err := teams.Brands(ctx)
	if err != nil {
		return nil, err
	}
	inbox := order.NewInbox(order.New(pool, time.Now), nil, nil)
	var found []finding
	for _, b := range brands {
		inBrand, err := examineBrand(ctx, pool, inbox, b)
		if err != nil {
			return found, fmt.Errorf("brand %s: %w", b.Slug, err)
		}
		found = append(found, inBrand...)
	}
	return found, nil
}

// tooLong is for a message that nobody has looked at: the workers do within seconds.
const tooLong = 5 * time.Minute

func examineBrand(ctx context.Context, pool *postgres.Pool, inbox *order.Inbox, b team.Brand) ([]finding, error) {
	var found []finding
	note := func(remedy, format string, args ...any) {
		found = append(found, finding{b.Slug + ": " + fmt.Sprintf(format, args...), remedy})
	}
	backlogs, err := inbox.Backlogs(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range backlogs {
		switch {
		case l.State == order.MessageSetAside:
			note("read their notes at GET /v1/integrations/inbox?state=set_aside, mend the cause, replay them",
				"%d messages of platforms were not understood, the oldest of %s", l.Count, l.Oldest.Format(time.DateOnly))
		case l.State == order.MessageReceived && time.Since(l.Oldest) > tooLong:
			note("see that a process works: `homestore serve` without --api-only", "%d messages wait since %s", l.Count, l.Oldest.Format(time.RFC3339))
		}
	}
	err = pool.Read(ctx, b.ID, func(tx pgx.Tx) error { return examineBook(ctx, tx, b.ID, note) })
	return found, err
}

func examineBook(ctx context.Context, tx pgx.Tx, brand shop.BrandID, note func(remedy, format string, args ...any)) error {
	for _, rule := range ledger.Invariants {
		broken, err := rule.Breaks(ctx, tx, brand)
		if err != nil {
			return err
		}
		if len(broken) > 0 {
			note("stop paying out and look at these rows: nothing in this program makes such",
				"ledger %s, %s, is broken by %v", rule.ID, rule.Rule, broken)
		}
	}
	return nil
}
