package tag_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgrestest"
	"homestore/referral/tag"
)

func (b *bundle) teams(t *testing.T) *team.Service {
	t.Helper()
	teams, err := team.New(b.pool, time.Now, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	return teams
}

func (b *bundle) led(t *testing.T, code tag.Code, c tag.Circumstance) string {
	t.Helper()
	target, err := b.Resolve(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return target.URL(c, "")
}

func TestAPrintedTagIsGivenRulesAndFollowsThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(t, "app", "https://shop.example.test/app/{sku}")
	made := b.issue(t, b.sofa())
	yes, no := true, false
	rules := []tag.Rule{
		{HasApp: &yes, Template: "app"},
		{StoreOpen: &no, Destination: "https://shop.example.test/closed"},
		{Language: shop.English, Destination: "https://shop.example.test/en/{sku}"},
	}
	changed, err := b.ChangeRules(t.Context(), b.manager, made.ID, rules)
	if err != nil || len(changed.Rules) != 3 || changed.Rules[0].Destination != "" {
		t.Fatalf("%+v, %v", changed, err)
	}
	hours := team.Hours{"sun": {{Opens: "11:00", Closes: "21:30"}}}
	if _, err := b.teams(t).DescribePremises(t.Context(), b.hq, b.S1, team.Premises{Hours: hours}); err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // a Sunday, 12:00 in Taipei
	for _, tc := range []struct {
		why  string
		is   tag.Circumstance
		want string
	}{
		{"has the app", tag.Circumstance{HasApp: true, Language: shop.English, At: noon}, "https://shop.example.test/app/SOFA-3"},
		{"closed, by the brand's clock", tag.Circumstance{Language: shop.English, At: noon.Add(10 * time.Hour)}, "https://shop.example.test/closed"},
		{"English", tag.Circumstance{Language: shop.English, At: noon}, "https://shop.example.test/en/SOFA-3"},
		{"nothing of it", tag.Circumstance{Language: shop.TraditionalChinese, At: noon}, "https://shop.example.test/p/SOFA-3?from=S1"},
	} {
		if got := b.led(t, made.Code, tc.is); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.why, got, tc.want)
		}
	}
	b.put(t, "app", "https://shop.example.test/new/{sku}")
	if got := b.led(t, made.Code, tag.Circumstance{HasApp: true}); got != "https://shop.example.test/new/SOFA-3" {
		t.Errorf("the rule's template has changed: %s", got)
	}
	if _, err := b.ChangeRules(t.Context(), b.manager, made.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got := b.led(t, made.Code, tag.Circumstance{HasApp: true}); got != "https://shop.example.test/p/SOFA-3?from=S1" {
		t.Errorf("the rules are gone: %s", got)
	}
}

func TestRulesLeadOnlyWhereTheBrandAllows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, b.sofa())
	for _, tc := range []struct {
		why  string
		rule tag.Rule
		want error
	}{
		{"a foreign host", tag.Rule{Language: shop.English, Destination: "https://evil.test/"}, tag.ErrDestination},
		{"no such template", tag.Rule{Language: shop.English, Template: "nope"}, tag.ErrTemplate},
		{"no condition", tag.Rule{Destination: onSite}, shop.ErrFields},
	} {
		if _, err := b.ChangeRules(t.Context(), b.manager, made.ID, []tag.Rule{tc.rule}); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.why, err, tc.want)
		}
		spec := b.sofa()
		spec.Rules = []tag.Rule{tc.rule}
		if _, err := b.Issue(t.Context(), b.hq, spec); !errors.Is(err, tc.want) {
			t.Errorf("%s, of a new tag: %v, want %v", tc.why, err, tc.want)
		}
	}
	spec := b.sofa()
	spec.Rules = []tag.Rule{{Language: shop.English, Destination: "https://old.example.test/"}}
	b.allow(t, "{shop.example.test,old.example.test}")
	made = b.issue(t, spec)
	b.allow(t, "{shop.example.test}")
	if got := b.led(t, made.Code, tag.Circumstance{Language: shop.English}); got != "https://shop.example.test/p/SOFA-3?from=S1" {
		t.Errorf("a rule leads to a host that is no longer allowed: %s", got)
	}
}

