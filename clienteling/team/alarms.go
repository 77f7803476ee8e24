package team

import "homestore/clienteling/shop"

// Alarms says from when on a tag is suspicious; a manager is told, and nothing else comes of it. 0 switches a sign off. What the
// figures are compared with is said in package alarm.
type Alarms struct {
	DeadDays        int `json:"dead_days"`        // live for so long without a scan
	MovedSessions   int `json:"moved_sessions"`   // at least so many scan sessions of a week in another store's network,
	MovedShareBP    int `json:"moved_share_bp"`   // which are surely more than this share
	CopiedDevices   int `json:"copied_devices"`   // devices that first read it on a day while its store was closed
	CopiedHours     int `json:"copied_hours"`     // hours of a day in which it was read here and in another store
	BurstSessions   int `json:"burst_sessions"`   // at least so many scan sessions in an hour,
	BurstTimes      int `json:"burst_times"`      // which are at least so many times its usual
	BurstDeviations int `json:"burst_deviations"` // and so many standard deviations above it
	QuietDays       int `json:"quiet_days"`       // how long a dismissed alarm does not come again
}

func defaultAlarms() Alarms {
	return Alarms{
		DeadDays: 30, MovedSessions: 5, MovedShareBP: 5000, CopiedDevices: 10, CopiedHours: 3, BurstSessions: 20, BurstTimes: 3, BurstDeviations: 5, QuietDays: 30,
	}
}

func (a Alarms) check(c *shop.Check) {
	for _, n := range []struct {
		name        string
		value, most int
	}{
		{"dead_days", a.DeadDays, 365}, {"moved_sessions", a.MovedSessions, 100_000}, {"moved_share_bp", a.MovedShareBP, 9999},
		{"copied_devices", a.CopiedDevices, 100_000}, {"copied_hours", a.CopiedHours, 24}, {"burst_sessions", a.BurstSessions, 1_000_000},
		{"burst_times", a.BurstTimes, 1000}, {"burst_deviations", a.BurstDeviations, 1000}, {"quiet_days", a.QuietDays, 3650},
	} {
		c.That(n.value >= 0 && n.value <= n.most, "alarms."+n.name, "out_of_range", "A whole number, not negative, and no more than makes sense.")
	}
}
