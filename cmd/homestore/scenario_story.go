package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/plan"
)

// story is one scenario file, format 1: a brand, its people and a timeline with what must be true.
type story struct {
	Format    int                      `json:"format"`
	Name      string                   `json:"name"`
	Story     string                   `json:"story"`
	Currency  shop.Currency            `json:"currency"`
	Zone      string                   `json:"zone"`
	TaxBP     int                      `json:"tax_bp"`
	Policy    storyPolicy              `json:"policy"`
	Plans     []plan.Plan              `json:"plans"`
	Stores    map[string]storyStore    `json:"stores"`
	Staff     map[string]storyStaff    `json:"staff"`
	Tags      map[string]storyTag      `json:"tags"`
	Customers map[string]storyCustomer `json:"customers"`
	Timeline  []entry                  `json:"timeline"`

	zone *time.Location
}

// storyPolicy is the part of a brand's policy that stories speak of.
type storyPolicy struct{ team.Policy }

// UnmarshalJSON refuses keys that a story cannot mean; the stored policy itself is read more kindly.
func (p *storyPolicy) UnmarshalJSON(b []byte) error {
	var known struct {
		Touch    json.RawMessage `json:"touch"`
		Inactive json.RawMessage `json:"rebind_inactive_days"`
		Click    json.RawMessage `json:"click_days"`
		Choice   json.RawMessage `json:"choice_days"`
		Move     json.RawMessage `json:"move"`
	}
	if err := decodeStrictly(b, &known); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	return json.Unmarshal(b, &p.Policy)
}

type storyStore struct {
	Kind    team.StoreKind `json:"kind"`
	HouseBP int            `json:"house_bp"`
}

type storyStaff struct {
	Assignments []struct {
		Store string    `json:"store"`
		From  plan.Day  `json:"from"`
		To    *plan.Day `json:"to"`
	} `json:"assignments"`
}

type storyTag struct {
	Store     string `json:"store"`
	Staff     string `json:"staff"`
	Placement string `json:"placement"`
}

type storyCustomer struct {
	Staff string `json:"staff"` // who she is
}

// entry is one line of the timeline. The fields of every act stand together, as in the file; which of them an act reads is
// said where it is played.
type entry struct {
	At       string          `json:"at"`
	Recorded string          `json:"recorded"`
	Do       string          `json:"do"`
	Expect   []expectation   `json:"expect"`
	Label    string          `json:"label"`
	Outcome  string          `json:"outcome"`
	ID       string          `json:"id"`
	Of       string          `json:"of"`
	Click    string          `json:"click"`
	Clicks   []string        `json:"clicks"`
	Tag      string          `json:"tag"`
	Class    string          `json:"class"`
	Customer *string         `json:"customer"`
	Source   string          `json:"source"`
	Store    *string         `json:"store"`
	Staff    string          `json:"staff"`
	Invoice  string          `json:"invoice"`
	Reason   string          `json:"reason"`
	By       string          `json:"by"`
	To       json.RawMessage `json:"to"` // {store, staff} of a transfer, a beneficiary of a dispute, a store of a move

	Customers []string          `json:"customers"`
	Channel   string            `json:"channel"`
	Order     string            `json:"order"`
	Version   int               `json:"version"`
	Lines     []json.RawMessage `json:"lines"` // of an order, of a refund, or the numbers of a fulfilment
	Discount  int64             `json:"discount_minor"`
	Amount    int64             `json:"amount_minor"`
	Assist    *place            `json:"assist"`
	Pickup    string            `json:"pickup_store"`
	COD       bool              `json:"cod"`
	Deliver   bool              `json:"deliver"`
	Kind      string            `json:"kind"`
	Plan      *plan.Plan        `json:"plan"`

	Heir      string    `json:"heir"`
	From      string    `json:"from"`
	Move      team.Move `json:"move"`
	Successor string    `json:"successor"`

	Out []int             `json:"out"` // of an exchange: line numbers
	In  []json.RawMessage `json:"in"`

	Role  string                            `json:"role"`
	Month string                            `json:"month"`
	Hours map[string]map[string]json.Number `json:"hours"` // by store and name
	Only  []string                          `json:"only"`
}

type place struct {
	Store string `json:"store"`
	Staff string `json:"staff"`
}

// storyLine is a line of an order.
type storyLine struct {
	Line        int    `json:"line"`
	SKU         string `json:"sku"`
	Category    string `json:"category"`
	Quantity    int64  `json:"qty"`
	UnitPrice   int64  `json:"unit_price_minor"`
	Discount    int64  `json:"discount_minor"`
	Kind        string `json:"kind"`
	TaxIncluded *bool  `json:"tax_included"`
}

// storyRefundLine is a line of a refund or a price adjustment.
type storyRefundLine struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"qty"`
	Amount   int64 `json:"amount_minor"`
}

// expectation is one thing that must be true. Exactly one of its first keys says what about.
type expectation struct {
	Holder    string                      `json:"holder"`
	When      string                      `json:"when"`
	Is        json.RawMessage             `json:"is"`
	Claims    string                      `json:"claims"`
	Are       []storyClaim                `json:"are"`
	Order     string                      `json:"order"`
	Credits   []storyCredit               `json:"credits"`
	Lost      []storyLost                 `json:"lost"`
	Reason    string                      `json:"reason"`
	Balances  map[string]map[string]int64 `json:"balances"`
	Statement string                      `json:"statement"`
	Of        map[string]map[string]int64 `json:"of"`
	Unchanged []string                    `json:"unchanged"`
	Since     string                      `json:"since"`
	WhatIf    *plan.Plan                  `json:"what_if"`
	From      string                      `json:"from"`
	To        string                      `json:"to"`
	Totals    map[string]int64            `json:"totals"`
}

type storyClaim struct {
	Store   string  `json:"store"`
	Staff   *string `json:"staff"`
	Source  string  `json:"source"`
	Outcome string  `json:"outcome"`
}

type storyCredit struct {
	Role  string `json:"role"`
	To    string `json:"to"`
	Minor int64  `json:"minor"`
	State string `json:"state"`
}

type storyLost struct {
	Role string `json:"role"`
	To   string `json:"to"`
	Why  string `json:"why"`
}

// readStory reads a file; unknown keys are errors, so that a misspelt expectation is not taken for one that holds.
func readStory(file string) (*story, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := &story{}
	if err := decodeStrictly(b, s); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if s.Format != 1 {
		return nil, fmt.Errorf("%s: format %d is not known, only 1", file, s.Format)
	}
	if s.zone, err = time.LoadLocation(s.Zone); err != nil {
		return nil, fmt.Errorf("%s: zone: %w", file, err)
	}
	return s, nil
}

func decodeStrictly(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("there is something after the end")
	}
	return nil
}

// instant reads a time of the story, in its zone.
func (s *story) instant(text string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, s.zone)
	return t.UTC(), err
}

// recorded is when Homestore hears of the entry.
func (s *story) recorded(e entry) (time.Time, error) { return s.instant(cmp.Or(e.Recorded, e.At)) }
