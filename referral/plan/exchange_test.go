package plan

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
)

// The first plan begins at midnight in Taipei, which is 16:00 of the day before in UTC.
func TestPlanOfTheOrdersDaySaysHowItsExchangesCount(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	brand := postgrestest.Brand(t, pool).Brand
	taipei, err := time.LoadLocation("Asia/Taipei")
	if err != nil {
		t.Fatal(err)
	}
	s := New(pool, func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, taipei) })
	tests := []struct {
		why      string
		placedAt time.Time
		keeps    bool
	}{
		{"no plan yet: there is nothing to give back", time.Date(2026, 3, 1, 15, 59, 59, 0, time.UTC), true},
		{"the first day of one that counts them anew", time.Date(2026, 3, 1, 16, 0, 0, 0, time.UTC), false},
		{"its last instant", time.Date(2026, 4, 1, 15, 59, 59, 0, time.UTC), false},
		{"the first day of one that keeps them", time.Date(2026, 4, 1, 16, 0, 0, 0, time.UTC), true},
	}
	for _, text := range []string{
		`{"version": 1, "first_day": "2026-03-02", "rules": [{"role": "online_team", "rate_bp": 100}], "exchange": "anew"}`,
		`{"version": 2, "first_day": "2026-04-02", "rules": [{"role": "online_team", "rate_bp": 100}]}`,
	} {
		var p Plan
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(t.Context(), shop.System(brand), taipei, p); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range tests {
		err := pool.Read(t.Context(), brand, func(tx pgx.Tx) error {
			keeps, err := s.KeepsOnExchange(t.Context(), tx, brand, tt.placedAt)
			if keeps != tt.keeps {
				t.Errorf("%s: keeps %t", tt.why, keeps)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
