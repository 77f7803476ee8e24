package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"homestore/api/contracttest"
	"homestore/clienteling/shop"
	"homestore/referral/period"
)

// Every operation of the contract, asked by those who may with what the contract describes and with what is one fault from
// it: no answer of 500 or more, none outside its schema, no code that is not listed, no success on a body that the contract
// refuses. Afterwards the book of both brands is whole, the brand that nobody asked for is as it was, and the log tells of no
// failure.
//
// The usual run draws the same each time and is over in half a minute; `make soak` draws anew, for long. What fails is shown
// as curl.
func TestNoRequestBreaksTheContract(t *testing.T) {
	t.Parallel()
	doc, err := contracttest.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := newFuzz(t)
	untouched := f.rowsOf(t, f.abroad.brand)
	all := contracttest.Operations(doc)
	for _, o := range all {
		t.Run(o.OperationID, func(t *testing.T) { f.operation(t, o) })
	}
	for table, rows := range f.rowsOf(t, f.abroad.brand) {
		if slices.Contains([]string{"ledger_seal", "ledger_head", "alarm_morning", "alarm_figure"}, table) {
			continue // what the clock does: the turn of the sealer, or a morning, may come meanwhile
		}
		if rows != untouched[table] {
			t.Errorf("%s of the brand that nobody asked for was %s and is %s", table, untouched[table], rows)
		}
	}
	f.bookIsWhole(t, f.xinyi.brand)
	f.bookIsWhole(t, f.abroad.brand)
	if len(f.bounced) > len(all)/10 { // some need several names at once, which draws seldom get right
		t.Errorf("no call came through to %s: nothing behind their first check was tried", strings.Join(f.bounced, ", "))
	}
}

// The flags of the command line come after this.
func init() { _ = flag.Set("rapid.seed", "1") }

// usualChecks is how often each is asked in the usual run.
const usualChecks = 25

// fuzz is the cast with what it is asked with.
type fuzz struct {
	*cast
	known    map[string][]any // by kind of thing
	signedIn time.Time
	bounced  []string // operations that never answered with success
	failing  bool
}

// operation asks one operation, as each who may, again and again.
func (f *fuzz) operation(t *testing.T, o contracttest.Operation) {
	f.makeFresh(t, o)
	asked, answers := 0, map[string]int{}
	checks := flag.Lookup("rapid.checks")
	isUsual := checks.Value.String() == checks.DefValue && os.Getenv("RAPID_CHECKS") == ""
	rapid.Check(t, func(rt *rapid.T) {
		if asked++; asked > usualChecks && isUsual && !f.failing {
			return // a failing one is asked as often as rapid likes
		}
		f.signInAgain(t)
		generator := contracttest.Generator{Known: func(name string) []any { return f.knownFor(o, name) }, Now: time.Now()}
		drawn := generator.Request(rt, o)
		if contracttest.IsForeign(o.Operation) {
			sign(rt, &drawn)
		}
		who := rapid.SampledFrom(f.callers(o)).Draw(rt, "who")
		if o.OperationID == "signOut" {
			who = f.again(t, who) // a session of its own to end
		}
		drawn.Header.Set("User-Agent", phone)
		if who.token != "" {
			drawn.Header.Set("Authorization", "Bearer "+who.token)
		}
		answers[f.holds(rt, drawn)]++
	})
	if answers[success] == 0 {
		f.bounced = append(f.bounced, o.OperationID)
	}
	t.Log(answers)
	f.failing = false
	f.logIsClean(t)
}

// callers are those of the first brand whom the operation lets in, or somebody whom nobody knows.
func (f *fuzz) callers(o contracttest.Operation) []castActor {
	var all []castActor
	for _, role := range contracttest.Roles(o.Operation) {
		for _, who := range f.actors {
			if who.role == shop.Role(role) && who.brand == f.xinyi.brand && who.name != "revoked device" && who.name != "integration key without scopes" {
				all = append(all, who)
			}
		}
	}
	if len(all) == 0 {
		return []castActor{{name: "anonymous"}}
	}
	return all
}

