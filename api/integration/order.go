package integration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/catalogue"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// told is what every fact says: which system it is from, where a brand has several that number their orders alike, and of
// which order it is.
type told struct {
	System string `json:"system"` // pos, erp, …; empty where one system tells all
	Order  string `json:"order"`
}

var systemForm = regexp.MustCompile(`^([a-z][a-z0-9_-]{0,39})?$`)

// Validate checks the system; the rest is the order's own rule.
func (t *told) Validate() error {
	var c shop.Check
	c.That(systemForm.MatchString(t.System), "system", "system_invalid", "Small letters, digits, - and _, at most 40.")
	return c.Err()
}

// source keeps the names of a brand's own systems apart from those of platforms.
func (t *told) source() string {
	if t.System == "" {
		return "api"
	}
	return "api:" + t.System
}

type outcome struct {
	Order         shop.ID       `json:"order,omitzero"` // absent while the fact waits
	Outcome       order.Outcome `json:"outcome"`
	Note          string        `json:"note,omitempty"`
	Made          shop.ID       `json:"made,omitzero"`            // the new order of an exchange that counts as a return
	ClicksIgnored int           `json:"clicks_ignored,omitempty"` // click ids that Homestore did not give out, or that are too old
}

type lineRequest struct {
	Line        int            `json:"line"`
	ExternalID  string         `json:"external_id"`
	SKU         string         `json:"sku"`
	Name        string         `json:"name"`
	Category    string         `json:"category"`
	Kind        order.LineKind `json:"kind"`
	Quantity    int64          `json:"quantity"`
	UnitPrice   int64          `json:"unit_price_minor"`
	Discount    int64          `json:"discount_minor"`
	TaxIncluded *bool          `json:"tax_included"` // absent: true
}

func linesOf(in []lineRequest) []order.Line {
	lines := make([]order.Line, len(in))
	for i, l := range in {
		lines[i] = order.Line{
			No: l.Line, ExternalID: l.ExternalID, SKU: l.SKU, Name: l.Name, Category: l.Category, Kind: l.Kind,
			Quantity: l.Quantity, UnitPrice: l.UnitPrice, Discount: l.Discount, TaxIncluded: l.TaxIncluded == nil || *l.TaxIncluded,
		}
	}
	return lines
}

type orderRequest struct {
	told
	Version      int             `json:"version"`
	At           time.Time       `json:"at"`
	PlacedAt     time.Time       `json:"placed_at"`
	Test         bool            `json:"test"`
	Channel      order.Channel   `json:"channel"`
	Store        string          `json:"store"`
	Staff        string          `json:"staff"`
	Customer     customerRequest `json:"customer"`
	Currency     shop.Currency   `json:"currency"`
	Discount     int64           `json:"discount_minor"`
	Lines        []lineRequest   `json:"lines"`
	Clicks       []string        `json:"clicks"`
	AssistStore  string          `json:"assist_store"`
	AssistStaff  string          `json:"assist_staff"`
	Campaign     string          `json:"campaign"`
	PickupStore  string          `json:"pickup_store"`
	CashOnPickup bool            `json:"cash_on_pickup"`
	DeliverLater bool            `json:"deliver_later"`
	PaidAt       time.Time       `json:"paid_at"`
	PaymentHash  string          `json:"payment_hash"`
	Invoice      string          `json:"invoice"`

	EmployeeDiscount bool `json:"employee_discount"`
}

