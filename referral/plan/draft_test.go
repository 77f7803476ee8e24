package plan_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/plan"
)

type bundle struct {
	postgrestest.Fixture
	t        *testing.T
	pool     *postgres.Pool
	plans    *plan.Service
	now      time.Time
	ada, bea shop.Actor // of head office
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool, now: time.Date(2026, 3, 31, 15, 30, 0, 0, time.UTC)} // 23:30 in Taipei
	b.plans = plan.New(pool, func() time.Time { return b.now })
	b.ada, b.bea = shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Amy}, shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Ben}
	b.add(`{"version": 1, "first_day": "2020-01-01", "rules": [{"role": "home_store", "rate_bp": 100}]}`)
	return b
}

func (b *bundle) add(text string) {
	b.t.Helper()
	if _, err := b.plans.Add(b.t.Context(), shop.System(b.Brand), b.zone(), b.written(text).Plan); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) zone() *time.Location { return time.FixedZone("Asia/Taipei", 8*60*60) }

func (b *bundle) written(text string) plan.Written {
	b.t.Helper()
	var w plan.Written
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		b.t.Fatal(err)
	}
	return w
}

const second = `{"version": 2, "first_day": "2026-04-01", "leaver": "keep", "rules": [{"role": "home_store", "rate_bp": 300}]}`

