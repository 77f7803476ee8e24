package target

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/csvfile"
)

// kind is what targets and hours do differently.
type kind struct {
	act    string // in the audit
	file   csvfile.Shape
	amount string // the amount's column in a file
	field  string // and its name in a request
	most   int64
	ahead  bool // a month that lies ahead may be set
	parse  func(text string, currency shop.Currency) (int64, string)
	may    func(actor shop.Actor, p place, reach reach) *shop.Refusal
	latest func(ctx context.Context, db postgres.DB, brand shop.BrandID, months []time.Time) (map[place]version, error)
	insert func(ctx context.Context, tx pgx.Tx, actor shop.Actor, in setting) error
}

// version is the latest of what was set.
type version struct {
	no     int32
	amount int64
}

// setting is what an act adds.
type setting struct {
	entries  []entry
	versions []int32
	currency shop.Currency
	now      time.Time
}

var (
	targets = kind{
		act: "targets_set", amount: "target", field: "target_minor",
		file: fileOf([]string{"month", "store", "employee_no", "target"}, "month", "target"), // a target is a store's or a person's
		most: largest, ahead: true, parse: parseTarget, may: mayTarget, latest: latestTargets, insert: insertTargets,
	}
	hours = kind{
		act: "hours_set", amount: "hours", field: "minutes",
		file: fileOf([]string{"month", "store", "employee_no", "hours"}, "month", "store", "employee_no", "hours"),
		most: longest, parse: parseHours, may: mayHours, latest: latestHours, insert: insertHours,
	}
)

// fileOf bounds what one file sets: the people of a large chain, in one transaction.
func fileOf(columns []string, needed ...string) csvfile.Shape {
	return csvfile.Shape{Columns: columns, Needed: needed, MaxRows: 10_000, Unreadable: ErrFile, TooLong: ErrFileLong}
}

// reach are those of whom the actor may set something.
type reach struct {
	stores map[shop.ID]bool
	staff  map[place]bool // of a manager: by month, whoever works at her stores then
}

// mayTarget: a manager knows her people; what her store is to sell decides on her own commission.
func mayTarget(actor shop.Actor, p place, r reach) *shop.Refusal {
	switch {
	case p.store.IsZero() == p.staff.IsZero():
		return ErrHolder
	case p.staff.IsZero() && !r.stores[p.store]:
		return team.ErrStoreUnknown
	case p.staff.IsZero() && actor.Is(shop.RoleManager):
		return ErrStoreTarget
	case p.staff.IsZero():
		return nil
	case !r.staff[place{month: p.month, staff: p.staff}]:
		return team.ErrStaffUnknown
	case p.staff == actor.ID:
		return ErrOwnTarget
	}
	return nil
}

// mayHours does not ask where she is assigned: people help out (支援), and the time sheet knows it before the assignments do.
func mayHours(_ shop.Actor, p place, r reach) *shop.Refusal {
	switch {
	case !r.stores[p.store]:
		return team.ErrStoreUnknown
	case !r.staff[place{staff: p.staff}]:
		return team.ErrStaffUnknown
	}
	return nil
}

// check notes what is wrong with an entry by itself. Today is the brand's day, midnight UTC of its date.
func (k kind) check(c *shop.Check, e entry, today time.Time) {
	first := e.month.Day() == 1 && e.month.Equal(e.month.UTC().Truncate(24*time.Hour))
	c.That(first && e.month.Year() >= 2000 && e.month.Year() < 2100, "month", "month_invalid", "A month is written YYYY-MM.")
	c.That(k.ahead || !e.month.After(today), "month", "month_to_come", "Nobody has worked yet in this month.")
	c.That(e.amount >= 0 && e.amount <= k.most, k.field, "out_of_range", "From 0 to "+strconv.FormatInt(k.most, 10)+".")
}

func parseTarget(text string, currency shop.Currency) (int64, string) {
	minor, err := currency.ParseAmount(text)
	if err != nil {
		return 0, "An amount such as " + currency.Format(1200000) + ", without separators."
	}
	return minor, ""
}

// parseHours reads hours as minutes: 152, 152.5 or 152:30. Hours with a fraction that is no whole minute are refused, not rounded.
func parseHours(text string, _ shop.Currency) (int64, string) {
	const hint = "Hours such as 152, 152.5 or 152:30, in whole minutes."
	whole, rest, isClock := strings.Cut(text, ":")
	fraction := ""
	if !isClock {
		whole, fraction, _ = strings.Cut(text, ".")
		fraction = strings.TrimRight(fraction, "0")
	}
	n, err := strconv.ParseUint(whole, 10, 16)
	if err != nil {
		return 0, hint
	}
	minutes := int64(n) * 60
	switch {
	case isClock:
		m, err := strconv.ParseUint(rest, 10, 8)
		if err != nil || len(rest) != 2 || m > 59 {
			return 0, hint
		}
		minutes += int64(m)
	case fraction != "":
		m, err := strconv.ParseUint((fraction + "0")[:2], 10, 8)
		if err != nil || len(fraction) > 2 || m*60%100 != 0 {
			return 0, hint
		}
		minutes += int64(m * 60 / 100)
	}
	return minutes, ""
}
