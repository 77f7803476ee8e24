package report_test

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
	"homestore/referral/comparison"
	"homestore/referral/report"
	"homestore/referral/tag"
)

// randomDays are three days, over the end of a month in Taipei, in which anything may happen: scans by people and programs, in
// time and late, joins, enrolments at the till, orders, refunds and cancellations; and the roll-up now and then between.
func (s *shelf) randomDays(random *rand.Rand, steps int) {
	tags := []tag.Target{
		s.tag(s.S1, shop.ID{}, tag.Shelf, "SOFA", "A"), s.tag(s.S1, s.Amy, tag.Window, "", "A"), s.tag(s.S1, s.Amy, tag.StaffCard, "", ""),
		s.tag(s.S2, shop.ID{}, tag.Shelf, "SOFA", "B"), s.tag(s.S2, s.Ben, tag.FittingRoom, "LAMP", "B"),
	}
	amy := shop.Actor{Brand: s.Brand, Role: shop.RoleStaff, ID: s.Amy, Store: s.S1, Stores: []shop.ID{s.S1}}
	began := s.now
	var clicks []string
	var customers []shop.ID
	orders := map[string]int64{}
	some := func() (few []string) {
		for range min(random.IntN(3), len(clicks)) {
			few = append(few, clicks[random.IntN(len(clicks))])
		}
		return few
	}
	for n := range steps {
		s.now = s.now.Add(time.Duration(random.IntN(int(2 * 72 * time.Hour / time.Duration(steps)))))
		switch what := random.IntN(20); {
		case what < 8:
			clicks = append(clicks, s.scan(tags[random.IntN(len(tags))], random.IntN(5), phone))
		case what == 8:
			s.scan(tags[random.IntN(len(tags))], random.IntN(5), crawler)
		case what == 9:
			s.late(tags[random.IntN(len(tags))], byte(random.IntN(3)), began.Add(time.Duration(random.Int64N(int64(s.now.Sub(began)+1)))))
		case what < 12:
			customers = append(customers, s.joins(some()...))
		case what == 12:
			j, err := s.bindings.EnrolAtTill(s.t.Context(), amy, s.S1, binding.Membership{Phone: fmt.Sprintf("0912%06d", n)})
			if err != nil {
				s.t.Fatal(err)
			}
			customers = append(customers, j.Customer)
		case what < 17 && len(customers) > 0:
			who, currency, pieces := customers[random.IntN(len(customers))], shop.Currency("TWD"), 1+random.Int64N(5)
			if random.IntN(8) == 0 {
				who = shop.ID{}
			}
			if random.IntN(8) == 0 {
				currency = "USD"
			}
			orders[s.buys(who, pieces, currency, some()...)] = pieces
		case what < 19 && len(orders) > 0:
			name := pick(random, orders)
			s.apply(order.WasRefunded{Order: name, ExternalID: fmt.Sprint("r", n), At: s.now, Lines: []order.RefundedLine{{Line: "1", Quantity: 1 + random.Int64N(orders[name])}}})
		case what == 19 && len(orders) > 0 && random.IntN(3) == 0:
			s.apply(order.WasCancelled{Order: pick(random, orders), At: s.now})
		}
		if random.IntN(25) == 0 {
			s.rolled()
		}
	}
}

func pick(random *rand.Rand, orders map[string]int64) string {
	n := random.IntN(len(orders))
	names := make([]string, 0, len(orders))
	for i := range orders {
		names = append(names, i)
	}
	// Maps have no sequence, and a seed must mean one story.
	return sorted(names)[n]
}

func TestTheFunnelIsWhatTheFactsAddUpTo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := setupShelf(t)
			s.randomDays(rand.New(rand.NewPCG(seed, 17)), 220) //nolint:gosec // a seed is a story
			s.rolled()
			if again := s.rolled(); again != 0 {
				t.Errorf("nothing has happened since, and %d hours are worked out again", again)
			}
			var total report.Figures
			for i, by := range report.Dimensions {
				whole := s.funnel(by, report.Whole, "2026-03-29", "2026-04-10")
				got := map[string]report.Figures{}
				for _, r := range whole.Rows {
					got[text(r.Key)] = r.Figures
					s.holdsIdentity(r.Figures)
				}
				want := s.recomputed(by)
				if !maps.Equal(got, want) {
					t.Errorf("by %s:\n%+v\nfrom the facts:\n%+v", by, got, want)
				}
				for _, each := range []report.Bucket{report.ByDay, report.ByHour} {
					parts := s.funnel(by, each, "2026-03-29", "2026-04-10")
					if sum := summed(parts.Rows); !maps.Equal(sum, got) || parts.Total != whole.Total {
						t.Errorf("by %s and %s:\n%+v\nis not\n%+v", by, each, sum, got)
					}
				}
				if i == 0 {
					total = whole.Total
				}
				if whole.Total != total {
					t.Errorf("the total by %s is %+v, by tag %+v", by, whole.Total, total)
				}
			}
			if total.Orders == 0 || total.Returned == 0 || total.ForeignOrders == 0 || total.Joins == 0 || total.Bindings == 0 || total.Sessions == total.Scans {
				t.Errorf("too little happened: %+v", total)
			}
			s.equalsTheBook(total)
			s.comparesWhatSessionsLedTo()
			s.adoptsAsTheFactsSay()
		})
	}
}

