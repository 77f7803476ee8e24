package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// seedDemo makes the demo brand. Where nothing of Google is used, its customers sign in with tokens of the local issuer.
func (d *domain) seedDemo(ctx context.Context, cfg Config) error {
	s, err := readSeed()
	if err != nil {
		return err
	}
	brand, err := d.seedBrandOf(ctx, s, cfg.PublicURL)
	if err != nil {
		return err
	}
	if err := d.moveDemo(ctx, brand, s, cfg.PublicURL); err != nil || !cfg.isLocal() {
		return err
	}
	return d.teams.AddIssuer(ctx, shop.System(brand), localIssuer(cfg))
}

// moveDemo lets the demo brand and its tags follow when Homestore is started at another address than before. Each tag says
// itself where it leads, so a move that was cut off is finished the next time.
func (d *domain) moveDemo(ctx context.Context, brand shop.BrandID, s seed, publicURL string) error {
	now, err := addressesOf(s, publicURL)
	if err != nil {
		return err
	}
	before, err := d.teams.BrandByID(ctx, brand)
	if err != nil {
		return err
	}
	actor := shop.System(brand)
	if before.ShortDomain != now.ShortDomain {
		if err := d.teams.MoveBrand(ctx, actor, now); err != nil {
			return err
		}
	}
	for page := (shop.Page{Limit: shop.MaxLimit}); ; {
		tags, next, err := d.tags.List(ctx, actor, tag.Filter{State: tag.Live}, page)
		if err != nil {
			return err
		}
		for _, t := range tags {
			at := strings.Index(t.Destination, pagesOf(s))
			if at < 0 || t.Destination[:at] == publicURL {
				continue
			}
			if _, err := d.tags.ChangeDestination(ctx, actor, t.ID, publicURL+t.Destination[at:]); err != nil {
				return fmt.Errorf("move tag %s: %w", t.Code, err)
			}
		}
		if next == "" {
			return nil
		}
		if page, err = shop.NewPage(next, shop.MaxLimit); err != nil {
			return err
		}
	}
}

// pagesOf is where the product pages of the seeded brand are on this server.
func pagesOf(s seed) string { return "/p/" + s.Brand.Slug + "/" }

// addressesOf are where the demo brand is to be found: on this server.
func addressesOf(s seed, publicURL string) (team.Addresses, error) {
	at, err := url.Parse(publicURL)
	if err != nil {
		return team.Addresses{}, fmt.Errorf("read the public address: %w", err)
	}
	return team.Addresses{
		SiteURL:     publicURL + pagesOf(s) + s.Products[0].Variants[0].SKU,
		ShortDomain: at.Host, AllowedHosts: []string{at.Host},
	}, nil
}

// errBegun refuses a seed of a brand that has orders: its plan begins in the past, and would not be what they were credited by.
var errBegun = errors.New("the brand has orders; a seed begins a brand, before its orders come")

// seedBrandOf makes a brand, and does nothing when it is there. What it makes is made under names of its own, so a seed that
// was cut off goes on where it stopped.
func (d *domain) seedBrandOf(ctx context.Context, s seed, publicURL string) (shop.BrandID, error) {
	m := seeded{seed: s, stores: map[string]shop.ID{}, staff: map[string]shop.ID{}}
	brand, err := d.seedBrand(ctx, m, publicURL)
	if err != nil {
		return brand, err
	}
	actor := shop.System(brand)
	tags, _, err := d.tags.List(ctx, actor, tag.Filter{}, shop.Page{Limit: 1})
	if err != nil || len(tags) > 0 {
		return brand, err // tags are the last that is made
	}
	if err := d.hasNotBegun(ctx, brand); err != nil {
		return brand, fmt.Errorf("seed %s: %w", s.Brand.Slug, err)
	}
	for _, step := range []func(context.Context, shop.Actor, seeded) error{d.seedApps, d.seedStores, d.seedStaff, d.seedPlan, d.seedProducts} {
		if err := step(ctx, actor, m); err != nil {
			return brand, err
		}
	}
	return brand, d.seedTags(ctx, actor, m, publicURL)
}

func (d *domain) hasNotBegun(ctx context.Context, brand shop.BrandID) error {
	return d.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		ever := order.Span{From: shop.FloorID(time.UnixMilli(1)), Until: shop.FloorID(time.Now().AddDate(1, 0, 0))}
		if n, err := order.Count(ctx, tx, brand, ever); err != nil || n > 0 {
			return cmp.Or(err, errBegun)
		}
		return nil
	})
}

