package scan

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

const (
	// networksFor is how long a brand's networks are believed. They change when a shop gets another line.
	networksFor = time.Minute
	// networksWithin bounds the wait for them: where nobody answers, it stays unknown where the tag was read.
	networksWithin = 500 * time.Millisecond
)

// networks are those of the brands' stores, in memory. A scan that comes while they are being read does not wait: it is
// compared with what was known before.
type networks struct {
	read func(ctx context.Context, brand shop.BrandID) ([]team.Store, error)

	mu     sync.RWMutex
	brands map[shop.BrandID]known
}

type known struct {
	stores  []team.Store // that have a network
	askedAt time.Time
}

// where says in whose network an address lies. Shops of one mall may share a network: then it is the tag's own store's.
func (n *networks) where(ctx context.Context, own Scan, address netip.Addr, now time.Time) Where {
	where := Unknown
	for _, store := range n.of(ctx, own.Brand, now) {
		if !store.Has(address) {
			continue
		}
		if store.ID == own.Store {
			return AtStore
		}
		where = Elsewhere
	}
	return where
}

func (n *networks) of(ctx context.Context, brand shop.BrandID, now time.Time) []team.Store {
	n.mu.RLock()
	k := n.brands[brand]
	n.mu.RUnlock()
	if isFresh(k, now) || !n.claim(brand, now) {
		return k.stores
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), networksWithin)
	defer cancel()
	all, err := n.read(ctx, brand)
	if err != nil {
		return k.stores // asked again in a minute; an outage is told of by whoever cannot do without
	}
	var stores []team.Store
	for _, s := range all {
		if len(s.Networks) > 0 {
			stores = append(stores, s)
		}
	}
	n.mu.Lock()
	n.brands[brand] = known{stores: stores, askedAt: now}
	n.mu.Unlock()
	return stores
}

func isFresh(k known, now time.Time) bool {
	return !k.askedAt.IsZero() && now.Sub(k.askedAt) < networksFor
}

// claim is true for the one caller who is to ask.
func (n *networks) claim(brand shop.BrandID, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := n.brands[brand]
	if isFresh(k, now) {
		return false
	}
	k.askedAt = now
	n.brands[brand] = k
	return true
}
