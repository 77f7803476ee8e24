package main

import (
	"context"

	"homestore/clienteling/shop"
	"homestore/referral/dispute"
	"homestore/referral/plan"
)

// dispute plays who decides what: it is raised for whom the story names, and whoever stands behind `by` decides as head office.
// Where that is refused it is taken back, since nothing has happened then.
func (g *stage) dispute(ctx context.Context, e entry) (string, error) {
	if g.decided[e.ID] {
		return ignored, nil
	}
	var to string
	if err := decodeStrictly(e.To, &to); err != nil {
		return "", err
	}
	p := dispute.Plea{Order: g.orders[e.Order], Role: plan.Role(e.Role), For: g.beneficiaryOf(to), Said: "as the story tells"}
	if e.From != "" {
		p.From = g.beneficiaryOf(e.From)
	}
	d, err := g.domain.disputes.Raise(ctx, g.system(), p)
	if err != nil {
		return codeOf(err)
	}
	decides := shop.Actor{Brand: g.brand, Role: shop.RoleHQ, ID: g.staff[e.By]}
	_, err = g.domain.disputes.Uphold(ctx, decides, d.ID, e.Reason, d.Since)
	outcome, fault := codeOf(err)
	if fault != nil || outcome == ok {
		g.decided[e.ID] = fault == nil
		return outcome, fault
	}
	_, err = g.domain.disputes.Withdraw(ctx, g.system(), d.ID)
	return outcome, err
}
