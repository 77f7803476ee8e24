package label_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/label"
	"homestore/referral/tag"
)

type bundle struct {
	*label.Service
	postgrestest.Fixture
	t       *testing.T
	tags    *tag.Service
	hq      shop.Actor
	manager shop.Actor // of S1
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	tags := tag.New(pool, time.Now)
	b := &bundle{
		Service: label.New(pool, time.Now, tags), Fixture: f, t: t, tags: tags,
		hq:      shop.Actor{Brand: f.Brand, Role: shop.RoleHQ, ID: f.Ben},
		manager: shop.Actor{Brand: f.Brand, Role: shop.RoleManager, ID: f.Amy, Stores: []shop.ID{f.S1}},
	}
	sofa := catalogue.Product{ExternalID: "SOFA", Name: shop.Text{shop.TraditionalChinese: "三人沙發", shop.English: "Sofa"}, Variants: []catalogue.Variant{
		{SKU: "SOFA-BLUE", Name: shop.Text{shop.TraditionalChinese: "深藍"}, PriceMinor: 32000, Currency: "TWD"},
		{SKU: "SOFA-GREY", Name: shop.Text{shop.TraditionalChinese: "淺灰"}, PriceMinor: 28800, Currency: "TWD"},
	}}
	if err := catalogue.New(pool, time.Now).Put(t.Context(), shop.System(f.Brand), []catalogue.Product{sofa}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bundle) put(t label.Template, keepsLogo bool) label.Template {
	b.t.Helper()
	put, err := b.Put(b.t.Context(), b.hq, t, keepsLogo)
	if err != nil {
		b.t.Fatal(err)
	}
	return put
}

func (b *bundle) issue(store shop.ID, kind tag.Kind, reference, batch string) tag.Tag {
	b.t.Helper()
	made, err := b.tags.Issue(b.t.Context(), b.hq, tag.Spec{
		Store: store, Kind: kind, Reference: reference, Batch: batch, Placement: tag.Shelf, Destination: "https://shop.example.test/",
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return made
}

// words are what a PDF says.
func (b *bundle) words(actor shop.Actor, of label.Selection) string {
	b.t.Helper()
	pdf, err := b.Print(b.t.Context(), actor, "shelf", of, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	return wordsOf(b.t, pdf)
}

func TestLabelsSayWhatTheirTagsPointAt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	template := shelf("a4-3x8", label.Plain())
	template.Languages = template.Languages[:1]
	b.put(template, false)
	blue := b.issue(b.S1, tag.Variant, "SOFA-BLUE", "")
	whole := b.issue(b.S1, tag.Product, "SOFA", "")
	unknown := b.issue(b.S1, tag.Variant, "GONE-7", "")
	window := b.issue(b.S1, tag.Free, "", "")
	for _, tc := range []struct {
		why  string
		tag  tag.Tag
		want []string
	}{
		{"an article, with its colour and price", blue, []string{"三人沙發 深藍", "NT$32,000", blue.Code.Grouped()}},
		{"a whole product, from its least price", whole, []string{"三人沙發", "NT$28,800 起"}},
		{"an article that the brand does not have, by its SKU", unknown, []string{"GONE-7"}},
		{"nothing, so the brand", window, []string{"晴日家居", window.Code.Grouped()}},
	} {
		said := b.words(b.hq, label.Selection{Tags: []shop.ID{tc.tag.ID}})
		for _, want := range tc.want {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %q is not in %s", tc.why, want, said)
			}
		}
	}
}

func TestTagsOfAStoreOrBatchArePrintedAsTheyWereMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(shelf("avery-l7160", label.Plain()), false)
	first, second := b.issue(b.S1, tag.Free, "", "spring"), b.issue(b.S1, tag.Free, "", "")
	elsewhere, retired := b.issue(b.S2, tag.Free, "", "spring"), b.issue(b.S1, tag.Free, "", "spring")
	if _, err := b.tags.Retire(t.Context(), b.hq, retired.ID); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		why   string
		actor shop.Actor
		of    label.Selection
		want  []tag.Tag
	}{
		{"those named, in their sequence", b.hq, label.Selection{Tags: []shop.ID{elsewhere.ID, first.ID}}, []tag.Tag{elsewhere, first}},
		{"a store's, without the retired", b.hq, label.Selection{Store: b.S1}, []tag.Tag{first, second}},
		{"a batch, over the stores", b.hq, label.Selection{Batch: "spring"}, []tag.Tag{first, elsewhere}},
		{"a batch, of the manager's store", b.manager, label.Selection{Batch: "spring"}, []tag.Tag{first}},
	} {
		said := b.words(tc.actor, tc.of)
		var found []string
		for _, line := range strings.Fields(said) {
			if _, err := tag.Normalise(line); err == nil {
				found = append(found, line)
			}
		}
		var want []string
		for _, one := range tc.want {
			want = append(want, one.Code.Grouped())
		}
		if !slices.Equal(found, want) {
			t.Errorf("%s: %q, want %q", tc.why, found, want)
		}
	}
	finance := shop.Actor{Brand: b.Brand, Role: shop.RoleFinance, ID: b.Ben}
	for _, tc := range []struct {
		why      string
		actor    shop.Actor
		template string
		of       label.Selection
		want     error
	}{
		{"another store's tag", b.manager, "shelf", label.Selection{Tags: []shop.ID{elsewhere.ID}}, shop.ErrNotFound},
		{"nobody's tag", b.hq, "shelf", label.Selection{Tags: []shop.ID{b.Amy}}, shop.ErrNotFound},
		{"another store's tags", b.manager, "shelf", label.Selection{Store: b.S2}, label.ErrNothing},
		{"a retired tag that was named", b.hq, "shelf", label.Selection{Tags: []shop.ID{first.ID, retired.ID}}, tag.ErrRetired},
		{"more than one file should hold", b.hq, "shelf", label.Selection{Tags: make([]shop.ID, label.MaxLabels+1)}, label.ErrTooMany},
		{"no such template", b.hq, "poster", label.Selection{Store: b.S1}, label.ErrTemplate},
		{"finance prints nothing", finance, "shelf", label.Selection{Store: b.S1}, shop.ErrForbidden},
	} {
		if _, err := b.Print(t.Context(), tc.actor, tc.template, tc.of, 0); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.why, err, tc.want)
		}
	}
}

