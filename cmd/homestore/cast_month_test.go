package main

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/period"
)

// castMonth is closed in every brand of the cast, with something for each clerk: the month of the contract's examples.
var castMonth = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// statement is the clerk's of that month.
func (c *cast) statement(t *testing.T, p *castStore) string {
	t.Helper()
	c.closeMonth(t, p.brand)
	var all []period.Statement
	err := c.house.pool.Read(t.Context(), p.brand, func(tx pgx.Tx) (err error) {
		all, err = period.Statements(t.Context(), tx, p.brand, castMonth)
		return err
	})
	i := slices.IndexFunc(all, func(s period.Statement) bool { return s.To == attribution.StaffOf(p.clerk.id) })
	if err != nil || i < 0 {
		t.Fatalf("no statement of the clerk of %s in %+v: %v", p.code, all, err)
	}
	return all[i].ID.String()
}

// closeMonth gives each clerk of the brand something in the month, by the clock of that month, and closes it, unless it is closed.
func (c *cast) closeMonth(t *testing.T, brand shop.BrandID) {
	t.Helper()
	var closed time.Time
	err := c.house.pool.Read(t.Context(), brand, func(tx pgx.Tx) (err error) {
		closed, err = ledger.ClosedUntil(t.Context(), tx, brand)
		return err
	})
	if err == nil && closed.Before(castMonth) {
		then := period.New(c.house.pool, func() time.Time { return castMonth.AddDate(0, 0, 9) }, c.house.book)
		for _, at := range []*castStore{c.xinyi, c.banqiao, c.abroad} {
			if at.brand == brand {
				c.adjust(t, then, at, 380)
			}
		}
		err = c.house.periods.Close(t.Context(), shop.System(brand), castMonth)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// adjust gives a clerk something, with a second person where the policy asks for one.
func (c *cast) adjust(t *testing.T, periods *period.Service, p *castStore, minor int64) {
	t.Helper()
	asked, err := periods.Adjust(t.Context(), shop.System(p.brand), period.Adjustment{To: attribution.StaffOf(p.clerk.id), Minor: minor, Reason: "a fair"})
	if err == nil && asked.Outcome == "" {
		_, err = periods.DecideAdjustment(t.Context(), shop.Actor{Brand: p.brand, Role: shop.RoleHQ, ID: shop.NewID(time.Now())}, asked.ID, period.Approved, "")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// adjustment is one above the limit, which waits for a second person.
func (c *cast) adjustment(t *testing.T, p *castStore) string {
	t.Helper()
	asked, err := c.house.periods.Adjust(t.Context(), shop.System(p.brand), period.Adjustment{To: attribution.StaffOf(p.clerk.id), Minor: 90_000_000, Reason: "a fair"})
	if err != nil || asked.Outcome != "" {
		t.Fatalf("%+v: %v", asked, err)
	}
	return asked.ID.String()
}
