package team

import "homestore/clienteling/shop"

// Guard says when a claim on a customer looks so wrong that it waits for a manager. Each sign that is seen adds its score;
// from HoldAt on the claim is held. The defaults are far beyond what a shop does on its best day.
type Guard struct {
	HoldAt       int    `json:"hold_at"`        // 0: nothing is ever held
	DailyCap     int    `json:"daily_cap"`      // customers that one person claims on a day
	TagHourlyCap int    `json:"tag_hourly_cap"` // customers that one tag brings in an hour
	UsualTimes   int    `json:"usual_times"`    // how many times the usual is an outlier; 0: none ever is
	ReplayCap    int    `json:"replay_cap"`     // people who bring one click id that has bound somebody else
	AppCap       int    `json:"app_cap"`        // customers who sign in with one app on one phone: a family
	ReturnedBP   int    `json:"returned_bp"`    // share of a person's customers' orders that are given back
	Scores       Scores `json:"scores"`
}

// Scores are what each sign adds.
type Scores struct {
	OwnContact    int `json:"own_contact"`    // her e-mail address is that of who claims her
	OwnApp        int `json:"own_app"`        // who claims her has signed in with the same app on the same phone
	SharedApp     int `json:"shared_app"`     // more customers than AppCap have
	DailyCap      int `json:"daily_cap"`      // the person has reached DailyCap
	UnusualDay    int `json:"unusual_day"`    // the person claims UsualTimes what people of the store usually do
	TagHourlyCap  int `json:"tag_hourly_cap"` // the tag has reached TagHourlyCap
	UnusualHour   int `json:"unusual_hour"`   // the tag brings UsualTimes what it usually does
	ClickReplayed int `json:"click_replayed"` // a click id she brought was brought by more people than ReplayCap
	SplitOrders   int `json:"split_orders"`   // what she bought on a day earns more in several orders than the plan gives for one; 0: not looked at
	Returns       int `json:"returns"`        // orders of the person's customers are given back more often than ReturnedBP
}

func defaultGuard() Guard {
	return Guard{
		HoldAt: 100, DailyCap: 100, TagHourlyCap: 300, UsualTimes: 10, ReplayCap: 5, AppCap: 5, ReturnedBP: 5000,
		Scores: Scores{
			OwnContact: 100, OwnApp: 100, SharedApp: 60, DailyCap: 100, UnusualDay: 60, TagHourlyCap: 100, UnusualHour: 60,
			ClickReplayed: 100, Returns: 60,
		},
	}
}

// Confirm says which claims wait until the customer has confirmed them.
type Confirm string

// Which claims wait for her.
const (
	ConfirmNone  Confirm = "none"
	ConfirmTill  Confirm = "till"
	ConfirmStaff Confirm = "staff" // by a staff member's own code
	ConfirmBoth  Confirm = "both"
)

func (g Guard) check(c *shop.Check) {
	for _, n := range []struct {
		name  string
		value int
	}{
		{"hold_at", g.HoldAt}, {"usual_times", g.UsualTimes}, {"returned_bp", g.ReturnedBP},
		{"scores.own_contact", g.Scores.OwnContact}, {"scores.own_app", g.Scores.OwnApp}, {"scores.shared_app", g.Scores.SharedApp},
		{"scores.daily_cap", g.Scores.DailyCap}, {"scores.unusual_day", g.Scores.UnusualDay}, {"scores.tag_hourly_cap", g.Scores.TagHourlyCap},
		{"scores.unusual_hour", g.Scores.UnusualHour}, {"scores.click_replayed", g.Scores.ClickReplayed}, {"scores.returns", g.Scores.Returns}, {"scores.split_orders", g.Scores.SplitOrders},
	} {
		c.That(n.value >= 0 && n.value <= 10_000, "guard."+n.name, "guard_invalid", "From 0 to 10000.")
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"daily_cap", g.DailyCap}, {"tag_hourly_cap", g.TagHourlyCap}, {"replay_cap", g.ReplayCap}, {"app_cap", g.AppCap}} {
		c.That(n.value >= 1 && n.value <= 1_000_000, "guard."+n.name, "guard_invalid", "From 1 to 1000000.")
	}
}

func (c Confirm) isKnown() bool {
	return c == ConfirmNone || c == ConfirmTill || c == ConfirmStaff || c == ConfirmBoth
}
