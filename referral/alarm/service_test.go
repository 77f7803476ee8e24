package alarm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/alarm"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// nine is 09:00 in Taipei on the day of the stories.
var nine = time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)

type bundle struct {
	*alarm.Service
	postgrestest.Fixture
	pool    *postgres.Pool
	tags    *tag.Service
	clock   time.Time
	hq      shop.Actor
	manager shop.Actor // of S1
	readers byte
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	b := &bundle{
		Fixture: f, pool: pool, clock: nine.AddDate(0, 0, -60),
		hq:      shop.Actor{Brand: f.Brand, Role: shop.RoleHQ, ID: f.Ben},
		manager: shop.Actor{Brand: f.Brand, Role: shop.RoleManager, ID: f.Amy, Stores: []shop.ID{f.S1}},
	}
	now := func() time.Time { return b.clock }
	b.tags = tag.New(pool, now)
	b.Service = alarm.New(pool, scan.New(scan.Parts{Pool: pool, Now: now}), now)
	b.openStores(t, now)
	owner, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, at := range []time.Time{nine.AddDate(0, -1, 0), nine, nine.AddDate(0, 1, 0)} {
		if _, err := conn.Exec(t.Context(), `CALL make_partition('scan', $1)`, at); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// openStores: both shops are open from 11 to 22 and have told of their networks.
func (b *bundle) openStores(t *testing.T, now func() time.Time) {
	t.Helper()
	teams, err := team.New(b.pool, now, team.Config{SealingKeys: [][]byte{bytes.Repeat([]byte("s"), 32)}})
	if err != nil {
		t.Fatal(err)
	}
	hours := team.Hours{}
	for _, day := range []team.Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		hours[day] = []team.Opening{{Opens: "11:00", Closes: "22:00"}}
	}
	for store, network := range map[shop.ID]string{b.S1: "203.0.113.8/29", b.S2: "198.51.100.0/29"} {
		premises := team.Premises{Hours: hours, Networks: []netip.Prefix{netip.MustParsePrefix(network)}}
		if _, err := teams.DescribePremises(t.Context(), b.hq, store, premises); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bundle) hang(t *testing.T, store shop.ID) tag.Tag {
	t.Helper()
	made, err := b.tags.Issue(t.Context(), b.hq, tag.Spec{Store: store, Placement: tag.Shelf, Destination: "https://shop.example.test/"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// read lets so many people read a tag one after the other from an instant on, each with a phone of her own.
func (b *bundle) read(t *testing.T, of tag.Tag, at time.Time, people int, where any, kind scan.Kind) {
	t.Helper()
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		for n := range people {
			b.readers++
			at := shop.Millis(at.Add(time.Duration(n) * time.Second))
			device := append([]byte{b.readers, byte(n), byte(n >> 8)}, make([]byte, 13)...)
			_, err := tx.Exec(t.Context(), `
INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, placement, kind, device, scanned_at, elsewhere) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
				b.Brand, shop.NewID(at), of.ID, of.Code, of.Store, of.Placement, kind, device, at, where)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) morning(t *testing.T) int {
	t.Helper()
	raised, err := b.Morning(t.Context(), b.Brand)
	if err != nil {
		t.Fatal(err)
	}
	return raised
}

func (b *bundle) list(t *testing.T, actor shop.Actor, f alarm.Filter) []alarm.Alarm {
	t.Helper()
	all, _, err := b.List(t.Context(), actor, f, shop.Page{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func kinds(all []alarm.Alarm) (found []alarm.Kind) {
	for _, a := range all {
		found = append(found, a.Kind)
	}
	slices.Sort(found)
	return found
}

func TestEachMorningListsWhatLooksWrong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	yesterday := nine.AddDate(0, 0, -1)
	moved, dead, copied, stormed, well := b.hang(t, b.S1), b.hang(t, b.S2), b.hang(t, b.S1), b.hang(t, b.S1), b.hang(t, b.S1)
	b.clock = nine
	b.read(t, moved, yesterday.Add(6*time.Hour), 8, true, scan.Person)
	b.read(t, dead, yesterday.Add(6*time.Hour), 8, nil, scan.Bot)      // programs do not count
	b.read(t, dead, yesterday.AddDate(0, 0, -30), 1, nil, scan.Person) // and this was too long ago
	b.read(t, copied, yesterday.Add(-6*time.Hour), 10, nil, scan.InApp)
	b.read(t, stormed, yesterday.Add(6*time.Hour), 25, nil, scan.App)
	b.read(t, well, yesterday.Add(6*time.Hour), 5, false, scan.Person)

	if raised := b.morning(t); raised != 4 {
		t.Errorf("%d alarms were raised, want 4", raised)
	}
	want := map[shop.ID]alarm.Kind{moved.ID: alarm.Moved, dead.ID: alarm.Dead, copied.ID: alarm.Copied, stormed.ID: alarm.Burst}
	all := b.list(t, b.hq, alarm.Filter{})
	for _, a := range all {
		var why alarm.Evidence
		if err := json.Unmarshal(a.Evidence, &why); err != nil {
			t.Fatal(err)
		}
		if want[a.Tag] != a.Kind || a.State != alarm.Open || a.LastDay.Format(time.DateOnly) != "2026-11-19" {
			t.Errorf("%+v", a)
		}
		if a.Kind == alarm.Burst && (why.Sessions != 25 || *why.Hour != 15) || a.Kind == alarm.Copied && why.Devices != 10 || a.Kind == alarm.Moved && why.Of != 8 {
			t.Errorf("%s because of %+v", a.Kind, why)
		}
	}
	if len(all) != 4 {
		t.Errorf("%d alarms, want 4: %+v", len(all), all)
	}
	if got := kinds(b.list(t, b.manager, alarm.Filter{})); !slices.Equal(got, []alarm.Kind{alarm.Burst, alarm.Copied, alarm.Moved}) {
		t.Errorf("a manager sees %v, want those of her store", got)
	}
	if got := b.list(t, b.hq, alarm.Filter{Kind: alarm.Dead, Store: b.S2}); len(got) != 1 || got[0].Tag != dead.ID {
		t.Errorf("the dead of a store: %+v", got)
	}
}

func TestAMorningThatIsDoneAgainChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.hang(t, b.S1)
	b.clock = nine
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := b.Morning(t.Context(), b.Brand); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	before := b.list(t, b.hq, alarm.Filter{})
	if raised := b.morning(t); raised != 0 || len(before) != 1 {
		t.Errorf("%d were raised again; %+v", raised, before)
	}
}

func TestAnAlarmThatStandsIsNotNewEachMorning(t *testing.T) {
	t.Parallel()
	b := setup(t)
	moved := b.hang(t, b.S1)
	for day := range 3 {
		b.clock = nine.AddDate(0, 0, day)
		b.read(t, moved, b.clock.AddDate(0, 0, -1).Add(6*time.Hour), 8, true, scan.Person)
		if raised := b.morning(t); raised != map[int]int{0: 1}[day] {
			t.Errorf("day %d raised %d", day, raised)
		}
	}
	all := b.list(t, b.hq, alarm.Filter{})
	if len(all) != 1 || all[0].FirstDay.Day() != 19 || all[0].LastDay.Day() != 21 {
		t.Errorf("%+v", all)
	}
}

func TestTheMorningComesByTheBrandsClock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.hang(t, b.S1)
	abroad := postgrestest.Brand(t, b.pool)
	b.zone(t, abroad.Brand, "America/New_York")
	b.clock = time.Date(2026, 11, 20, 0, 30, 0, 0, time.UTC) // 08:30 in Taipei, 19:30 of the day before in New York
	for brand, want := range map[shop.BrandID]string{b.Brand: "2026-11-19", abroad.Brand: "2026-11-18"} {
		if _, err := b.Morning(t.Context(), brand); err != nil {
			t.Fatal(err)
		}
		if got := b.lastMorning(t, brand); got != want {
			t.Errorf("brand %d has looked at %s, want %s", brand, got, want)
		}
	}
	b.clock = time.Date(2026, 11, 20, 22, 59, 0, 0, time.UTC) // 06:59
	if b.morning(t); b.lastMorning(t, b.Brand) != "2026-11-19" {
		t.Error("it was looked at before the morning came")
	}
	b.clock = b.clock.Add(time.Minute)
	if b.morning(t); b.lastMorning(t, b.Brand) != "2026-11-20" {
		t.Error("the morning came and nobody looked")
	}
}

func (b *bundle) zone(t *testing.T, brand shop.BrandID, name string) {
	t.Helper()
	err := b.pool.Global(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE brand SET time_zone = $2 WHERE brand_id = $1`, brand, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) lastMorning(t *testing.T, brand shop.BrandID) (day string) {
	t.Helper()
	err := b.pool.Read(t.Context(), brand, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT max(day)::text FROM alarm_morning WHERE brand_id = $1`, brand).Scan(&day)
	})
	if err != nil {
		t.Fatal(err)
	}
	return day
}

func TestMorningsThatWereMissedAreMadeUpForUpToAWeek(t *testing.T) {
	t.Parallel()
	b := setup(t)
	copied, long := b.hang(t, b.S1), b.hang(t, b.S1)
	b.clock = nine
	night := time.Date(2026, 11, 15, 18, 0, 0, 0, time.UTC) // 02:00 on Monday in Taipei, five mornings ago
	b.read(t, copied, night, 12, nil, scan.Person)
	b.read(t, long, night.AddDate(0, 0, -7), 12, nil, scan.Person)
	if raised := b.morning(t); raised != 1 {
		t.Errorf("%d alarms were raised, want that of this week", raised)
	}
	if all := b.list(t, b.hq, alarm.Filter{}); len(all) != 1 || all[0].Tag != copied.ID || all[0].LastDay.Format(time.DateOnly) != "2026-11-16" {
		t.Errorf("%+v", all)
	}
}

func TestAnAlarmEndsWhenItIsNoLongerSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dead, seen, open, retired := b.hang(t, b.S1), b.hang(t, b.S1), b.hang(t, b.S1), b.hang(t, b.S1)
	b.clock = nine
	for _, stormed := range []tag.Tag{seen, open, retired} {
		b.read(t, stormed, nine.Add(-18*time.Hour), 30, nil, scan.Person)
	}
	b.morning(t)
	for _, a := range b.list(t, b.hq, alarm.Filter{Kind: alarm.Burst}) {
		if a.Tag == seen.ID {
			if _, err := b.MarkSeen(t.Context(), b.manager, a.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.read(t, dead, nine.Add(2*time.Hour), 1, nil, scan.Person)
	if _, err := b.tags.Retire(t.Context(), b.hq, retired.ID); err != nil {
		t.Fatal(err)
	}
	b.clock = nine.AddDate(0, 0, 1)
	b.morning(t)
	if all := b.list(t, b.hq, alarm.Filter{}); len(all) != 1 || all[0].Tag != open.ID {
		t.Errorf("%+v stand, want the storm that nobody has looked at", all)
	}
	if over := b.list(t, b.hq, alarm.Filter{State: alarm.Over}); len(over) != 3 {
		t.Errorf("%+v are over, want three", over)
	}
}

func TestADismissedAlarmKeepsQuietForAWhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	moved := b.hang(t, b.S1)
	reads := func() {
		b.read(t, moved, b.clock.Add(-18*time.Hour), 8, true, scan.Person)
	}
	b.clock = nine.AddDate(0, 0, -10)
	reads()
	b.morning(t)
	one := b.list(t, b.hq, alarm.Filter{})[0]
	if _, err := b.Dismiss(t.Context(), b.manager, one.ID, " "); !errors.Is(err, shop.ErrFields) {
		t.Errorf("without a reason: %v", err)
	}
	done, err := b.Dismiss(t.Context(), b.manager, one.ID, "the shelf stands in the passage between two stores")
	if err != nil || done.State != alarm.Dismissed || done.DecidedBy != b.Amy || done.Reason == "" {
		t.Fatalf("%+v, %v", done, err)
	}
	if _, err := b.Dismiss(t.Context(), b.manager, one.ID, "again"); err != nil {
		t.Errorf("again: %v", err)
	}
	if _, err := b.MarkSeen(t.Context(), b.manager, one.ID); !errors.Is(err, alarm.ErrOver) {
		t.Errorf("a dismissed one was seen: %v", err)
	}
	b.clock = nine
	reads()
	if raised := b.morning(t); raised != 0 {
		t.Errorf("%d were raised ten days after the dismissal", raised)
	}
	b.clock = nine.AddDate(0, 0, 21)
	reads()
	if raised := b.morning(t); raised != 1 {
		t.Errorf("%d were raised a month after the dismissal, want 1", raised)
	}
}

func TestAnAlarmOfAnothersStoreIsUnknown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.hang(t, b.S2)
	b.clock = nine
	b.morning(t)
	one := b.list(t, b.hq, alarm.Filter{})[0]
	abroad := postgrestest.Brand(t, b.pool)
	for why, actor := range map[string]shop.Actor{
		"another store's manager": b.manager, "another brand": {Brand: abroad.Brand, Role: shop.RoleHQ, ID: abroad.Ben},
	} {
		if _, err := b.MarkSeen(t.Context(), actor, one.ID); !errors.Is(err, shop.ErrNotFound) {
			t.Errorf("%s: %v", why, err)
		}
		if all := b.list(t, actor, alarm.Filter{}); len(all) != 0 {
			t.Errorf("%s sees %+v", why, all)
		}
	}
	staff := shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Stores: []shop.ID{b.S2}}
	if _, err := b.MarkSeen(t.Context(), staff, one.ID); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("staff: %v", err)
	}
	if _, _, err := b.List(t.Context(), staff, alarm.Filter{}, shop.Page{Limit: 1}); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("staff: %v", err)
	}
}
