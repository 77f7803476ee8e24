package roster

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// understand finds out what a row names. An error is a fault; what is wrong with the row is in the entry.
func (l *list) understand(ctx context.Context, tx pgx.Tx, brand team.Brand, one row, now time.Time) (entry, error) {
	e := entry{row: one}
	if e.wrong != nil {
		return e, nil
	}
	if one.cells["store"] == "" {
		e.wrong = &errNoStore
		return e, nil
	}
	if e.listed, e.wrong = one.since(brand.Day(now)); e.wrong != nil {
		return e, nil
	}
	for _, step := range []func(context.Context, pgx.Tx, team.Brand, *entry) (*Verdict, error){l.customer, l.store, l.person} {
		wrong, err := step(ctx, tx, brand, &e)
		if err != nil || wrong != nil {
			e.wrong = wrong
			return e, err
		}
	}
	return e, nil
}

// customer is whom all that the row says of her leads to.
func (l *list) customer(ctx context.Context, tx pgx.Tx, brand team.Brand, e *entry) (*Verdict, error) {
	var unknown *Verdict
	for _, c := range naming {
		text := e.cells[c.name]
		if text == "" {
			continue
		}
		value, err := customer.Normalise(c.kind, text, customer.Region(brand.Currency))
		if err != nil {
			return verdictOn(err, c.name)
		}
		who, err := customer.Find(ctx, tx, brand.ID, customer.Identity{Kind: c.kind, Value: value})
		switch {
		case errors.Is(err, customer.ErrUnknown):
			if unknown, err = verdictOn(err, c.name); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		case !e.who.IsZero() && e.who != who:
			return &errSeveral, nil
		default:
			e.who = who
		}
	}
	switch {
	case !e.who.IsZero():
		return nil, nil
	case unknown != nil:
		return unknown, nil
	}
	return &errNobody, nil
}

func (l *list) store(ctx context.Context, tx pgx.Tx, brand team.Brand, e *entry) (wrong *Verdict, err error) {
	e.place.store, err = remembered(l.stores, e.cells["store"], func(code string) (shop.ID, error) {
		st, err := team.StoreByCode(ctx, tx, brand.ID, code)
		return st.ID, err
	})
	if err == nil && e.place.store.IsZero() {
		return verdictOn(team.ErrStoreUnknown, "store")
	}
	return nil, err
}

func (l *list) person(ctx context.Context, tx pgx.Tx, brand team.Brand, e *entry) (wrong *Verdict, err error) {
	if e.cells["employee_no"] == "" {
		return nil, nil
	}
	e.place.staff, err = remembered(l.people, e.cells["employee_no"], func(no string) (shop.ID, error) {
		person, err := team.StaffByNumber(ctx, tx, brand.ID, no)
		return person.ID, err
	})
	if err == nil && e.place.staff.IsZero() {
		return verdictOn(team.ErrStaffUnknown, "employee_no")
	}
	return nil, err
}

// mostRemembered bounds what a file of nonsense leaves in memory.
const mostRemembered = 10_000

// remembered is the id that a code names; zero: none.
func remembered(known map[string]shop.ID, code string, find func(string) (shop.ID, error)) (shop.ID, error) {
	if id, isKnown := known[code]; isKnown {
		return id, nil
	}
	id, err := find(code)
	if errors.Is(err, shop.ErrNotFound) {
		id, err = shop.ID{}, nil
	}
	if err == nil && len(known) < mostRemembered {
		known[code] = id
	}
	return id, err
}

// verdictOn is the verdict that a refusal means in a column; another error is a fault.
func verdictOn(err error, column string) (*Verdict, error) {
	refusal, is := errors.AsType[*shop.Refusal](err)
	if !is {
		return nil, err
	}
	v := wrong(column, refusal.Code, refusal.Message)
	return &v, nil
}
