package dispute

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// figure is how many disputes of a store or one of its people came into a state after so many days.
type figure struct {
	Month    time.Time // its first day, as midnight UTC
	Store    shop.ID
	Party    attribution.Beneficiary
	Side     string // for or against
	State    State
	Days     int
	Disputes int
}

// figuresOf is what a dispute that came into its state adds: one to each store of a side, and one to each person and pool.
func figuresOf(d Dispute, at time.Time, zone *time.Location) []figure {
	y, m, _ := at.In(zone).Date()
	days := 0
	if d.State != Raised {
		days = d.days()
	}
	var all []figure
	for side, parties := range d.sides() {
		for _, s := range parties {
			for _, party := range []attribution.Beneficiary{attribution.StoreOf(s.Store), s.Party} {
				f := figure{Month: time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), Store: s.Store, Party: party, Side: side, State: d.State, Days: days}
				if !slices.Contains(all, f) { // two people of one store are one dispute of the store
					all = append(all, f)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b figure) int { // locked in one sequence by whoever counts
		return cmp.Or(bytes.Compare(a.Store[:], b.Store[:]), cmp.Compare(a.Party.Kind, b.Party.Kind), bytes.Compare(a.Party.ID[:], b.Party.ID[:]), cmp.Compare(a.Side, b.Side))
	})
	return all
}

// Tally is how the disputes of one side went.
type Tally struct {
	Raised    int
	Upheld    int
	Refused   int
	Withdrawn int
	// MedianDays is how long half of those that were decided took at most, in whole days; 0 when none was.
	MedianDays int
}

// Row is how the disputes of a store, or of one person or pool of it, went in some months: those that were raised in them, and
// those that were decided in them.
type Row struct {
	Store   shop.ID
	Party   attribution.Beneficiary
	For     Tally // raised for them
	Against Tally // about what they had
}

// Figures are the rows of the months from first to last, by store, the store itself first. Head office and finance read all, a
// manager those of her stores.
func (s *Service) Figures(ctx context.Context, actor shop.Actor, first, last time.Time) ([]Row, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, err
	}
	var stores []shop.ID
	if actor.Is(shop.RoleManager) {
		stores = append([]shop.ID{}, actor.Stores...) // never nil, which would be everybody's
	}
	var counted []figure
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		counted, err = figuresBetween(ctx, tx, actor.Brand, stores, first, last)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("figures of disputes: %w", err)
	}
	return rowsOf(counted), nil
}

// rowsOf adds up figures that come by store, party and side.
func rowsOf(counted []figure) []Row {
	var rows []Row
	waited := map[*Tally]map[int]int{}
	for _, f := range counted {
		n := len(rows) - 1
		if n < 0 || rows[n].Store != f.Store || rows[n].Party != f.Party {
			rows = append(rows, Row{Store: f.Store, Party: f.Party})
		}
	}
	for _, f := range counted {
		i := slices.IndexFunc(rows, func(r Row) bool { return r.Store == f.Store && r.Party == f.Party })
		t := &rows[i].For
		if f.Side == "against" {
			t = &rows[i].Against
		}
		t.add(f)
		if f.State == Upheld || f.State == Refused {
			if waited[t] == nil {
				waited[t] = map[int]int{}
			}
			waited[t][f.Days] += f.Disputes
		}
	}
	for t, days := range waited {
		t.MedianDays = median(days)
	}
	return rows
}

func (t *Tally) add(f figure) {
	switch f.State {
	case Raised:
		t.Raised += f.Disputes
	case Upheld:
		t.Upheld += f.Disputes
	case Refused:
		t.Refused += f.Disputes
	case Withdrawn:
		t.Withdrawn += f.Disputes
	}
}

// median is the fewest days within which half of them were decided.
func median(disputes map[int]int) int {
	var days []int
	all := 0
	for d, n := range disputes {
		days, all = append(days, d), all+n
	}
	slices.Sort(days)
	sum := 0
	for _, d := range days {
		if sum += disputes[d]; 2*sum >= all {
			return d
		}
	}
	return 0
}
