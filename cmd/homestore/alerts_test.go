package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/oasdiff/yaml"
	dto "github.com/prometheus/client_model/go"

	"homestore/api/guard"
)

var metricName = regexp.MustCompile(`homestore_\w+`)

// A rule on a metric that nobody writes never fires, and nobody notices.
func TestEveryMetricOfTheAlertsIsInAScrape(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("operate/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert       string            `json:"alert"`
				Expr        string            `json:"expr"`
				Labels      map[string]string `json:"labels"`
				Annotations map[string]string `json:"annotations"`
			} `json:"rules"`
		} `json:"groups"`
	}
	if _, err := yaml.Unmarshal(text, &rules, yaml.DecodeOpts{}); err != nil {
		t.Fatal(err)
	}
	h, db := testHouse(t)
	execAsOwner(t, db, `INSERT INTO river_job (kind, args, max_attempts, scheduled_at) VALUES ('later', '{}', 1, now())`)
	if err := h.measureDrift(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.instruments.requests.observe(guard.Answered{Method: "GET", Route: "/q/{code}", Status: 302})
	scrape := gather(t, h.instruments.registry)
	named := map[string]bool{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["do"] == "" {
				t.Errorf("rule %q lacks its severity, its summary or what to do", r.Alert)
			}
			names := metricName.FindAllString(r.Expr, -1)
			if len(names) == 0 {
				t.Errorf("rule %q names no metric", r.Alert)
			}
			for _, name := range names {
				named[name] = true
				base := strings.TrimSuffix(strings.TrimSuffix(name, "_count"), "_bucket") // of histograms
				if scrape[name] == nil && (base == name || scrape[base].GetType() != dto.MetricType_HISTOGRAM) {
					t.Errorf("rule %q is about %s, which is in no scrape", r.Alert, name)
				}
			}
		}
	}
	if len(named) < 15 {
		t.Errorf("only %d metrics have a rule", len(named))
	}
}
