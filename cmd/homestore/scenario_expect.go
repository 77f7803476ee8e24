package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/period"
)

// compare says what is not as expected.
func (g *stage) compare(ctx context.Context, x expectation) (differences []string, err error) {
	err = g.domain.pool.Read(ctx, g.brand, func(tx pgx.Tx) error {
		switch {
		case x.Holder != "":
			differences, err = g.compareHolder(ctx, tx, x)
		case x.Claims != "":
			differences, err = g.compareClaims(ctx, tx, x)
		case x.Order != "":
			differences, err = g.compareOrder(ctx, tx, x)
		case x.Balances != nil:
			differences, err = g.compareBalances(ctx, tx, x)
		case x.Statement != "":
			differences, err = g.compareStatement(ctx, tx, x)
		case x.Unchanged != nil:
			differences, err = g.compareUnchanged(ctx, tx, x)
		case x.WhatIf != nil:
			differences, err = g.compareWhatIf(ctx, x)
		default:
			err = fmt.Errorf("an expectation about nothing")
		}
		return err
	})
	return differences, err
}

// differ is one difference, or none when both say the same.
func differ(what, got, want string) []string {
	if got == want {
		return nil
	}
	return []string{fmt.Sprintf("%s: got %s, want %s", what, got, want)}
}

func (g *stage) compareHolder(ctx context.Context, tx pgx.Tx, x expectation) ([]string, error) {
	at := g.now()
	if x.When != "" {
		var err error
		if at, err = g.story.instant(x.When); err != nil {
			return nil, err
		}
	}
	h, err := binding.HolderAt(ctx, tx, g.brand, g.customers[x.Holder], at)
	if err != nil {
		return nil, err
	}
	return differ("holder of "+x.Holder, g.holderText(h), holderText(x.Is)), nil
}

// holderText writes what a story says of a holder: a word, or a store and a person.
func holderText(is json.RawMessage) string {
	var word string
	if json.Unmarshal(is, &word) == nil {
		return word
	}
	var p struct {
		Store string  `json:"store"`
		Staff *string `json:"staff"`
	}
	if err := decodeStrictly(is, &p); err != nil {
		return err.Error()
	}
	if p.Staff == nil {
		return p.Store
	}
	return p.Store + "/" + *p.Staff
}

func (g *stage) holderText(h binding.Holder) string {
	switch {
	case !h.Bound:
		return "unbound"
	case h.Store.IsZero():
		return "nobody"
	case h.Pool:
		return nameOf(g.stores, h.Store) + "/pool"
	case h.Staff.IsZero():
		return nameOf(g.stores, h.Store)
	}
	return nameOf(g.stores, h.Store) + "/" + nameOf(g.staff, h.Staff)
}

// nameOf is the story's name of an id.
func nameOf(names map[string]shop.ID, id shop.ID) string {
	for name, known := range names {
		if known == id {
			return name
		}
	}
	return ""
}

func (g *stage) compareClaims(ctx context.Context, tx pgx.Tx, x expectation) ([]string, error) {
	claims, err := binding.Claims(ctx, tx, g.brand, g.customers[x.Claims])
	if err != nil {
		return nil, err
	}
	var got, want []string
	for _, c := range claims {
		got = append(got, fmt.Sprintf("%s/%s %s %s", nameOf(g.stores, c.Store), nameOf(g.staff, c.Staff), c.Source, c.Outcome))
	}
	for _, c := range x.Are {
		staff := ""
		if c.Staff != nil {
			staff = *c.Staff
		}
		want = append(want, fmt.Sprintf("%s/%s %s %s", c.Store, staff, c.Source, c.Outcome))
	}
	slices.Sort(got) // all of them, in any sequence
	slices.Sort(want)
	return differ("claims of "+x.Claims, strings.Join(got, ", "), strings.Join(want, ", ")), nil
}

// beneficiary writes store:S1, staff:amy, pool:S1.
func (g *stage) beneficiary(b attribution.Beneficiary) string {
	if b.Kind == attribution.ToStaff {
		return "staff:" + nameOf(g.staff, b.ID)
	}
	return string(b.Kind) + ":" + nameOf(g.stores, b.ID)
}

func (g *stage) beneficiaryOf(text string) attribution.Beneficiary {
	kind, name, _ := strings.Cut(text, ":")
	if kind == string(attribution.ToStaff) {
		return attribution.StaffOf(g.staff[name])
	}
	return attribution.Beneficiary{Kind: attribution.Kind(kind), ID: g.stores[name]}
}

func (g *stage) compareOrder(ctx context.Context, tx pgx.Tx, x expectation) ([]string, error) {
	oc, err := ledger.CreditsOf(ctx, tx, g.brand, g.orders[x.Order])
	if err != nil {
		return nil, fmt.Errorf("credits of %s: %w", x.Order, err)
	}
	var differences []string
	if x.Reason != "" {
		differences = differ("reason of "+x.Order, oc.Reason, x.Reason)
	}
	got, want := g.leftOf(oc), map[string]int64{}
	stateOf, err := period.States(ctx, tx, g.brand, oc, g.story.Currency)
	if err != nil {
		return nil, err
	}
	for _, c := range x.Credits {
		want[c.Role+" "+c.To] += c.Minor
		if c.State != "" {
			differences = append(differences, differ("state of "+c.Role+" of "+x.Order, string(stateOf(g.beneficiaryOf(c.To))), c.State)...)
		}
	}
	differences = append(differences, differ("credits of "+x.Order, sums(got), sums(want))...)
	if x.Lost != nil {
		var lost, wantLost []string
		for _, l := range oc.Lost {
			lost = append(lost, fmt.Sprintf("%s %s %s", l.Role, g.beneficiary(attribution.Beneficiary{Kind: l.ToKind, ID: l.To}), l.Why))
		}
		for _, l := range x.Lost {
			wantLost = append(wantLost, fmt.Sprintf("%s %s %s", l.Role, l.To, l.Why))
		}
		slices.Sort(lost)
		slices.Sort(wantLost)
		differences = append(differences, differ("lost claims on "+x.Order, strings.Join(lost, ", "), strings.Join(wantLost, ", "))...)
	}
	return differences, nil
}

// leftOf are the credits of an order net of what was taken back, by role and beneficiary.
func (g *stage) leftOf(oc ledger.OrderCredit) map[string]int64 {
	left := map[string]int64{}
	for _, c := range oc.Credits {
		left[string(c.Role)+" "+g.beneficiary(c.To)] += c.Minor - c.Reversed
	}
	return nonZero(left)
}

// balancesIn are somebody's balances by state.
func (g *stage) balancesIn(ctx context.Context, tx pgx.Tx, who string, currency shop.Currency) (map[string]int64, error) {
	balances, err := ledger.Balances(ctx, tx, g.brand, g.beneficiaryOf(who), currency)
	out := map[string]int64{}
	for kind, minor := range balances {
		out[string(kind)] = minor
	}
	return out, err
}

func (g *stage) compareBalances(ctx context.Context, tx pgx.Tx, x expectation) ([]string, error) {
	var differences []string
	for _, who := range slices.Sorted(maps.Keys(x.Balances)) {
		got, err := g.balancesOf(ctx, tx, who, g.story.Currency)
		if err != nil {
			return nil, err
		}
		differences = append(differences, differ("balances of "+who, got, sums(nonZero(x.Balances[who])))...)
	}
	return differences, nil
}

// sums writes amounts by name, in the order of the names.
func sums(of map[string]int64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, of[name]))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
