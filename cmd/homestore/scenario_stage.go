package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// stage is a fresh brand on which one story is played, and what the story's names stand for.
type stage struct {
	story  *story
	domain *domain
	brand  shop.BrandID
	clock  atomic.Int64 // Unix milliseconds

	stores    map[string]shop.ID
	staff     map[string]shop.ID
	customers map[string]shop.ID
	tags      map[string]tag.Code
	clicks    map[string]string  // click ids, by the story's name of the scan
	awaited   map[string]shop.ID // scans that were named before they are heard of, by the same
	facts     map[string]order.Fact
	orders    map[string]shop.ID
	decided   map[string]bool    // disputes by the story's id
	pictures  map[string]picture // by label
}

func (g *stage) now() time.Time        { return time.UnixMilli(g.clock.Load()).UTC() }
func (g *stage) setClock(at time.Time) { g.clock.Store(at.UnixMilli()) }
func (g *stage) system() shop.Actor    { return shop.System(g.brand) }

// build opens the brand the day before its first plan begins, so that every plan of the story is one for the future.
func (g *stage) build(ctx context.Context, db *database) error {
	s := g.story
	opens, err := s.recorded(s.Timeline[0])
	if err != nil {
		return err
	}
	for _, p := range s.Plans {
		if day := p.FirstDay.AddDate(0, 0, -2); day.Before(opens) {
			opens = day
		}
	}
	g.setClock(opens)
	if err := g.makePartitions(ctx, db, opens); err != nil {
		return err
	}
	g.stores, g.staff, g.customers = map[string]shop.ID{}, map[string]shop.ID{}, map[string]shop.ID{}
	g.pictures, g.decided, g.awaited = map[string]picture{}, map[string]bool{}, map[string]shop.ID{}
	g.tags, g.clicks, g.facts, g.orders = map[string]tag.Code{}, map[string]string{}, map[string]order.Fact{}, map[string]shop.ID{}
	for _, step := range []func(context.Context) error{g.buildBrand, g.buildStores, g.buildStaff, g.buildTags, g.buildCustomers, g.buildPlans} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (g *stage) buildBrand(ctx context.Context) error {
	_, err := g.domain.teams.AddBrand(ctx, team.Brand{
		ID: g.brand, Slug: fmt.Sprintf("story-%d", g.brand), Name: shop.Text{shop.English: g.story.Name}, TimeZone: g.story.Zone,
		Language: shop.English, Currency: g.story.Currency, TaxBP: g.story.TaxBP,
		SiteURL: "https://shop.example.test", ShortDomain: fmt.Sprintf("q%d.example.test", g.brand), AllowedHosts: []string{"shop.example.test"},
	})
	if err != nil {
		return err
	}
	policy := g.story.Policy.Policy
	if policy.Touch == "" {
		return nil // the story says nothing of it
	}
	_, err = g.domain.teams.SetPolicy(ctx, g.system(), policy, g.now())
	return err
}

// Names are taken in their order, so that two runs make the same rows.
func (g *stage) buildStores(ctx context.Context) error {
	for _, code := range slices.Sorted(maps.Keys(g.story.Stores)) {
		st := g.story.Stores[code]
		made, err := g.domain.teams.AddStore(ctx, g.system(), team.Store{
			Code: code, Name: shop.Text{shop.TraditionalChinese: code}, Kind: st.Kind, HouseBP: st.HouseBP, OpenedOn: g.now().AddDate(-1, 0, 0),
		})
		if err != nil {
			return fmt.Errorf("store %s: %w", code, err)
		}
		g.stores[code] = made.ID
	}
	return nil
}

func (g *stage) buildStaff(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(g.story.Staff)) {
		made, err := g.domain.teams.AddStaff(ctx, g.system(), team.NewStaff{EmployeeNo: name, Name: name})
		if err != nil {
			return fmt.Errorf("staff %s: %w", name, err)
		}
		g.staff[name] = made.ID
		for _, a := range g.story.Staff[name].Assignments {
			assignment := team.Assignment{Staff: made.ID, Store: g.stores[a.Store], Role: shop.RoleStaff, From: a.From.Time}
			if a.To != nil {
				assignment.To = a.To.Time
			}
			if _, err := g.domain.teams.Assign(ctx, g.system(), assignment); err != nil {
				return fmt.Errorf("assignment of %s: %w", name, err)
			}
		}
	}
	return nil
}

func (g *stage) buildTags(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(g.story.Tags)) {
		t := g.story.Tags[name]
		spec := tag.Spec{Store: g.stores[t.Store], Staff: g.staff[t.Staff], Placement: placementOf(t.Placement), Label: name, Destination: "https://shop.example.test/"}
		made, err := g.domain.tags.Issue(ctx, g.system(), spec)
		if err != nil {
			return fmt.Errorf("tag %s: %w", name, err)
		}
		g.tags[name] = made.Code
	}
	return nil
}

// placementOf: stories write "staff card" as people do. A place that the product has no word for is a shelf, since no story's
// credit depends on it.
func placementOf(text string) tag.Placement {
	if p := tag.Placement(strings.ReplaceAll(text, " ", "_")); slices.Contains(tag.Placements, p) {
		return p
	}
	return tag.Shelf
}

func (g *stage) buildCustomers(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(g.story.Customers)) {
		if _, err := g.customer(ctx, name); err != nil {
			return fmt.Errorf("customer %s: %w", name, err)
		}
	}
	return nil
}

// customer is whom the story's name stands for, made on first use.
func (g *stage) customer(ctx context.Context, name string) (shop.ID, error) {
	if id, known := g.customers[name]; known {
		return id, nil
	}
	var id shop.ID
	err := g.domain.pool.Brand(ctx, g.brand, func(tx pgx.Tx) error {
		var err error
		id, err = customer.Resolve(ctx, tx, g.brand, []customer.Identity{{Kind: customer.WebShop, Value: "story:" + name}}, g.now())
		if err != nil {
			return err
		}
		if as := g.story.Customers[name].Staff; as != "" {
			return customer.MarkStaff(ctx, tx, g.system(), id, g.staff[as], g.now())
		}
		return nil
	})
	g.customers[name] = id
	return id, err
}

func (g *stage) buildPlans(ctx context.Context) error {
	for _, p := range g.story.Plans {
		if _, err := g.domain.plans.Add(ctx, g.system(), g.story.zone, g.withCodes(p)); err != nil {
			return fmt.Errorf("plan %d: %w", p.Version, err)
		}
	}
	return nil
}

// withCodes puts the drawn code of a tag where a rule names the story's tag.
func (g *stage) withCodes(p plan.Plan) plan.Plan {
	p.Rules = slices.Clone(p.Rules)
	for i, r := range p.Rules {
		if r.When.Tag != "" {
			p.Rules[i].When.Tag = string(g.tags[r.When.Tag])
		}
	}
	return p
}
