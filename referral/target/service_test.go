package target

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

var (
	noon  = time.Date(2026, 3, 15, 4, 0, 0, 0, time.UTC)
	march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
)

type bundle struct {
	testing.TB
	postgrestest.Fixture
	pool    *postgres.Pool
	s       *Service
	hq      shop.Actor
	manager shop.Actor // of S1
}

func setup(t testing.TB) bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := bundle{TB: t, Fixture: postgrestest.Brand(t, pool), pool: pool}
	b.s = New(pool, func() time.Time { return noon })
	b.hq = shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.ID{15: 9}}
	b.manager = shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: shop.ID{15: 8}, Stores: []shop.ID{b.S1}}
	return b
}

func (b bundle) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b bundle) read(act func(tx pgx.Tx) error) {
	b.Helper()
	b.ok(b.pool.Read(b.Context(), b.Brand, act))
}

func (b bundle) targets() (of map[attribution.Beneficiary]int64) {
	b.Helper()
	b.read(func(tx pgx.Tx) (err error) {
		of, err = Of(b.Context(), tx, b.Brand, march)
		return err
	})
	return of
}

func (b bundle) hours() (of map[shop.ID]map[shop.ID]int64) {
	b.Helper()
	b.read(func(tx pgx.Tx) (err error) {
		of, err = HoursOf(b.Context(), tx, b.Brand, march)
		return err
	})
	return of
}

func (b bundle) same(want, got any) {
	b.Helper()
	if d := cmp.Diff(want, got); d != "" {
		b.Error(d)
	}
}

func (b bundle) count(query string) (n int) {
	b.Helper()
	b.read(func(tx pgx.Tx) error { return tx.QueryRow(b.Context(), query, b.Brand).Scan(&n) })
	return n
}

func TestLatestOfWhatWasSetCountsAndNothingIsLost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy := attribution.StaffOf(b.Amy)
	for _, minor := range []int64{300000, 300000, 200000} { // the second says nothing new
		b.ok(b.s.Set(t.Context(), b.manager, Target{Month: march, Holder: amy, Minor: minor}))
	}
	b.ok(b.s.Set(t.Context(), b.hq, Target{Month: march, Holder: attribution.StoreOf(b.S1), Minor: 5}))
	b.ok(b.s.Set(t.Context(), b.hq, Target{Month: march.AddDate(0, 1, 0), Holder: amy, Minor: 7}))
	b.same(map[attribution.Beneficiary]int64{amy: 200000, attribution.StoreOf(b.S1): 5}, b.targets())
	b.ok(b.s.Set(t.Context(), b.hq, Target{Month: march, Holder: attribution.StoreOf(b.S1)}))
	b.same(map[attribution.Beneficiary]int64{amy: 200000}, b.targets())
	if n := b.count(`SELECT count(*) FROM target WHERE brand_id = $1`); n != 5 {
		t.Errorf("%d versions are kept", n)
	}

	for _, minutes := range []int64{600, 480} {
		b.ok(b.s.SetHours(t.Context(), b.manager, Hours{Month: march, Store: b.S1, Staff: b.Amy, Minutes: minutes}))
	}
	b.ok(b.s.SetHours(t.Context(), b.hq, Hours{Month: march, Store: b.S2, Staff: b.Amy, Minutes: 60})) // she helped out
	b.ok(b.s.SetHours(t.Context(), b.hq, Hours{Month: march, Store: b.S2, Staff: b.Ben, Minutes: 60}))
	b.ok(b.s.SetHours(t.Context(), b.hq, Hours{Month: march, Store: b.S2, Staff: b.Ben}))
	b.same(map[shop.ID]map[shop.ID]int64{b.S1: {b.Amy: 480}, b.S2: {b.Amy: 60}}, b.hours())
}

func TestNobodyChangesWhatWasSet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, change := range []string{`UPDATE target SET target_minor = 0`, `DELETE FROM target`, `UPDATE worked_hours SET minutes = 0`, `DELETE FROM worked_hours`} {
		err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), change)
			return err
		})
		if err == nil {
			t.Errorf("the application may %s", change)
		}
	}
}

func TestWhoAnswersForNobodySetsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy := Target{Month: march, Holder: attribution.StaffOf(b.Amy), Minor: 1}
	for _, role := range []shop.Role{shop.RoleStaff, shop.RoleCustomer, shop.RoleIntegration} {
		actor := shop.Actor{Brand: b.Brand, Role: role, ID: b.Amy, Stores: []shop.ID{b.S1}}
		err := b.s.Set(t.Context(), actor, amy)
		_, listing := b.s.List(t.Context(), actor, march)
		_, file := b.s.ImportTargets(t.Context(), actor, nil, true)
		for _, err := range []error{err, listing, file} {
			if !errors.Is(err, shop.ErrForbidden) {
				t.Errorf("%s: %v", role, err)
			}
		}
	}
	tests := []struct {
		why   string
		actor shop.Actor
		set   Target
		want  error
	}{
		{"another store's person", b.manager, Target{Month: march, Holder: attribution.StaffOf(b.Ben), Minor: 1}, team.ErrStaffUnknown},
		{"nobody of the brand", b.hq, Target{Month: march, Holder: attribution.StaffOf(shop.ID{15: 77}), Minor: 1}, team.ErrStaffUnknown},
		{"her own store", b.manager, Target{Month: march, Holder: attribution.StoreOf(b.S1), Minor: 1}, ErrStoreTarget},
		{"a pool", b.hq, Target{Month: march, Holder: attribution.PoolOf(b.S1), Minor: 1}, ErrHolder},
		{"nobody", b.hq, Target{Month: march, Minor: 1}, ErrHolder},
		{"less than nothing", b.hq, Target{Month: march, Holder: amy.Holder, Minor: -1}, shop.ErrFields},
	}
	for _, tt := range tests {
		if err := b.s.Set(t.Context(), tt.actor, tt.set); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.why, err, tt.want)
		}
	}
	if err := b.s.SetHours(t.Context(), b.manager, Hours{Month: march, Store: b.S2, Staff: b.Ben, Minutes: 1}); !errors.Is(err, team.ErrStoreUnknown) {
		t.Errorf("hours at another store: %v", err)
	}
	b.same(map[attribution.Beneficiary]int64{}, b.targets())
}

func TestManagerSeesHerStoresAndTheirPeople(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, holder := range []attribution.Beneficiary{attribution.StoreOf(b.S1), attribution.StoreOf(b.S2), attribution.StaffOf(b.Amy), attribution.StaffOf(b.Ben)} {
		b.ok(b.s.Set(t.Context(), b.hq, Target{Month: march, Holder: holder, Minor: 10}))
	}
	for store, staff := range map[shop.ID]shop.ID{b.S1: b.Ben, b.S2: b.Amy} {
		b.ok(b.s.SetHours(t.Context(), b.hq, Hours{Month: march, Store: store, Staff: staff, Minutes: 10}))
	}
	list, err := b.s.List(t.Context(), b.manager, march)
	b.ok(err)
	var holders []attribution.Beneficiary
	for _, one := range list {
		holders = append(holders, one.Holder)
	}
	b.same([]attribution.Beneficiary{attribution.StoreOf(b.S1), attribution.StaffOf(b.Amy)}, holders)
	worked, err := b.s.ListHours(t.Context(), b.manager, march)
	b.ok(err)
	b.same([]Hours{{Month: march, Store: b.S1, Staff: b.Ben, Minutes: 10, SetBy: b.hq.Pseudonym(), SetAt: noon}}, worked)
	list, err = b.s.List(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleFinance}, march)
	if err != nil || len(list) != 4 {
		t.Errorf("finance sees %d, %v", len(list), err)
	}
}

func TestClosedMonthMayBeSetAndTheAuditSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	book := ledger.New(b.pool, nil)
	february := march.AddDate(0, -1, 0)
	b.ok(b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := book.CloseMonth(t.Context(), tx, b.hq, february, noon)
		return err
	}))
	for _, month := range []time.Time{february, march} {
		b.ok(b.s.SetHours(t.Context(), b.hq, Hours{Month: month, Store: b.S1, Staff: b.Amy, Minutes: 60}))
	}
	var told []string
	b.read(func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT act || ' ' || (detail ->> 'month') || ' ' || (detail ->> 'month_is_closed') FROM audit WHERE brand_id = $1 AND subject_id = $2 ORDER BY 1`, b.Brand, b.Amy)
		if err != nil {
			return err
		}
		told, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	b.same([]string{"hours_set 2026-02 true", "hours_set 2026-03 false"}, told)
}

// Whoever sets something while a month is being closed waits for it, and then knows that it is closed: to look without holding the
// months would say that it is open, and no close would ever take in what was set.
func TestWhatIsSetWhileItsMonthClosesIsTakenInByTheNextClose(t *testing.T) {
	t.Parallel()
	b := setup(t)
	february := march.AddDate(0, -1, 0)
	set := make(chan error, 1)
	b.ok(b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		if _, err := ledger.New(b.pool, nil).CloseMonth(t.Context(), tx, b.hq, february, noon); err != nil {
			return err
		}
		go func() {
			set <- b.s.SetHours(t.Context(), b.hq, Hours{Month: february, Store: b.S1, Staff: b.Amy, Minutes: 60})
		}()
		for isWaiting := false; !isWaiting && len(set) == 0; {
			err := tx.QueryRow(t.Context(), `
SELECT count(*) > 0 FROM pg_locks
WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&isWaiting)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	b.ok(<-set)
	var late []time.Time
	b.ok(b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		late, err = ledger.TakeLate(t.Context(), tx, b.Brand, february)
		return err
	}))
	b.same([]time.Time{february}, late)
}

