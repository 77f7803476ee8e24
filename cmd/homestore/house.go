package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"homestore/api"
	"homestore/api/endpoint"
	"homestore/api/integration/shopify"
	"homestore/api/signin"
	"homestore/clienteling/order"
	"homestore/clienteling/team"
	"homestore/notify/campaign"
	"homestore/notify/delivery"
	"homestore/notify/device"
	"homestore/notify/fcm"
	"homestore/notify/notice"
	"homestore/notify/offer"
	"homestore/referral/tag"
)

// house is everything that a running Homestore consists of: the domain, the queue and its workers, messages to phones, and
// what the API's faces need beside them.
type house struct {
	*domain
	cfg Config
	now func() time.Time
	log *slog.Logger

	keys        *signin.Keyring
	idempotency *endpoint.Keys
	directory   *tag.Directory
	sender      *fcm.Sender

	queue   *river.Client[pgx.Tx]
	workers *river.Workers
	chores  []chore

	inbox      *order.Inbox
	devices    *device.Service
	offers     *offer.Service
	deliveries *delivery.Service
	notices    *notice.Service
	campaigns  *campaign.Service

	signIn *signin.Face
	faces  []api.Face
	rates  api.Rates // zero: the defaults; only bench sets them

	instruments *instruments
	traces      *traces     // nil: not configured
	isStopping  atomic.Bool // set when it is told to stop
}

// directorySize is how many codes stay in memory: some hundred bytes each.
const directorySize = 100_000

// messagesInFlight is how many messages to phones are under way at once: some 4,000 a second at 100 ms each. What a kill at
// the wrong moment leaves unknown is no more than this.
const messagesInFlight = 500

// newHouse builds it all and starts nothing but the writers of scans.
func newHouse(ctx context.Context, cfg Config, db *database, fcmEndpoint string, log *slog.Logger) (*house, error) {
	secret, err := serverSecret(cfg)
	if err != nil {
		return nil, err
	}
	h := &house{cfg: cfg, now: time.Now, instruments: newInstruments()}
	if h.keys, err = signin.NewKeyring(secret); err != nil {
		return nil, err
	}
	if h.traces, err = startTraces(ctx, cfg, log); err != nil {
		return nil, err
	}
	h.log = h.traces.log(log)
	h.domain, err = newDomain(ctx, parts{
		database: db, keys: h.keys, spoolDir: cfg.spoolDir(), conns: cfg.Connections, now: h.now, log: h.log, tracer: h.traces.sql(),
	})
	if err != nil {
		return nil, errors.Join(err, h.traces.stop())
	}
	h.idempotency = endpoint.NewKeys(h.pool, h.now)
	h.directory = tag.NewDirectory(h.tags.Resolve, directorySize, h.now)
	if err := errors.Join(h.buildQueue(db.ownerURL), h.buildMessages(ctx, fcmEndpoint)); err != nil {
		return nil, errors.Join(err, h.close())
	}
	h.buildInbox()
	h.instruments.registry.MustRegister(&stateCollector{h: h})
	if err := h.buildFaces(); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *house) buildQueue(ownerURL string) error {
	h.workers = river.NewWorkers()
	h.chores = h.timetable(ownerURL)
	river.AddWorker(h.workers, &choreWorker{chores: h.chores})
	var err error
	h.queue, err = river.NewClient(riverpgxv5.New(h.pool.Raw()), &river.Config{
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}, notice.QueueName: {MaxWorkers: 4}},
		Workers:              h.workers,
		PeriodicJobs:         periodic(h.chores),
		JobTimeout:           2 * time.Minute,
		RescueStuckJobsAfter: 10 * time.Minute, // a killed process's jobs: above the longest time-out, far below River's own hour
		Logger:               h.log,
		Middleware:           h.traces.jobs(),
	})
	if err != nil {
		return fmt.Errorf("build the queue: %w", err)
	}
	return nil
}

// buildMessages builds what reaches a phone. With credentials it speaks to Google, otherwise to the local FCM; the code is
// the same.
func (h *house) buildMessages(ctx context.Context, fcmEndpoint string) error {
	cfg := fcm.Config{ProjectID: h.cfg.FirebaseProject, CredentialsFile: h.cfg.FirebaseCredentials, InFlight: messagesInFlight, Now: h.now}
	if h.cfg.isLocal() {
		cfg.Endpoint, cfg.ProjectID = fcmEndpoint, cmp.Or(cfg.ProjectID, "homestore-local")
	}
	var err error
	if h.sender, err = fcm.New(ctx, cfg); err != nil {
		return fmt.Errorf("connect to FCM: %w", err)
	}
	measured := h.traces.sender(measuredSender{h.sender, h.instruments.sends})
	h.devices = device.New(h.pool, h.now)
	h.offers = offer.New(h.pool, h.now)
	h.deliveries = delivery.New(h.pool, h.now, delivery.Config{Sender: measured, Queue: h.queue, Brands: h.teams, Log: h.log, InFlight: messagesInFlight})
	h.deliveries.Register(h.workers)
	h.notices = notice.New(h.pool, h.now, notice.Config{Sender: measured, Queue: h.queue, Log: h.log})
	h.notices.Register(h.workers)
	h.book.Telling(earned{h.notices})
	h.disputes.Telling(ruled{h.notices})
	h.campaigns = campaign.New(h.pool, h.now, h.deliveries, h.visits, h.queue)
	h.campaigns.Register(h.workers)
	return nil
}

// buildInbox builds what takes the messages of platforms: one translator each.
func (h *house) buildInbox() {
	translator := &shopify.Translator{Brands: h.teams, Click: h.goodClick, Store: team.StoreOfPlace}
	h.inbox = order.NewInbox(h.orders, h.queue, map[string]order.Translate{shopify.Platform: translator.Translate})
	river.AddWorker(h.workers, h.inbox.Worker())
}

func (h *house) close() error {
	if h.sender != nil {
		h.sender.Close()
	}
	return errors.Join(h.domain.close(), h.traces.stop())
}
