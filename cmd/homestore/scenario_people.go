package main

import (
	"context"

	"homestore/referral/binding"
)

// people plays how staff leave and move and stores close, and does at once what the timetable does within a minute.
func (g *stage) people(ctx context.Context, e entry) (string, error) {
	at, err := g.story.instant(e.At)
	if err != nil {
		return "", err
	}
	terms := binding.Terms{At: at, Note: e.Reason}
	switch e.Do {
	case "staff_leaves":
		d := binding.Departure{Staff: g.staff[e.Staff], Terms: terms}
		if e.Heir != string(binding.Pool) {
			d.Heirs = []binding.Heir{{Person: binding.Named, Staff: g.staff[e.Heir]}}
		}
		_, err = g.domain.bindings.StaffLeaves(ctx, g.system(), d)
	case "staff_moves":
		var to string
		if err := decodeStrictly(e.To, &to); err != nil {
			return "", err
		}
		_, err = g.domain.bindings.StaffMoves(ctx, g.system(), binding.Relocation{
			Staff: g.staff[e.Staff], From: g.stores[e.From], To: g.stores[to], Move: e.Move, Terms: terms,
		})
	case "store_closes":
		_, err = g.domain.bindings.StoreCloses(ctx, g.system(), binding.Closure{
			Store: g.stores[*e.Store], Heirs: []binding.Heir{{Store: g.stores[e.Successor]}}, Terms: terms,
		})
	}
	if outcome, err := codeOf(err); err != nil || outcome != ok {
		return outcome, err
	}
	return ok, g.domain.bindings.Follow(ctx, g.brand)
}
