package alarm

import (
	"math"
	"math/rand/v2"
	"testing"

	"homestore/referral/tag"
)

// poisson draws a count (Knuth's method; the normal one where that would take long).
func poisson(draw *rand.Rand, mean float64) int {
	if mean > 200 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*draw.NormFloat64())))
	}
	limit, n, p := math.Exp(-mean), 0, draw.Float64()
	for p > limit {
		n++
		p *= draw.Float64()
	}
	return n
}

// shopDay is how a shop's traffic is spread over the day; weekends have half as much again.
var shopDay = [24]float64{11: 0.5, 12: 1, 13: 1.2, 14: 1, 15: 1.2, 16: 1.3, 17: 1.3, 18: 1.5, 19: 1.5, 20: 1.2, 21: 0.8}

// Of the sessions a third is in the store's own network, and one in two hundred in another store's.
func simulated(draw *rand.Rand, day int, perHour float64) (f Figures, both int) {
	f.Day = monday.AddDate(0, 0, day)
	rate := perHour
	if weekday := f.Day.Weekday(); weekday == 0 || weekday == 6 {
		rate *= 1.5
	}
	for hour, share := range shopDay {
		here, there := poisson(draw, rate*share/3), poisson(draw, rate*share/200)
		f.Hours[hour] = poisson(draw, rate*share*(1-1.0/3-1.0/200)) + here + there
		f.AtStore, f.Elsewhere = f.AtStore+here, f.Elsewhere+there
		if here > 0 && there > 0 {
			both++
		}
	}
	return f, both
}

// Poisson traffic of quiet and busy tags over eight weeks, in which nothing is wrong. What is found all the same is a false
// alarm; and what an hour of a copied or stormed tag looks like is found.
func TestUsualTrafficRaisesHardlyAnyAlarm(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(18, 2026)) //nolint:gosec // the same traffic in every run
	const tags, days = 60, 56
	tagDays, falseAlarms, storms, missed := 0, 0, 0, 0
	for _, perHour := range []float64{0.02, 0.2, 1, 5, 20, 80, 300} {
		ofRate := 0
		for range tags {
			var before []Figures
			for day := range days {
				today, both := simulated(draw, day, perHour)
				o := observed{placement: tag.Shelf, since: monday, unchanged: monday, tellsHome: true, today: today, both: both, before: before}
				if day >= leastDays {
					tagDays++
					ofRate += len(o.suspicions(defaults))
				}
				if day == days-1 { // and once a storm: ten times the usual of the hour, at least three times what is never a storm
					storms++
					o.today.Hours[15] = max(10*int(perHour), 60)
					if len(o.suspicions(defaults)) == 0 {
						missed++
					}
				}
				before = append([]Figures{today}, before[:min(len(before), usualDays-1)]...)
			}
		}
		t.Logf("%6.2f sessions an hour: %d false alarms in %d tag days", perHour, ofRate, tags*(days-leastDays))
		falseAlarms += ofRate
	}
	t.Logf("%d false alarms in %d tag days, %.3f in a thousand; %d of %d storms were missed", falseAlarms, tagDays, 1000*float64(falseAlarms)/float64(tagDays), missed, storms)
	if falseAlarms*1000 > tagDays { // a shop of a hundred tags hears of one in ten days at most
		t.Errorf("%d false alarms in %d tag days", falseAlarms, tagDays)
	}
	if missed > 0 {
		t.Errorf("%d of %d storms were missed", missed, storms)
	}
}
