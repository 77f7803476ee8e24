package report

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Dimension is what a funnel has its rows of.
type Dimension string

const (
	ByTag       Dimension = "tag"
	ByPlacement Dimension = "placement"
	ByProduct   Dimension = "product" // sku of the tag
	ByBatch     Dimension = "batch"   // print batch of the tag
	ByStaff     Dimension = "staff"
	ByStore     Dimension = "store"
)

// Dimensions are all of them.
var Dimensions = []Dimension{ByTag, ByPlacement, ByProduct, ByBatch, ByStaff, ByStore}

// Bucket is how finely a funnel is divided in time, by the brand's clock.
type Bucket string

const (
	Whole  Bucket = "range" // not at all
	ByDay  Bucket = "day"
	ByHour Bucket = "hour"
)

// Buckets are all of them.
var Buckets = []Bucket{Whole, ByDay, ByHour}

// Longest ranges, in days: more than a year belongs into a file of days, more than a month of hours is read by nobody.
const (
	LongestDays     = 366
	LongestHourDays = 31
)

// mostRows is how long a document may be.
const mostRows = 20_000

// ErrTooLong refuses a report of more rows than a document may have.
var ErrTooLong = shop.Refuse(shop.Unprocessable, "report_too_long", "The report would be too long. Ask for fewer days, for one store, or for days instead of hours.")

// Days are a range of days of the brand's calendar, both included, each as midnight UTC of its date.
type Days struct{ First, Last time.Time }

// Check notes as wrong what is no range, or one of more days than may be asked for.
func (d Days) Check(c *shop.Check, most int) {
	if d.First.IsZero() || d.Last.IsZero() {
		return // whoever read them has said so
	}
	c.That(!d.Last.Before(d.First), "to", "out_of_range", "Not before from.")
	c.That(d.Last.Sub(d.First) < time.Duration(most)*24*time.Hour, "to", "out_of_range", fmt.Sprintf("At most %d days, from and to included.", most))
}

// in is the range as instants of a zone: the second is not included. A day of the zone may have 23 or 25 hours.
func (d Days) in(zone *time.Location) (from, until time.Time) {
	return midnight(d.First, zone), midnight(d.Last.AddDate(0, 0, 1), zone)
}

func midnight(day time.Time, zone *time.Location) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
}

// Question is what somebody asks of the funnel.
type Question struct {
	Days
	By    Dimension
	Each  Bucket
	Store shop.ID // of this one only; zero: of all that the actor may read
}

// Figures are what displays did. All of an order counts in the hour in which it was placed, also what went back of it later
// and the commission that was taken back: so an hour can be finished only when its orders are.
type Figures struct {
	Scans         int64 // by people
	Sessions      int64 // 流量
	Joins         int64
	Bindings      int64
	Orders        int64 // in the brand's currency, as all amounts
	ForeignOrders int64 // in other currencies, whose amounts are nowhere here
	Net           int64 // 業績: merchandise without tax, less Returned
	Returned      int64
	Credit        int64 // commission of everybody on these orders, less what was taken back
	OwnCredit     int64 // of it, what is earned under the store to which the orders belong
}

// Conversion is 轉換率, orders per session; nil where nobody scanned. One session may lead to several orders.
func (f Figures) Conversion() *big.Rat { return ratio(f.Orders, f.Sessions) }

// AOV is 客單價, net revenue per order; nil where nobody bought. 業績 = 流量 x 轉換率 x 客單價: Net = Sessions x Conversion x AOV,
// exactly.
func (f Figures) AOV() *big.Rat { return ratio(f.Net, f.Orders) }

func ratio(n, of int64) *big.Rat {
	if of == 0 {
		return nil
	}
	return big.NewRat(n, of)
}

func (f *Figures) add(g Figures) {
	f.Scans += g.Scans
	f.Sessions += g.Sessions
	f.Joins += g.Joins
	f.Bindings += g.Bindings
	f.Orders += g.Orders
	f.ForeignOrders += g.ForeignOrders
	f.Net += g.Net
	f.Returned += g.Returned
	f.Credit += g.Credit
	f.OwnCredit += g.OwnCredit
}

