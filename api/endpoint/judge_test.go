package endpoint

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestWhatAKnownKeyGets(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const deadline = 5 * time.Second
	done := 201
	this, other := []byte("this"), []byte("other")
	tests := []struct {
		known kept
		want  verdict
		why   string
	}{
		{kept{Hash: this, CreatedAt: now.Add(-time.Hour), ClaimedAt: now.Add(-time.Hour), Status: &done}, replay, "answered: the same answer"},
		{kept{Hash: other, CreatedAt: now.Add(-time.Hour), ClaimedAt: now.Add(-time.Hour), Status: &done}, reused, "answered, to something else"},
		{kept{Hash: this, CreatedAt: now, ClaimedAt: now}, inFlight, "at work"},
		{kept{Hash: other, CreatedAt: now, ClaimedAt: now}, reused, "at work, on something else"},
		{kept{Hash: this, CreatedAt: now.Add(-15 * time.Second), ClaimedAt: now.Add(-15 * time.Second)}, inFlight, "deadline and margin are not quite over"},
		{kept{Hash: this, CreatedAt: now.Add(-16 * time.Second), ClaimedAt: now.Add(-16 * time.Second)}, takeOver, "its process is gone"},
		{kept{Hash: other, CreatedAt: now.Add(-16 * time.Second), ClaimedAt: now.Add(-16 * time.Second)}, reused, "gone, and it may have acted: the key stays that request's"},
		{kept{Hash: this, CreatedAt: now.Add(-time.Hour), ClaimedAt: now.Add(-time.Second)}, inFlight, "taken over a second ago"},
		{kept{Hash: other, CreatedAt: now.Add(-25 * time.Hour), ClaimedAt: now.Add(-25 * time.Hour), Status: &done}, expired, "a day has passed"},
		{kept{Hash: this, CreatedAt: now.Add(-25 * time.Hour), ClaimedAt: now.Add(-25 * time.Hour)}, expired, "also for a request that never ended"},
		{kept{Hash: this, CreatedAt: now.Add(-25 * time.Hour), ClaimedAt: now.Add(-time.Second)}, inFlight, "but not for one at work"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := judge(tt.known, this, now, deadline); got != tt.want {
				t.Errorf("verdict %d, want %d", got, tt.want)
			}
		})
	}
}

func TestACreationIDIsAUUIDv7OfTheFirstAttempt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)
	c := claim{brand: 1, actor: shop.FloorID(at), key: "k", createdAt: at, claimedAt: at}
	id := c.creationID()
	if !id.Time().Equal(shop.Millis(at)) || id[6]>>4 != 7 || id[8]>>6 != 2 {
		t.Errorf("%s is no UUIDv7 of %s", id, at)
	}
	again := c
	again.claimedAt = at.Add(time.Minute)
	if again.creationID() != id {
		t.Error("the second attempt would make a second thing")
	}
	for why, change := range map[string]func(*claim){
		"brand": func(c *claim) { c.brand = 2 }, "actor": func(c *claim) { c.actor = shop.ID{1} }, "key": func(c *claim) { c.key = "l" },
	} {
		different := c
		change(&different)
		if different.creationID() == id {
			t.Errorf("another %s would make the same thing", why)
		}
	}
}
