package manager

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

type reportCommissionRequest struct {
	Month  string `query:"month"`
	Format string `query:"format"`

	first time.Time
}

// Validate reads the month.
func (r *reportCommissionRequest) Validate() error {
	var c shop.Check
	r.first = readMonth(&c, "month", r.Month)
	c.That(slices.Contains([]string{"", "json", "csv"}, r.Format), "format", "format_unknown", "json or csv.")
	return c.Err()
}

// reportCommissionAnswer reconciles where it is of the whole brand: cost, which left the brand's expense account, equals
// net, the sum of the rows, in each currency. A manager's report has no cost.
type reportCommissionAnswer struct {
	Month string          `json:"month"`
	Rows  []commissionRow `json:"rows"`
	Net   []amountAnswer  `json:"net"`
	Cost  []amountAnswer  `json:"cost"`
}

// commissionRow is one beneficiary in one role: credited - refunded + corrected + true-ups + divided + adjusted = net.
type commissionRow struct {
	To             partyAnswer   `json:"to"`
	Role           plan.Role     `json:"role,omitempty"`
	Currency       shop.Currency `json:"currency"`
	CreditedMinor  int64         `json:"credited_minor"`
	CorrectedMinor int64         `json:"corrected_minor"`
	RefundedMinor  int64         `json:"refunded_minor"`
	TrueUpsMinor   int64         `json:"true_ups_minor"`
	DividedMinor   int64         `json:"divided_minor"`
	AdjustedMinor  int64         `json:"adjusted_minor"`
	NetMinor       int64         `json:"net_minor"`
	Entries        int64         `json:"entries"`
}

type amountAnswer struct {
	Currency shop.Currency `json:"currency"`
	Minor    int64         `json:"minor"`
}

func amounts(sums map[shop.Currency]int64) []amountAnswer {
	list := []amountAnswer{}
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, amountAnswer{currency, sums[currency]})
	}
	return list
}

// reportCommission is one document and not a list: its rows are beneficiaries times roles, and it must reconcile as a whole.
func (f *Face) reportCommission(ctx context.Context, in reportCommissionRequest) (any, error) {
	month, err := f.Reports.Commission(ctx, endpoint.Actor(ctx), in.first)
	if err != nil {
		return nil, err
	}
	answer := reportCommissionAnswer{Month: in.Month, Rows: []commissionRow{}, Net: amounts(month.Net), Cost: amounts(month.Cost)}
	for _, r := range month.Rows {
		answer.Rows = append(answer.Rows, answerCommission(r))
	}
	if in.Format != "csv" {
		return answer, nil
	}
	body, err := commissionCSV(answer)
	return endpoint.File{ContentType: "text/csv; charset=utf-8", Name: "commission-" + in.Month + ".csv", Body: body}, err
}

func answerCommission(r report.Row) commissionRow {
	return commissionRow{
		To: partyAnswer{Kind: string(r.To.Kind), ID: r.To.ID, Code: r.Code, Name: r.Name}, Role: r.Role, Currency: r.Currency,
		CreditedMinor: r.Credited, CorrectedMinor: r.Corrected, RefundedMinor: r.Refunded, TrueUpsMinor: r.TrueUps, DividedMinor: r.Divided,
		AdjustedMinor: r.Adjusted, NetMinor: r.Net, Entries: r.Entries,
	}
}

func commissionCSV(a reportCommissionAnswer) ([]byte, error) {
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	table := [][]string{{"month", "to_kind", "to_id", "code", "name", "role", "currency",
		"credited_minor", "corrected_minor", "refunded_minor", "true_ups_minor", "divided_minor", "adjusted_minor", "net_minor", "entries"}}
	for _, r := range a.Rows {
		table = append(table, []string{
			a.Month, r.To.Kind, r.To.ID.String(), shop.Cell(r.To.Code), shop.Cell(r.To.Name), string(r.Role), string(r.Currency),
			whole(r.CreditedMinor), whole(r.CorrectedMinor), whole(r.RefundedMinor), whole(r.TrueUpsMinor), whole(r.DividedMinor), whole(r.AdjustedMinor),
			whole(r.NetMinor), whole(r.Entries),
		})
	}
	return writeCSV(table)
}

type reportTagsRequest struct {
	endpoint.Paging
	tagFilter
	From time.Time `query:"from"`
	To   time.Time `query:"to"`
}

// longestFigures bounds what is counted at once: scans are kept by month, and each month is looked into.
const longestFigures = 366 * 24 * time.Hour

// Validate asks for both instants.
func (r *reportTagsRequest) Validate() error {
	var c shop.Check
	c.That(!r.From.IsZero(), "from", "required", "Say from which instant on, RFC 3339.")
	c.That(!r.To.IsZero(), "to", "required", "Say to which instant, RFC 3339; it is not included.")
	c.That(r.To.IsZero() || r.To.After(r.From) && r.To.Sub(r.From) <= longestFigures, "to", "out_of_range", "After from, and at most 366 days.")
	r.check(&c)
	return c.Err()
}

type tagFigures struct {
	Tag      tagAnswer `json:"tag"`
	Scans    int64     `json:"scans"`    // by people
	Sessions int64     `json:"sessions"` // of one device less than 30 minutes apart are one
}

// reportTags counts for the tags of one page; a tag that nobody scanned is there with zeros.
func (f *Face) reportTags(ctx context.Context, in reportTagsRequest) (endpoint.List[tagFigures], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[tagFigures]{}, err
	}
	actor := endpoint.Actor(ctx)
	tags, next, err := f.Tags.List(ctx, actor, in.filter(), page)
	if err != nil {
		return endpoint.List[tagFigures]{}, err
	}
	ids := make([]shop.ID, len(tags))
	for i, t := range tags {
		ids[i] = t.ID
	}
	figures, err := f.Scans.Figures(ctx, actor.Brand, ids, in.From, in.To)
	if err != nil {
		return endpoint.List[tagFigures]{}, err
	}
	of := map[shop.ID]scan.Figure{}
	for _, figure := range figures {
		of[figure.Tag] = figure
	}
	return listOf(ctx, tags, next, func(ctx context.Context, t tag.Tag) tagFigures {
		return tagFigures{answerTag(ctx, t), of[t.ID].Scans, of[t.ID].Sessions}
	}), nil
}