// Key is what a row is of. The zero Key is nobody's: orders that came by no display, or displays without a product or person.
type Key struct {
	ID   shop.ID // of a tag, store or person; zero for the other dimensions
	Code string  // of the tag or store, employee number; the placement, sku or batch itself
	Name string
}

// IsNobody says that the row is of what belongs to none.
func (k Key) IsNobody() bool { return k == Key{} }

// FunnelRow is one key in one stretch of time.
type FunnelRow struct {
	Key    Key
	Starts time.Time // of the day or hour; zero for the whole range
	Figures
	AreaTenthPing int // of a store, where it is known
}

// PerPing is an amount per 坪 (坪效), in minor units, halves up; false where the area is not known.
func (r FunnelRow) PerPing(minor int64) (int64, bool) {
	if r.AreaTenthPing == 0 {
		return 0, false
	}
	return shop.HalfUp(big.NewRat(minor*10, int64(r.AreaTenthPing))), true
}

// Funnel is the answer to a Question. Rows in which nothing happened are left out; their sum is Total.
type Funnel struct {
	Question
	Currency shop.Currency
	Zone     *time.Location
	Rows     []FunnelRow // by time, then what sold most first
	Total    Figures
}

// Funnel adds up what displays did. Head office and finance read the whole brand, a manager what belongs to her stores.
// ErrTooLong can come back. What it says is what RollUp has worked out, which is a minute behind the facts.
func (s *Service) Funnel(ctx context.Context, actor shop.Actor, q Question) (Funnel, error) {
	f := Funnel{Question: q}
	stores, err := storesFor(actor, q.Store)
	if err != nil {
		return f, err
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		f.Currency, f.Zone = brand.Currency, brand.Zone()
		if f.Rows, err = funnelRows(ctx, tx, brand, q, stores); err != nil {
			return err
		}
		if len(f.Rows) > mostRows {
			return ErrTooLong
		}
		return nameRows(ctx, tx, actor.Brand, q.By, f.Rows)
	})
	if err != nil {
		return f, fmt.Errorf("funnel by %s: %w", q.By, err)
	}
	for _, r := range f.Rows {
		f.Total.add(r.Figures)
	}
	return f, nil
}

// storesFor are the stores of which the actor may read, and wants to; nil means everything, also what is no store's.
func storesFor(actor shop.Actor, wanted shop.ID) ([]shop.ID, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleManager, shop.RoleSystem); err != nil {
		return nil, err
	}
	switch {
	case !actor.Is(shop.RoleManager) && wanted.IsZero():
		return nil, nil
	case !actor.Is(shop.RoleManager) || slices.Contains(actor.Stores, wanted):
		return []shop.ID{wanted}, nil
	case wanted.IsZero():
		return append([]shop.ID{}, actor.Stores...), nil
	}
	return []shop.ID{}, nil // of another's store nothing is found
}

// nameRows says what people call the rows' keys, and how large stores are.
func nameRows(ctx context.Context, tx pgx.Tx, brand shop.BrandID, by Dimension, rows []FunnelRow) error {
	var ids []shop.ID
	for _, r := range rows {
		if !r.Key.ID.IsZero() {
			ids = append(ids, r.Key.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	names, err := namesOf(ctx, tx, brand, ids)
	if by == ByTag {
		names, err = tagNames(ctx, tx, brand, ids)
	}
	if err != nil {
		return err
	}
	areas := map[shop.ID]int{}
	if by == ByStore {
		stores, err := team.Stores(ctx, tx, brand)
		if err != nil {
			return err
		}
		for _, st := range stores {
			areas[st.ID] = st.Premises.AreaTenthPing
		}
	}
	for i := range rows {
		k := &rows[i].Key
		k.Code, k.Name = names[k.ID].Code, names[k.ID].Name
		rows[i].AreaTenthPing = areas[k.ID]
	}
	return nil
}
