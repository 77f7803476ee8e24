package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/skip2/go-qrcode"

	"homestore/clienteling/catalogue"
	"homestore/clienteling/shop"
	"homestore/referral/label"
	"homestore/referral/tag"
)

// benchLabels measures the print of 1,000 labels as one PDF, from the tags in the database to the last byte, on one core. What
// it is measured against is its codes alone, as their encoder gives them: the part that cannot be left out.
func benchLabels(ctx context.Context, b *bench) (r benchResult, err error) {
	m := cpuMeter{server: os.Getpid()}
	if m.postmaster, err = b.db.postmaster(); err != nil {
		return r, err
	}
	stop, err := profileTo(b.profileOf("labels"))
	if err != nil {
		return r, err
	}
	defer stop()
	err = b.withDomain(ctx, func(d *domain) error {
		actor, tags, err := d.labelsToPrint(ctx, b.manyLabels())
		if err != nil {
			return err
		}
		r, err = b.printByTurns(ctx, d, &m, actor, tags)
		return err
	})
	return r, err
}

func (b *bench) manyLabels() int {
	if b.isQuick {
		return 50
	}
	return label.MaxLabels
}

// labelsToPrint makes the demo brand, tags of its articles, and a template that shows everything in two languages.
func (d *domain) labelsToPrint(ctx context.Context, many int) (shop.Actor, []tag.Tag, error) {
	brand, _, err := d.benchBrand(ctx, 0)
	if err != nil {
		return shop.Actor{}, nil, err
	}
	actor := shop.System(brand)
	stores, _, err := d.teams.ListStores(ctx, actor, shop.Page{Limit: shop.MaxLimit})
	if err != nil {
		return actor, nil, err
	}
	products, _, err := d.catalogue.List(ctx, brand, shop.Page{Limit: shop.MaxLimit})
	if err != nil {
		return actor, nil, err
	}
	var variants []catalogue.Variant
	for _, p := range products {
		variants = append(variants, p.Variants...)
	}
	specs := make([]tag.Spec, many)
	for i := range specs {
		specs[i] = tag.Spec{
			Store: stores[i%len(stores)].ID, Kind: tag.Variant, Reference: variants[i%len(variants)].SKU, Placement: tag.Shelf, Destination: "http://127.0.0.1:8080/",
		}
	}
	tags, err := d.tags.IssueSeveral(ctx, actor, specs)
	if err != nil {
		return actor, nil, err
	}
	_, err = d.labels.Put(ctx, actor, label.Template{
		Name: "bench", Format: "avery-l7160", Languages: []shop.Language{shop.TraditionalChinese, shop.English},
		CallToAction: shop.Text{shop.TraditionalChinese: "掃描看全部顏色，宅配到府", shop.English: "Scan for all colours"},
		ShowsPrice:   true, ShowsStore: true, ShowsCode: true, Design: label.Plain(),
	}, false)
	return actor, tags, err
}

func (b *bench) printByTurns(ctx context.Context, d *domain, m *cpuMeter, actor shop.Actor, tags []tag.Tag) (r benchResult, err error) {
	brand, err := d.teams.BrandByID(ctx, actor.Brand)
	if err != nil {
		return r, err
	}
	ids := make([]shop.ID, len(tags))
	for i, t := range tags {
		ids[i] = t.ID
	}
	turns := 5
	if b.isQuick {
		turns = 1
	}
	var all rounds
	var took, limit []time.Duration
	var size int
	for range turns {
		var ours, alone time.Duration
		err := onOneCore(func() error {
			began := time.Now()
			err := m.during(func() error {
				pdf, err := d.labels.Print(ctx, actor, "bench", label.Selection{Tags: ids}, 0)
				size = len(pdf)
				return err
			})
			ours = time.Since(began)
			if err != nil {
				return err
			}
			began = time.Now()
			for _, t := range tags {
				code, err := qrcode.New(tag.QRText(brand.ShortDomain, t.Code), qrcode.Medium)
				if err != nil {
					return err
				}
				code.Bitmap() // encodes it
			}
			alone = time.Since(began)
			return nil
		})
		if err != nil {
			return r, err
		}
		all.add(float64(len(tags))/ours.Seconds(), float64(len(tags))/alone.Seconds())
		took, limit = append(took, ours), append(limit, alone)
	}
	slices.Sort(took)
	slices.Sort(limit)
	r = benchResult{
		Unit: fmt.Sprintf("labels, %d as one PDF on one core; times are the whole file's", len(tags)), Against: "encoding their QR codes and drawing nothing",
		Rate: median(all.rates), LimitRate: median(all.limits), Ratio: median(all.ratios),
		P50: percentile(took, 0.5), P99: percentile(took, 0.99), LimitP99: percentile(limit, 0.99),
		CPU: m.sum.per(turns * len(tags)), ResidentMB: residentMB(m.server), N: turns * len(tags),
		Adds: map[string]float64{"file_kb": float64(size) / 1000},
	}
	r.atMost("seconds for 1,000 labels as one PDF, one core: 5", float64(label.MaxLabels)/r.Rate, 5)
	r.round()
	return r, nil
}

// onOneCore runs Go code of this process on one processor at a time meanwhile.
func onOneCore(do func() error) error {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	return do()
}
