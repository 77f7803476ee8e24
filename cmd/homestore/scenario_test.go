package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const scenarios = "../../../shared/scenarios"

func scenarioFile(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(scenarios, name+".json")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("no scenarios here: %v", err)
	}
	return file
}

func TestStoriesHold(t *testing.T) {
	t.Parallel()
	var files []string
	names := []string{
		"01-shelf-to-sofa", "02-won-for-life", "03-four-roles-and-pickup", "04-assisted-cart-and-edit", "05-month-end-refund-after-payout", "06-the-dispute",
		"07-three-refunds-of-333", "08-facts-arrive-badly", "09-claims-and-her-own-choice", "10-people-move", "11-tiers-as-true-up", "12-exchange-and-price-adjustment",
	}
	for _, name := range names {
		files = append(files, scenarioFile(t, name))
	}
	var out strings.Builder
	if err := runScenario(t.Context(), files, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	for _, name := range names {
		if !strings.Contains(out.String(), "ok "+name+"\n") {
			t.Errorf("%s is not said to hold", name)
		}
	}
}

// Stories of our own: what the shared ones do not tell.
func TestOwnStoriesHold(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/stories/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	var out strings.Builder
	if err := runScenario(t.Context(), files, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestStoryThatDiffersIsReported(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(scenarioFile(t, "01-shelf-to-sofa"))
	if err != nil {
		t.Fatal(err)
	}
	changes := []struct{ why, from, to, says string }{
		{"another amount", `"minor": 600`, `"minor": 601`, "credits of o1: got home_store store:S1 600, online_team store:WEB 200, want home_store store:S1 601"},
		{"another holder", `"is": {"store": "S1", "staff": null}`, `"is": {"store": "S2", "staff": null}`, "holder of c1: got S1, want S2"},
		{"another reason to lose", `"same_store"`, `"home_wins"`, "lost claims on o1"},
		{"another balance", `"payable": 600`, `"pending": 600`, "balances of store:S1: got payable 600, want pending 600"},
		{"something that is not there yet", `"do": "fulfil"`, `"do": "haggle"`, "the product does not have this yet: haggle"},
	}
	for _, c := range changes {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "story.json")
			if err := os.WriteFile(file, []byte(strings.Replace(string(b), c.from, c.to, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			if err := runScenario(t.Context(), []string{file}, &out); err == nil || !strings.Contains(out.String(), c.says) {
				t.Errorf("said %v\n%s\nwant %s", err, out.String(), c.says)
			}
		})
	}
}

func TestStoryThatCannotBePlayedOnDoesNotStopTheNext(t *testing.T) {
	t.Parallel()
	good := scenarioFile(t, "02-won-for-life")
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "story.json")
	again := `"timeline": [{"at": "2024-03-01 12:00", "do": "again", "of": "r9", "outcome": "ignored"},`
	if err := os.WriteFile(bad, []byte(strings.Replace(string(b), `"timeline": [`, again, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = runScenario(t.Context(), []string{bad, good}, &out)
	if err == nil || !strings.Contains(out.String(), `it cannot be played on: entry 1 (again): no entry before has the id "r9"`) || !strings.Contains(out.String(), "ok 02-won-for-life\n") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestMisspeltKeyOfAStoryIsAnError(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(scenarioFile(t, "01-shelf-to-sofa"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{`"expect"`, `"expct"`}, {`"policy": {}`, `"policy": {"tuch": "last"}`}, {`"minor": 600`, `"minr": 600`}} {
		file := filepath.Join(t.TempDir(), "story.json")
		if err := os.WriteFile(file, []byte(strings.Replace(string(b), c[0], c[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := runScenario(t.Context(), []string{file}, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "unknown field") {
			t.Errorf("%s is taken: %v", c[1], err)
		}
	}
}
