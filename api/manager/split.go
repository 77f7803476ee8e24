package manager

import (
	"context"
	"slices"
	"strconv"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
	"homestore/referral/report"
)

type reportSplitRequest struct {
	Month  string `query:"month"`
	Format string `query:"format"`

	first time.Time
}

// Validate reads the month.
func (r *reportSplitRequest) Validate() error {
	var c shop.Check
	r.first = readMonth(&c, "month", r.Month)
	c.That(slices.Contains([]string{"", "json", "csv"}, r.Format), "format", "format_unknown", "json or csv.")
	return c.Err()
}

// reportSplitAnswer reconciles: before and after add up to net over the stores and over the sides, the roles to cost.
type reportSplitAnswer struct {
	Month     string        `json:"month"`
	Currency  shop.Currency `json:"currency"`
	NetMinor  int64         `json:"net_minor"`
	CostMinor int64         `json:"cost_minor"`
	CostBP    int64         `json:"cost_bp"`
	Sides     []sideRow     `json:"sides"`
	Stores    []splitRow    `json:"stores"`
	Roles     []roleRow     `json:"roles"`
	Targets   []targetRow   `json:"targets"`
}

type sideRow struct {
	Side        report.Side `json:"side"`
	BeforeMinor int64       `json:"before_minor"`
	AfterMinor  int64       `json:"after_minor"`
}

type splitRow struct {
	Store       partyAnswer `json:"store"`
	Side        report.Side `json:"side"`
	BeforeMinor int64       `json:"before_minor"`
	AfterMinor  int64       `json:"after_minor"`
}

type roleRow struct {
	Role  plan.Role        `json:"role"`
	To    attribution.Kind `json:"to"`
	Minor int64            `json:"minor"`
	BP    int64            `json:"bp"`
}

type targetRow struct {
	To            partyAnswer `json:"to"`
	TargetMinor   int64       `json:"target_minor"`
	AchievedMinor int64       `json:"achieved_minor"`
	AchievedBP    int64       `json:"achieved_bp"`

	Roles []roleTarget `json:"roles"` // by which the plan pays
}

type roleTarget struct {
	Role          plan.Role `json:"role"`
	AchievedMinor int64     `json:"achieved_minor"`
	AchievedBP    int64     `json:"achieved_bp"`
}

// reportSplit is one document and not a list: it must reconcile as a whole. Its CSV is the stores alone.
func (f *Face) reportSplit(ctx context.Context, in reportSplitRequest) (any, error) {
	s, err := f.Reports.Split(ctx, endpoint.Actor(ctx), in.first)
	if err != nil {
		return nil, err
	}
	answer := reportSplitAnswer{
		Month: in.Month, Currency: s.Currency, NetMinor: s.Net, CostMinor: s.Cost, CostBP: s.CostBP,
		Sides: []sideRow{{Side: report.ShopSide}, {Side: report.WebSide}}, Stores: []splitRow{}, Roles: []roleRow{}, Targets: []targetRow{},
	}
	for _, r := range s.Stores {
		row := splitRow{partyAnswer{Kind: "store", ID: r.Store, Code: r.Code, Name: r.Name}, r.Side, r.Before, r.After}
		answer.Stores = append(answer.Stores, row)
		side := &answer.Sides[slices.IndexFunc(answer.Sides, func(s sideRow) bool { return s.Side == r.Side })]
		side.BeforeMinor, side.AfterMinor = side.BeforeMinor+r.Before, side.AfterMinor+r.After
	}
	for _, r := range s.Roles {
		answer.Roles = append(answer.Roles, roleRow{r.Role, r.To, r.Minor, r.BP})
	}
	for _, a := range s.Targets {
		to := partyAnswer{Kind: string(a.Holder.Kind), ID: a.Holder.ID, Code: a.Code, Name: a.Name}
		row := targetRow{to, a.Target, a.Achieved, a.BP, []roleTarget{}}
		for _, in := range a.Roles {
			row.Roles = append(row.Roles, roleTarget{in.Role, in.Achieved, in.BP})
		}
		answer.Targets = append(answer.Targets, row)
	}
	if in.Format != "csv" {
		return answer, nil
	}
	body, err := splitCSV(answer)
	return endpoint.File{ContentType: "text/csv; charset=utf-8", Name: "split-" + in.Month + ".csv", Body: body}, err
}

func splitCSV(a reportSplitAnswer) ([]byte, error) {
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	table := [][]string{{"month", "store_id", "code", "name", "side", "currency", "before_minor", "after_minor"}}
	for _, r := range a.Stores {
		table = append(table, []string{
			a.Month, r.Store.ID.String(), shop.Cell(r.Store.Code), shop.Cell(r.Store.Name), string(r.Side), string(a.Currency), whole(r.BeforeMinor), whole(r.AfterMinor),
		})
	}
	return writeCSV(table)
}
