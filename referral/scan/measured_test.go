package scan

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Crawlers are parted by a hash of the pattern that the list knows them by, so that all names of one are in the same half. The
// rules were made with the first half before the eyes. Whoever changes them may look at what is missed of it, never at what is
// missed of the other, which says whether a change is more than learning by heart.
func TestCrawlersAreRecognised(t *testing.T) {
	t.Parallel()
	var known []struct {
		Pattern   string
		Instances []string
	}
	readJSON(t, "crawler-user-agents.json", &known)
	var train, heldOut tally
	for _, crawler := range known {
		h := fnv.New32a()
		h.Write([]byte(crawler.Pattern))
		half := &heldOut
		if h.Sum32()%2 == 1 {
			half = &train
		}
		for _, name := range crawler.Instances {
			half.note(!Classify(Request{Method: "GET", UserAgent: name}).Counts(), 1)
		}
	}
	t.Logf("recall %.4f of %d examples to learn from, %.4f of %d held out", train.share(), train.all, heldOut.share(), heldOut.all)
	if heldOut.all < 1000 || train.share() < 0.97 || heldOut.share() < 0.97 {
		t.Error("fewer crawlers are recognised than promised: want 0.97 of each half")
	}
}

func TestPeopleAreNotTakenForPrograms(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/people.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var names, records tally
	lines := bufio.NewScanner(plain)
	for lines.Scan() {
		times, name, _ := strings.Cut(lines.Text(), "\t")
		n, err := strconv.Atoi(times)
		if err != nil {
			t.Fatal(err)
		}
		isProgram := !Classify(Request{Method: "GET", UserAgent: name}).Counts()
		names.note(isProgram, 1)
		records.note(isProgram, n)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("taken for programs: %d of %d names (%.2f %%), %d of %d records (%.2f %%)",
		names.hits, names.all, 100*names.share(), records.hits, records.all, 100*records.share())
	if names.all < 10_000 || names.share() >= 0.005 || records.share() >= 0.005 {
		t.Error("too many people are taken for programs: want less than 0.5 % of at least 10,000")
	}
}

func TestBrowsersOfAppsAreToldFromOtherPeoples(t *testing.T) {
	t.Parallel()
	file, err := os.Open(shared(t, "inapp_browsers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	ofApps := map[string]bool{"facebook": true, "messenger": true, "instagram": true, "line": true, "wechat": true, "twitter": true}
	for _, row := range rows[1:] {
		want := Person
		if ofApps[row[3]] {
			want = InApp
		}
		if got := Classify(Request{Method: "GET", UserAgent: row[0]}); got != want {
			t.Errorf("%s on %s is taken for %s, want %s: %s", row[3], row[2], got, want, row[0])
		}
	}
	t.Logf("%d browsers of people", len(rows)-1)
}

type tally struct{ hits, all int }

func (c *tally) note(hit bool, times int) {
	c.all += times
	if hit {
		c.hits += times
	}
}

func (c tally) share() float64 { return float64(c.hits) / float64(c.all) }

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// shared is a file of the collected user agents, which lie beside the repository and not in it.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", "useragents", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIP: %s is not there, so nothing is measured", path)
	}
	return path
}
