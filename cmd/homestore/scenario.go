package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/signin"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// notYet is something that a story needs and the product does not have. It is named, never skipped.
type notYet string

func (n notYet) Error() string { return "the product does not have this yet: " + string(n) }

// runScenario plays stories on a fresh brand each, with the story's own clock, on a PostgreSQL in memory. It prints `ok NAME`,
// or each difference; any makes it fail.
func runScenario(ctx context.Context, files []string, out io.Writer) error {
	if len(files) == 0 {
		return errors.New("name the story files to play")
	}
	stories := make([]*story, len(files))
	for i, file := range files {
		var err error
		if stories[i], err = readStory(file); err != nil {
			return err
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	db, err := throwawayDatabase(ctx, quiet)
	if err != nil {
		return err
	}
	defer func() { _ = db.stop() }()
	failed := 0
	for i, s := range stories {
		differences, err := playStory(ctx, db, shop.BrandID(i+1), s, quiet)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // the stories after it are told all the same
			differences = append(differences, fmt.Sprintf("it cannot be played on: %v", err))
		}
		if len(differences) == 0 {
			fmt.Fprintf(out, "ok %s\n", s.Name)
			continue
		}
		failed++
		fmt.Fprintf(out, "%s does not hold:\n  %s\n", s.Name, strings.Join(differences, "\n  "))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d stories do not hold", failed, len(stories))
	}
	return nil
}

// playStory returns what was not as the story says. An error is a fault of the stage, not of the product.
func playStory(ctx context.Context, db *database, brand shop.BrandID, s *story, log *slog.Logger) (differences []string, err error) {
	err = onStage(ctx, db, brand, s, log, func(g *stage) error {
		differences, err = g.play(ctx)
		return err
	})
	return differences, err
}

// onStage builds a fresh brand for a story and takes it down again.
func onStage(ctx context.Context, db *database, brand shop.BrandID, s *story, log *slog.Logger, do func(*stage) error) error {
	spool, err := os.MkdirTemp("", "homestore-scenario-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(spool)
	keys, err := signin.NewKeyring(strings.Repeat("a scenario keeps no secret ", 2))
	if err != nil {
		return err
	}
	g := &stage{story: s, brand: brand}
	g.domain, err = newDomain(ctx, parts{
		database: db, keys: keys, spoolDir: spool, conns: 4, hashing: team.Hashing{MemoryKiB: 64, Passes: 1}, now: g.now, log: log,
	})
	if err != nil {
		return err
	}
	defer func() { _ = g.domain.close() }()
	if err := g.build(ctx, db); err != nil {
		return fmt.Errorf("set the stage: %w", err)
	}
	return do(g)
}

// play goes through the timeline in file order. It stops at the first thing that the product does not have: what comes
// after would differ for that reason alone.
func (g *stage) play(ctx context.Context) ([]string, error) {
	var differences []string
	for i, e := range g.story.Timeline {
		at, err := g.story.recorded(e)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if at.Before(g.now()) {
			return differences, fmt.Errorf("entry %d is recorded before the one before it", i+1)
		}
		g.setClock(at)
		if err := g.domain.bindings.Follow(ctx, g.brand); err != nil {
			return differences, fmt.Errorf("entry %d: %w", i+1, err)
		}
		found, err := g.playEntry(ctx, e)
		for _, d := range found {
			differences = append(differences, fmt.Sprintf("entry %d, %s %s: %s", i+1, e.At, e.Do, d))
		}
		if missing, ok := errors.AsType[notYet](err); ok {
			return append(differences, fmt.Sprintf("entry %d, %s: %v", i+1, e.At, missing)), nil
		}
		if err != nil {
			return differences, fmt.Errorf("entry %d (%s): %w", i+1, e.Do, err)
		}
		if e.Label == "" {
			continue
		}
		err = g.domain.pool.Read(ctx, g.brand, func(tx pgx.Tx) (err error) {
			g.pictures[e.Label], err = g.take(ctx, tx)
			return err
		})
		if err != nil {
			return differences, fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	return differences, nil
}

// playEntry does what fell due before it, and after it what its fact made due in the past.
func (g *stage) playEntry(ctx context.Context, e entry) ([]string, error) {
	if _, err := g.domain.book.Vest(ctx, g.brand, g.now()); err != nil {
		return nil, err
	}
	var differences []string
	if e.Do != "" {
		outcome, err := g.act(ctx, e)
		if err != nil {
			return nil, err
		}
		if want := cmp.Or(e.Outcome, "ok"); outcome != want {
			differences = append(differences, fmt.Sprintf("outcome %s, want %s", outcome, want))
		}
		if _, err := g.domain.book.Vest(ctx, g.brand, g.now()); err != nil {
			return nil, err
		}
	}
	for _, x := range e.Expect {
		found, err := g.compare(ctx, x)
		differences = append(differences, found...)
		if err != nil {
			return differences, err
		}
	}
	return differences, nil
}

// makePartitions makes those of the story's whole time, which may lie years back, and begin before anything is heard of.
func (g *stage) makePartitions(ctx context.Context, db *database, from time.Time) error {
	last := from
	for _, e := range g.story.Timeline {
		at, err := g.story.instant(e.At)
		if err != nil {
			return err
		}
		if at.Before(from) {
			from = at
		}
		if last, err = g.story.recorded(e); err != nil {
			return err
		}
	}
	return postgres.MakePartitions(ctx, db.ownerURL, from, last)
}
