package manager

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/report"
)

type reportAdoptionRequest struct {
	daysRequest
	Store  shop.ID `query:"store"`
	Format string  `query:"format"`

	weeks report.Days
}

// Validate reads the range.
func (r *reportAdoptionRequest) Validate() error {
	var c shop.Check
	checkFormat(&c, r.Format)
	r.weeks = r.read(&c)
	r.weeks.Check(&c, report.LongestDays)
	return c.Err()
}

type reportAdoptionAnswer struct {
	From string         `json:"from"`
	To   string         `json:"to"`
	Rows []adoptionWeek `json:"rows"`
}

type adoptionWeek struct {
	Week        string    `json:"week"`   // 2026-W47
	Monday      string    `json:"monday"` // its first day
	Store       keyAnswer `json:"store"`
	NewMembers  int64     `json:"new_members"`
	ActiveStaff int64     `json:"active_staff"`
	CameBack    int64     `json:"came_back"`
}

// reportAdoption has a row for each week and store that took part.
func (f *Face) reportAdoption(ctx context.Context, in reportAdoptionRequest) (any, error) {
	weeks, err := f.Reports.Adoption(ctx, endpoint.Actor(ctx), in.weeks, in.Store)
	if err != nil {
		return nil, err
	}
	answer := reportAdoptionAnswer{From: in.From, To: in.To, Rows: []adoptionWeek{}}
	for _, w := range weeks {
		year, number := w.Week.ISOWeek()
		answer.Rows = append(answer.Rows, adoptionWeek{
			Week: fmt.Sprintf("%d-W%02d", year, number), Monday: w.Week.Format(time.DateOnly), Store: keyAnswer{w.Store.ID, w.Store.Code, w.Store.Name},
			NewMembers: w.NewMembers, ActiveStaff: w.ActiveStaff, CameBack: w.CameBack,
		})
	}
	if in.Format != "csv" {
		return answer, nil
	}
	body, err := adoptionCSV(answer)
	return endpoint.File{ContentType: "text/csv; charset=utf-8", Name: "adoption-" + in.From + "-" + in.To + ".csv", Body: body}, err
}

func adoptionCSV(a reportAdoptionAnswer) ([]byte, error) {
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	table := [][]string{{"week", "monday", "store_id", "code", "name", "new_members", "active_staff", "came_back"}}
	for _, w := range a.Rows {
		table = append(table, []string{
			w.Week, w.Monday, w.Store.ID.String(), shop.Cell(w.Store.Code), shop.Cell(w.Store.Name), whole(w.NewMembers), whole(w.ActiveStaff), whole(w.CameBack),
		})
	}
	return writeCSV(table)
}
