package faults

import (
	"context"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/plan"
)

// importKills are L3's; in CI, which has twenty minutes for everything, an eighth of them.
var importKills = map[bool]int{false: 200, true: 25}[os.Getenv("CI") != ""]

const (
	databaseCrashes = 3   // beside them
	importInvoices  = 850 // some for each of the import's lanes, which commit by themselves
	killsOfTheDone  = 3   // in one database: there is less and less to lose
)

// L3: two hundred kills of an import, early, as soon as something is committed, and at any instant, and three of PostgreSQL
// beneath it, each import started again until it is done: nothing that another session has seen committed is ever fewer, and
// every database ends as that of an import that nobody disturbed.
//
// An import that is through cannot be killed, so there are as many as it takes, each into a database of its own: in turn one
// in which the import makes its brand, and one whose brand has a plan, so that orders earn. Nothing runs beside it: the others
// measure how long somebody waits.
func TestL3AKilledImportLosesAndDoublesNothing(t *testing.T) {
	x := prepareImports(t)
	began := time.Now()
	for round := 0; x.kills < importKills || x.crashes < databaseCrashes; round++ {
		x.surviveOne(t, x.templates[round%len(x.templates)])
	}
	t.Logf("%d kills and %d crashes in %.0f s: %v", x.kills, x.crashes, time.Since(began).Seconds(), x.hits)
	for _, phase := range []string{"nothing committed", "in the middle", "all committed"} {
		if x.hits[phase] == 0 {
			t.Errorf("no kill hit an import with %s: this proves nothing of it", phase)
		}
	}
}

// imports is a server with databases to import into.
type imports struct {
	h         *homestore
	file      string
	templates []template
	made      int // databases
	kills     int
	crashes   int
	hits      map[string]int // kills by how far the import was
}

// template is a database to begin with, and what an undisturbed import makes of it.
type template struct {
	name    string
	books   []string
	facts   int           // orders and refunds in the end
	usually time.Duration // how long that import took
}

func prepareImports(t *testing.T) *imports {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	db := startDatabase(t)
	x := &imports{file: retailFile(t, importInvoices), hits: map[string]int{}}
	x.h = &homestore{db: db, binary: path, address: freeAddress(t), local: freeAddress(t), dir: filepath.Join(dir, "data"), logFile: filepath.Join(dir, "import.log")}

	x.ask(t, "postgres", `CREATE DATABASE bare`)
	x.on("bare").command(t, "migrate")
	x.ask(t, "postgres", `CREATE DATABASE planned TEMPLATE bare`)
	x.on("planned").command(t, "import", "online-retail", retailFile(t, 0))
	x.addPlan(t, "planned")
	for _, name := range []string{"bare", "planned"} {
		model := x.clone(t, name)
		began := time.Now()
		x.on(model).command(t, "import", "online-retail", x.file)
		took := time.Since(began)
		onlooker := x.onlooker(t, model)
		tpl := template{name: name, books: books(t, db.server.DSN(model)), facts: committed(t, onlooker), usually: took}
		onlooker.Close(t.Context())
		x.templates = append(x.templates, tpl)
		t.Logf("undisturbed import into a %s database: %d orders and refunds in %v", name, tpl.facts, took)
	}
	return x
}

// addPlan gives everything a store sells online one percent.
func (x *imports) addPlan(t *testing.T, database string) {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: x.h.db.server.DSN(database)})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 1, "first_day": "2009-01-01", "rules": [{"role": "online_team", "rate_bp": 100}]}`), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(pool, time.Now).Add(t.Context(), shop.System(importedBrand), time.UTC, p); err != nil {
		t.Fatal(err)
	}
}

// importedBrand is the first of its database.
const importedBrand shop.BrandID = 1

// on is the installation with another database of its server.
func (x *imports) on(database string) *homestore {
	h := *x.h
	h.extra = []string{"HOMESTORE_DATABASE_URL=" + x.h.db.server.DSN(database), "TMPDIR=" + filepath.Dir(h.logFile)}
	return &h
}

func (x *imports) clone(t *testing.T, from string) string {
	t.Helper()
	x.made++
	name := fmt.Sprintf("%s_%d", from, x.made)
	x.ask(t, "postgres", fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s`, name, from))
	return name
}

