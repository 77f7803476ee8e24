package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// benchCustomers are the customers who order again and again; every second one has a home store.
const benchCustomers = 2000

// benchShops is a brand with customers, home stores, scans and a plan, from whom orders come.
type benchShops struct {
	brand   shop.BrandID
	web     team.Store
	tills   []team.Store
	staff   []team.Staff
	buyers  int
	scans   []shop.ID
	draw    *rand.Rand
	ordered int
}

func newBenchShops(ctx context.Context, d *domain, buyers int) (*benchShops, error) {
	brand, codes, err := d.benchBrand(ctx, 50)
	if err != nil {
		return nil, err
	}
	b := &benchShops{brand: brand, buyers: buyers, draw: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // the same orders in every run
	actor := shop.System(b.brand)
	stores, _, err := d.teams.ListStores(ctx, actor, shop.Page{Limit: shop.MaxLimit})
	if err != nil {
		return nil, err
	}
	for _, st := range stores {
		if st.Kind == team.Online {
			b.web = st
		} else {
			b.tills = append(b.tills, st)
		}
	}
	if b.staff, _, err = d.teams.ListStaff(ctx, actor, shop.Page{Limit: shop.MaxLimit}); err != nil {
		return nil, err
	}
	if err := b.scan(ctx, d, codes); err != nil {
		return nil, fmt.Errorf("scan tags: %w", err)
	}
	return b, b.join(ctx, d)
}

// scan records as many scans as customers join by, and some that orders will name.
func (b *benchShops) scan(ctx context.Context, d *domain, codes []string) error {
	for i := range b.buyers {
		target, err := d.tags.Resolve(ctx, tag.Code(codes[i%len(codes)]))
		if err != nil {
			return err
		}
		a, err := d.scans.Record(ctx, scan.Reading{
			Target: target, Address: netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 250)}),
			Request: scan.Request{Method: "GET", UserAgent: fmt.Sprintf(phoneBrowser, i%300), FetchDest: "document", FetchMode: "navigate"},
		})
		if err != nil {
			return err
		}
		b.scans = append(b.scans, a.Scan.ID)
	}
	return nil
}

// join makes the customers; every second one is won by the store of a scan.
func (b *benchShops) join(ctx context.Context, d *domain) error {
	for from := 0; from < b.buyers; from += 100 {
		err := d.pool.Brand(ctx, b.brand, func(tx pgx.Tx) error {
			for i := from; i < from+100; i++ {
				who, err := customer.Resolve(ctx, tx, b.brand, identitiesOfBench(i), time.Now())
				if err != nil {
					return err
				}
				if i%2 == 1 {
					continue
				}
				if _, err := d.bindings.Join(ctx, tx, b.brand, who, b.scans[i:i+1], time.Now()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("join customers: %w", err)
		}
	}
	return nil
}

func identitiesOfBench(i int) []customer.Identity {
	return []customer.Identity{{Kind: customer.WebShop, Value: "bench:" + strconv.Itoa(i)}}
}

// batch is the next orders as a platform tells them: customers by their name there, one to five lines, every third order with
// a click id, one in five from a till.
func (b *benchShops) batch(n int) []order.Fact {
	facts := make([]order.Fact, n)
	for i := range facts {
		b.ordered++
		at := time.Now()
		p := order.WasPlaced{
			Order: "B" + strconv.Itoa(b.ordered), PlacedAt: at, Channel: order.Online, Store: b.web.ID, Currency: "TWD", TaxBP: 500,
			Identities: identitiesOfBench(b.draw.IntN(b.buyers)), PaidAt: at,
		}
		if b.ordered%5 == 0 {
			p.Channel, p.Store, p.Staff = order.Till, b.tills[b.draw.IntN(len(b.tills))].ID, b.staff[b.draw.IntN(len(b.staff))].ID
		}
		if b.ordered%3 == 0 {
			p.Clicks = []shop.ID{b.scans[b.draw.IntN(len(b.scans))]}
		}
		for range 1 + b.draw.IntN(5) {
			p.Lines = append(p.Lines, order.Line{
				SKU: "CUSHION-SAND", Name: "Linen cushion", Category: "textile", Kind: order.Merchandise,
				Quantity: 1 + b.draw.Int64N(3), UnitPrice: 100 + b.draw.Int64N(9000), TaxIncluded: true,
			})
		}
		facts[i] = p
	}
	return facts
}
