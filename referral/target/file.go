package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/csvfile"
)

// Verdict is what becomes of a row of a file.
type Verdict string

const (
	RowNew     Verdict = "new"     // nothing was set there
	RowChanged Verdict = "changed" // something else was
	RowKnown   Verdict = "known"   // the same was
	RowWrong   Verdict = "wrong"   // nothing of the file is set until it is mended
)

// Line is a row of a file and what becomes of it.
type Line struct {
	Row     int // the line of the file that it begins on; the header is 1
	Verdict Verdict
	Fields  []shop.Field // of a wrong row: which column, and what to do
}

// ImportTargets sets the targets of a CSV file with the columns month (YYYY-MM), store or employee_no, and target (an amount of
// the brand's currency such as 1200000), all or none. ErrFile, ErrFileLong and ErrRows can come back. A rehearsal sets nothing
// and refuses no row: it tells.
func (s *Service) ImportTargets(ctx context.Context, actor shop.Actor, file []byte, isRehearsal bool) ([]Line, error) {
	return s.importFile(ctx, actor, targets, file, isRehearsal)
}

// ImportHours sets hours from a CSV file with the columns month (YYYY-MM), store, employee_no and hours (152, 152.5 or 152:30), as
// ImportTargets does.
func (s *Service) ImportHours(ctx context.Context, actor shop.Actor, file []byte, isRehearsal bool) ([]Line, error) {
	return s.importFile(ctx, actor, hours, file, isRehearsal)
}

func (s *Service) importFile(ctx context.Context, actor shop.Actor, k kind, file []byte, isRehearsal bool) ([]Line, error) {
	if err := actor.Allow(whoMay...); err != nil {
		return nil, err
	}
	rows, err := k.file.Read(file)
	if err != nil {
		return nil, err
	}
	now := shop.Millis(s.now())
	var lines []Line
	act := func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		var entries []entry
		if lines, entries, err = k.judge(ctx, tx, actor, brand, rows, now); err != nil || isRehearsal {
			return err
		}
		if err := wrongRows(lines); err != nil {
			return err
		}
		return k.set(ctx, tx, actor, brand, entries, now)
	}
	if isRehearsal {
		err = s.pool.Read(ctx, actor.Brand, act)
	} else {
		err = s.pool.Brand(ctx, actor.Brand, act)
	}
	if err != nil {
		return nil, fmt.Errorf("import %d rows: %w", len(rows), err)
	}
	return lines, nil
}

// judge says what becomes of each row, and which entries they are.
func (k kind) judge(ctx context.Context, tx pgx.Tx, actor shop.Actor, brand team.Brand, written []csvfile.Row, now time.Time) ([]Line, []entry, error) {
	n, err := namesIn(ctx, tx, brand.ID, written)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]csvfile.Row, len(written)) // the transaction may be run again, and notes what is wrong
	entries := make([]entry, len(written))
	for i, r := range written {
		rows[i] = r.Clone()
		entries[i] = k.understand(&rows[i], n, brand, now)
	}
	var sound []entry
	for i, e := range entries {
		if len(rows[i].Wrong) == 0 {
			sound = append(sound, e)
		}
	}
	r, err := reachOf(ctx, tx, actor, sound)
	if err != nil {
		return nil, nil, err
	}
	kept, err := k.latest(ctx, tx, brand.ID, monthsOf(sound))
	if err != nil {
		return nil, nil, err
	}
	lines, first := make([]Line, len(rows)), map[place]int{}
	for i, e := range entries {
		one := &rows[i]
		if len(one.Wrong) == 0 {
			if refusal := k.may(actor, e.place, r); refusal != nil {
				one.That(false, "row", refusal.Code, refusal.Message)
			}
			before, isTwice := first[e.place]
			one.That(!isTwice, "row", "row_twice", fmt.Sprintf("Line %d sets the same.", before))
			first[e.place] = one.Number
		}
		lines[i] = Line{Row: one.Number, Verdict: verdictOn(e, kept), Fields: one.Wrong}
		if len(one.Wrong) > 0 {
			lines[i].Verdict = RowWrong
		}
	}
	return lines, entries, nil
}

func verdictOn(e entry, kept map[place]version) Verdict {
	before, isSet := kept[e.place]
	switch {
	case isSet && before.amount == e.amount, !isSet && e.amount == 0:
		return RowKnown
	case isSet:
		return RowChanged
	}
	return RowNew
}

// names are the ids of what the rows name.
type names struct {
	stores map[string]shop.ID // by code
	staff  map[string]shop.ID // by employee number
}

func namesIn(ctx context.Context, tx pgx.Tx, brand shop.BrandID, rows []csvfile.Row) (names, error) {
	n := names{stores: map[string]shop.ID{}}
	stores, err := team.Stores(ctx, tx, brand)
	if err != nil {
		return n, err
	}
	for _, st := range stores {
		n.stores[st.Code] = st.ID
	}
	var numbers []string
	for _, r := range rows {
		if no := r.Cells["employee_no"]; no != "" {
			numbers = append(numbers, no)
		}
	}
	n.staff, err = team.StaffByNumbers(ctx, tx, brand, numbers)
	return n, err
}

// understand is the entry that a row asks for; what it asks wrongly is noted in the row. Who may ask it is asked later.
func (k kind) understand(r *csvfile.Row, n names, brand team.Brand, now time.Time) entry {
	for _, column := range k.file.Needed {
		r.That(r.Cells[column] != "", column, "required", "Fill in this cell.")
	}
	month, err := time.Parse("2006-01", r.Cells["month"])
	r.That(err == nil, "month", "month_invalid", "A month is written YYYY-MM.")
	e := entry{place: place{month: month, store: n.stores[r.Cells["store"]], staff: n.staff[r.Cells["employee_no"]]}}
	r.That(r.Cells["store"] == "" || !e.store.IsZero(), "store", team.ErrStoreUnknown.Code, "Write the code of one of your stores.")
	r.That(r.Cells["employee_no"] == "" || !e.staff.IsZero(), "employee_no", team.ErrStaffUnknown.Code, "Write the employee number of somebody of the brand.")
	var hint string
	e.amount, hint = k.parse(r.Cells[k.amount], brand.Currency)
	r.That(hint == "", k.amount, k.amount+"_invalid", hint)
	if len(r.Wrong) > 0 {
		return e
	}
	var c shop.Check
	k.check(&c, e, brand.Day(now))
	if refusal, is := errors.AsType[*shop.Refusal](c.Err()); is {
		for _, f := range refusal.Fields {
			if f.Name == k.field {
				f.Name = k.amount
			}
			r.That(false, f.Name, f.Code, f.Hint)
		}
	}
	return e
}

// wrongRows is ErrRows with the first of the wrong rows, or nil.
func wrongRows(lines []Line) error {
	var c shop.Check
	for _, line := range lines {
		for _, f := range line.Fields {
			c.That(false, fmt.Sprintf("rows[%d].%s", line.Row, f.Name), f.Code, f.Hint)
		}
	}
	if refusal, is := errors.AsType[*shop.Refusal](c.Err()); is {
		return ErrRows.With(refusal.Fields...)
	}
	return nil
}