func TestATemplateIsTheBrandsAndChangesAsAWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.put(shelf("avery-l7160", branded(t)), false)
	if read, err := b.Template(t.Context(), b.manager, "shelf"); err != nil || read.Design.Dark != made.Design.Dark || read.Design.Logo == nil ||
		read.CallToAction.In(shop.English) != "Scan for all colours" || len(read.Languages) != 2 || !read.CreatedAt.Equal(made.CreatedAt) {
		t.Errorf("%+v %v", read, err)
	}
	changed := shelf("avery-l7163", label.Design{Correction: label.High, Dark: label.Black, Light: label.White})
	if kept := b.put(changed, true); kept.Design.Logo == nil || kept.Format != "avery-l7163" || !kept.CreatedAt.Equal(made.CreatedAt) {
		t.Errorf("kept: %+v", kept)
	}
	if gone := b.put(changed, false); gone.Design.Logo != nil {
		t.Error("a logo stays that nobody keeps")
	}
	changed.Design.Correction = label.Medium
	b.put(shelf("avery-l7160", branded(t)), false)
	if _, err := b.Put(t.Context(), b.hq, changed, true); !errors.Is(err, label.ErrLogo) {
		t.Errorf("a kept logo with correction M: %v", err)
	}
	if _, err := b.Put(t.Context(), b.manager, changed, false); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("a manager: %v", err)
	}
	for why, edit := range map[string]func(*label.Template){
		"a name that is no word": func(t *label.Template) { t.Name = "Shelf 1" },
		"no such sheet":          func(t *label.Template) { t.Format = "letter" },
		"no language":            func(t *label.Template) { t.Languages = nil },
		"one language twice":     func(t *label.Template) { t.Languages = []shop.Language{shop.English, shop.English} },
		"a language of ours not": func(t *label.Template) { t.Languages = []shop.Language{"ja"} },
		"an essay":               func(t *label.Template) { t.CallToAction = shop.Text{shop.English: strings.Repeat("x", 81)} },
		"two lines":              func(t *label.Template) { t.CallToAction = shop.Text{shop.English: "a\nb"} },
	} {
		wrong := shelf("avery-l7160", label.Plain())
		edit(&wrong)
		if _, err := b.Put(t.Context(), b.hq, wrong, false); !errors.Is(err, shop.ErrFields) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestABrandKeepsAHundredTemplates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	template := shelf("avery-l7160", label.Plain())
	for i := range 100 {
		template.Name = fmt.Sprint("t", i)
		b.put(template, false)
	}
	b.put(template, false) // changing one is no further one
	template.Name = "one-more"
	if _, err := b.Put(t.Context(), b.hq, template, false); !errors.Is(err, label.ErrTemplates) {
		t.Errorf("%v", err)
	}
	if all, err := b.Templates(t.Context(), b.hq); err != nil || len(all) != 100 || all[1].Name != "t1" {
		t.Errorf("%d templates, %v", len(all), err)
	}
}
