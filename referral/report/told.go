package report

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/explanation"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// telling is what it takes to tell of orders in words.
type telling struct {
	zone    *time.Location
	plan    *plan.Plan                            // by which the order was credited; nil: none, or several orders are told of
	Parties map[attribution.Beneficiary]team.Name // everybody who is named
}

// Teller tells in a language.
func (t telling) Teller(l shop.Language) explanation.Teller {
	return explanation.Teller{Language: l, Zone: t.zone, Names: spoken{t.Parties, l}}
}

func (t telling) told(oc ledger.OrderCredit, currency shop.Currency, l shop.Language) explanation.Order {
	return t.Teller(l).Of(oc, currency, t.plan)
}

// spoken are names in one language.
type spoken struct {
	parties  map[attribution.Beneficiary]team.Name
	language shop.Language
}

func (s spoken) Name(to attribution.Beneficiary) string {
	p := s.parties[to]
	if name := p.Text.In(s.language); name != "" {
		return name
	}
	return p.Code
}

// tellingOf reads what it takes to tell of an order that was credited by a plan.
func tellingOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, by shop.ID, named []attribution.Beneficiary) (t telling, err error) {
	b, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return t, err
	}
	t.zone = b.Zone()
	if !by.IsZero() {
		plans, err := plan.List(ctx, tx, brand)
		if err != nil {
			return t, err
		}
		if i := slices.IndexFunc(plans, func(p plan.Plan) bool { return p.ID == by }); i >= 0 {
			t.plan = &plans[i]
		}
	}
	t.Parties, err = partiesOf(ctx, tx, brand, named)
	return t, err
}

// partiesOf finds out what people call stores, their pools, and one another.
func partiesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, named []attribution.Beneficiary) (map[attribution.Beneficiary]team.Name, error) {
	ids := make([]shop.ID, len(named))
	for i, to := range named {
		ids[i] = to.ID
	}
	names, err := team.NamesOf(ctx, db, brand, ids)
	if err != nil {
		return nil, err
	}
	parties := map[attribution.Beneficiary]team.Name{}
	for _, to := range named {
		if name, isKnown := names[to.ID]; isKnown {
			parties[to] = name
		}
	}
	return parties, nil
}

// namedIn are all who are named in what is said of an order.
func namedIn(oc ledger.OrderCredit) []attribution.Beneficiary {
	var named []attribution.Beneficiary
	for _, c := range oc.Credits {
		named = append(named, c.To, attribution.StoreOf(c.Store))
	}
	for _, l := range oc.Lost {
		named = append(named, attribution.Beneficiary{Kind: l.ToKind, ID: l.To})
	}
	if oc.Trace != nil {
		named = append(named, oc.Trace.Parties()...)
	}
	return named
}
