package staffapp_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/target"
)

func TestMyEarningsSayTodayThisMonthAndMyTarget(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	b.ask("amy", http.MethodGet, "/v1/staff/me/earnings", "").is(t, "nothing yet", 200, `"day":"2026-03-10"`, `"month":"2026-03"`, `"currency":"TWD"`, `"today_minor":0`, `"parts":[]`)
	b.buys(mei, "web-1", 19950)
	err := target.New(b.pool, now).Set(t.Context(), b.actors["hq"], target.Target{
		Month: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Holder: attribution.StaffOf(b.Amy), Minor: 300_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	mine := b.ask("amy", http.MethodGet, "/v1/staff/me/earnings", "")
	mine.is(t, "hers", 200, `"pending_minor":380`, `"carried_minor":0`, `"today_minor":380`, `"month_minor":380`, `{"kind":"credit","role":"home_staff","minor":380}`,
		`"target":{"currency":"TWD","target_minor":300000,"achieved_minor":19000,"achieved_bp":633,"roles":[]}`)
	mine.hides(t, "the customer is nobody's business here", mei.String(), "web-1")
	b.ask("ben", http.MethodGet, "/v1/staff/me/earnings", "").hides(t, "nor is her target", "target", "380")
}

func TestTheStaffAppTakesHerMessagesAndNeverSaysItsAddress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy := b.actors["amy"]
	amy.Session = shop.NewID(noon)
	b.actors["amy"] = amy
	made := b.ask("amy", http.MethodPut, "/v1/staff/me/device", `{"target": "hers", "platform": "android", "language": "zh-TW"}`)
	made.is(t, "registered", 200, `"live":true`, `"language":"zh-TW"`)
	made.hides(t, "who holds the address could send to it", `"hers"`)
	again := b.ask("amy", http.MethodPut, "/v1/staff/me/device", `{"target": "hers", "platform": "android", "language": "en"}`)
	again.is(t, "the same", 200, `"language":"en"`)
	if made.field(t, "id") != again.field(t, "id") {
		t.Errorf("%s and %s", made.body, again.body)
	}
	b.ask("amy", http.MethodPut, "/v1/staff/me/device", `{"target": "", "platform": "android"}`).is(t, "no address", 422, `"name":"target"`)
	b.ask("mei", http.MethodPut, "/v1/staff/me/device", `{"target": "hers", "platform": "ios"}`).is(t, "a customer", 403)
	b.in(func(tx pgx.Tx) error {
		var session shop.ID
		err := tx.QueryRow(t.Context(), `SELECT session_id FROM staff_device WHERE brand_id = $1`, b.Brand).Scan(&session)
		if session != amy.Session {
			t.Errorf("of session %s, want %s", session, amy.Session)
		}
		return err
	})
}
