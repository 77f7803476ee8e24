package main

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"homestore/clienteling/shop"
)

// metrics are what a scrape says, by name.
type metrics map[string]*dto.MetricFamily

// scrape asks a running Homestore's private listener.
func (r running) scrape(t *testing.T) metrics {
	t.Helper()
	a := ask(t, "http://"+r.cfg.PrivateAddr+"/metrics")
	if a.status != http.StatusOK {
		t.Fatalf("scrape: %d %.500s", a.status, a.body)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// ask is a plain GET, as Prometheus' or an operator's.
func ask(t *testing.T, url string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, string(b)}
}

// gather is what a scrape of a registry says.
func gather(t *testing.T, registry *prometheus.Registry) metrics {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := metrics{}
	for _, f := range families {
		all[f.GetName()] = f
	}
	return all
}

// of is the value of the series with these labels (name, value pairs); of a histogram, how many it has seen. ok is false when
// there is no such series.
func (m metrics) of(name string, labels ...string) (value float64, ok bool) {
	for _, series := range m[name].GetMetric() {
		matches := 0
		for _, l := range series.GetLabel() {
			for i := 0; i < len(labels); i += 2 {
				if l.GetName() == labels[i] && l.GetValue() == labels[i+1] {
					matches++
				}
			}
		}
		if matches < len(labels)/2 {
			continue
		}
		ok = true
		value += series.GetGauge().GetValue() + series.GetCounter().GetValue() + float64(series.GetHistogram().GetSampleCount())
	}
	return value, ok
}

func (m metrics) must(t *testing.T, want float64, name string, labels ...string) {
	t.Helper()
	if got, ok := m.of(name, labels...); !ok || got != want {
		t.Errorf("%s%v is %v (there: %t), want %v", name, labels, got, ok, want)
	}
}

// series is how many lines Prometheus would keep.
func (m metrics) series() (n int) {
	for _, f := range m {
		for _, s := range f.GetMetric() {
			n += 1 + len(s.GetHistogram().GetBucket())
		}
	}
	return n
}

// testInstallation is a database in memory and the settings of whoever works on it.
func testInstallation(t *testing.T) (Config, *database) {
	t.Helper()
	db, err := throwawayDatabase(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.stop() })
	cfg, err := readConfig()
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir = t.TempDir()
	return cfg, db
}

// testHouse is a house on a database in memory, with the demo brand, that neither serves nor works.
func testHouse(t *testing.T) (*house, *database) {
	t.Helper()
	cfg, db := testInstallation(t)
	h, err := newHouse(t.Context(), cfg, db, "http://127.0.0.1:9/v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.close() })
	if err := h.seedDemo(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return h, db
}

func (h *house) demoBrand(t *testing.T) shop.BrandID {
	t.Helper()
	brands, err := h.teams.Brands(t.Context())
	if err != nil || len(brands) != 1 {
		t.Fatal(err, brands)
	}
	return brands[0].ID
}

func execAsOwner(t *testing.T, db *database, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