func (b *bundle) draft(who shop.Actor, text string) plan.Draft {
	b.t.Helper()
	d, err := b.plans.Draft(b.t.Context(), who, shop.ID{}, b.written(text))
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func (b *bundle) approve(who shop.Actor, d plan.Draft, read ...string) (plan.Draft, error) {
	return b.plans.Approve(b.t.Context(), who, d.ID, plan.Approval{Revision: d.Revision, Acknowledged: read})
}

func (b *bundle) versions() (all []plan.Plan) {
	b.t.Helper()
	err := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		all, err = plan.List(b.t.Context(), tx, b.Brand)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func TestAPlanIsInForceOnceSomebodyElseApprovedIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.draft(b.ada, second)
	if len(b.versions()) != 1 {
		t.Fatal("a draft is no version")
	}
	if _, err := b.approve(b.ada, d); !errors.Is(err, shop.ErrOwnApproval) {
		t.Errorf("her own draft: %v", err)
	}
	done, err := b.approve(b.bea, d)
	if err != nil || done.State != plan.Approved || done.EndedBy != b.Ben || done.WrittenBy != b.Amy || done.Version.IsZero() || !done.EndedAt.Equal(b.now) {
		t.Fatalf("%+v, %v", done, err)
	}
	versions := b.versions()
	if len(versions) != 2 || versions[1].ID != done.Version || versions[1].Rules[0].RateBP != 300 {
		t.Errorf("%+v", versions)
	}
	for why, act := range map[string]func() error{
		"approve again": func() error { _, err := b.approve(b.bea, d); return err },
		"replace":       func() error { _, err := b.plans.Replace(t.Context(), b.bea, d.ID, 1, d.Written); return err },
		"withdraw":      func() error { _, err := b.plans.Withdraw(t.Context(), b.bea, d.ID); return err },
	} {
		if err := act(); !errors.Is(err, plan.ErrDraftEnded) {
			t.Errorf("%s what is in force: %v", why, err)
		}
	}
	b.wantAudit(d.ID, "plan_drafted", "plan_approved")
}

func (b *bundle) wantAudit(subject shop.ID, acts ...string) {
	b.t.Helper()
	err := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		rows, err := tx.Query(b.t.Context(), `SELECT act FROM audit WHERE brand_id = $1 AND subject_id = $2 ORDER BY id`, b.Brand, subject)
		if err != nil {
			return err
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		slices.Sort(got)
		slices.Sort(acts)
		if !slices.Equal(got, acts) {
			b.t.Errorf("audit tells %v, want %v", got, acts)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// Row 28 of the abuses: nobody changes last month's rate. A plan begins after the day on which it is approved, two people stand
// for it, and what is in force is changed by nothing.
func TestAbuse28LastMonthsRateIsChangedByNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, day := range []string{"2026-02-28", "2026-03-31"} {
		w := b.written(second)
		if err := w.Plan.FirstDay.UnmarshalText([]byte(day)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.plans.Draft(t.Context(), b.ada, shop.ID{}, w); !errors.Is(err, plan.ErrNotForward) {
			t.Errorf("a draft for %s on 31 March: %v", day, err)
		}
	}
	d := b.draft(b.ada, second)
	b.now = b.now.Add(time.Hour) // 1 April in Taipei: orders of its first day may be there
	if _, err := b.approve(b.bea, d); !errors.Is(err, plan.ErrNotForward) {
		t.Errorf("approved on its first day: %v", err)
	}
	if _, err := b.plans.Add(t.Context(), b.ada, b.zone(), b.written(second).Plan); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("one person alone: %v", err)
	}
	if _, err := b.approve(b.ada, d); !errors.Is(err, shop.ErrOwnApproval) {
		t.Errorf("her own: %v", err)
	}
	for _, statement := range []string{`UPDATE plan SET rules = '{}'`, `DELETE FROM plan`} {
		err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err == nil {
			t.Errorf("%s was done", statement)
		}
	}
	if len(b.versions()) != 1 {
		t.Error("a version came of it")
	}
}

func TestWhoReplacesADraftIsItsAuthorAndWhoReadAnotherRevisionDoesNotApprove(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.draft(b.ada, second)
	w := b.written(second)
	w.Plan.Rules[0].RateBP = 900
	replaced, err := b.plans.Replace(t.Context(), b.bea, d.ID, 1, w)
	if err != nil || replaced.Revision != 2 || replaced.WrittenBy != b.Ben {
		t.Fatalf("%+v, %v", replaced, err)
	}
	if _, err := b.plans.Replace(t.Context(), b.ada, d.ID, 1, w); !errors.Is(err, plan.ErrDraftChanged) {
		t.Errorf("over a revision that she has not read: %v", err)
	}
	if _, err := b.approve(b.ada, d); !errors.Is(err, plan.ErrDraftChanged) {
		t.Errorf("approve what she has not read: %v", err)
	}
	if _, err := b.approve(b.bea, replaced); !errors.Is(err, shop.ErrOwnApproval) {
		t.Errorf("her own revision: %v", err)
	}
	if _, err := b.approve(b.ada, replaced); err != nil {
		t.Error(err)
	}
	if got := b.versions()[1].Rules[0].RateBP; got != 900 {
		t.Errorf("rate %d", got)
	}
	b.wantAudit(d.ID, "plan_drafted", "plan_draft_replaced", "plan_approved")
}

func TestErrorsStopAnApprovalAndWarningsAreNamedByWhoApproves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := catalogue.New(b.pool, func() time.Time { return b.now }).Put(t.Context(), shop.System(b.Brand), []catalogue.Product{
		{ExternalID: "1", Name: shop.Text{"en": "Lamp"}, Category: "lamp"}, {ExternalID: "2", Name: shop.Text{"en": "Card"}},
	}); err != nil {
		t.Fatal(err)
	}
	faulty := b.draft(b.ada, `{"version": 2, "first_day": "2026-04-01", "leaver": "keep", "rules": [{"role": "display_store", "rate_bp": 1, "when": {"tag": "NEVER"}}]}`)
	_, err := b.approve(b.bea, faulty, plan.TagUnknown)
	if r, ok := errors.AsType[*shop.Refusal](err); !ok || !errors.Is(err, plan.ErrFaulty) || len(r.Fields) != 1 || r.Fields[0].Code != plan.TagUnknown {
		t.Errorf("a tag that does not exist: %v", err)
	}
	doubtful := b.draft(b.ada, `{"version": 2, "first_day": "2026-04-01", "rules": [{"role": "home_store", "rate_bp": 1, "when": {"category": "sofa"}}]}`)
	_, err = b.approve(b.bea, doubtful, plan.LeaverUnsaid)
	if r, ok := errors.AsType[*shop.Refusal](err); !ok || !errors.Is(err, plan.ErrUnread) || len(r.Fields) != 1 || r.Fields[0].Code != plan.CategoryWithoutRule {
		t.Errorf("a category of the brand has no rule: %v", err)
	}
	if done, err := b.approve(b.bea, doubtful, plan.LeaverUnsaid, plan.CategoryWithoutRule); err != nil || len(done.Acknowledged) != 2 {
		t.Errorf("%v, %v", done.Acknowledged, err)
	}
	d, found, err := b.plans.FindDraft(t.Context(), b.ada, doubtful.ID)
	if err != nil || d.State != plan.Approved || len(found) != 2 || len(d.Acknowledged) != 2 {
		t.Errorf("%+v, %v, %v", d, found, err)
	}
	linted, err := b.plans.Lint(t.Context(), b.ada, faulty.Written)
	if err != nil || len(linted) != 1 || linted[0].Code != plan.TagUnknown {
		t.Errorf("%v, %v", linted, err)
	}
}

func TestAWithdrawnDraftIsOverAndStaysToBeRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.draft(b.ada, second)
	if over, err := b.plans.Withdraw(t.Context(), b.ada, d.ID); err != nil || over.State != plan.Withdrawn || over.EndedBy != b.Amy {
		t.Errorf("%+v, %v", over, err)
	}
	if _, err := b.approve(b.bea, d); !errors.Is(err, plan.ErrDraftEnded) {
		t.Errorf("%v", err)
	}
	b.now = b.now.Add(time.Second)
	again := b.draft(b.bea, second)
	drafts, next, err := b.plans.Drafts(t.Context(), b.ada, shop.Page{Limit: 1})
	if err != nil || len(drafts) != 1 || drafts[0].ID != again.ID || next == "" {
		t.Errorf("%+v, %q, %v", drafts, next, err)
	}
	b.wantAudit(d.ID, "plan_drafted", "plan_withdrawn")
}

func TestWhoMayNotIsRefusedAndTheSameRequestDraftsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := shop.NewID(b.now)
	for range 2 {
		if d, err := b.plans.Draft(t.Context(), b.ada, id, b.written(second)); err != nil || d.ID != id || !d.SaysLeaver {
			t.Errorf("%+v, %v", d, err)
		}
	}
	for _, role := range []shop.Role{shop.RoleManager, shop.RoleFinance, shop.RoleStaff, shop.RoleSystem} {
		who := shop.Actor{Brand: b.Brand, Role: role, ID: shop.NewID(b.now)}
		_, drafting := b.plans.Draft(t.Context(), who, shop.ID{}, b.written(second))
		_, approving := b.plans.Approve(t.Context(), who, id, plan.Approval{Revision: 1})
		if !errors.Is(drafting, shop.ErrForbidden) || !errors.Is(approving, shop.ErrForbidden) {
			t.Errorf("%s: %v, %v", role, drafting, approving)
		}
	}
	if _, _, err := b.plans.FindDraft(t.Context(), b.ada, shop.NewID(b.now)); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("%v", err)
	}
	b.wantAudit(id, "plan_drafted")
}

