package scan

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func storeWith(prefixes ...string) team.Store {
	s := team.Store{ID: shop.NewID(time.Now())}
	for _, p := range prefixes {
		s.Networks = append(s.Networks, netip.MustParsePrefix(p))
	}
	return s
}

func TestInWhoseNetworkATagIsRead(t *testing.T) {
	t.Parallel()
	hers, other := storeWith("203.0.113.8/29", "2001:db8:7::/48"), storeWith("198.51.100.4/32", "192.0.2.0/24")
	mall := storeWith("192.0.2.0/24")
	for _, tc := range []struct {
		why     string
		stores  []team.Store
		own     shop.ID
		address string
		want    Where
	}{
		{"in her store", []team.Store{other, hers}, hers.ID, "203.0.113.9", AtStore},
		{"in her store, by IPv6", []team.Store{other, hers}, hers.ID, "2001:db8:7:1::5", AtStore},
		{"in her store, as IPv4 in IPv6", []team.Store{other, hers}, hers.ID, "::ffff:203.0.113.9", AtStore},
		{"in another store", []team.Store{hers, other}, hers.ID, "198.51.100.4", Elsewhere},
		{"with a line of her own", []team.Store{hers, other}, hers.ID, "203.0.113.16", Unknown},
		{"in a mall where both stores have one network", []team.Store{other, mall}, mall.ID, "192.0.2.77", AtStore},
		{"her own store has told of no network", []team.Store{other}, hers.ID, "192.0.2.77", Elsewhere},
		{"nobody has told of any", nil, hers.ID, "203.0.113.9", Unknown},
	} {
		n := networks{brands: map[shop.BrandID]known{}, read: func(context.Context, shop.BrandID) ([]team.Store, error) { return tc.stores, nil }}
		if got := n.where(t.Context(), Scan{Brand: 7, Store: tc.own}, netip.MustParseAddr(tc.address), time.Now()); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.why, got, tc.want)
		}
	}
}

func TestNetworksAreReadOnceAMinuteAndOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	shopWiFi := storeWith("203.0.113.7/32")
	asked, fails := 0, false
	n := networks{brands: map[shop.BrandID]known{}, read: func(context.Context, shop.BrandID) ([]team.Store, error) {
		asked++
		if fails {
			return nil, errors.New("the database is away")
		}
		return []team.Store{shopWiFi, storeWith()}, nil
	}}
	now := time.Now()
	at := func(d time.Duration) Where {
		return n.where(t.Context(), Scan{Brand: 7, Store: shopWiFi.ID}, wifi, now.Add(d))
	}
	if got := at(0); got != AtStore || at(networksFor-1) != AtStore || asked != 1 {
		t.Fatalf("%d, asked %d times within a minute", got, asked)
	}
	fails = true
	if got := at(networksFor); got != AtStore || at(networksFor+time.Second) != AtStore || asked != 2 {
		t.Fatalf("%d, asked %d times while nobody answers", got, asked)
	}
	fails, shopWiFi = false, storeWith("192.0.2.1/32")
	if got := at(3 * networksFor); got != Unknown || asked != 3 {
		t.Fatalf("%d, asked %d times after the shop got another line", got, asked)
	}
}
