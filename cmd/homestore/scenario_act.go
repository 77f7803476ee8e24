package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
	"homestore/referral/scan"
)

const (
	ok      = "ok"
	ignored = string(order.Ignored)
)

// storySource is the system that tells a story's facts.
const storySource = "story"

// act plays what an entry says and returns its outcome as stories write it. An error is a fault, or a notYet.
func (g *stage) act(ctx context.Context, e entry) (string, error) {
	switch e.Do {
	case "scan":
		return g.scan(ctx, e)
	case "join":
		return g.join(ctx, e)
	case "claim":
		return g.claim(ctx, e)
	case "transfer":
		return g.transfer(ctx, e)
	case "customer_chooses":
		return g.choose(ctx, e)
	case "staff_leaves", "staff_moves", "store_closes":
		return g.people(ctx, e)
	case "close_month":
		return g.closeMonth(ctx, e)
	case "pay":
		return g.payMonth(ctx, e)
	case "dispute":
		return g.dispute(ctx, e)
	case "plan":
		_, err := g.domain.plans.Add(ctx, g.system(), g.story.zone, g.withCodes(*e.Plan))
		return codeOf(err)
	case "again":
		return g.again(ctx, e)
	case "order", "edit", "fulfil", "paid", "cancel", "refund", "price_adjust", "exchange":
		fact, err := g.fact(ctx, e)
		if err != nil {
			return "", err
		}
		if e.ID != "" {
			g.facts[e.ID] = fact
		}
		return g.apply(ctx, fact)
	}
	return "", notYet(e.Do)
}

// again delivers what was told under an id once more.
func (g *stage) again(ctx context.Context, e entry) (string, error) {
	if fact, known := g.facts[e.Of]; known {
		return g.apply(ctx, fact)
	}
	if g.decided[e.Of] {
		return ignored, nil
	}
	return "", fmt.Errorf("no entry before has the id %q", e.Of)
}

// codeOf is the outcome of an act that was done or refused; any other error is a fault.
func codeOf(err error) (string, error) {
	if err == nil {
		return ok, nil
	}
	if r, is := errors.AsType[*shop.Refusal](err); is {
		return r.Code, nil
	}
	return "", err
}

// join plays what the brand app does; of several refusals the first is told.
func (g *stage) join(ctx context.Context, e entry) (string, error) {
	who, err := g.customer(ctx, *e.Customer)
	if err != nil {
		return "", err
	}
	clicks := make([]string, len(e.Clicks))
	for i, name := range e.Clicks {
		clicks[i] = cmp.Or(g.click(name), "no click id was given out for "+name)
	}
	joined, err := g.domain.bindings.JoinInApp(ctx, shop.Actor{Brand: g.brand, Role: shop.RoleCustomer, ID: who}, binding.Membership{}, clicks)
	if err == nil && len(joined.Refused) > 0 {
		err = joined.Refused[0]
	}
	return codeOf(err)
}

func (g *stage) claim(ctx context.Context, e entry) (string, error) {
	who, err := g.customer(ctx, *e.Customer)
	if err != nil {
		return "", err
	}
	_, err = g.domain.bindings.Claim(ctx, g.system(), binding.Attempt{
		Customer: who, Store: g.stores[*e.Store], Staff: g.staff[e.Staff], Source: binding.Source(e.Source), Invoice: e.Invoice,
	})
	return codeOf(err)
}

func (g *stage) transfer(ctx context.Context, e entry) (string, error) {
	var to place
	if err := decodeStrictly(e.To, &to); err != nil {
		return "", err
	}
	t := binding.Transfer{Store: g.stores[to.Store], Staff: g.staff[to.Staff], Reason: e.Reason}
	for _, name := range e.Customers {
		who, err := g.customer(ctx, name)
		if err != nil {
			return "", err
		}
		t.Customers = append(t.Customers, who)
	}
	_, err := g.domain.bindings.Transfer(ctx, g.system(), t)
	return codeOf(err)
}

func (g *stage) choose(ctx context.Context, e entry) (string, error) {
	who, err := g.customer(ctx, *e.Customer)
	if err != nil {
		return "", err
	}
	var store shop.ID
	if e.Store != nil {
		store = g.stores[*e.Store]
	}
	_, err = g.domain.bindings.Choose(ctx, shop.Actor{Brand: g.brand, Role: shop.RoleCustomer, ID: who}, store)
	return codeOf(err)
}

