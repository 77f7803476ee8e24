package main

import (
	"context"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"homestore/api/guard"
	"homestore/notify/delivery"
	"homestore/notify/push"
)

// instruments are what a running Homestore counts as it happens, and the registry from which /metrics is written. The registry
// is its own: what libraries register with Prometheus' global one is not ours to promise.
//
// How many series there are depends on the routes, states and kinds of this program and on nothing that a caller sends.
type instruments struct {
	registry *prometheus.Registry
	requests *requestDurations
	sends    *prometheus.HistogramVec
	drift    *prometheus.GaugeVec
	measured prometheus.Gauge

	differences *prometheus.GaugeVec
	reconciled  prometheus.Gauge
}

// The bounds of both durations, in seconds. Among them are the promises of quality.md, so that a dashboard can say which part
// kept them: 20 ms for a scan, 500 ms for a webhook, 5 s for any request.
var secondsBuckets = []float64{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15}

func newInstruments() *instruments {
	requests := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "homestore_http_request_duration_seconds", Buckets: secondsBuckets,
		Help: "Requests answered, by method, route template and class of status.",
	}, []string{"method", "route", "class"})
	i := &instruments{
		registry: prometheus.NewRegistry(),
		requests: newRequestDurations(requests),
		sends: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "homestore_fcm_send_duration_seconds", Buckets: secondsBuckets,
			Help: "Messages handed to Firebase, by what became of them.",
		}, []string{"verdict"}),
		drift: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "homestore_ledger_drift_rows",
			Help: "Rows that break an invariant of the book, of all brands, as this process measured last; anything but 0 is an alarm.",
		}, []string{"invariant"}),
		measured: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "homestore_ledger_drift_measured_timestamp_seconds",
			Help: "When this process measured the drift of the book last; 0: not since it started.",
		}),
		differences: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "homestore_ledger_reconcile_differences",
			Help: "Figures of the book that are others than the facts of the orders make them, of the orders whose turn is in an hour of the day; anything but 0 is an alarm.",
		}, []string{"hour"}),
		reconciled: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "homestore_ledger_reconciled_timestamp_seconds",
			Help: "When this process compared the book with the orders of an hour last; 0: not since it started.",
		}),
	}
	for _, v := range []push.Verdict{push.Sent, push.Later, push.TokenDead, push.OurFault, push.Unknown} {
		i.sends.WithLabelValues(string(v))
	}
	revision, goVersion := builtFrom()
	i.registry.MustRegister(requests, i.sends, i.drift, i.measured, i.differences, i.reconciled,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "homestore_build_info", Help: "What this binary was built from; always 1.",
			ConstLabels: prometheus.Labels{"revision": revision, "go_version": goVersion},
		}, func() float64 { return 1 }))
	return i
}

// requestDurations finds the series of a request without a lock and without an allocation: scans pay for it.
type requestDurations struct {
	durations *prometheus.HistogramVec
	mu        sync.Mutex // held to make a series
	known     atomic.Pointer[map[requestSeries]prometheus.Observer]
}

type requestSeries struct {
	method, route string
	class         int // hundreds of the status
}

func newRequestDurations(durations *prometheus.HistogramVec) *requestDurations {
	r := &requestDurations{durations: durations}
	r.known.Store(&map[requestSeries]prometheus.Observer{})
	return r
}

func (r *requestDurations) observe(a guard.Answered) {
	key := requestSeries{a.Method, a.Route, a.Status / 100}
	series, ok := (*r.known.Load())[key]
	if !ok {
		series = r.add(key)
	}
	series.Observe(a.Took.Seconds())
}

// add copies what is known: it is read by many and written some hundred times in the life of a process.
func (r *requestDurations) add(key requestSeries) prometheus.Observer {
	r.mu.Lock()
	defer r.mu.Unlock()
	series := r.durations.WithLabelValues(key.method, key.route, strconv.Itoa(key.class)+"xx")
	known := maps.Clone(*r.known.Load())
	known[key] = series
	r.known.Store(&known)
	return series
}

// measuredSender counts what became of each message.
type measuredSender struct {
	delivery.Sender

	durations *prometheus.HistogramVec
}

func (s measuredSender) Send(ctx context.Context, m push.Message, to push.Target) (push.Outcome, error) {
	began := time.Now()
	outcome, err := s.Sender.Send(ctx, m, to)
	s.durations.WithLabelValues(string(outcome.Verdict)).Observe(time.Since(began).Seconds())
	return outcome, err
}