// onlooker is another session on a database.
func (x *imports) onlooker(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), x.h.db.server.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// ask runs one statement.
func (x *imports) ask(t *testing.T, database, statement string) {
	t.Helper()
	conn := x.onlooker(t, database)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// committed is how many orders and refunds another session sees.
func committed(t *testing.T, conn *pgx.Conn) (n int) {
	t.Helper()
	err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM sales_order) + (SELECT count(*) FROM refund)`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// surviveOne imports into a database of its own, with kills until an import was faster than its killer, or has been killed
// often enough with everything committed.
func (x *imports) surviveOne(t *testing.T, tpl template) {
	t.Helper()
	name := x.clone(t, tpl.name)
	h, onlooker := x.on(name), x.onlooker(t, name)
	for n, before, done := 0, 0, 0; ; n++ {
		p, err := startChild(h.environment(), h.logFile, h.binary, "import", "online-retail", x.file)
		if err != nil {
			t.Fatal(err)
		}
		if done == killsOfTheDone || x.kills >= importKills && x.crashes >= databaseCrashes {
			x.awaitEnd(t, p)
			break
		}
		isDue := within(tpl.usually * 2 / 3) // an import that goes on where others were killed needs less
		switch n {
		case 0:
			isDue = within(tpl.usually / 5)
		case 1:
			isDue = func() bool { return committed(t, onlooker) > before }
		}
		if x.isFaster(t, p, isDue) {
			break
		}
		seen := committed(t, onlooker)
		if x.breakOff(t, p) == crashed {
			onlooker = x.onlooker(t, name)
		}
		after := committed(t, onlooker)
		if seen < before || after < seen {
			t.Fatalf("orders and refunds were committed and are gone: %d, %d before the next kill, %d after it", before, seen, after)
		}
		if p.exit == nil && after < tpl.facts {
			t.Fatalf("an import said that it is done with %d of %d orders and refunds", after, tpl.facts)
		}
		x.hits[tpl.phase(after)]++
		if before = after; after == tpl.facts {
			done++
		}
	}
	onlooker.Close(t.Context())
	url := x.h.db.server.DSN(name)
	if diff := cmp.Diff(tpl.books, books(t, url)); diff != "" {
		t.Fatalf("another end (-undisturbed +killed):\n%s", diff)
	}
	invariants(t, url, importedBrand)
	x.ask(t, "postgres", `DROP DATABASE `+name+` WITH (FORCE)`) // the session of who was killed last may still be there
}

// within is due at a random instant.
func within(span time.Duration) (isDue func() bool) {
	at := time.Now().Add(time.Duration(mathrand.Int64N(int64(span))))
	return func() bool { return time.Now().After(at) }
}

// isFaster says whether an import has ended before it was to be killed.
func (x *imports) isFaster(t *testing.T, p *child, isDue func() bool) bool {
	t.Helper()
	for !isDue() {
		select {
		case <-p.done:
			x.awaitEnd(t, p)
			return true
		case <-time.After(time.Millisecond):
		}
	}
	return false
}

// awaitEnd lets an import end by itself.
func (x *imports) awaitEnd(t *testing.T, p *child) {
	t.Helper()
	if <-p.done; p.exit != nil {
		t.Fatalf("an import that nobody killed ended with %v:\n%s", p.exit, x.h.logTail(t))
	}
}

// What breakOff did.
const (
	killed  = "killed"
	crashed = "crashed"
)

// breakOff kills the import, or, three times in all, PostgreSQL.
func (x *imports) breakOff(t *testing.T, p *child) string {
	t.Helper()
	if x.crashes >= databaseCrashes || x.kills < (x.crashes+1)*importKills/(databaseCrashes+1) {
		p.kill()
		x.kills++
		return killed
	}
	x.h.db.kill(t)
	<-p.done
	x.h.db.start(t)
	x.crashes++
	return crashed
}

func (tpl template) phase(committed int) string {
	switch committed {
	case 0:
		return "nothing committed"
	case tpl.facts:
		return "all committed"
	}
	return "in the middle"
}