// apply gives a fact to the order book, as every integration does.
func (g *stage) apply(ctx context.Context, f order.Fact) (string, error) {
	r, err := g.domain.orders.Apply(ctx, g.brand, storySource, f)
	if err != nil {
		return codeOf(err)
	}
	if err := g.meetMade(ctx); err != nil {
		return "", err
	}
	if !r.Order.IsZero() {
		g.orders[f.OrderName()] = r.Order
	}
	if r.Outcome != order.Applied {
		return string(r.Outcome), nil
	}
	note, err := g.answerOf(ctx, f, r)
	return cmp.Or(note, ok), err
}

// fact turns an entry into what an integration would tell.
func (g *stage) fact(ctx context.Context, e entry) (order.Fact, error) {
	at, err := g.story.instant(e.At)
	if err != nil {
		return nil, err
	}
	switch e.Do {
	case "order":
		return g.placed(ctx, e, at)
	case "edit":
		lines, err := g.lines(e.Lines)
		return order.WasEdited{Order: e.Order, Version: e.Version, At: at, Discount: e.Discount, Lines: lines}, err
	case "fulfil":
		f := order.WasFulfilled{Order: e.Order, ExternalID: e.ID, Kind: order.FulfilmentKind(e.By), At: at}
		if e.Store != nil {
			f.Store = g.stores[*e.Store]
		}
		for _, raw := range e.Lines {
			f.Lines = append(f.Lines, string(raw)) // a line's number is its name
		}
		return f, nil
	case "paid":
		return order.WasPaid{Order: e.Order, At: at}, nil
	case "cancel":
		return order.WasCancelled{Order: e.Order, At: at}, nil
	case "refund":
		return refundOf(e, at)
	case "exchange":
		return g.exchanged(e, at)
	}
	return adjustmentOf(e, at)
}

func (g *stage) placed(ctx context.Context, e entry, at time.Time) (order.Fact, error) {
	lines, err := g.lines(e.Lines)
	if err != nil {
		return nil, err
	}
	o := order.WasPlaced{
		Order: e.ID, PlacedAt: at, Channel: order.Channel(e.Channel), Store: g.stores[*e.Store], Staff: g.staff[e.Staff],
		Currency: g.story.Currency, TaxBP: g.story.TaxBP, Discount: e.Discount, Lines: lines,
		PickupStore: g.stores[e.Pickup], CashOnPickup: e.COD, DeliverLater: e.Deliver,
	}
	for _, name := range e.Clicks {
		if id, err := g.domain.scans.Click(g.brand, g.click(name), at, scan.DefaultClickLife); err == nil {
			o.Clicks = append(o.Clicks, id) // one that is none is left out of an order, which is kept
		}
	}
	if e.Assist != nil {
		o.AssistStore, o.AssistStaff = g.stores[e.Assist.Store], g.staff[e.Assist.Staff]
	}
	if e.Customer != nil {
		o.Customer, err = g.customer(ctx, *e.Customer)
	}
	return o, err
}

func (g *stage) lines(raws []json.RawMessage) ([]order.Line, error) {
	var lines []order.Line
	for _, raw := range raws {
		var l storyLine
		if err := decodeStrictly(raw, &l); err != nil {
			return nil, err
		}
		lines = append(lines, order.Line{
			No: l.Line, ExternalID: strconv.Itoa(l.Line), SKU: l.SKU, Category: l.Category, Kind: order.LineKind(cmp.Or(l.Kind, string(order.Merchandise))),
			Quantity: l.Quantity, UnitPrice: l.UnitPrice, Discount: l.Discount, TaxIncluded: l.TaxIncluded == nil || *l.TaxIncluded,
		})
	}
	return lines, nil
}

func refundOf(e entry, at time.Time) (order.Fact, error) {
	r := order.WasRefunded{Order: e.Order, ExternalID: e.ID, Kind: order.RefundKind(e.Kind), At: at, Amount: e.Amount}
	for _, raw := range e.Lines {
		var l storyRefundLine
		if err := decodeStrictly(raw, &l); err != nil {
			return nil, err
		}
		r.Lines = append(r.Lines, order.RefundedLine{Line: strconv.Itoa(l.Line), Quantity: l.Quantity, Amount: l.Amount})
	}
	return r, nil
}

func adjustmentOf(e entry, at time.Time) (order.Fact, error) {
	a := order.WasAdjusted{Order: e.Order, ExternalID: e.ID, At: at}
	for _, raw := range e.Lines {
		var l storyRefundLine
		if err := decodeStrictly(raw, &l); err != nil {
			return nil, err
		}
		a.Lines = append(a.Lines, order.AdjustedLine{Line: strconv.Itoa(l.Line), Amount: l.Amount})
	}
	return a, nil
}
