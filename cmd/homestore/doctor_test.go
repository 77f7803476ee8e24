package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patient is an installation with the demo brand, which nothing is wrong with but what a throwaway database is made of.
type patient struct {
	t     *testing.T
	cfg   Config
	db    *database
	owner *pgx.Conn
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	cfg, db := testInstallation(t)
	err := doWithDomain(t.Context(), cfg, db, slog.New(slog.DiscardHandler), func(d *domain) error { return d.seedDemo(t.Context(), cfg) })
	if err != nil {
		t.Fatal(err)
	}
	owner, err := pgx.Connect(t.Context(), db.ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { owner.Close(context.WithoutCancel(t.Context())) })
	return &patient{t, cfg, db, owner}
}

func (p *patient) do(statement string) {
	p.t.Helper()
	if _, err := p.owner.Exec(p.t.Context(), statement); err != nil {
		p.t.Fatalf("%s: %v", statement, err)
	}
}

func (p *patient) examine() *examined {
	p.t.Helper()
	e, err := examine(p.t.Context(), p.cfg, p.db)
	if err != nil {
		p.t.Fatal(err)
	}
	// A throwaway database is not durable, and doctor says so.
	e.Findings = slices.DeleteFunc(e.Findings, func(f finding) bool { return f.Check == "settings" && strings.HasSuffix(f.What, " is off") })
	return e
}

func (e *examined) has(check, what string) bool {
	return slices.ContainsFunc(e.Findings, func(f finding) bool { return f.Check == check && strings.Contains(f.What, what) && f.Remedy != "" })
}

