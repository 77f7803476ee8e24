package team

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func TestManagerActsOnHerOwnStoresOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss, err := b.AddStaff(t.Context(), b.system, NewStaff{EmployeeNo: "boss", Name: "店長", PIN: amysPIN})
	must(t, err)
	_, err = b.Assign(t.Context(), b.system, Assignment{Staff: boss.ID, Store: b.S1, Role: shop.RoleManager, From: noon})
	must(t, err)
	manager, err := b.ActorOf(t.Context(), b.Brand, boss.ID)
	must(t, err)
	if manager.Role != shop.RoleManager {
		t.Fatalf("%+v", manager)
	}
	must(t, b.ResetPIN(t.Context(), manager, b.Amy, "719284"))
	want(t, b.ResetPIN(t.Context(), manager, b.Ben, "719284"), shop.ErrNotFound)
	want(t, b.RevokeStaff(t.Context(), manager, b.Ben), shop.ErrNotFound)
	_, _, err = b.EnrolDevice(t.Context(), manager, b.S2, "tablet")
	want(t, err, ErrStoreUnknown)
	_, _, err = b.EnrolDevice(t.Context(), b.system, shop.ID{}, "a tablet of no store")
	want(t, err, ErrStoreUnknown)
	d, _ := b.tablet(t, b.S2)
	want(t, b.RevokeDevice(t.Context(), manager, d.ID), shop.ErrNotFound)
	_, err = b.Assign(t.Context(), manager, Assignment{Staff: b.Ben, Store: b.S1, Role: shop.RoleManager, From: noon})
	want(t, err, shop.ErrForbidden)
	_, err = b.Assign(t.Context(), b.system, Assignment{Staff: b.Ben, Role: shop.RoleStaff, From: noon})
	want(t, err, shop.ErrFields)
	_, err = b.Assign(t.Context(), manager, Assignment{Staff: b.Ben, Store: b.S1, Role: shop.RoleStaff, From: noon})
	must(t, err)
	staff, _, err := b.ListStaff(t.Context(), manager, shop.Page{Limit: 10})
	must(t, err)
	if len(staff) != 3 { // herself, amy, and ben who helps out since today
		t.Errorf("she sees %d people", len(staff))
	}
}

func TestAssignmentsAndEmploymentAreByDay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	_, err := b.Assign(t.Context(), b.system, Assignment{Staff: b.Amy, Store: b.S2, Role: shop.RoleStaff, From: day("2026-03-02"), To: day("2026-03-04")})
	must(t, err)
	helper, err := b.AddStaff(t.Context(), b.system, NewStaff{EmployeeNo: "feb", Name: "feb"})
	must(t, err)
	_, err = b.Assign(t.Context(), b.system, Assignment{Staff: helper.ID, Store: b.S2, Role: shop.RoleStaff, From: day("2026-02-02"), To: day("2026-02-28")})
	must(t, err)
	finance, err := b.AddStaff(t.Context(), b.system, NewStaff{EmployeeNo: "fin", Name: "fin", BrandRole: shop.RoleFinance})
	must(t, err)
	err = b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		for d, is := range map[string]bool{"2026-03-01": false, "2026-03-02": true, "2026-03-04": true, "2026-03-05": false} {
			if got, err := AssignedAt(t.Context(), tx, b.Brand, b.Amy, b.S2, day(d)); err != nil || got != is {
				t.Errorf("%s: %v %v", d, got, err)
			}
		}
		for d, is := range map[string]bool{"2026-02-01": false, "2026-02-02": true, "2026-02-28": true, "2026-03-01": false} {
			if got, err := EmployedAt(t.Context(), tx, b.Brand, helper.ID, day(d)); err != nil || got != is {
				t.Errorf("for a month only, employed %s: %v %v", d, got, err)
			}
		}
		// In New York it is still the day before when she is entered, and still her first day in the evening.
		if _, err := tx.Exec(t.Context(), `UPDATE brand SET time_zone = 'America/New_York' WHERE brand_id = $1`, b.Brand); err != nil {
			return err
		}
		var entered time.Time
		err := tx.QueryRow(t.Context(), `UPDATE staff SET created_at = '2026-03-01T01:00Z' WHERE brand_id = $1 AND id = $2 RETURNING created_at`, b.Brand, finance.ID).Scan(&entered)
		if err != nil {
			return err
		}
		if is, err := EmployedAt(t.Context(), tx, b.Brand, finance.ID, entered); err != nil || !is {
			t.Errorf("in the evening in which she was entered: %v %v", is, err)
		}
		if _, err := tx.Exec(t.Context(), `UPDATE brand SET time_zone = 'Asia/Taipei' WHERE brand_id = $1`, b.Brand); err != nil {
			return err
		}
		if err := Leave(t.Context(), tx, b.Brand, b.Amy, day("2026-03-03").Add(12*time.Hour), noon); err != nil {
			return err
		}
		for d, is := range map[string]bool{"2019-12-31": false, "2020-01-01": true, "2026-03-03": true, "2026-03-04": false} {
			if got, err := EmployedAt(t.Context(), tx, b.Brand, b.Amy, day(d)); err != nil || got != is {
				t.Errorf("employed %s: %v %v", d, got, err)
			}
		}
		places, err := AssignmentsOf(t.Context(), tx, b.Brand, b.Amy)
		for _, a := range places {
			if !a.To.Equal(day("2026-03-03")) {
				t.Errorf("after she left: %+v", a)
			}
		}
		return err
	})
	must(t, err)
}

