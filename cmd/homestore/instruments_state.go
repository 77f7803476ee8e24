package main

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"homestore/migrations/postgres"
)

// stateMetrics are read when somebody asks for them: the counters that packages keep themselves, and what the database says.
var (
	isReady = desc("homestore_ready", "Whether a check of /readyz passes: 1 or 0.", "check")

	poolConnections = desc("homestore_database_connections", "Connections of a pool by what they do.", "pool", "state")
	poolMax         = desc("homestore_database_connections_max", "Connections that a pool may have.", "pool")
	poolAcquires    = desc("homestore_database_acquires_total", "Times that a connection was given out.", "pool")
	poolWaits       = desc("homestore_database_acquire_waits_total", "Times that somebody had to wait for a connection.", "pool")
	poolWaited      = desc("homestore_database_acquire_wait_seconds_total", "How long they waited, together.", "pool")
	poolGaveUp      = desc("homestore_database_acquires_canceled_total", "Times that somebody gave up waiting for a connection.", "pool")

	queueJobs = desc("homestore_queue_jobs", "Jobs of the queue that are not done, by kind and state. Every process says the same.", "kind", "state")
	queueAge  = desc("homestore_queue_oldest_job_age_seconds",
		"How long the oldest of them has been due (available), at work (running), or there (any other state).", "kind", "state")
	inboxMessages = desc("homestore_inbox_messages", "Messages of platforms that are not done, of all brands, by state. Every process says the same.", "state")
	inboxAge      = desc("homestore_inbox_oldest_message_age_seconds", "How long ago the oldest of them came.", "state")

	spoolBytes   = desc("homestore_scan_spool_bytes", "Scans on this machine's disk that wait for the database.")
	storedScans  = desc("homestore_scans_stored_total", "Scans that were committed at once.")
	spooledScans = desc("homestore_scans_spooled_total", "Scans that went to the spool.")
	drainedScans = desc("homestore_scans_drained_total", "Scans that were committed from the spool; one may be drained twice, and is stored once.")
	refusedScans = desc("homestore_scans_refused_total", "Scans of the spool that the database refuses for good; they are kept in a file.")
	lostScans    = desc("homestore_scans_lost_total", "Scans that neither database nor disk took; the shopper was told to come again.")
	tornFiles    = desc("homestore_scan_spool_files_torn_total", "Files of the spool that ended within a record.")
	badClicks    = desc("homestore_click_ids_refused_total", "Click ids that were not good, by why.", "why")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// stateCollector reads the state of a house.
type stateCollector struct {
	h *house

	mu   sync.Mutex // held while figures are read
	last figures
}

// Describe tells nothing, so that a scrape may lack what a database that is away does not say.
func (c *stateCollector) Describe(chan<- *prometheus.Desc) {}

// Collect ends within readWithin, also when the database does not answer at all.
func (c *stateCollector) Collect(out chan<- prometheus.Metric) {
	emit := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		emit(d, prometheus.GaugeValue, value, labels...)
	}
	count := func(d *prometheus.Desc, value int64, labels ...string) {
		emit(d, prometheus.CounterValue, float64(value), labels...)
	}
	for name, pool := range map[string]*postgres.Pool{"app": c.h.pool, "scan": c.h.scanPool} {
		s := pool.Raw().Stat()
		gauge(poolConnections, float64(s.AcquiredConns()), name, "acquired")
		gauge(poolConnections, float64(s.IdleConns()), name, "idle")
		gauge(poolConnections, float64(s.ConstructingConns()), name, "constructing")
		gauge(poolMax, float64(s.MaxConns()), name)
		count(poolAcquires, s.AcquireCount(), name)
		count(poolWaits, s.EmptyAcquireCount(), name)
		emit(poolWaited, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds(), name)
		count(poolGaveUp, s.CanceledAcquireCount(), name)
	}
	gauge(spoolBytes, float64(c.h.spool.Waiting()))
	n := c.h.counters
	count(storedScans, n.Stored.Load())
	count(spooledScans, n.Spooled.Load())
	count(drainedScans, n.Drained.Load())
	count(refusedScans, n.Refused.Load())
	count(lostScans, n.Lost.Load())
	count(tornFiles, n.Torn.Load())
	count(badClicks, n.Tampered.Load(), "tampered")
	count(badClicks, n.WrongBrand.Load(), "wrong_brand")
	count(badClicks, n.Expired.Load(), "expired")
	c.collectFigures(gauge)
}

func (c *stateCollector) collectFigures(gauge func(d *prometheus.Desc, value float64, labels ...string)) {
	f := c.figures()
	for check, passes := range f.checks {
		gauge(isReady, oneOrZero(passes), check)
	}
	gauge(isReady, oneOrZero(!c.h.isStopping.Load()), "not_draining")
	for _, q := range f.queue {
		gauge(queueJobs, float64(q.Jobs), q.Kind, q.State)
		gauge(queueAge, q.OldestSeconds, q.Kind, q.State)
	}
	for state, m := range f.inbox {
		gauge(inboxMessages, float64(m.Count), string(state))
		age := 0.0
		if !m.Oldest.IsZero() {
			age = max(0, f.at.Sub(m.Oldest).Seconds())
		}
		gauge(inboxAge, age, string(state))
	}
}

func oneOrZero(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
