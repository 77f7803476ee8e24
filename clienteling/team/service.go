package team

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Config is what the service is built with.
type Config struct {
	SealingKeys [][]byte // AES-256, newest first
	Hashing     Hashing
}

// Service is what managers and head office do to the team, and what signs people in.
type Service struct {
	pool   *postgres.Pool
	now    func() time.Time
	hasher *hasher
	sealer *sealer
	brands brandCache
	heard  EmploymentListener // nil: nobody
}

// New makes the service. It fails without a sealing key.
func New(pool *postgres.Pool, now func() time.Time, cfg Config) (*Service, error) {
	sealer, err := newSealer(cfg.SealingKeys)
	if err != nil {
		return nil, err
	}
	return &Service{pool: pool, now: now, hasher: newHasher(cfg.Hashing), sealer: sealer}, nil
}

// act runs fn in a transaction of the actor's brand and writes the audit in it.
func (s *Service) act(ctx context.Context, actor shop.Actor, now time.Time, e audit.Entry, fn func(tx pgx.Tx) error) error {
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, now, e)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", e.Act, err)
	}
	return nil
}

// AddBrand makes a tenant under the id that the operator gives. ErrBrandExists and shop.ErrFields can come back.
func (s *Service) AddBrand(ctx context.Context, b Brand) (Brand, error) {
	if err := b.check(); err != nil {
		return Brand{}, err
	}
	b.CreatedAt = shop.Millis(s.now())
	entry := audit.Entry{Act: "brand_added", Detail: map[string]any{"slug": b.Slug}}
	return b, s.act(ctx, shop.System(b.ID), b.CreatedAt, entry, func(tx pgx.Tx) error { return insertBrand(ctx, tx, b) })
}

// MoveBrand gives a brand other addresses. Codes that are printed already keep the old short domain: let it lead to the new
// one. Head office alone may; shop.ErrNotFound and shop.ErrFields can come back.
func (s *Service) MoveBrand(ctx context.Context, actor shop.Actor, to Addresses) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	entry := audit.Entry{Act: "brand_moved", Detail: to}
	err := s.act(ctx, actor, shop.Millis(s.now()), entry, func(tx pgx.Tx) error {
		b, err := LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		b.SiteURL, b.ShortDomain, b.AllowedHosts = to.SiteURL, to.ShortDomain, to.AllowedHosts
		if err := b.check(); err != nil {
			return err
		}
		return updateAddresses(ctx, tx, actor.Brand, to)
	})
	s.brands.forget()
	return err
}

// Brands are all brands by id: for jobs that go through them one after the other.
func (s *Service) Brands(ctx context.Context) ([]Brand, error) {
	var all []Brand
	err := s.pool.Global(ctx, func(tx pgx.Tx) (err error) {
		all, err = selectBrands(ctx, tx)
		return err
	})
	return all, err
}

// BrandByID is the brand, or shop.ErrNotFound; what it says may be some seconds old.
func (s *Service) BrandByID(ctx context.Context, id shop.BrandID) (Brand, error) {
	return s.brands.get(s.now(), id, func() (b Brand, err error) {
		err = s.pool.Global(ctx, func(tx pgx.Tx) (err error) {
			b, err = LoadBrand(ctx, tx, id)
			return err
		})
		return b, err
	})
}

// BrandBySlug is BrandByID by the name in URLs and sign-ins.
func (s *Service) BrandBySlug(ctx context.Context, slug string) (Brand, error) {
	if !slugForm.MatchString(slug) {
		return Brand{}, shop.ErrNotFound
	}
	return s.brands.get(s.now(), slug, func() (b Brand, err error) {
		err = s.pool.Global(ctx, func(tx pgx.Tx) (err error) {
			b, err = brandBySlug(ctx, tx, slug)
			return err
		})
		return b, err
	})
}

// brandFresh is how long a brand is remembered.
const brandFresh = 5 * time.Second

// mostBrands bounds the cache; brands are hundreds, and what is not found is not kept.
const mostBrands = 10_000

type brandCache struct {
	mu   sync.Mutex
	kept map[any]keptBrand // by id and by slug
}

// forget is for who changed a brand in this process; others hear of it within brandFresh.
func (c *brandCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.kept)
}

type keptBrand struct {
	brand Brand
	until time.Time
}

func (c *brandCache) get(now time.Time, key any, load func() (Brand, error)) (Brand, error) {
	c.mu.Lock()
	kept, ok := c.kept[key]
	c.mu.Unlock()
	if ok && now.Before(kept.until) {
		return kept.brand, nil
	}
	b, err := load()
	if err != nil {
		return Brand{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= mostBrands {
		c.kept = map[any]keptBrand{}
	}
	c.kept[key] = keptBrand{b, now.Add(brandFresh)}
	return b, nil
}

// SetPolicy changes the brand's switches from an instant on (zero: now). ErrPolicyNotForward for one in the past.
func (s *Service) SetPolicy(ctx context.Context, actor shop.Actor, p Policy, from time.Time) (KeptPolicy, error) {
	return s.SetPolicyOnce(ctx, actor, shop.ID{}, p, from)
}

// SetPolicyOnce is SetPolicy under a name of the request: the same name again gives the version that was made then.
func (s *Service) SetPolicyOnce(ctx context.Context, actor shop.Actor, name shop.ID, p Policy, from time.Time) (KeptPolicy, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return KeptPolicy{}, err
	}
	if err := p.Validate(); err != nil {
		return KeptPolicy{}, err
	}
	now := shop.Millis(s.now())
	kept := KeptPolicy{Policy: p}
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		made, err := policyNamed(ctx, tx, actor.Brand, name)
		if err == nil {
			kept = made
		}
		if !errors.Is(err, shop.ErrNotFound) {
			return err
		}
		last, err := lastPolicyBeginning(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if kept.Since, err = beginning(actor, from, now, last); err != nil {
			return err
		}
		if kept.Policy.ID = name.At(kept.Since); name.IsZero() {
			kept.Policy.ID = shop.NewID(kept.Since)
		}
		if err := insertPolicy(ctx, tx, actor.Brand, kept); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "policy_set", Detail: map[string]any{"policy": p, "from": from}})
	})
	if err != nil {
		return KeptPolicy{}, fmt.Errorf("set policy: %w", err)
	}
	return kept, nil
}

// ListPolicies is every version that was set, the one that begins last first; before the first the defaults were in force.
func (s *Service) ListPolicies(ctx context.Context, actor shop.Actor, page shop.Page) ([]KeptPolicy, string, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	var all []KeptPolicy
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		all, err = pageOfPolicies(ctx, tx, actor.Brand, page)
		return err
	})
	all, next := shop.Cut(page, all, func(p KeptPolicy) shop.ID { return p.Policy.ID })
	return all, next, err
}

// PolicyNow is the policy in force.
func (s *Service) PolicyNow(ctx context.Context, actor shop.Actor) (p Policy, err error) {
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		p, err = PolicyAt(ctx, tx, actor.Brand, s.now())
		return err
	})
	return p, err
}
