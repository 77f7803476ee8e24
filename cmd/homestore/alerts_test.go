package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oasdiff/yaml"
	dto "github.com/prometheus/client_model/go"

	"homestore/api/guard"
)

var metricName = regexp.MustCompile(`\b(homestore|process|go)_\w+`)

// fullScrape is a scrape of a house of which every instrument has measured something.
func fullScrape(t *testing.T) metrics {
	t.Helper()
	h, db := testHouse(t)
	execAsOwner(t, db, `INSERT INTO river_job (kind, args, max_attempts, scheduled_at) VALUES ('later', '{}', 1, now());
		INSERT INTO river_job (kind, args, attempt, max_attempts, state, finalized_at) VALUES ('chore', '{}', 1, 1, 'discarded', now())`)
	if err := errors.Join(h.measureDrift(t.Context()), h.reconcile(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{302, 500} {
		h.instruments.requests.observe(guard.Answered{Method: "GET", Route: "/q/{code}", Status: status})
	}
	return gather(t, h.instruments.registry)
}

// has says whether a scrape has a metric, or the histogram of which the name is a part.
func (m metrics) has(name string) bool {
	base := strings.TrimSuffix(strings.TrimSuffix(name, "_count"), "_bucket")
	return m[name] != nil || base != name && m[base].GetType() == dto.MetricType_HISTOGRAM
}

var (
	selector = regexp.MustCompile(`(\w+)\{([^}]*)\}`)
	matcher  = regexp.MustCompile(`(\w+)(=~|=|!~|!=)"([^"]*)"`)
)

// blind lists what an expression asks of labels that no series of the scrape has.
func (m metrics) blind(expr string) (asked []string) {
	for _, s := range selector.FindAllStringSubmatch(expr, -1) {
		base := strings.TrimSuffix(strings.TrimSuffix(s[1], "_count"), "_bucket")
		family := cmp.Or(m[s[1]], m[base])
		for _, of := range matcher.FindAllStringSubmatch(s[2], -1) {
			value := regexp.MustCompile(".*") // what is not to match may well be there never
			if of[2] == "=" || of[2] == "=~" {
				value = regexp.MustCompile("^(?:" + of[3] + ")$")
			}
			if of[1] == "le" { // of a bucket, not of the series
				continue
			}
			if !slices.ContainsFunc(family.GetMetric(), func(one *dto.Metric) bool {
				return slices.ContainsFunc(one.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == of[1] && value.MatchString(l.GetValue()) })
			}) {
				asked = append(asked, s[1]+"{"+of[0]+"}")
			}
		}
	}
	return asked
}

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
	scrape := fullScrape(t)
	named := map[string]bool{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["do"] == "" {
				t.Errorf("rule %q lacks its severity, its summary or what to do", r.Alert)
			}
			if asked := scrape.blind(r.Expr); len(asked) > 0 {
				t.Errorf("rule %q asks for %v, which no series has", r.Alert, asked)
			}
			names := metricName.FindAllString(r.Expr, -1)
			if len(names) == 0 {
				t.Errorf("rule %q names no metric", r.Alert)
			}
			for _, name := range names {
				named[name] = true
				if !scrape.has(name) {
					t.Errorf("rule %q is about %s, which is in no scrape", r.Alert, name)
				}
			}
		}
	}
	if len(named) < 15 {
		t.Errorf("only %d metrics have a rule", len(named))
	}
}

func TestEveryMetricOfTheDashboardIsInAScrape(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("operate/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Type, Title string
			Targets     []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	scrape, shown := fullScrape(t), map[string]bool{}
	for _, p := range dashboard.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			if asked := scrape.blind(target.Expr); len(asked) > 0 {
				t.Errorf("panel %q asks for %v, which no series has", p.Title, asked)
			}
			for _, name := range metricName.FindAllString(target.Expr, -1) {
				shown[name] = true
				if !scrape.has(name) {
					t.Errorf("panel %q is about %s, which is in no scrape", p.Title, name)
				}
			}
		}
	}
	if len(shown) < 20 {
		t.Errorf("only %d metrics are shown", len(shown))
	}
}