func TestOfTwoWhoApproveOneDraftOneDoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, twin := b.draft(b.ada, second), b.draft(b.ada, second)
	var all sync.WaitGroup
	results := make([]error, 16)
	for i := range results {
		all.Go(func() { _, results[i] = b.approve(b.bea, []plan.Draft{d, twin}[i%2]) })
	}
	all.Wait()
	done := 0
	for _, err := range results {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, plan.ErrDraftEnded) && !errors.Is(err, plan.ErrVersionTaken):
			t.Error(err)
		}
	}
	if done != 1 || len(b.versions()) != 2 {
		t.Errorf("%d did, and there are %d versions", done, len(b.versions()))
	}
}

func TestAVersionsNumberAndDayAreItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(`{"version": 3, "first_day": "2026-05-01", "rules": []}`)
	for text, want := range map[string]error{
		`{"version": 3, "first_day": "2026-06-01", "rules": []}`: plan.ErrVersionTaken,
		`{"version": 4, "first_day": "2026-05-01", "rules": []}`: plan.ErrDayTaken,
		`{"version": 4, "first_day": "2026-05-02", "rules": []}`: nil,
		`{"version": 0, "first_day": "2026-05-02", "rules": []}`: shop.ErrFields,
	} {
		if _, err := b.plans.Draft(t.Context(), b.ada, shop.ID{}, b.written(text)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}
