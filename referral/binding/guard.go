package binding

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Sign is one thing about a claim that looks wrong.
type Sign struct {
	Sign  string `json:"sign"`           // a name of team.Scores; rebound and confirm add nothing
	Score int    `json:"score"`          // what the policy says it is worth
	Seen  int    `json:"seen,omitempty"` // how many or much of it was seen
	Cap   int    `json:"cap,omitempty"`  // and from what on it is a sign
}

// sight is what was found out about a claim that could win. Numbers are zero where nobody can know them: without the session
// of an app there is no app.
type sight struct {
	ownContact bool
	ownApp     bool
	onApp      int // customers who have signed in with her app
	today      int // claims of the person on the day, this one too
	usualDay   float64
	hour       int // claims by the tag in the hour, this one too
	usualHour  float64
	replays    int // people who brought the most replayed of her clicks
	orders     int // of customers whom the person has won
	returned   int // of these, given back
}

// What is a usual that something can be far beyond: with less to go by, everything is an outlier.
const (
	leastUnusual  = 20 // claims; a person's tenth is nobody's burst
	leastReturned = 10 // orders
	usualDays     = 28
	leastSpans    = 7 // days of people, hours of a tag
)

// signsOf is the whole rule of what looks wrong.
func signsOf(s sight, g team.Guard) []Sign {
	returnedBP := 0
	if s.orders >= leastReturned {
		returnedBP = s.returned * 10_000 / s.orders
	}
	var signs []Sign
	note := func(is bool, name string, score, seen, most int) {
		if is && score > 0 {
			signs = append(signs, Sign{Sign: name, Score: score, Seen: seen, Cap: most})
		}
	}
	note(s.ownContact, "own_contact", g.Scores.OwnContact, 0, 0)
	note(s.ownApp, "own_app", g.Scores.OwnApp, 0, 0)
	note(s.onApp > g.AppCap, "shared_app", g.Scores.SharedApp, s.onApp, g.AppCap)
	note(s.today > g.DailyCap, "daily_cap", g.Scores.DailyCap, s.today, g.DailyCap)
	day, hour := outlier(s.usualDay, g.UsualTimes), outlier(s.usualHour, g.UsualTimes)
	note(day > 0 && s.today > day, "unusual_day", g.Scores.UnusualDay, s.today, day)
	note(s.hour > g.TagHourlyCap, "tag_hourly_cap", g.Scores.TagHourlyCap, s.hour, g.TagHourlyCap)
	note(hour > 0 && s.hour > hour, "unusual_hour", g.Scores.UnusualHour, s.hour, hour)
	note(s.replays > g.ReplayCap, "click_replayed", g.Scores.ClickReplayed, s.replays, g.ReplayCap)
	note(returnedBP > g.ReturnedBP, "returns", g.Scores.Returns, returnedBP, g.ReturnedBP)
	return signs
}

// outlier is the most that is not one; 0 where nothing is usual yet.
func outlier(usual float64, times int) int {
	if usual == 0 || times == 0 {
		return 0
	}
	return max(int(usual*float64(times)), leastUnusual)
}

// ScoreOf is what signs add up to.
func ScoreOf(signs []Sign) int {
	score := 0
	for _, s := range signs {
		score += s.Score
	}
	return score
}

// isGuarded: what a person or a passer-by can bring about. Systems and head office import what is on record, and an invoice
// is somebody's who has bought.
func isGuarded(b bid) bool {
	return b.Source == FromScan || b.Source == FromStaffCode || b.Source == FromTill
}

// look finds out about a claim that could win. She is locked.
func (s *Service) look(ctx context.Context, tx pgx.Tx, a *act, b bid, e Evidence) (sight, error) {
	brand := a.actor.Brand
	var saw sight
	if err := a.lookAtRates(ctx, tx, b, e, &saw); err != nil {
		return sight{}, err
	}
	replays, err := replaysOf(ctx, tx, brand, a.who)
	if err != nil {
		return sight{}, err
	}
	saw.replays = replays
	if a.actor.Role == shop.RoleCustomer && !a.actor.Session.IsZero() {
		if err := a.lookAtApp(ctx, tx, b, &saw); err != nil {
			return sight{}, err
		}
	}
	if b.Staff.IsZero() {
		return saw, nil
	}
	if saw.ownContact, err = isHerContact(ctx, tx, brand, b.Staff, a.who); err != nil {
		return sight{}, err
	}
	won, err := wonBy(ctx, tx, brand, b.Staff)
	if err != nil || len(won) == 0 {
		return saw, err
	}
	saw.orders, saw.returned, err = order.GivenBack(ctx, tx, brand, won, a.now.Add(-days(returnDays)))
	return saw, err
}

// How far back, and over how many customers, a person's returns are looked at.
const (
	returnDays = 90
	returnMost = 200
)

// lookAtRates counts the claim itself, so that of many at one moment no more than the cap stay under it.
func (a *act) lookAtRates(ctx context.Context, tx pgx.Tx, b bid, e Evidence, saw *sight) error {
	brand := a.actor.Brand
	of, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return err
	}
	if !b.Staff.IsZero() {
		today := span{subject: "staff", id: b.Staff, store: b.Store, began: of.Day(a.now)}
		if saw.today, err = countClaim(ctx, tx, brand, today); err != nil {
			return fmt.Errorf("count claims of a person: %w", err)
		}
		if saw.usualDay, err = usualOfStore(ctx, tx, brand, today); err != nil {
			return err
		}
	}
	if !e.Tag.IsZero() {
		hour := span{subject: "tag", id: e.Tag, store: b.Store, began: a.now.Truncate(time.Hour)}
		if saw.hour, err = countClaim(ctx, tx, brand, hour); err != nil {
			return fmt.Errorf("count claims by a tag: %w", err)
		}
		saw.usualHour, err = usualOfTag(ctx, tx, brand, hour)
	}
	return err
}

// lookAtApp knows a phone by the secret of the app on it, which is the same for everybody who signs in there.
func (a *act) lookAtApp(ctx context.Context, tx pgx.Tx, b bid, saw *sight) error {
	people, err := team.OnSameApp(ctx, tx, a.actor.Brand, a.actor.Session)
	if err != nil {
		return err
	}
	saw.onApp = len(people.Customers)
	if b.Staff.IsZero() {
		return nil
	}
	works, err := customer.StaffAmong(ctx, tx, a.actor.Brand, people.Customers)
	if err != nil {
		return err
	}
	for _, staff := range works {
		saw.ownApp = saw.ownApp || staff == b.Staff
	}
	for _, staff := range people.Staff {
		saw.ownApp = saw.ownApp || staff == b.Staff
	}
	return nil
}

// isHerContact says whether the customer's e-mail address is the staff member's own.
func isHerContact(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff, who shop.ID) (bool, error) {
	person, err := team.StaffByID(ctx, tx, brand, staff)
	if err != nil || person.Email == "" {
		return false, err
	}
	address, err := customer.Normalise(customer.Email, person.Email, "")
	if err != nil {
		return false, nil //nolint:nilerr // an address that nobody can write to is no customer's either
	}
	identities, err := customer.Identities(ctx, tx, brand, who)
	for _, i := range identities {
		if i.Kind == customer.Email && i.Value == address {
			return true, err
		}
	}
	return false, err
}
