package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/embedded"
)

func ask(t *testing.T, dsn, query string, args ...any) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var answer string
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func TestEachTestGetsItsOwnDatabase(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, test := range []string{"one", "two"} {
		t.Run(test, func(t *testing.T) {
			owner, _ := DSNs(t)
			names[ask(t, owner, `SELECT current_database()::text`)] = true
			Brand(t, New(t)) // the first brand of its database: it would collide in a shared one
		})
	}
	if len(names) != 2 {
		t.Errorf("two tests worked in %v", names)
	}
}

func TestNewAndDSNsOfOneTestAreTheSameDatabase(t *testing.T) {
	t.Parallel()
	pool := New(t)
	var fromPool string
	err := pool.Global(t.Context(), func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT current_database() || ' ' || current_user`).Scan(&fromPool)
	})
	if err != nil {
		t.Fatal(err)
	}
	owner, app := DSNs(t)
	if got := ask(t, app, `SELECT current_database() || ' ' || current_user`); got != fromPool || !strings.HasSuffix(got, " homestore_app") {
		t.Errorf("the pool works in %q, the application's DSN leads to %q", fromPool, got)
	}
	if got := ask(t, owner, `SELECT (tableowner = current_user)::text FROM pg_tables WHERE tablename = 'brand'`); got != "true" {
		t.Error("the owner's DSN is not of the owner")
	}
}

func TestDatabaseIsDroppedAtTheEnd(t *testing.T) {
	t.Parallel()
	admin := needServer(t)
	var name string
	t.Run("a test that forgets its connection", func(t *testing.T) {
		owner, _ := DSNs(t)
		name = ask(t, owner, `SELECT current_database()::text`)
		if _, err := pgx.Connect(t.Context(), owner); err != nil {
			t.Fatal(err)
		}
	})
	if got := ask(t, admin, `SELECT count(*)::text FROM pg_database WHERE datname = $1`, name); got != "0" {
		t.Errorf("database %s is left", name)
	}
}

// smallTemplate has a name of this process's own, so that a lasting server does not know it.
func smallTemplate(t *testing.T, built *atomic.Int32) template {
	t.Helper()
	tpl := template{name: "homestore_template_" + processTag + "_" + strings.ToLower(t.Name())}
	tpl.build = func(ctx context.Context, ownerURL string) error {
		built.Add(1)
		conn, err := pgx.Connect(ctx, ownerURL)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, `CREATE TABLE small AS SELECT 'made once'::text AS word`)
		return err
	}
	t.Cleanup(func() { dropTemplate(t, tpl.name) })
	return tpl
}

func dropTemplate(t *testing.T, name string) {
	admin, err := pgx.Connect(context.Background(), needServer(t))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	_, err = admin.Exec(context.Background(), `ALTER DATABASE `+quoted(name)+` IS_TEMPLATE false`)
	if err == nil {
		_, err = admin.Exec(context.Background(), `DROP DATABASE `+quoted(name))
	}
	if err != nil {
		t.Error(err)
	}
}

func TestTemplateIsMadeOnceByWhoeverComesFirst(t *testing.T) {
	t.Parallel()
	admin := needServer(t)
	var built atomic.Int32
	tpl := smallTemplate(t, &built)
	results := make(chan error)
	for range 8 {
		go func() {
			ensured.Delete(tpl.name) // as another test binary would know nothing
			results <- tpl.ensure(t.Context(), admin)
		}()
	}
	for range 8 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if n := built.Load(); n != 1 {
		t.Errorf("the template was made %d times", n)
	}
	if got := ask(t, databaseOf(t, tpl), `SELECT word FROM small`); got != "made once" {
		t.Errorf("the clone says %q", got)
	}
}

func TestHalfATemplateIsMadeAnew(t *testing.T) {
	t.Parallel()
	admin := needServer(t)
	var built atomic.Int32
	tpl := smallTemplate(t, &built)
	broken := template{name: tpl.name, build: func(ctx context.Context, ownerURL string) error {
		return errors.Join(tpl.build(ctx, ownerURL), errors.New("cut off"))
	}}
	if err := broken.ensure(t.Context(), admin); err == nil {
		t.Fatal("a broken migration went unnoticed")
	}
	if got := ask(t, databaseOf(t, tpl), `SELECT word FROM small`); got != "made once" {
		t.Errorf("the clone says %q", got)
	}
}

func TestTemplateIsNamedByTheMigrations(t *testing.T) {
	t.Parallel()
	first := fstest.MapFS{"0001_a.sql": {Data: []byte("SELECT 1")}, "0002_b.sql": {Data: []byte("SELECT 2")}}
	for _, c := range []struct {
		why   string
		files fstest.MapFS
		same  bool
	}{
		{"the same files", fstest.MapFS{"0002_b.sql": {Data: []byte("SELECT 2")}, "0001_a.sql": {Data: []byte("SELECT 1")}}, true},
		{"a changed line", fstest.MapFS{"0001_a.sql": {Data: []byte("SELECT 1")}, "0002_b.sql": {Data: []byte("SELECT 3")}}, false},
		{"a new file, though it is empty", fstest.MapFS{"0001_a.sql": first["0001_a.sql"], "0002_b.sql": first["0002_b.sql"], "0003_c.sql": {}}, false},
		{"a renamed file", fstest.MapFS{"0001_a.sql": first["0001_a.sql"], "0003_b.sql": first["0002_b.sql"]}, false},
	} {
		if got := templateName(c.files) == templateName(first); got != c.same {
			t.Errorf("%s: same name is %v", c.why, got)
		}
	}
}

func TestSettingsOfADSNAreReplaced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, dsn string }{
		{"keywords", "host=/run/x port=5432 user=admin dbname=postgres sslmode=disable"},
		{"a URL", "postgres://admin:s%40cret@db.example.test:5433/postgres?sslmode=disable"},
		{"a URL with the database as a parameter", "postgresql://admin@/?host=/run/x&dbname=postgres"},
	} {
		before, err := pgx.ParseConfig(c.dsn)
		if err != nil {
			t.Fatal(err)
		}
		after, err := pgx.ParseConfig(withSetting(withSetting(c.dsn, "dbname", "mine"), "role", "somebody"))
		if err != nil {
			t.Fatal(err)
		}
		if after.Database != "mine" || after.RuntimeParams["role"] != "somebody" {
			t.Errorf("%s: database %q, role %q", c.why, after.Database, after.RuntimeParams["role"])
		}
		if after.Host != before.Host || after.Port != before.Port || after.User != before.User || after.Password != before.Password {
			t.Errorf("%s: the server or its user changed", c.why)
		}
	}
}

func TestBrandOpensWithStoresAndStaff(t *testing.T) {
	t.Parallel()
	pool := New(t)
	first, second := Brand(t, pool), Brand(t, pool)
	if first.Brand == second.Brand {
		t.Fatal("two calls made the same brand")
	}
	var got string
	err := pool.Read(t.Context(), second.Brand, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `
SELECT string_agg(s.code || ' ' || s.kind || coalesce(' ' || p.employee_no, ''), ', ' ORDER BY s.code)
FROM store s LEFT JOIN assignment a ON a.brand_id = $1 AND a.store_id = s.id AND a.days @> '2026-11-22'::date
LEFT JOIN staff p ON p.brand_id = $1 AND p.id = a.staff_id
WHERE s.brand_id = $1 AND s.id = ANY ($2)`, second.Brand, []shop.ID{second.S1, second.S2, second.Web}).Scan(&got)
	})
	if want := "S1 shop amy, S2 shop ben, WEB online"; err != nil || got != want {
		t.Errorf("the brand has %q, want %q (%v)", got, want, err)
	}
}

// recorder is a test that is told to skip or to fail.
type recorder struct {
	testing.TB
	skipped, failed bool
}

func (r *recorder) Helper()      {}
func (r *recorder) Skip(...any)  { r.skipped = true }
func (r *recorder) Fatal(...any) { r.failed = true }

func TestMachineWithoutPostgreSQLSkipsAtHomeAndFailsInCI(t *testing.T) {
	t.Parallel()
	absent := fmt.Errorf("start: %w", embedded.ErrNotInstalled)
	for _, c := range []struct {
		why   string
		err   error
		inCI  bool
		skips bool
	}{
		{"at home one may lack PostgreSQL", absent, false, true},
		{"in CI nothing is skipped silently", absent, true, false},
		{"a PostgreSQL that does not start is a fault anywhere", errors.New("disk full"), false, false},
	} {
		r := &recorder{TB: t}
		giveUp(r, c.err, c.inCI)
		if r.skipped != c.skips || (!c.skips && !r.failed) {
			t.Errorf("%s: skipped %v, failed %v", c.why, r.skipped, r.failed)
		}
	}
}

const dieVariable = "POSTGRESTEST_DIE"

// TestDying is what the next test runs in another process.
func TestDying(t *testing.T) {
	how := os.Getenv(dieVariable)
	if how == "" {
		t.Skip("only a part of TestNothingRunsOnAfterAPanicOrKill")
	}
	fmt.Printf("DSN %s\n", needServer(t))
	if how == "kill" {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	panic("as a test may")
}

func TestNothingRunsOnAfterAPanicOrKill(t *testing.T) {
	t.Parallel()
	needServer(t)
	for _, how := range []string{"panic", "kill"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestDying$", "-test.v")
		cmd.Env = append(os.Environ(), dieVariable+"="+how, URLVariable+"=")
		out, _ := cmd.Output() // it fails, that is the point
		_, after, ok := strings.Cut(string(out), "DSN ")
		if !ok {
			t.Fatalf("%s: the other process said %s", how, out)
		}
		dsn, _, _ := strings.Cut(after, "\n")
		deadline := time.Now().Add(20 * time.Second)
		for {
			conn, err := pgx.Connect(t.Context(), dsn)
			if err != nil {
				break
			}
			_ = conn.Close(t.Context())
			if time.Now().After(deadline) {
				t.Fatalf("%s: the server outlives its test binary", how)
			}
		}
	}
}