func (b *bundle) allow(t *testing.T, hosts string) {
	t.Helper()
	err := b.pool.Global(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE brand SET allowed_hosts = $2 WHERE brand_id = $1`, b.Brand, hosts)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// She leaves while every process has her card in memory: from the instant on it is the store's.
func TestAbuse30ALeaversCardIsTheStoresOnEveryProcess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	card, err := b.IssueCard(t.Context(), b.amy, b.S1)
	if err != nil {
		t.Fatal(err)
	}
	d := b.listen(t, card.Code)
	credits := func(at time.Time) shop.ID {
		target, err := d.Find(t.Context(), card.Code)
		if err != nil {
			t.Fatal(err)
		}
		return target.StaffAt(at)
	}
	leaves := time.Now().Add(time.Hour)
	if credits(leaves) != b.Amy {
		t.Fatal("her own card does not credit her")
	}
	err = b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		return team.Leave(t.Context(), tx, b.Brand, b.Amy, leaves, time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the directory hears that she leaves", func() bool { return credits(leaves).IsZero() })
	if credits(leaves.Add(-time.Second)) != b.Amy {
		t.Error("until then it is hers")
	}
}

func TestAbuse30ATagWhosePersonWorksElsewhereNowIsTheStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hers := func(store, staff shop.ID) tag.Code {
		spec := b.sofa()
		spec.Store, spec.Staff = store, staff
		return b.issue(t, spec).Code
	}
	atS1, atS2 := hers(b.S1, b.Amy), hers(b.S2, b.Amy)
	today := team.Brand{TimeZone: "Asia/Taipei"}.Day(time.Now())
	for _, tc := range []struct {
		why    string
		act    func(context.Context, pgx.Tx) error
		s1, s2 bool
	}{
		{"she works at the first only; the second, where she never was, is for binding to judge", nil, true, true},
		{"moved yesterday", func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE assignment SET days = daterange(lower(days), $3::date) WHERE brand_id = $1 AND staff_id = $2`, b.Brand, b.Amy, today)
			if err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO assignment (brand_id, id, staff_id, store_id, role, days) VALUES ($1, $2, $3, $4, 'staff', daterange($5, NULL))`,
					b.Brand, shop.NewID(time.Now()), b.Amy, b.S2, today)
			}
			return err
		}, false, true},
		{"helps out at the first from tomorrow", func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO assignment (brand_id, id, staff_id, store_id, role, days) VALUES ($1, $2, $3, $4, 'staff', daterange($5::date + 1, NULL))`,
				b.Brand, shop.NewID(time.Now()), b.Amy, b.S1, today)
			return err
		}, true, true},
	} {
		if tc.act != nil {
			if err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error { return tc.act(t.Context(), tx) }); err != nil {
				t.Fatal(err)
			}
		}
		for code, want := range map[tag.Code]bool{atS1: tc.s1, atS2: tc.s2} {
			target, err := b.Resolve(t.Context(), code)
			if err != nil || target.StaffAt(time.Now()).IsZero() == want {
				t.Errorf("%s: credits her at %s until %s, want %t, %v", tc.why, target.StoreCode, target.StaffUntil, want, err)
			}
		}
	}
}

func TestEveryProcessHearsOfATemplateAndOfOpeningHours(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(t, "variant", "https://shop.example.test/old/{sku}")
	no := false
	spec := b.sofa()
	spec.Template, spec.Destination = "variant", ""
	spec.Rules = []tag.Rule{{StoreOpen: &no, Destination: "https://shop.example.test/closed"}}
	made := b.issue(t, spec)
	d := b.listen(t, made.Code)
	leads := func() string {
		target, err := d.Find(t.Context(), made.Code)
		if err != nil {
			t.Fatal(err)
		}
		return target.URL(tag.Circumstance{At: time.Now()}, "")
	}
	if got := leads(); got != "https://shop.example.test/old/SOFA-3" {
		t.Fatal(got)
	}
	b.put(t, "variant", "https://shop.example.test/new/{sku}")
	eventually(t, "the template's new address", func() bool { return leads() == "https://shop.example.test/new/SOFA-3" })
	another := team.Weekday(strings.ToLower(time.Now().In(postgrestest.Opened.Location()).AddDate(0, 0, 3).Format("Mon")))
	hours := team.Hours{another: {{Opens: "10:00", Closes: "11:00"}}}
	if _, err := b.teams(t).DescribePremises(t.Context(), b.hq, b.S1, team.Premises{Hours: hours}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the store is closed today", func() bool { return leads() == "https://shop.example.test/closed" })
}