// seedBrand finds the brand by its slug or makes it, under the next number that is free.
func (d *domain) seedBrand(ctx context.Context, m seeded, publicURL string) (shop.BrandID, error) {
	brands, err := d.teams.Brands(ctx)
	if err != nil {
		return 0, err
	}
	var id shop.BrandID
	for _, b := range brands {
		if b.Slug == m.Brand.Slug {
			return b.ID, nil
		}
		id = max(id, b.ID)
	}
	at, err := addressesOf(m.seed, publicURL)
	if err != nil {
		return 0, err
	}
	b := m.Brand
	_, err = d.teams.AddBrand(ctx, team.Brand{
		ID: id + 1, Slug: b.Slug, Name: b.Name, TimeZone: b.TimeZone, Language: b.Language, Currency: b.Currency, TaxBP: b.TaxBP,
		SiteURL: at.SiteURL, ShortDomain: at.ShortDomain, AllowedHosts: at.AllowedHosts,
	})
	if err != nil {
		return 0, fmt.Errorf("seed brand: %w", err)
	}
	return id + 1, nil
}

func (d *domain) seedApps(ctx context.Context, actor shop.Actor, m seeded) error {
	return d.teams.SetApps(ctx, actor, m.Brand.Apps)
}

func (d *domain) seedStores(ctx context.Context, actor shop.Actor, m seeded) error {
	opened := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, st := range m.Stores {
		_, err := d.teams.AddStore(ctx, actor, team.Store{Code: st.Code, Name: st.Name, Kind: st.Kind, HouseBP: st.HouseBP, OpenedOn: opened})
		if err != nil && !errors.Is(err, team.ErrStoreExists) {
			return fmt.Errorf("seed store %s: %w", st.Code, err)
		}
	}
	made, _, err := d.teams.ListStores(ctx, actor, shop.Page{Limit: shop.MaxLimit})
	for _, st := range made {
		m.stores[st.Code] = st.ID
	}
	return err
}

func (d *domain) seedStaff(ctx context.Context, actor shop.Actor, m seeded) error {
	for _, p := range m.Staff {
		n := team.NewStaff{EmployeeNo: p.No, Name: p.Name, Email: p.Email, PIN: p.PIN, Password: p.Password}
		if p.Store == "" {
			n.BrandRole = p.Role
		}
		made, err := d.teams.AddStaff(ctx, actor, n)
		if errors.Is(err, team.ErrStaffExists) {
			continue
		}
		if err != nil {
			return fmt.Errorf("seed staff %s: %w", p.No, err)
		}
		if p.Store == "" {
			continue
		}
		_, err = d.teams.Assign(ctx, actor, team.Assignment{Staff: made.ID, Store: m.stores[p.Store], Role: p.Role, From: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return fmt.Errorf("seed assignment of %s: %w", p.No, err)
		}
	}
	made, _, err := d.teams.ListStaff(ctx, actor, shop.Page{Limit: shop.MaxLimit})
	for _, p := range made {
		m.staff[p.EmployeeNo] = p.ID
	}
	return err
}

func (d *domain) seedPlan(ctx context.Context, actor shop.Actor, m seeded) error {
	zone, err := time.LoadLocation(m.Brand.TimeZone)
	if err != nil {
		return err
	}
	_, err = d.plans.Add(ctx, actor, zone, m.Plan)
	if err != nil && !errors.Is(err, plan.ErrVersionTaken) && !errors.Is(err, plan.ErrNotForward) {
		return fmt.Errorf("seed plan: %w", err)
	}
	return nil
}

func (d *domain) seedProducts(ctx context.Context, actor shop.Actor, m seeded) error {
	var products []catalogue.Product
	for _, p := range m.Products {
		product := catalogue.Product{ExternalID: p.ID, Name: p.Name, Description: p.About, Category: p.Category}
		for _, v := range p.Variants {
			product.Variants = append(product.Variants, catalogue.Variant{SKU: v.SKU, Name: v.Name, PriceMinor: v.Minor, Currency: m.Brand.Currency})
		}
		products = append(products, product)
	}
	if err := d.catalogue.Put(ctx, actor, products); err != nil {
		return fmt.Errorf("seed products: %w", err)
	}
	return nil
}

func (d *domain) seedTags(ctx context.Context, actor shop.Actor, m seeded, publicURL string) error {
	address := publicURL + pagesOf(m.seed) + "{sku}?lang={lang}&utm_source=homestore&utm_medium=qr&utm_campaign={store}&utm_content={placement}"
	if _, err := d.tags.PutTemplate(ctx, actor, string(tag.Variant), address); err != nil {
		return fmt.Errorf("seed template: %w", err)
	}
	var specs []tag.Spec
	for _, t := range m.Tags {
		specs = append(specs, tag.Spec{
			Store: m.stores[t.Store], Staff: m.staff[t.Staff], Kind: tag.Variant, Reference: t.SKU, Placement: t.Placement, Label: t.Label,
		})
	}
	if _, err := d.tags.IssueSeveral(ctx, actor, specs); err != nil {
		return fmt.Errorf("seed tags: %w", err)
	}
	return nil
}
