package manager

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/report"
)

// daysRequest is a range of days of the brand's calendar, both included.
type daysRequest struct {
	From string `query:"from"`
	To   string `query:"to"`
}

func (r daysRequest) read(c *shop.Check) report.Days {
	return report.Days{First: dayIn(c, "from", r.From), Last: dayIn(c, "to", r.To)}
}

// dayIn reads a day; zero where there is none.
func dayIn(c *shop.Check, name, text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	c.That(text != "", name, "required", "Say which day, YYYY-MM-DD in the brand's zone.")
	c.That(text == "" || err == nil, name, "day_invalid", "A day is written YYYY-MM-DD.")
	return day
}

type reportFunnelRequest struct {
	daysRequest
	By     report.Dimension `query:"by"`
	Each   report.Bucket    `query:"each"`
	Store  shop.ID          `query:"store"`
	Format string           `query:"format"`

	question report.Question
}

// Validate reads the question.
func (r *reportFunnelRequest) Validate() error {
	if r.Each == "" {
		r.Each = report.Whole
	}
	most := report.LongestDays
	if r.Each == report.ByHour {
		most = report.LongestHourDays
	}
	var c shop.Check
	c.That(slices.Contains(report.Dimensions, r.By), "by", "by_unknown", "tag, placement, product, batch, staff or store.")
	c.That(slices.Contains(report.Buckets, r.Each), "each", "each_unknown", "range, day or hour.")
	checkFormat(&c, r.Format)
	r.question = report.Question{Days: r.read(&c), By: r.By, Each: r.Each, Store: r.Store}
	r.question.Check(&c, most)
	return c.Err()
}

func checkFormat(c *shop.Check, format string) {
	c.That(slices.Contains([]string{"", "json", "csv"}, format), "format", "format_unknown", "json or csv.")
}

// reportFunnelAnswer reconciles: total is the sum of the rows, and the same whatever the rows are of.
type reportFunnelAnswer struct {
	By       report.Dimension `json:"by"`
	Each     report.Bucket    `json:"each"`
	From     string           `json:"from"`
	To       string           `json:"to"`
	Currency shop.Currency    `json:"currency"`
	Rows     []funnelRow      `json:"rows"`
	Total    funnelFigures    `json:"total"`
}

type funnelRow struct {
	Of            *keyAnswer `json:"of,omitempty"`
	Unassigned    bool       `json:"unassigned,omitempty"`
	StartsAt      time.Time  `json:"starts_at,omitzero"`
	Day           string     `json:"day,omitempty"`
	Hour          *int       `json:"hour,omitempty"`
	CreditPerPing *int64     `json:"credit_per_ping_minor,omitempty"`
	NetPerPing    *int64     `json:"net_per_ping_minor,omitempty"`
	funnelFigures
}

type keyAnswer struct {
	ID   shop.ID `json:"id,omitzero"`
	Code string  `json:"code,omitempty"`
	Name string  `json:"name,omitempty"`
}

type funnelFigures struct {
	Scans         int64  `json:"scans"`
	Sessions      int64  `json:"sessions"`
	Joins         int64  `json:"joins"`
	Bindings      int64  `json:"bindings"`
	Orders        int64  `json:"orders"`
	ForeignOrders int64  `json:"foreign_orders"`
	Net           int64  `json:"net_minor"`
	Returned      int64  `json:"returned_minor"`
	Credit        int64  `json:"credit_minor"`
	OwnCredit     int64  `json:"own_credit_minor"`
	Conversion    string `json:"conversion,omitempty"`
	ConversionBP  *int64 `json:"conversion_bp,omitempty"`
	AOV           string `json:"aov,omitempty"`
	AOVMinor      *int64 `json:"aov_minor,omitempty"`
}

