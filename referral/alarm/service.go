package alarm

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// Service looks at tags and keeps what managers decide. Managers see the alarms of their stores, head office all; an alarm that is
// not theirs is shop.ErrNotFound, as one that does not exist.
type Service struct {
	pool  *postgres.Pool
	scans *scan.Service
	now   func() time.Time
}

// New makes the service.
func New(pool *postgres.Pool, scans *scan.Service, now func() time.Time) *Service {
	return &Service{pool: pool, scans: scans, now: now}
}

func newAlarm(t tag.Tag, found suspicion, day, now time.Time) Alarm {
	why, err := json.Marshal(found.why)
	if err != nil {
		panic(err) // numbers are finite: counts, and quotients by at least 1
	}
	return Alarm{ID: shop.NewID(now), Tag: t.ID, Store: t.Store, Kind: found.kind, State: Open, Evidence: why, FirstDay: day, LastDay: day, RaisedAt: now}
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Store shop.ID
	Kind  Kind
	State State // zero: those that stand
}

// List is the alarms of the actor's stores, newest first, and the cursor to the next page.
func (s *Service) List(ctx context.Context, actor shop.Actor, f Filter, page shop.Page) ([]Alarm, string, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	q := listQuery{Filter: f, states: Standing, page: page}
	if f.State != "" {
		q.states = []State{f.State}
	}
	if actor.Is(shop.RoleManager) {
		q.stores = append([]shop.ID{}, actor.Stores...)
	}
	var alarms []Alarm
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		alarms, err = listAlarms(ctx, tx, actor.Brand, q)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list alarms: %w", err)
	}
	alarms, next := shop.Cut(page, alarms, func(a Alarm) shop.ID { return a.ID })
	return alarms, next, nil
}

// MarkSeen notes that somebody has looked: the alarm still stands, and ends by itself once it is no longer so. ErrOver for one
// that does not stand.
func (s *Service) MarkSeen(ctx context.Context, actor shop.Actor, id shop.ID) (Alarm, error) {
	return s.decide(ctx, actor, id, Seen, "")
}

// Dismiss says that all is well, and why. For Alarms.QuietDays of the policy the same does not come again. ErrOver for one that
// does not stand, shop.ErrFields without a reason.
func (s *Service) Dismiss(ctx context.Context, actor shop.Actor, id shop.ID, reason string) (Alarm, error) {
	reason = strings.TrimSpace(reason)
	var c shop.Check
	c.That(reason != "", "reason", "required", "Say why all is well, for whoever asks later.")
	c.That(utf8.RuneCountInString(reason) <= 500, "reason", "too_long", "At most 500 characters.")
	c.That(utf8.ValidString(reason) && !strings.ContainsFunc(reason, unicode.IsControl), "reason", "not_text", "Use one line of text.")
	if err := c.Err(); err != nil {
		return Alarm{}, err
	}
	return s.decide(ctx, actor, id, Dismissed, reason)
}

// decide is the same when it is done again.
func (s *Service) decide(ctx context.Context, actor shop.Actor, id shop.ID, to State, reason string) (Alarm, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Alarm{}, err
	}
	now := shop.Millis(s.now())
	var a Alarm
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		if a, err = lockAlarm(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		switch {
		case !actor.WorksAt(a.Store):
			return shop.ErrNotFound
		case a.State == to:
			return nil
		case a.State == Dismissed || a.State == Over:
			return ErrOver
		}
		a.State, a.Reason, a.DecidedBy, a.DecidedAt = to, reason, actor.ID, now
		if err := updateAlarm(ctx, tx, actor.Brand, a); err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "tag_alarm_" + string(to), Subject: id, Detail: map[string]any{"kind": a.Kind, "tag": a.Tag}})
	})
	if err != nil {
		return Alarm{}, fmt.Errorf("decide about alarm %s: %w", id, err)
	}
	return a, nil
}
