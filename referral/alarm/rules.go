package alarm

import (
	"math"
	"time"

	"homestore/clienteling/team"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// Figures are what people did at a tag on one day of the brand.
type Figures struct {
	Day       time.Time
	Hours     [24]int // scan sessions by the hour in which they began
	AtStore   int     // of them in the network of the tag's store
	Elsewhere int     // and in that of another store of the brand
}

// observed is everything that the rules look at of one tag on one day.
type observed struct {
	placement tag.Placement
	since     time.Time // when it was made, or was to begin
	unchanged time.Time // since when it has been live as it is
	tellsHome bool      // its store has told of its network
	today     Figures
	closed    int       // devices that first read it while the store was closed
	both      int       // hours in which it was read here and elsewhere
	before    []Figures // the days before with scans, as far as usualDays go back
	isSilent  bool      // nobody has read it for Alarms.DeadDays
}

// suspicion is a kind and why.
type suspicion struct {
	kind Kind
	why  Evidence
}

// What the rules look back at.
const (
	movedDays = 7  // a week has quiet days and busy ones
	usualDays = 28 // four weeks: each weekday as often
	leastDays = 7  // a tag has no usual before
	// copiedShare is what surely is read elsewhere of a copied tag. Some one in a hundred shows a friend a photograph of a tag in
	// another store, and a busy tag has such a reader in every hour.
	copiedShare = 0.1
)

// suspicions are what is wrong with a tag on a day, if anything.
func (o observed) suspicions(limits team.Alarms) []suspicion {
	var found []suspicion
	for _, rule := range []func(observed, team.Alarms) (suspicion, bool){isDead, isCopied, isMoved, isStormed} {
		if s, ok := rule(o, limits); ok {
			found = append(found, s)
		}
	}
	return found
}

// isDead: live for so many days, and nobody has read it in them. A staff card is shown when there is occasion.
func isDead(o observed, limits team.Alarms) (suspicion, bool) {
	lives := int(o.today.Day.AddDate(0, 0, 1).Sub(o.unchanged) / (24 * time.Hour))
	is := limits.DeadDays > 0 && o.isSilent && lives >= limits.DeadDays && o.placement != tag.StaffCard
	return suspicion{Dead, Evidence{Days: limits.DeadDays}}, is
}

// isCopied: read by many devices while the shop was closed, which a display within it cannot be; or read here and, not just by
// one or two, in another store in the same hours, which one display cannot be either.
func isCopied(o observed, limits team.Alarms) (suspicion, bool) {
	night := limits.CopiedDevices > 0 && isWithin(o.placement) && o.closed >= limits.CopiedDevices
	twoPlaces := limits.CopiedHours > 0 && staysPut(o.placement) && o.both >= limits.CopiedHours &&
		wilsonLow(o.today.Elsewhere, o.today.AtStore+o.today.Elsewhere) > copiedShare
	var why Evidence
	if night {
		why.Devices = o.closed
	}
	if twoPlaces {
		why.Hours = o.both
	}
	return suspicion{Copied, why}, night || twoPlaces
}

// isMoved: of the sessions of a week whose place is known, surely more than a share were in another store: the lower end of
// Wilson's 95 % interval (Wilson 1927) lies above it, so that a handful proves little. Where the store has told of no network of
// its own, being there shows nowhere, and all sessions are what the others are a share of.
func isMoved(o observed, limits team.Alarms) (suspicion, bool) {
	if _, copied := isCopied(o, limits); limits.MovedSessions == 0 || !staysPut(o.placement) || copied {
		return suspicion{}, false
	}
	elsewhere, of := 0, 0
	for _, day := range append([]Figures{o.today}, o.before...) {
		if o.today.Day.Sub(day.Day) >= movedDays*24*time.Hour {
			continue
		}
		elsewhere += day.Elsewhere
		if of += day.AtStore + day.Elsewhere; !o.tellsHome {
			of += day.sessions() - day.AtStore - day.Elsewhere
		}
	}
	is := elsewhere >= limits.MovedSessions && wilsonLow(elsewhere, of) > float64(limits.MovedShareBP)/10_000
	return suspicion{Moved, Evidence{Sessions: elsewhere, Of: of}}, is
}

// isStormed: an hour with far more sessions than the same hour of its other days. Counts are compared after Anscombe's
// transformation (1948), which gives a Poisson count of any mean a standard deviation of 1; the usual is their median, and the
// deviation the larger of that 1 and the median absolute deviation times 1.4826 (Hampel 1974), so that neither an earlier storm
// nor a shop's own restlessness is taken for a fixed rate. Few sessions are never a storm, nor are those of a busy tag on a busy
// weekday: a weekend is many deviations above the median of four weeks, and never several times as much.
func isStormed(o observed, limits team.Alarms) (suspicion, bool) {
	days := min(usualDays, int(o.today.Day.Sub(o.since)/(24*time.Hour)))
	if limits.BurstSessions == 0 || days < leastDays {
		return suspicion{}, false
	}
	worst, is := suspicion{kind: Burst}, false
	for hour, n := range o.today.Hours {
		if n < limits.BurstSessions {
			continue
		}
		usual, above := o.above(hour, days)
		isMuch := above >= float64(limits.BurstDeviations) && float64(n) >= usual*float64(limits.BurstTimes)
		if isMuch && above > worst.why.Deviations {
			worst.why, is = Evidence{Sessions: n, Hour: &hour, Usual: round(usual), Deviations: round(above)}, true
		}
	}
	return worst, is
}

// above is the usual count of an hour over so many days, and how many standard deviations above it today's is.
func (o observed) above(hour, days int) (usual, deviations float64) {
	seen := make([]float64, days) // a day without a row was one without scans
	for i := range seen {
		seen[i] = anscombe(0)
	}
	for i, day := range o.before {
		if i < days {
			seen[i] = anscombe(day.Hours[hour])
		}
	}
	middle := median(seen)
	for i := range seen {
		seen[i] = math.Abs(seen[i] - middle)
	}
	spread := max(1, 1.4826*median(seen))
	return max(0, middle*middle/4-3.0/8), (anscombe(o.today.Hours[hour]) - middle) / spread
}

// staysPut: placements that belong to one place. What travels (a receipt, a card) is read anywhere.
func staysPut(p tag.Placement) bool { return isWithin(p) || p == tag.Window }

// isWithin: those that nobody reads from the street.
func isWithin(p tag.Placement) bool { return p == tag.Shelf || p == tag.FittingRoom }

func (f Figures) sessions() (n int) {
	for _, hour := range f.Hours {
		n += hour
	}
	return n
}

// closedMargin is how long after closing, and before opening, people are still or already there.
const closedMargin = 30 * time.Minute

// observe sums the slots of a tag's day: hours by the brand's clock, and what one display cannot have.
func (o *observed) observe(slots []scan.Slot, hours team.Hours, zone *time.Location) {
	var here, there [24]int
	for _, slot := range slots {
		local := slot.From.In(zone)
		hour := local.Hour()
		o.today.Hours[hour] += slot.Sessions
		o.today.AtStore += slot.AtStore
		o.today.Elsewhere += slot.Elsewhere
		here[hour] += slot.AtStore
		there[hour] += slot.Elsewhere
		if !hours.OpenAt(local) && !hours.OpenAt(local.Add(-closedMargin)) && !hours.OpenAt(local.Add(closedMargin)) {
			o.closed += slot.Devices
		}
	}
	for hour := range here {
		if here[hour] > 0 && there[hour] > 0 {
			o.both++
		}
	}
}