func (b bundle) lines(lines []Line, err error) string {
	b.Helper()
	b.ok(err)
	var said []string
	for _, l := range lines {
		text := fmt.Sprint(l.Row, " ", l.Verdict)
		for _, f := range l.Fields {
			text += " " + f.Name + ":" + f.Code
		}
		said = append(said, text)
	}
	return strings.Join(said, "\n")
}

func TestFileIsSetAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := []byte("\ufeffMonth,store,employee_no,hours\r\n2026-03,S1,amy,152.5\r\n,,,\r\n2026-03,S2,ben,40:15\r\n")
	b.same("2 new\n4 new", b.lines(b.s.ImportHours(t.Context(), b.hq, file, true)))
	b.same(map[shop.ID]map[shop.ID]int64{}, b.hours())
	b.same("2 new\n4 new", b.lines(b.s.ImportHours(t.Context(), b.hq, file, false)))
	want := map[shop.ID]map[shop.ID]int64{b.S1: {b.Amy: 9150}, b.S2: {b.Ben: 2415}}
	b.same(want, b.hours())
	b.same("2 known\n4 known", b.lines(b.s.ImportHours(t.Context(), b.hq, file, false)))
	if n := b.count(`SELECT count(*) FROM worked_hours WHERE brand_id = $1`); n != 2 {
		t.Errorf("a file that was sent again left %d versions", n)
	}

	wrong := []byte("month,store,employee_no,hours\n2026-03,S1,amy,1\n2026-3,S9,carl,7.33\n2026-03,S1,amy,2\n2026-04,S1,amy,2\n2026-03,S1,amy,9999\n2026-03,,=1+1,3,4\n")
	b.same("2 changed\n3 wrong month:month_invalid store:store_unknown employee_no:staff_unknown hours:hours_invalid\n4 wrong row:row_twice\n"+
		"5 wrong month:month_to_come\n6 wrong hours:out_of_range\n7 wrong employee_no:formula row:too_many_cells store:required",
		b.lines(b.s.ImportHours(t.Context(), b.hq, wrong, true)))
	_, err := b.s.ImportHours(t.Context(), b.hq, wrong, false)
	refusal, is := errors.AsType[*shop.Refusal](err)
	if !is || !errors.Is(err, ErrRows) || len(refusal.Fields) != 10 || refusal.Fields[0].Name != "rows[3].month" {
		t.Errorf("%+v", err)
	}
	b.same(want, b.hours())
}

func TestFileOfTargetsNamesAStoreOrAPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := []byte("target,store,employee_no,month\n1200000,S1,,2026-03\n300000,,amy,2026-03\n")
	b.same("2 new\n3 new", b.lines(b.s.ImportTargets(t.Context(), b.hq, file, false)))
	b.same(map[attribution.Beneficiary]int64{attribution.StoreOf(b.S1): 1200000, attribution.StaffOf(b.Amy): 300000}, b.targets())
	b.same("2 wrong row:store_target_not_yours\n3 known", b.lines(b.s.ImportTargets(t.Context(), b.manager, file, true)))
	file = []byte("month,store,employee_no,target\n2026-03,S1,amy,1\n2026-03,,,1\n2026-03,S2,,1\n2026-03,,ben,1\n2026-03,,amy,\"1,000\"\n2027-01,,amy,310000\n")
	b.same("2 wrong row:target_holder_invalid\n3 wrong row:target_holder_invalid\n4 wrong row:store_unknown\n5 wrong row:staff_unknown\n6 wrong target:target_invalid\n7 new",
		b.lines(b.s.ImportTargets(t.Context(), b.manager, file, true)))
}

func TestFileThatIsNoneIsRefusedInWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	long := "month,target,employee_no\n" + strings.Repeat("2026-03,1,amy\n", targets.file.MaxRows+1)
	for _, tt := range []struct {
		file, says string
		want       error
	}{
		{"", "empty", ErrFile},
		{"month,target,employee_no\n", "no row", ErrFile},
		{"month,employee_no\n2026-03,amy\n", "lacks the column target", ErrFile},
		{"month,target,target\n", "twice", ErrFile},
		{"month,target,phone\n", "column 3", ErrFile},
		{"month,target,employee_no\n\"2026", "Line 2", ErrFile},
		{"m\x00o\x00n\x00", "UTF-8", ErrFile},
		{"month,target,store\n2026-03,1,\xa4\xa4\n", "UTF-8", ErrFile},
		{long, "10,000", ErrFileLong},
	} {
		_, err := b.s.ImportTargets(t.Context(), b.hq, []byte(tt.file), true)
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%.40q: %v", tt.file, err)
		}
	}
}

func TestSixteenWhoSetTheSameLeaveOneVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if err := b.s.SetHours(t.Context(), b.hq, Hours{Month: march, Store: b.S1, Staff: b.Amy, Minutes: 60}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := b.count(`SELECT count(*) FROM worked_hours WHERE brand_id = $1`); n != 1 {
		t.Errorf("%d versions", n)
	}
}