// success is what a call that came through is counted as.
const success = "success"

// holds sends a request, fails unless the answer is as the contract says, and returns the code of a refusal, or success.
func (f *fuzz) holds(t *rapid.T, drawn contracttest.Request) (code string) {
	req, err := drawn.HTTP(context.Background(), f.cfg.PublicURL)
	if err != nil {
		t.Fatalf("%v: %s", err, drawn)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		t.Fatalf("%v: %s", err, drawn)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%v: %s", err, drawn)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	err = contracttest.Verify(req, resp)
	switch {
	case resp.StatusCode >= http.StatusInternalServerError:
		err = fmt.Errorf("it failed: %s", f.failure(resp.Header.Get("X-Request-Id")))
	case err == nil && drawn.Fault.Ambiguous && resp.StatusCode < http.StatusBadRequest:
		err = fmt.Errorf("readers differ over this body and it was taken: %s", drawn.Fault.What)
	}
	if err != nil {
		f.failing = true
		t.Fatalf("%v\n%s\n%d %.600s", err, drawn, resp.StatusCode, body)
	}
	var said struct {
		Code string
		Next string `json:"next_cursor"`
	}
	_ = json.Unmarshal(body, &said) // a page for people says neither
	if said.Next != "" {
		f.known["cursor of "+req.URL.Path] = []any{said.Next} // for the next call
	}
	if resp.StatusCode < http.StatusBadRequest {
		return success
	}
	return said.Code
}

// failure is what the log says of a request.
func (f *fuzz) failure(requestID string) string {
	for line := range strings.Lines(f.log.String()) {
		if strings.Contains(line, requestID) && strings.Contains(line, `"error"`) {
			return line
		}
	}
	return "the log says nothing"
}

// logIsClean fails on what was logged since it was asked last, and forgets it: a long run would keep it all.
func (f *fuzz) logIsClean(t *testing.T) {
	t.Helper()
	f.log.mu.Lock()
	lines := f.log.b.String()
	f.log.b.Reset()
	f.log.mu.Unlock()
	for line := range strings.Lines(lines) {
		isBad := strings.Contains(line, `"outcome":"failed"`) || strings.Contains(line, `"level":"`+slog.LevelError.String()) || strings.Contains(line, "panic")
		if isBad {
			t.Errorf("the log has %.1000s", line)
			return
		}
	}
}

// rowsOf is a sum over all rows of a brand, by table.
func (f *fuzz) rowsOf(t *testing.T, brand shop.BrandID) map[string]string {
	t.Helper()
	rows := map[string]string{}
	err := f.house.pool.Read(t.Context(), brand, func(tx pgx.Tx) error {
		found, err := tx.Query(t.Context(), `SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'brand_id'
			WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
			  AND has_table_privilege(c.oid, 'SELECT') AND c.relname NOT LIKE '%\_directory'`)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(found, pgx.RowTo[string])
		for _, table := range tables {
			var sum string
			query := fmt.Sprintf(`SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM %s t WHERE brand_id = $1`, pgx.Identifier{table}.Sanitize())
			if err := tx.QueryRow(t.Context(), query, brand).Scan(&sum); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			rows[table] = sum
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (f *fuzz) bookIsWhole(t *testing.T, brand shop.BrandID) {
	t.Helper()
	err := f.house.pool.Read(t.Context(), brand, func(tx pgx.Tx) error {
		broken, err := period.Violations(t.Context(), tx, brand)
		for _, violation := range broken {
			t.Errorf("%v", violation)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// signInAgain keeps the tokens young: they last a quarter of an hour.
func (f *fuzz) signInAgain(t *testing.T) {
	t.Helper()
	if time.Since(f.signedIn) < 5*time.Minute {
		return
	}
	for i, who := range f.actors {
		if who.brand != f.xinyi.brand || who.name == "revoked device" || who.role == shop.RoleIntegration {
			continue
		}
		f.actors[i] = f.again(t, who)
		if who.role == shop.RoleCustomer {
			who.at.customer = f.actors[i]
		}
	}
	f.signedIn = time.Now()
}