// Each breaks one thing, sees it found, and mends it.
func TestDoctorFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	if e := p.examine(); e.err() != nil {
		t.Fatalf("nothing is broken yet: %+v", e)
	}
	tests := []struct{ check, what, breaks, mends string }{
		{"migrations", "migration 9999", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`, `DELETE FROM goose_db_version WHERE version_id = 9999`},
		{"migrations", "lacks migrations", `UPDATE goose_db_version SET is_applied = false WHERE version_id = 3`, `UPDATE goose_db_version SET is_applied = true WHERE version_id = 3`},
		{"partitions", "scan has no partition", renameNextMonth("scan", "away"), renameNextMonth("away", "scan")},
		{"queue", "1 jobs wait", `INSERT INTO river_job (kind, args, max_attempts, queue, state, scheduled_at) VALUES ('x', '{}', 1, 'default', 'available', now() - interval '10 minutes')`,
			`DELETE FROM river_job`},
		{"queue", "1 jobs x were given up", `INSERT INTO river_job (kind, args, attempt, max_attempts, queue, state, finalized_at) VALUES ('x', '{}', 1, 1, 'default', 'discarded', now())`,
			`DELETE FROM river_job`},
		{"queue", "kept the timetable is gone", `INSERT INTO river_leader (leader_id, elected_at, expires_at) VALUES ('x', now() - interval '1 hour', now() - interval '30 minutes')`,
			`DELETE FROM river_leader`},
		{"queue", "nothing of the timetable was done for 20m0s", `INSERT INTO river_leader (leader_id, elected_at, expires_at) VALUES ('x', now() - interval '1 hour', now() + interval '1 minute');
			INSERT INTO river_job (kind, args, attempt, max_attempts, queue, state, finalized_at) VALUES ('chore', '{}', 1, 1, 'default', 'completed', now() - interval '20 minutes')`,
			`DELETE FROM river_leader; DELETE FROM river_job`},
		{"schema", "I2", `GRANT UPDATE ON ledger_transfer TO homestore_app`, `REVOKE UPDATE ON ledger_transfer FROM homestore_app`},
		{"inbox", "1 messages of platforms were not understood", inboxMessage("set_aside"), `DELETE FROM inbox`},
		{"inbox", "1 messages wait", inboxMessage("received"), `DELETE FROM inbox`},
		{"ledger", "I1", `INSERT INTO account (brand_id, id, kind, holder_kind, currency) VALUES (1, gen_random_uuid(), 'expense', 'brand', 'TWD');
			INSERT INTO account_day SELECT brand_id, id, '2026-01-01', 'credit', 'home_store', 0, 1, 0, 1 FROM account`, `DELETE FROM account_day; DELETE FROM account`},
		{"recomputation", "3 figures are others in the book", `INSERT INTO sales_order (brand_id, id, placed_at, recorded_at, source, external_id, version, state, channel, store_id, currency, tax_bp, discount_minor, paid_minor)
			SELECT 1, id_floor(h), h, h, 'api', 'x', 1, 'placed', 'till', (SELECT id FROM store WHERE code = 'XINYI'), 'TWD', 500, 0, 0 FROM (SELECT date_trunc('hour', now()) AS h) AS x`,
			`DELETE FROM sales_order`},
		{"sales", `1 sales may have been told as two orders, such as api:pos "x" and file:books "x"`, `INSERT INTO sales_order (brand_id, id, placed_at, recorded_at, source, external_id, version, state, channel, store_id, currency, tax_bp, discount_minor, paid_minor)
			SELECT 1, id_floor(h), h, h, s, 'x', 1, 'placed', 'till', (SELECT id FROM store WHERE code = 'XINYI'), 'TWD', 500, 0, 0
			FROM (VALUES ('api:pos', date_trunc('hour', now())), ('file:books', date_trunc('hour', now()) + interval '1 second')) AS x (s, h);
			INSERT INTO fact_key SELECT 1, source, 'invoice', 'AB12345678', 2026, id FROM sales_order`, `DELETE FROM fact_key; DELETE FROM sales_order`},
		{"seals", "1 transfers have no seal", `INSERT INTO account (brand_id, id, kind, holder_kind, currency) SELECT 1, gen_random_uuid(), k, 'brand', 'TWD' FROM unnest(ARRAY['expense', 'paid']) AS k;
			INSERT INTO ledger_transfer SELECT 1, id_floor(h), 'credit', 'home_store', (SELECT id FROM account WHERE kind = 'expense'), (SELECT id FROM account WHERE kind = 'paid'), 1, 'TWD',
			NULL, '', 1, '', NULL, '{}', date_trunc('month', h)::date, h, h FROM (SELECT date_trunc('hour', now() - interval '2 hours') AS h) AS x`,
			`DELETE FROM ledger_transfer; DELETE FROM account`},
		{"addresses", "is no host name", `UPDATE brand SET short_domain = 'q'`, `UPDATE brand SET short_domain = 'localhost'`},
		{"app links", "is malformed", `UPDATE brand_app SET android_certificates = '{AB}'`,
			`UPDATE brand_app SET android_certificates = '{}', android_package = ''`},
		{"app links", "no app opens the brand's codes", `UPDATE brand_app SET ios_team = '', ios_bundle = ''`, `UPDATE brand_app SET ios_team = 'C1EARDAY00', ios_bundle = 'example.clearday.home'`},
		{"addresses", "is no https address", `UPDATE brand SET site_url = 'http://example.test'`, `UPDATE brand SET site_url = 'https://example.test'`},
		{"addresses", "hosts that are not allowed: evil.example", `UPDATE tag SET template = NULL, destination = 'https://evil.example/x' WHERE id = (SELECT id FROM tag WHERE state = 'live' LIMIT 1)`,
			`UPDATE tag SET state = 'paused' WHERE destination = 'https://evil.example/x'`},
		{"addresses", "hosts that are not allowed: template.example", `UPDATE tag_template SET address = 'https://template.example/x'`,
			`UPDATE tag_template SET address = 'https://' || (SELECT allowed_hosts[1] FROM brand)`},
		{"addresses", "hosts that are not allowed: rule.example", `UPDATE tag SET rules = '[{"language": "en", "destination": "https://rule.example/x"}]'`, `UPDATE tag SET rules = '[]'`},
		{"plan", "no commission plan is in force", `UPDATE plan SET first_day = '2999-01-01', rules = jsonb_set(rules, '{first_day}', '"2999-01-01"')`,
			`UPDATE plan SET first_day = '2020-01-01', rules = jsonb_set(rules, '{first_day}', '"2020-01-01"')`},
		{"keys", `platform "gone"`, `INSERT INTO integration_key (brand_id, id, name, platform, scopes, created_at) VALUES (1, gen_random_uuid(), 'gone', 'shopify', '{}', now())`,
			`DELETE FROM integration_key WHERE name = 'gone'`},
		{"secrets", "1 secrets of webhooks and authenticator apps open with no", `UPDATE staff SET totp_secret = 'forged' WHERE id = (SELECT min(id::text)::uuid FROM staff)`,
			`UPDATE staff SET totp_secret = NULL`},
		{"people", "nobody works today at XINYI", `UPDATE assignment SET days = daterange('2001-01-01', '2001-01-02') WHERE store_id = (SELECT id FROM store WHERE code = 'XINYI')`,
			`UPDATE assignment SET days = daterange('2001-01-01', NULL)`},
		{"people", "nobody may sign in for head office", `UPDATE staff SET revoked_at = now() WHERE brand_role = 'hq'`, `UPDATE staff SET revoked_at = NULL`},
	}
	for _, tt := range tests {
		p.do(tt.breaks)
		e := p.examine()
		if !e.has(tt.check, tt.what) {
			t.Errorf("%s: %q is not among %+v", tt.check, tt.what, e)
		}
		if isNote := tt.check == "people" || strings.HasPrefix(tt.what, "no app"); (e.err() == nil) != isNote {
			t.Errorf("%s: %v", tt.what, e.err())
		}
		p.do(tt.mends)
	}
	if e := p.examine(); e.err() != nil {
		t.Errorf("all is mended: %+v", e)
	}
}

// renameNextMonth lets the partition of the next month be missed, or found again.
func renameNextMonth(from, to string) string {
	month := nextMonth(time.Now()).Format("_200601")
	return "ALTER TABLE " + from + month + " RENAME TO " + to + month
}

func inboxMessage(state string) string {
	return `INSERT INTO inbox (brand_id, id, source, external_id, topic, body, state, note, key_id, attempts, received_at)
		SELECT 1, id_floor(h), 'shopify', 'm1', 'orders/create', '', '` + state + `', '', gen_random_uuid(), 1, h FROM (SELECT now() - interval '10 minutes' AS h) AS x`
}

func TestDoctorLooksIntoTheSpool(t *testing.T) {
	t.Parallel()
	old := time.Now().Add(-time.Hour)
	tests := []struct {
		file, what string
	}{
		{"scan-000000001.spool", "bytes of scans wait"},
		{"2/scan-000000001.spool", "bytes of scans wait"}, // of another process
		{"scan-000000001.torn", "a crash tore"},
		{"scan-000000001.refused", "the database refused"},
	}
	for _, tt := range tests {
		cfg := Config{DataDir: t.TempDir()}
		file := filepath.Join(cfg.spoolDir(), tt.file)
		e := &examination{cfg: cfg, now: time.Now(), check: "spool", said: &examined{}}
		if err := lookAtSpool(t.Context(), e); err != nil || len(e.said.Findings) > 0 {
			t.Fatalf("a spool that is not there: %v, %+v", err, e.said)
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("x"), 0o600), os.Chtimes(file, old, old)); err != nil {
			t.Fatal(err)
		}
		if err := lookAtSpool(t.Context(), e); err != nil || !e.said.has("spool", tt.what) {
			t.Errorf("%s: %v, %+v", tt.file, err, e.said)
		}
	}
}

func TestDoctorTellsMonitoringWhatItCouldNotLookAt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why  string
		said examined
		want int
	}{
		{"all is well", examined{}, 0},
		{"a note wakes nobody", examined{Findings: []finding{{IsNote: true}}}, 0},
		{"something is wrong", examined{Findings: []finding{{}, {IsNote: true}}}, 1},
		{"nobody knows", examined{Findings: []finding{{}}, Failed: []string{"queue"}}, 2},
	}
	for _, tt := range tests {
		status := 0
		if with, ok := errors.AsType[statusError](tt.said.err()); ok {
			status = with.status
		}
		if status != tt.want {
			t.Errorf("%s: exit status %d, want %d", tt.why, status, tt.want)
		}
		tt.said.print(io.Discard)
	}
}

func TestDoctorOfADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	away := "host=" + t.TempDir() + " user=homestore_app dbname=none"
	e, err := examine(t.Context(), Config{DataDir: t.TempDir()}, &database{ownerURL: away, appURL: away})
	if err != nil || len(e.Failed) > 0 || !e.has("database", "does not answer") {
		t.Errorf("%v, %+v", err, e)
	}
}
