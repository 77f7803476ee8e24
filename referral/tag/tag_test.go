package tag

import (
	"errors"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestWhereAScanLeads(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	hour := time.Hour
	for _, tc := range []struct {
		why      string
		state    State
		from, to time.Time
		want     Leads
	}{
		{"a live tag", Live, at.Add(-hour), time.Time{}, ToDestination},
		{"its first instant", Live, at, time.Time{}, ToDestination},
		{"its last instant is over", Live, at.Add(-hour), at, ToSite},
		{"not yet valid", Live, at.Add(hour), time.Time{}, ToSite},
		{"paused", Paused, at.Add(-hour), time.Time{}, ToSite},
		{"a draft is not to be found", Draft, at.Add(-hour), time.Time{}, Nowhere},
		{"retired", Retired, at.Add(-hour), time.Time{}, ToGone},
		{"retired and outside its period", Retired, at.Add(hour), time.Time{}, ToGone},
		{"replaced by one that does not answer", Replaced, at.Add(-hour), time.Time{}, ToGone},
	} {
		if got := LeadsAt(tc.state, tc.from, tc.to, at); got != tc.want {
			t.Errorf("%s: leads %s, want %s", tc.why, got, tc.want)
		}
	}
}

func TestRetiredAndReplacedAreFinal(t *testing.T) {
	t.Parallel()
	for _, final := range []State{Retired, Replaced} {
		if next := becomes[final]; len(next) > 0 {
			t.Errorf("%s may become %v", final, next)
		}
	}
}

func TestNewTagNamesAllItsWrongFieldsAtOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	err := Spec{Placement: "ceiling", Kind: Free, ValidFrom: now, ValidUntil: now, Label: strings.Repeat("x", 201)}.check()
	if wrongFields(err) != 4 {
		t.Fatalf("got %v, want store, placement, label and valid_until", err)
	}
}

func wrongFields(err error) int {
	refusal, _ := errors.AsType[*shop.Refusal](err)
	if refusal == nil {
		return 0
	}
	return len(refusal.Fields)
}
