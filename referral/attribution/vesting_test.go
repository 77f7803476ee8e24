package attribution

import (
	"testing"
	"time"
)

func TestPayableWhenTheDayAfterTheReturnPeriodBegins(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		why      string
		received time.Time
		hold     string
		zone     *time.Location
		want     time.Time
	}{
		{"the day of receipt is not counted", at("2026-03-05 18:00"), "14", taipei, at("2026-03-20 00:00")},
		{"whatever its hour", at("2026-03-05 00:00"), "14", taipei, at("2026-03-20 00:00")},
		{"until its last minute", at("2026-03-05 23:59"), "14", taipei, at("2026-03-20 00:00")},
		{"over the end of a month", at("2026-02-25 12:00"), "7", taipei, at("2026-03-05 00:00")},
		{"the brand's midnight, also where clocks change in between", time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), "7", london, time.Date(2026, 4, 3, 23, 0, 0, 0, time.UTC)},
		{"nothing was received", time.Time{}, "14", taipei, time.Time{}},
	}
	for _, tt := range tests {
		p := planOf(t, `"rules": [], "hold_days": `+tt.hold)
		if got := payableAt(tt.received, p, tt.zone); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", tt.why, got, tt.want)
		}
	}
}