// reportFunnel is one document and not a list: it must reconcile as a whole.
func (f *Face) reportFunnel(ctx context.Context, in reportFunnelRequest) (any, error) {
	funnel, err := f.Reports.Funnel(ctx, endpoint.Actor(ctx), in.question)
	if err != nil {
		return nil, err
	}
	answer := reportFunnelAnswer{
		By: funnel.By, Each: funnel.Each, From: in.From, To: in.To, Currency: funnel.Currency, Rows: []funnelRow{}, Total: answerFigures(funnel.Total),
	}
	for _, r := range funnel.Rows {
		answer.Rows = append(answer.Rows, answerFunnel(r, funnel))
	}
	if in.Format != "csv" {
		return answer, nil
	}
	body, err := funnelCSV(answer)
	name := fmt.Sprintf("funnel-by-%s-%s-%s.csv", answer.By, answer.From, answer.To)
	return endpoint.File{ContentType: "text/csv; charset=utf-8", Name: name, Body: body}, err
}

func answerFunnel(r report.FunnelRow, of report.Funnel) funnelRow {
	row := funnelRow{Of: answerKey(r.Key), Unassigned: r.Key.IsNobody(), StartsAt: r.Starts, funnelFigures: answerFigures(r.Figures)}
	if local := r.Starts.In(of.Zone); !r.Starts.IsZero() {
		row.Day = local.Format(time.DateOnly)
		if hour := local.Hour(); of.Each == report.ByHour {
			row.Hour = &hour
		}
	}
	if credit, known := r.PerPing(r.OwnCredit); known {
		net, _ := r.PerPing(r.Net)
		row.CreditPerPing, row.NetPerPing = &credit, &net
	}
	return row
}

func answerKey(k report.Key) *keyAnswer {
	if k.IsNobody() {
		return nil
	}
	return &keyAnswer{k.ID, k.Code, k.Name}
}

func answerFigures(f report.Figures) funnelFigures {
	a := funnelFigures{
		Scans: f.Scans, Sessions: f.Sessions, Joins: f.Joins, Bindings: f.Bindings, Orders: f.Orders, ForeignOrders: f.ForeignOrders,
		Net: f.Net, Returned: f.Returned, Credit: f.Credit, OwnCredit: f.OwnCredit,
	}
	if conversion := f.Conversion(); conversion != nil {
		bp := shop.HalfUp(new(big.Rat).Mul(conversion, big.NewRat(10_000, 1)))
		a.Conversion, a.ConversionBP = conversion.RatString(), &bp
	}
	if aov := f.AOV(); aov != nil {
		minor := shop.HalfUp(aov)
		a.AOV, a.AOVMinor = aov.RatString(), &minor
	}
	return a
}

func funnelCSV(a reportFunnelAnswer) ([]byte, error) {
	table := [][]string{{"by", "id", "code", "name", "starts_at", "day", "hour", "scans", "sessions", "joins", "bindings", "orders", "foreign_orders",
		"currency", "net_minor", "returned_minor", "credit_minor", "own_credit_minor", "conversion_bp", "aov_minor", "credit_per_ping_minor", "net_per_ping_minor"}}
	for _, r := range a.Rows {
		key, starts, hour := keyAnswer{}, "", ""
		if r.Of != nil {
			key = *r.Of
		}
		if !r.StartsAt.IsZero() {
			starts = r.StartsAt.Format(time.RFC3339)
		}
		if r.Hour != nil {
			hour = strconv.Itoa(*r.Hour)
		}
		row := []string{string(a.By), idCell(key.ID), shop.Cell(key.Code), shop.Cell(key.Name), starts, r.Day, hour}
		for _, n := range []int64{r.Scans, r.Sessions, r.Joins, r.Bindings, r.Orders, r.ForeignOrders} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		row = append(row, string(a.Currency))
		for _, n := range []*int64{&r.Net, &r.Returned, &r.Credit, &r.OwnCredit, r.ConversionBP, r.AOVMinor, r.CreditPerPing, r.NetPerPing} {
			row = append(row, wholeOrEmpty(n))
		}
		table = append(table, row)
	}
	return writeCSV(table)
}

func idCell(id shop.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

func wholeOrEmpty(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
