package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"homestore/api/signin"
	"homestore/clienteling/order"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// finding is something that is not as it should be, and what to do about it.
type finding struct {
	Check  string `json:"check"`
	Brand  string `json:"brand,omitempty"` // its slug; empty: of the whole installation
	IsNote bool   `json:"is_note"`         // worth knowing, and no reason to wake anybody
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

// examined is what doctor says: also with --json.
type examined struct {
	Findings []finding `json:"findings"`
	Failed   []string  `json:"failed"` // checks that could not be made, and why
}

func (e *examined) wrong() int {
	n := 0
	for _, f := range e.Findings {
		if !f.IsNote {
			n++
		}
	}
	return n
}

// err is nil when all is well, and carries the exit status for monitoring: 1 something is wrong, 2 something could not be
// looked at, so that nobody knows.
func (e *examined) err() error {
	switch n := e.wrong(); {
	case len(e.Failed) > 0:
		return statusError{2, fmt.Errorf("%d findings, and %d checks could not be made", n, len(e.Failed))}
	case n > 0:
		return statusError{1, fmt.Errorf("%d findings", n)}
	}
	return nil
}

// runDoctor examines an installation, changes nothing, and says what to do.
func runDoctor(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "ledger" {
		return runDoctorLedger(ctx, args[1:], out)
	}
	asJSON := slices.Equal(args, []string{"--json"})
	if len(args) > 0 && !asJSON {
		return errors.New("usage: homestore doctor [--json], or homestore doctor ledger")
	}
	cfg, err := readConfig()
	if err != nil {
		return statusError{2, err}
	}
	db, err := findDatabase(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return statusError{2, err}
	}
	e, err := examine(ctx, cfg, db)
	if err != nil {
		return statusError{2, errors.Join(err, db.stop())}
	}
	if asJSON {
		err = json.NewEncoder(out).Encode(e)
	} else {
		e.print(out)
	}
	return errors.Join(e.err(), err, db.stop())
}

func (e *examined) print(out io.Writer) {
	for _, f := range e.Findings {
		what := f.What
		if f.Brand != "" {
			what = f.Brand + ": " + what
		}
		if f.IsNote {
			what = "note: " + what
		}
		fmt.Fprintf(out, "%s\n  → %s\n", what, f.Remedy)
	}
	for _, f := range e.Failed {
		fmt.Fprintln(out, "could not look at", f)
	}
	if e.err() == nil {
		fmt.Fprintln(out, "ok: database, queue, spool, and inbox, ledger and set-up of every brand are as they should be")
		fmt.Fprintf(out, "of each book %d orders were worked out once more from their facts; `homestore doctor ledger` does so with all\n", sampleOfDoctor)
	}
}

// examination is what checks look with.
type examination struct {
	cfg   Config
	db    *database
	pool  *postgres.Pool
	inbox *order.Inbox
	teams *team.Service
	now   time.Time
	check string
	brand team.Brand // zero: the whole installation
	said  *examined
	web   http.RoundTripper
}

// find notes something that is wrong.
func (e *examination) find(remedy, format string, args ...any) { e.say(false, remedy, format, args...) }

// note notes something that is worth knowing.
func (e *examination) note(remedy, format string, args ...any) { e.say(true, remedy, format, args...) }

func (e *examination) say(isNote bool, remedy, format string, args ...any) {
	e.said.Findings = append(e.said.Findings, finding{e.check, e.brand.Slug, isNote, fmt.Sprintf(format, args...), remedy})
}

// look is one thing that is looked at.
type look struct {
	name string
	at   func(ctx context.Context, e *examination) error
	gate bool // when it finds something, nothing after it can be asked
}

// ofInstallation is looked at once, in this sequence; ofBrand once for every brand.
var (
	ofInstallation = []look{
		{name: "spool", at: lookAtSpool},
		{name: "database", at: lookForDatabase, gate: true},
		{name: "migrations", at: lookAtMigrations, gate: true},
		{name: "settings", at: lookAtSettings},
		{name: "partitions", at: lookAtPartitions},
		{name: "queue", at: lookAtQueue},
		{name: "schema", at: lookAtSchema},
	}
	ofBrand = []look{
		{name: "inbox", at: lookAtInbox},
		{name: "sales", at: lookAtSales},
		{name: "ledger", at: lookAtBook},
		{name: "recomputation", at: lookAtSample},
		{name: "months", at: lookAtMonths},
		{name: "seals", at: lookAtSeals},
		{name: "addresses", at: lookAtAddresses},
		{name: "app links", at: lookAtAppLinks},
		{name: "plan", at: lookAtPlan},
		{name: "people", at: lookAtPeople},
		{name: "keys", at: lookAtKeys},
		{name: "secrets", at: lookAtSecrets},
	}
)

func examine(ctx context.Context, cfg Config, db *database) (*examined, error) {
	return examineWith(ctx, cfg, db, http.DefaultTransport)
}

// examineWith asks web for what phones ask a brand's domain for.
func examineWith(ctx context.Context, cfg Config, db *database, web http.RoundTripper) (*examined, error) {
	pool, err := postgres.Open(ctx, postgres.Config{URL: db.appURL, MaxConnections: 4})
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	teams, err := teamsOfDoctor(cfg, pool)
	if err != nil {
		return nil, err
	}
	said := &examined{Findings: []finding{}, Failed: []string{}}
	inbox := order.NewInbox(order.New(pool, time.Now), nil, nil)
	e := &examination{cfg: cfg, db: db, pool: pool, inbox: inbox, teams: teams, now: time.Now(), said: said, web: web}
	if !e.through(ctx, ofInstallation) {
		return said, nil
	}
	brands, err := teams.Brands(ctx)
	if err != nil {
		said.Failed = append(said.Failed, fmt.Sprintf("brands: %v", err))
	}
	for _, b := range brands {
		e.brand = b
		e.through(ctx, ofBrand)
	}
	return said, nil
}

// teamsOfDoctor opens what is sealed with the secret of the processes; where there is none, with a key that opens nothing.
func teamsOfDoctor(cfg Config, pool *postgres.Pool) (*team.Service, error) {
	secret, err := keptSecret(cfg)
	if err != nil {
		return nil, err
	}
	keys := [][]byte{make([]byte, 32)}
	if secret != "" {
		ring, err := signin.NewKeyring(secret)
		if err != nil {
			return nil, err
		}
		keys = ring.SealingKeys()
	}
	return team.New(pool, time.Now, team.Config{SealingKeys: keys})
}

// through looks at one thing after another and says whether it came to the end: one that could not be looked at does not keep the
// others, unless it is a gate.
func (e *examination) through(ctx context.Context, list []look) bool {
	for _, l := range list {
		e.check = l.name
		before := len(e.said.Findings) + len(e.said.Failed)
		if err := l.at(ctx, e); err != nil {
			e.said.Failed = append(e.said.Failed, fmt.Sprintf("%s %s: %v", e.brand.Slug, l.name, err))
		}
		if l.gate && len(e.said.Findings)+len(e.said.Failed) > before {
			return false
		}
	}
	return true
}