func TestPolicyOfAnInstantIsTheLastThatHadBegun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := DefaultPolicy()
	p.ClickDays = 7
	_, err := b.SetPolicy(t.Context(), b.system, p, noon.Add(time.Hour))
	must(t, err)
	err = b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		for at, days := range map[time.Time]int{noon: 30, noon.Add(time.Hour - time.Millisecond): 30, noon.Add(time.Hour): 7, noon.Add(2 * time.Hour): 7} {
			if got, err := PolicyAt(t.Context(), tx, b.Brand, at); err != nil || got.ClickDays != days {
				t.Errorf("at %s: %d days, %v", at, got.ClickDays, err)
			}
		}
		return nil
	})
	must(t, err)
}

func TestBrandsAndStoresAreFoundByTheirNames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	brand := Brand{
		ID: 900, Slug: "night-market", Name: shop.Text{shop.English: "Night Market"}, TimeZone: "Asia/Taipei", Language: shop.TraditionalChinese,
		Currency: "TWD", TaxBP: 500, SiteURL: "https://night.example.test", ShortDomain: "q.example.test", AllowedHosts: []string{"night.example.test"},
	}
	_, err := b.AddBrand(t.Context(), brand)
	must(t, err)
	_, err = b.AddBrand(t.Context(), brand)
	want(t, err, ErrBrandExists)
	got, err := b.BrandBySlug(t.Context(), "night-market")
	must(t, err)
	if day := got.Day(time.Date(2026, 3, 1, 17, 0, 0, 0, time.UTC)); day.Day() != 2 {
		t.Errorf("one in the morning in Taipei is %s", day)
	}
	_, err = b.BrandBySlug(t.Context(), "day-market")
	want(t, err, shop.ErrNotFound)
	st, err := b.AddStore(t.Context(), shop.System(900), Store{Code: "C1", Name: shop.Text{shop.English: "Counter"}, Kind: Counter, HouseBP: 2800})
	must(t, err)
	_, err = b.AddStore(t.Context(), shop.System(900), Store{Code: "C1", Name: shop.Text{shop.English: "Counter"}, Kind: Counter})
	want(t, err, ErrStoreExists)
	must(t, b.pool.Read(t.Context(), 900, func(tx pgx.Tx) error {
		found, err := StoreByCode(t.Context(), tx, 900, "C1")
		if err == nil && (found.ID != st.ID || found.HouseBP != 2800 || !found.OpenOn(noon)) {
			t.Errorf("%+v", found)
		}
		return err
	}))
}

func TestPeopleOfStoresAndTheirNumbers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	_, err := b.Assign(t.Context(), b.system, Assignment{Staff: b.Ben, Store: b.S1, Role: shop.RoleStaff, From: day(10), To: day(11)})
	must(t, err)
	must(t, b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		for _, c := range []struct {
			why      string
			from, to time.Time
			people   int
		}{
			{"before ben helps out", day(1), day(9), 1}, {"his first day", day(1), day(10), 2}, {"his last day", day(11), day(31), 2}, {"after it", day(12), day(31), 1},
		} {
			people, err := StaffOfStores(t.Context(), tx, b.Brand, []shop.ID{b.S1}, c.from, c.to)
			if err != nil || len(people) != c.people {
				t.Errorf("%s: %d people, %v", c.why, len(people), err)
			}
		}
		numbers, err := EmployeeNumbers(t.Context(), tx, b.Brand, []shop.ID{b.Amy, b.Ben, shop.NewID(noon)})
		if len(numbers) != 2 || numbers[b.Amy] != "amy" || numbers[b.Ben] != "ben" {
			t.Errorf("%v", numbers)
		}
		return err
	}))
}

func TestBrandMovesAtOnceAndOnlyToWhatAnAddressIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	to := Addresses{SiteURL: "https://new.example.test/", ShortDomain: "go.example.test", AllowedHosts: []string{"new.example.test"}}
	_, err := b.BrandByID(t.Context(), b.Brand) // so that the old one is remembered
	must(t, err)
	must(t, b.MoveBrand(t.Context(), b.system, to))
	got, err := b.BrandByID(t.Context(), b.Brand)
	must(t, err)
	if got.ShortDomain != to.ShortDomain || got.SiteURL != to.SiteURL || !slices.Equal(got.AllowedHosts, to.AllowedHosts) {
		t.Errorf("the brand is at %+v", got)
	}
	want(t, b.MoveBrand(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleManager}, to), shop.ErrForbidden)
	to.ShortDomain = "GO EXAMPLE"
	want(t, b.MoveBrand(t.Context(), b.system, to), shop.ErrFields)
}
