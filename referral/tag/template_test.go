package tag_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/tag"
)

const productPage = "https://shop.example.test/{lang}/p/{sku}?utm_source=homestore&utm_medium=qr&utm_campaign={batch}&utm_content={placement}"

func (b *bundle) put(t *testing.T, name, address string) {
	t.Helper()
	if _, err := b.PutTemplate(t.Context(), b.hq, name, address); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) leadsTo(t *testing.T, code tag.Code) string {
	t.Helper()
	target, err := b.Resolve(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return target.URL(tag.Circumstance{Language: shop.English}, "")
}

func TestATemplateLeadsAllItsTagsElsewhereAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(t, "product", productPage)
	var made []tag.Tag
	for _, sku := range []string{"SOFA-3", "LAMP"} {
		made = append(made, b.issue(t, tag.Spec{Store: b.S1, Kind: tag.Product, Reference: sku, Placement: tag.Shelf, Batch: "2026-11", Template: "product"}))
	}
	own := b.issue(t, b.sofa())
	if got := b.leadsTo(t, made[1].Code); got != "https://shop.example.test/en/p/LAMP?utm_source=homestore&utm_medium=qr&utm_campaign=2026-11&utm_content=shelf" {
		t.Fatal(got)
	}
	b.put(t, "product", "https://shop.example.test/sale/{sku}")
	if got := b.leadsTo(t, made[0].Code); got != "https://shop.example.test/sale/SOFA-3" {
		t.Error(got)
	}
	if got := b.leadsTo(t, own.Code); got != "https://shop.example.test/p/SOFA-3?from=S1" {
		t.Errorf("a tag with a destination of its own follows a template: %s", got)
	}
	if read, err := b.ByID(t.Context(), b.manager, made[0].ID); err != nil || read.Template != "product" || read.Destination != "https://shop.example.test/sale/{sku}" {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestATagThatSaysNothingOfWhereItLeadsTakesTheTemplateOfItsKind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	spec := tag.Spec{Store: b.S1, Kind: tag.Collection, Reference: "new-in", Placement: tag.Window}
	if _, err := b.Issue(t.Context(), b.hq, spec); !errors.Is(err, tag.ErrTemplate) {
		t.Fatalf("before there is one: %v", err)
	}
	b.put(t, "collection", "https://shop.example.test/c/{reference}?sku={sku}")
	made := b.issue(t, spec)
	if got := b.leadsTo(t, made.Code); made.Template != "collection" || got != "https://shop.example.test/c/new-in?sku=" {
		t.Fatalf("%+v leads to %s", made, got)
	}
}

func TestATagChangesBetweenATemplateAndADestinationOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(t, "variant", productPage)
	made := b.issue(t, b.sofa())
	if got, err := b.FollowTemplate(t.Context(), b.manager, made.ID, "variant"); err != nil || got.Template != "variant" || got.Destination != productPage {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := b.FollowTemplate(t.Context(), b.manager, made.ID, "nope"); !errors.Is(err, tag.ErrTemplate) {
		t.Fatal(err)
	}
	other := postgrestest.Brand(t, b.pool)
	if _, err := b.PutTemplate(t.Context(), shop.System(other.Brand), "theirs", productPage); err != nil {
		t.Fatal(err)
	}
	if _, err := b.FollowTemplate(t.Context(), b.manager, made.ID, "theirs"); !errors.Is(err, tag.ErrTemplate) {
		t.Fatalf("another brand's: %v", err)
	}
	if got, err := b.ChangeDestination(t.Context(), b.manager, made.ID, onSite); err != nil || got.Template != "" || got.Destination != onSite {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestATemplateIsHeadOfficesAndLeadsOnlyWhereTheBrandAllows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tc := range []struct {
		why, name, address string
		actor              shop.Actor
		want               error
	}{
		{"a manager", "product", productPage, b.manager, shop.ErrForbidden},
		{"a foreign host", "product", "https://evil.test/{sku}", b.hq, tag.ErrDestination},
		{"nothing", "product", "", b.hq, tag.ErrDestination},
		{"a name that is no word", "my template", productPage, b.hq, shop.ErrFields},
		{"a name too long", strings.Repeat("a", 41), productPage, b.hq, shop.ErrFields},
	} {
		if _, err := b.PutTemplate(t.Context(), tc.actor, tc.name, tc.address); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.why, err, tc.want)
		}
	}
	if all, err := b.Templates(t.Context(), b.manager); err != nil || len(all) > 0 {
		t.Errorf("%v, %v: a refused template is kept", all, err)
	}
}

func TestEveryChangeOfATagIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(t, "variant", productPage)
	until := shop.Millis(time.Now().Add(time.Hour))
	made := b.issue(t, b.sofa())
	successor := b.issue(t, b.sofa())
	ctx := t.Context()
	for _, act := range []func() (tag.Tag, error){
		func() (tag.Tag, error) { return b.Pause(ctx, b.manager, made.ID) },
		func() (tag.Tag, error) { return b.Pause(ctx, b.manager, made.ID) },
		func() (tag.Tag, error) { return b.Resume(ctx, b.hq, made.ID) },
		func() (tag.Tag, error) { return b.FollowTemplate(ctx, b.manager, made.ID, "variant") },
		func() (tag.Tag, error) {
			return b.Describe(ctx, b.manager, made.ID, tag.Details{Label: "入口", ValidUntil: until})
		},
		func() (tag.Tag, error) {
			return b.Describe(ctx, b.manager, made.ID, tag.Details{Label: "入口", ValidUntil: until})
		},
		func() (tag.Tag, error) { return b.Replace(ctx, b.hq, made.ID, successor.ID) },
	} {
		if _, err := act(); err != nil {
			t.Fatal(err)
		}
	}
	manager, hq := b.manager.Pseudonym(), b.hq.Pseudonym()
	want := []string{ // the act's fields in any sequence
		hq + " destination " + onSite, hq + " label 窗邊", hq + " state live",
		manager + " state live>paused", hq + " state paused>live",
		manager + " destination " + onSite + ">", manager + " template variant",
		manager + " label 窗邊>入口", manager + " valid_until " + until.Format(time.RFC3339Nano),
		hq + " replaced_by " + successor.ID.String(), hq + " state live>replaced",
	}
	got := b.historyOf(t, made.ID)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("kept %q\nwant %q", got, want)
	}
	if _, _, err := b.History(ctx, shop.Actor{Brand: b.Brand, Role: shop.RoleManager, Stores: []shop.ID{b.S2}}, made.ID, shop.Page{Limit: 10}); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another store's manager: %v", err)
	}
}

// historyOf reads a page of two after another, so that none is left out or told twice.
func (b *bundle) historyOf(t *testing.T, id shop.ID) (all []string) {
	t.Helper()
	for page := (shop.Page{Limit: 2}); ; {
		changes, next, err := b.History(t.Context(), b.hq, id, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			was := c.Was
			if was != "" {
				was += ">"
			}
			all = append(all, c.By+" "+c.Field+" "+was+c.Became)
		}
		if next == "" {
			return all
		}
		if page, err = shop.NewPage(next, 2); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryAddressOfATemplateIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, address := range []string{onSite, onSite, productPage} {
		b.put(t, "product", address)
	}
	changes, _, err := b.TemplateHistory(t.Context(), b.manager, "product", shop.Page{Limit: 10})
	if err != nil || len(changes) != 2 || changes[0].Was != onSite || changes[0].Became != productPage || changes[0].By != b.hq.Pseudonym() || changes[1].Was != "" {
		t.Fatalf("%+v, %v", changes, err)
	}
	if _, _, err := b.TemplateHistory(t.Context(), b.hq, "nope", shop.Page{Limit: 10}); !errors.Is(err, shop.ErrNotFound) {
		t.Fatal(err)
	}
}
