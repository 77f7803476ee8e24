package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/notify/fcm/local"
	"homestore/notify/notice"
	"homestore/referral/binding"
)

// A customer of hers buys on the web, and the staff app hears of it: once, also when the order is told again and edited. All of
// it as in earnest: the platform tells, the book posts, the queue works, Firebase's protocol is spoken.
func TestStaffHearOnTheirPhoneWhatAnOrderEarnsThem(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	p := c.xinyi
	c.ask(t, request{method: http.MethodPut, url: c.cfg.PublicURL + "/v1/staff/me/device", token: p.clerk.token,
		body: map[string]any{"target": "the-clerks-phone", "platform": "android", "language": "en"}})
	hers := customer.Identity{Kind: customer.Phone, Value: "+886912345999"}
	var who shop.ID
	err := c.house.pool.Brand(t.Context(), p.brand, func(tx pgx.Tx) (err error) {
		who, err = customer.Resolve(t.Context(), tx, p.brand, []customer.Identity{hers}, time.Now())
		return err
	})
	if err == nil {
		_, err = c.house.bindings.Transfer(t.Context(), shop.System(p.brand), binding.Transfer{Customers: []shop.ID{who}, Store: p.store, Staff: p.clerk.id, Reason: "hers"})
	}
	if err != nil {
		t.Fatal(err)
	}

	done, forget := c.house.queue.Subscribe(river.EventKindJobCompleted)
	defer forget()
	noticed := func() {
		t.Helper()
		for end := time.After(time.Minute); ; {
			select {
			case e := <-done:
				if e.Job.Kind == (notice.EarnedArgs{}).Kind() {
					return
				}
			case <-end:
				t.Fatal("nothing was sent in a minute")
			}
		}
	}
	tell := func(what string, body map[string]any) {
		t.Helper()
		a := c.ask(t, request{method: http.MethodPost, url: c.cfg.PublicURL + "/v1/integrations/" + what, token: c.who("integration key").token, body: body})
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d %s", what, a.status, a.body)
		}
	}
	lines := []map[string]any{{"external_id": "1", "sku": "LAMP-PAPER", "quantity": 1, "unit_price_minor": 21000}}
	placed := func(name string) map[string]any {
		return map[string]any{"order": name, "placed_at": time.Now().UTC().Format(time.RFC3339Nano), "channel": "online", "store": "WEB", "currency": "TWD",
			"customer": map[string]any{"identities": []map[string]any{{"kind": "phone", "value": hers.Value, "verified": true}}}, "lines": lines}
	}
	first := placed("W-1")
	tell("orders", first)
	noticed()
	got := c.heard(t, "the-clerks-phone")
	if len(got) != 1 || got[0].Data["type"] != "credit" || got[0].Data["amount_minor"] != "400" || got[0].Data["role"] != "home_staff" {
		t.Fatalf("%+v", got)
	}

	tell("orders", first)
	lines[0]["unit_price_minor"] = 42000
	tell("edits", map[string]any{"order": "W-1", "version": 2, "at": time.Now().UTC().Format(time.RFC3339Nano), "lines": lines})
	tell("orders", placed("W-2")) // what comes after it proves that nothing came before
	noticed()
	if got = c.heard(t, "the-clerks-phone"); len(got) != 2 || got[0].Data["amount_minor"] != "800" {
		t.Errorf("%+v", got)
	}

	// She signs out, and hears no more.
	c.ask(t, request{method: http.MethodPost, url: c.cfg.PublicURL + "/v1/sign-in/out", token: p.clerk.token})
	tell("orders", placed("W-3"))
	var waiting int
	if err := c.house.pool.Raw().QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'credit_notice'`).Scan(&waiting); err != nil || waiting != 2 {
		t.Errorf("%d notices, %v", waiting, err)
	}
}

// heard is what a phone got, newest first.
func (c *cast) heard(t *testing.T, target string) []local.Message {
	t.Helper()
	resp, err := http.Get(c.local + "/inbox.json?token=" + url.QueryEscape(target)) //nolint:noctx // of this machine
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var inbox struct{ Messages []local.Message }
	if err := json.NewDecoder(resp.Body).Decode(&inbox); err != nil {
		t.Fatal(err)
	}
	return inbox.Messages
}