// comparesWhatSessionsLedTo: both sides of a comparison are the sums of their sessions, whatever they are of.
func (s *shelf) comparesWhatSessionsLedTo() {
	s.t.Helper()
	byPlacement, byTag := map[string]comparison.Group{}, map[string]comparison.Group{}
	add := func(to map[string]comparison.Group, key string, one *session) {
		g := to[key]
		g.Sessions, g.Minor, g.Squares = g.Sessions+1, g.Minor+one.minor, g.Squares+float64(one.minor*one.minor)
		if one.bought {
			g.Buying++
		}
		to[key] = g
	}
	var bought int64
	for _, one := range s.sessions() {
		add(byPlacement, one.placement, one)
		add(byTag, one.tag.String(), one)
		bought += one.minor
	}
	if bought == 0 {
		s.t.Error("no session has led to anything")
	}
	for by, groups := range map[report.Dimension]map[string]comparison.Group{report.ByPlacement: byPlacement, report.ByTag: byTag} {
		for key, want := range groups {
			c, err := s.Compare(s.t.Context(), s.hq, report.Pair{Days: report.Days{First: day("2026-03-29"), Last: day("2026-04-10")}, By: by, A: key, B: "00000000-0000-0000-0000-000000000001"})
			if err != nil || c.GroupA != want || c.GroupB != (comparison.Group{}) {
				s.t.Errorf("%s %s: %+v (%v), the sessions say %+v", by, key, c.GroupA, err, want)
			}
		}
	}
}

func (s *shelf) adoptsAsTheFactsSay() {
	s.t.Helper()
	for _, wanted := range []bool{true, false} {
		n, err := s.RollUpWeeks(s.t.Context(), s.Brand)
		if err != nil || (n > 0) != wanted {
			s.t.Errorf("%d weeks were worked out: %v", n, err)
		}
	}
	weeks, err := s.Adoption(s.t.Context(), s.hq, report.Days{First: day("2026-03-29"), Last: day("2026-04-10")}, shop.ID{})
	if err != nil {
		s.t.Fatal(err)
	}
	got, want := map[string]report.Adoption{}, s.adoptions()
	var sum report.Adoption
	for _, w := range weeks {
		got[w.Week.Format(time.DateOnly)+" "+w.Store.ID.String()] = report.Adoption{NewMembers: w.NewMembers, ActiveStaff: w.ActiveStaff, CameBack: w.CameBack}
		sum.NewMembers, sum.ActiveStaff, sum.CameBack = sum.NewMembers+w.NewMembers, sum.ActiveStaff+w.ActiveStaff, sum.CameBack+w.CameBack
	}
	if !maps.Equal(got, want) || sum.NewMembers == 0 || sum.ActiveStaff == 0 || sum.CameBack == 0 || len(want) < 3 {
		s.t.Errorf("%+v\nfrom the facts:\n%+v", got, want)
	}
}

// holdsIdentity: 業績 = 流量 x 轉換率 x 客單價, to the unit.
func (s *shelf) holdsIdentity(f report.Figures) {
	s.t.Helper()
	conversion, aov := f.Conversion(), f.AOV()
	if conversion == nil || aov == nil {
		if f.Sessions > 0 && f.Orders > 0 {
			s.t.Errorf("%+v has no ratios", f)
		}
		return
	}
	product := new(big.Rat).Mul(big.NewRat(f.Sessions, 1), conversion)
	if product.Mul(product, aov).Cmp(big.NewRat(f.Net, 1)) != 0 {
		s.t.Errorf("%d x %s x %s is %s, not %d", f.Sessions, conversion, aov, product, f.Net)
	}
}

// equalsTheBook: the commission in the funnel is the net of the ledger's transfers, the other currencies' aside.
func (s *shelf) equalsTheBook(total report.Figures) {
	s.t.Helper()
	var book int64
	s.read(func(tx pgx.Tx) error {
		return tx.QueryRow(s.t.Context(), `
			SELECT sum(CASE WHEN d.kind = 'expense' THEN t.amount_minor ELSE -t.amount_minor END)
			FROM ledger_transfer t JOIN account d ON d.brand_id = t.brand_id AND d.id = t.debit_account_id
			WHERE t.brand_id = $1 AND t.currency = 'TWD' AND t.kind <> 'vest'`, s.Brand).Scan(&book)
	})
	if book != total.Credit {
		s.t.Errorf("commission is %d in the funnel and %d in the book", total.Credit, book)
	}
}

func summed(rows []report.FunnelRow) map[string]report.Figures {
	sums := map[string]report.Figures{}
	for _, r := range rows {
		f := sums[text(r.Key)]
		f.Scans, f.Sessions, f.Joins, f.Bindings = f.Scans+r.Scans, f.Sessions+r.Sessions, f.Joins+r.Joins, f.Bindings+r.Bindings
		f.Orders, f.ForeignOrders, f.Net, f.Returned = f.Orders+r.Orders, f.ForeignOrders+r.ForeignOrders, f.Net+r.Net, f.Returned+r.Returned
		f.Credit, f.OwnCredit = f.Credit+r.Credit, f.OwnCredit+r.OwnCredit
		sums[text(r.Key)] = f
	}
	return sums
}

func text(k report.Key) string {
	if !k.ID.IsZero() {
		return k.ID.String()
	}
	return k.Code
}
