package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/signin"
	"homestore/clienteling/catalogue"
	"homestore/clienteling/order"
	"homestore/clienteling/team"
	"homestore/clienteling/visit"
	"homestore/migrations/postgres"
	"homestore/referral/alarm"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/label"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/roster"
	"homestore/referral/scan"
	"homestore/referral/tag"
	"homestore/referral/target"
	"homestore/referral/whatif"
)

// domain is every Service that knows neither HTTP nor messages, built once. The API, the workers, the importer and the
// scenarios all work with the same.
type domain struct {
	pool     *postgres.Pool
	scanPool *postgres.Pool
	spool    *scan.Spool
	writer   *scan.Writer
	counters *scan.Counters
	clicks   scan.Keys

	teams     *team.Service
	catalogue *catalogue.Service
	tags      *tag.Service
	labels    *label.Service
	scans     *scan.Service
	alarms    *alarm.Service
	plans     *plan.Service
	book      *ledger.Ledger
	targets   *target.Service
	periods   *period.Service
	whatif    *whatif.Service
	bindings  *binding.Service
	roster    *roster.Service
	visits    *visit.Service
	orders    *order.Service
	reports   *report.Service
	disputes  *dispute.Service
}

// parts are what a domain stands on.
type parts struct {
	database *database
	keys     *signin.Keyring
	spoolDir string
	hashing  team.Hashing
	conns    int32
	now      func() time.Time
	log      *slog.Logger
	tracer   pgx.QueryTracer // of statements; nil: none
}

func newDomain(ctx context.Context, p parts) (*domain, error) {
	d := &domain{counters: &scan.Counters{}}
	if err := d.open(ctx, p); err != nil {
		return nil, errors.Join(err, d.close())
	}
	var err error
	if d.teams, err = team.New(d.pool, p.now, team.Config{SealingKeys: p.keys.SealingKeys(), Hashing: p.hashing}); err != nil {
		return nil, errors.Join(err, d.close())
	}
	d.clicks, err = clickKeys(p.keys.ClickKeys())
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	d.catalogue = catalogue.New(d.pool, p.now)
	d.tags = tag.New(d.pool, p.now)
	d.labels = label.New(d.pool, p.now, d.tags)
	d.scans = scan.New(scan.Parts{
		Pool: d.pool, Writer: d.writer, Keys: d.clicks, Devices: scan.NewDevices(p.keys.ClickKeys()[0]), Counters: d.counters, Now: p.now,
	})
	d.alarms = alarm.New(d.pool, d.scans, p.now)
	d.plans = plan.New(d.pool, p.now)
	d.targets = target.New(d.pool, p.now)
	d.reports = report.New(d.pool)
	d.book = ledger.New(d.pool, d.scans).Followed(d.reports)
	d.teams.HeardBy(d.book)
	d.periods = period.New(d.pool, p.now, d.book)
	d.whatif = whatif.New(d.pool, p.now, d.book)

	if d.visits, err = visit.New(d.pool, p.now, p.keys.MemberCodeKey()); err != nil {
		return nil, errors.Join(err, d.close())
	}

	// Who hears of a changed home store, of somebody who joins, and of a changed order, in the transaction that changes it.
	d.bindings = binding.New(d.pool, p.now, d.scans, d.book, d.reports).Greeting(gifts{})
	d.disputes = dispute.New(d.pool, p.now, d.bindings, d.book)
	d.roster = roster.New(d.pool, p.now, d.bindings)
	d.orders = order.New(d.pool, p.now, d.book, d.visits, d.reports).Exchanging(d.plans)
	return d, nil
}

// open connects as the roles that the domain works as, and takes the spool.
func (d *domain) open(ctx context.Context, p parts) (err error) {
	db := p.database
	if d.pool, err = postgres.Open(ctx, postgres.Config{URL: db.appURL, Role: postgres.RoleApp, OwnerURL: db.ownerURL, MaxConnections: p.conns, Tracer: p.tracer}); err != nil {
		return err
	}
	// Two writers and one who drains.
	if d.scanPool, err = postgres.Open(ctx, postgres.Config{URL: db.scanURL, Role: postgres.RoleScan, OwnerURL: db.ownerURL, MaxConnections: 3, Tracer: p.tracer}); err != nil {
		return err
	}
	if d.spool, err = scan.TakeSpool(p.spoolDir, d.counters); err != nil {
		return err
	}
	d.writer = scan.NewWriter(d.scanPool, d.spool, d.counters, p.log)
	return nil
}

// close ends what open began: the last scans are written before their pool goes.
func (d *domain) close() error {
	var err error
	if d.writer != nil {
		d.writer.Close()
	}
	if d.spool != nil {
		err = d.spool.Close()
	}
	if d.scanPool != nil {
		d.scanPool.Close()
	}
	if d.pool != nil {
		d.pool.Close()
	}
	return err
}

// withDomain opens the configured database, does one thing with the domain, and closes both.
func withDomain(ctx context.Context, cfg Config, do func(*domain) error) error {
	log := slog.New(slog.DiscardHandler)
	db, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(doWithDomain(ctx, cfg, db, log, do), db.stop())
}

// lookAtDomain is withDomain for what only looks: the schema stays as it is, since older servers may work on it. One that lacks
// migrations is refused (postgres.ErrBehind).
func lookAtDomain(ctx context.Context, cfg Config, look func(*domain) error) error {
	log := slog.New(slog.DiscardHandler)
	db, err := findDatabase(ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(doWithDomain(ctx, cfg, db, log, func(d *domain) error {
		if err := d.pool.IsCurrent(ctx); err != nil {
			return err
		}
		return look(d)
	}), db.stop())
}

func doWithDomain(ctx context.Context, cfg Config, db *database, log *slog.Logger, do func(*domain) error) error {
	secret, err := serverSecret(cfg)
	if err != nil {
		return err
	}
	keys, err := signin.NewKeyring(secret)
	if err != nil {
		return err
	}
	// A spool of its own: a process holds its directory alone, and `homestore serve` may be running.
	spool, err := os.MkdirTemp("", "homestore-spool-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(spool)
	d, err := newDomain(ctx, parts{database: db, keys: keys, spoolDir: spool, conns: cfg.Connections, now: time.Now, log: log})
	if err != nil {
		return err
	}
	return errors.Join(do(d), d.close())
}

// clickKeys numbers the keys that sign click ids, newest first, by their own hash, so that a key keeps its number while others come
// and go. Of 256 pairs one has one number: then the click ids of one of them would be forgeries.
func clickKeys(newestFirst [][]byte) (scan.Keys, error) {
	secrets := map[byte][]byte{}
	for _, key := range newestFirst {
		number := sha256.Sum256(key)[0]
		if other, isTaken := secrets[number]; isTaken && !bytes.Equal(other, key) {
			return scan.Keys{}, errors.New("HOMESTORE_SECRET: the new secret and the one before do not go together, as one pair in 256; draw another")
		}
		secrets[number] = key
	}
	return scan.NewKeys(sha256.Sum256(newestFirst[0])[0], secrets)
}
