package main

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/dispute"
	"homestore/referral/plan"
)

// dispute is the shop's clerk saying that a customer whom the shop alone has won was hers.
func (c *cast) dispute(t *testing.T, p *castStore) string {
	t.Helper()
	clerk := shop.Actor{Brand: p.brand, Role: shop.RoleStaff, ID: p.clerk.id, Stores: []shop.ID{p.store}}
	made, err := c.house.disputes.Raise(t.Context(), clerk, dispute.Plea{
		Customer: c.win(t, p), Role: plan.HomeStaff, Since: time.Now().Add(-time.Hour), Said: "I won her",
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.ID.String()
}