func (f *Face) tellOrder(ctx context.Context, in orderRequest) (outcome, error) {
	actor := endpoint.Actor(ctx)
	brand, err := f.Team.BrandByID(ctx, actor.Brand)
	if err != nil {
		return outcome{}, err
	}
	identities, err := in.Customer.identities(brand)
	if err != nil {
		return outcome{}, err
	}
	fact := order.WasPlaced{
		Order: in.Order, Version: in.Version, At: in.At, PlacedAt: in.PlacedAt, Identities: identities, Channel: in.Channel,
		Currency: in.Currency, TaxBP: brand.TaxBP, Discount: in.Discount, Lines: linesOf(in.Lines),
		CashOnPickup: in.CashOnPickup, DeliverLater: in.DeliverLater, PaidAt: in.PaidAt, Payment: in.PaymentHash, Invoice: in.Invoice,
		Campaign: in.Campaign, EmployeeDiscount: in.EmployeeDiscount,
	}
	if fact.Currency == "" {
		fact.Currency = brand.Currency
	}
	if in.Test {
		fact.State = order.Test
	}
	ignored := 0
	for _, token := range in.Clicks {
		if scan, err := f.Click(actor.Brand, token, in.PlacedAt); err == nil {
			fact.Clicks = append(fact.Clicks, scan)
		} else {
			ignored++
		}
	}
	out, err := f.tell(ctx, &in.told, func(tx pgx.Tx) (order.Fact, error) {
		w := names{ctx: ctx, tx: tx, brand: actor.Brand}
		fact.Store, fact.Staff = w.store("store", in.Store), w.staff("staff", in.Staff)
		if in.Store == "" && in.Channel == order.Online {
			fact.Store = actor.Store // the web store of the key
		}
		fact.AssistStore, fact.AssistStaff = w.store("assist_store", in.AssistStore), w.staff("assist_staff", in.AssistStaff)
		fact.PickupStore = w.store("pickup_store", in.PickupStore)
		w.articles(fact.Lines)
		return fact, w.Err()
	})
	out.ClicksIgnored = ignored
	return out, err
}

// tell applies a fact that is put together in the transaction.
func (f *Face) tell(ctx context.Context, t *told, make func(tx pgx.Tx) (order.Fact, error)) (outcome, error) {
	actor := endpoint.Actor(ctx)
	var out outcome
	err := f.Pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		fact, err := make(tx)
		if err != nil {
			return err
		}
		r, err := f.Orders.ApplyTx(ctx, tx, actor.Brand, t.source(), fact, f.Now())
		if err != nil {
			return err
		}
		out = outcome{Order: r.Order, Outcome: r.Outcome, Made: r.Made}
		out.Note, err = f.Answers.Answer(ctx, tx, actor.Brand, fact, r)
		return err
	})
	return out, err
}

func (f *Face) tellFact(ctx context.Context, t *told, fact order.Fact) (outcome, error) {
	return f.tell(ctx, t, func(pgx.Tx) (order.Fact, error) { return fact, nil })
}

// names turns the codes of a request into ids and remembers those that nobody has.
type names struct {
	shop.Check
	ctx   context.Context
	tx    pgx.Tx
	brand shop.BrandID
	err   error
}

// Err is the first failure of the database, else the fields that name nobody.
func (w *names) Err() error {
	if w.err != nil {
		return w.err
	}
	return w.Check.Err()
}

func (w *names) found(err error, field, code, hint string) {
	if err != nil && !errors.Is(err, shop.ErrNotFound) {
		w.err = errors.Join(w.err, fmt.Errorf("look up %s: %w", field, err))
		return
	}
	w.That(err == nil, field, code, hint)
}

func (w *names) store(field, code string) shop.ID {
	if code == "" || w.err != nil {
		return shop.ID{}
	}
	s, err := team.StoreByCode(w.ctx, w.tx, w.brand, code)
	w.found(err, field, "store_unknown", "The code of one of the brand's stores.")
	return s.ID
}

func (w *names) staff(field, employeeNo string) shop.ID {
	if employeeNo == "" || w.err != nil {
		return shop.ID{}
	}
	s, err := team.StaffByNumber(w.ctx, w.tx, w.brand, employeeNo)
	w.found(err, field, "staff_unknown", "The employee number of one of the brand's people.")
	return s.ID
}

// articles fills in the category and the name of lines that do not say them, as the catalogue has them: commission depends
// on the category, and tills seldom know it.
func (w *names) articles(lines []order.Line) {
	var skus []string
	for _, l := range lines {
		if l.SKU != "" && (l.Category == "" || l.Name == "") {
			skus = append(skus, l.SKU)
		}
	}
	known, err := catalogue.Articles(w.ctx, w.tx, w.brand, skus)
	w.err = errors.Join(w.err, err)
	for i, l := range lines {
		if a, ok := known[l.SKU]; ok {
			lines[i].Category = cmp.Or(l.Category, a.Category)
			lines[i].Name = cmp.Or(l.Name, a.Name.In(shop.TraditionalChinese))
		}
	}
}
