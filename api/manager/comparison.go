package manager

import (
	"context"
	"math"
	"slices"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/comparison"
	"homestore/referral/report"
)

type reportComparisonRequest struct {
	daysRequest
	By report.Dimension `query:"by"`
	A  string           `query:"a"`
	B  string           `query:"b"`

	pair report.Pair
}

// Validate reads what is to be compared.
func (r *reportComparisonRequest) Validate() error {
	var c shop.Check
	c.That(slices.Contains(report.Dimensions, r.By), "by", "by_unknown", "tag, placement, product, batch, staff or store.")
	r.pair = report.Pair{Days: r.read(&c), By: r.By, A: r.A, B: r.B}
	r.pair.Check(&c)
	return c.Err()
}

type reportComparisonAnswer struct {
	By         report.Dimension `json:"by"`
	From       string           `json:"from"`
	To         string           `json:"to"`
	Currency   shop.Currency    `json:"currency"`
	A          sideAnswer       `json:"a"`
	B          sideAnswer       `json:"b"`
	Conversion differenceAnswer `json:"conversion"`
	Revenue    differenceAnswer `json:"revenue_per_session"`
}

type sideAnswer struct {
	Of       *keyAnswer `json:"of"`
	Sessions int64      `json:"sessions"`
	Buying   int64      `json:"buying_sessions"`
	Minor    int64      `json:"net_minor"`
}

// differenceAnswer has estimates and no amounts: nobody is paid by them.
type differenceAnswer struct {
	A          float64            `json:"a"`
	B          float64            `json:"b"`
	Difference float64            `json:"difference"`
	Low        *float64           `json:"low,omitempty"`
	High       *float64           `json:"high,omitempty"`
	Verdict    comparison.Verdict `json:"verdict"`
	More       int64              `json:"more_sessions"`
	Sentence   shop.Text          `json:"sentence"`
}

// reportComparison says which of two sells more, or that it cannot be told yet.
func (f *Face) reportComparison(ctx context.Context, in reportComparisonRequest) (reportComparisonAnswer, error) {
	c, err := f.Reports.Compare(ctx, endpoint.Actor(ctx), in.pair)
	if err != nil {
		return reportComparisonAnswer{}, err
	}
	a, b := calledIn(c.KeyA), calledIn(c.KeyB)
	return reportComparisonAnswer{
		By: c.By, From: in.From, To: in.To, Currency: c.Currency, A: answerSide(c.KeyA, c.GroupA), B: answerSide(c.KeyB, c.GroupB),
		Conversion: answerDifference(c.Conversion, c.Conversion.OfConversion(a, b)),
		Revenue:    answerDifference(c.Revenue, c.Revenue.OfRevenue(a, b, c.Currency)),
	}, nil
}

func answerSide(k report.Key, g comparison.Group) sideAnswer {
	return sideAnswer{answerKey(k), g.Sessions, g.Buying, g.Minor}
}

// calledIn is what a sentence calls one side. Tags of one shelf may have one label, so the code is there too.
func calledIn(k report.Key) string {
	switch {
	case k.Name != "" && k.Code != "":
		return k.Name + " (" + k.Code + ")"
	case k.Code != "":
		return k.Code
	}
	return k.ID.String()
}

func answerDifference(d comparison.Difference, sentence shop.Text) differenceAnswer {
	a := differenceAnswer{A: d.A, B: d.B, Difference: d.Less, Verdict: d.Verdict, More: d.More, Sentence: sentence}
	if !math.IsInf(d.Low, 0) {
		a.Low, a.High = &d.Low, &d.High
	}
	return a
}
