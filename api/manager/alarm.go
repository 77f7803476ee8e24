package manager

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/alarm"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// tagAlarmAnswer is a suspicion with its tag as it is now.
type tagAlarmAnswer struct {
	ID        shop.ID         `json:"id"`
	Kind      alarm.Kind      `json:"kind"`
	State     alarm.State     `json:"state"`
	Tag       tagAnswer       `json:"tag"`
	Evidence  json.RawMessage `json:"evidence"` // an alarm.Evidence
	FirstDay  plan.Day        `json:"first_day"`
	LastDay   plan.Day        `json:"last_day"`
	RaisedAt  time.Time       `json:"raised_at"`
	DecidedBy shop.ID         `json:"decided_by,omitzero"`
	DecidedAt time.Time       `json:"decided_at,omitzero"`
	Reason    string          `json:"reason,omitempty"`
}

func answerTagAlarm(ctx context.Context, a alarm.Alarm, t tag.Tag) tagAlarmAnswer {
	return tagAlarmAnswer{
		ID: a.ID, Kind: a.Kind, State: a.State, Tag: answerTag(ctx, t), Evidence: a.Evidence, FirstDay: plan.Day{Time: a.FirstDay},
		LastDay: plan.Day{Time: a.LastDay}, RaisedAt: a.RaisedAt.UTC(), DecidedBy: a.DecidedBy, DecidedAt: a.DecidedAt.UTC(), Reason: a.Reason,
	}
}

type listTagAlarmsRequest struct {
	endpoint.Paging
	Store shop.ID     `query:"store"`
	Kind  alarm.Kind  `query:"kind"`
	State alarm.State `query:"state"`
}

// Validate refuses what no alarm can be found by.
func (r *listTagAlarmsRequest) Validate() error {
	var c shop.Check
	c.That(r.Kind == "" || slices.Contains(alarm.Kinds, r.Kind), "kind", "alarm_kind_unknown", "moved, dead, copied or burst.")
	c.That(r.State == "" || slices.Contains(alarm.States, r.State), "state", "alarm_state_unknown", "open, seen, dismissed or over.")
	return c.Err()
}

func (f *Face) listTagAlarms(ctx context.Context, in listTagAlarmsRequest) (endpoint.List[tagAlarmAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[tagAlarmAnswer]{}, err
	}
	actor := endpoint.Actor(ctx)
	alarms, next, err := f.Alarms.List(ctx, actor, alarm.Filter{Store: in.Store, Kind: in.Kind, State: in.State}, page)
	if err != nil {
		return endpoint.List[tagAlarmAnswer]{}, err
	}
	ids := make([]shop.ID, len(alarms))
	for i, a := range alarms {
		ids[i] = a.Tag
	}
	tags, err := f.Tags.Several(ctx, actor, ids)
	if err != nil {
		return endpoint.List[tagAlarmAnswer]{}, err
	}
	list := endpoint.List[tagAlarmAnswer]{NextCursor: next, Items: make([]tagAlarmAnswer, len(alarms))}
	for i, a := range alarms {
		list.Items[i] = answerTagAlarm(ctx, a, tags[i])
	}
	return list, nil
}

func (f *Face) markTagAlarmSeen(ctx context.Context, in byID) (tagAlarmAnswer, error) {
	decided, err := f.Alarms.MarkSeen(ctx, endpoint.Actor(ctx), in.ID)
	return f.tagAlarmOr(ctx, decided, err)
}

type dismissTagAlarmRequest struct {
	byID
	Reason string `json:"reason"`
}

func (f *Face) dismissTagAlarm(ctx context.Context, in dismissTagAlarmRequest) (tagAlarmAnswer, error) {
	decided, err := f.Alarms.Dismiss(ctx, endpoint.Actor(ctx), in.ID, in.Reason)
	return f.tagAlarmOr(ctx, decided, err)
}

func (f *Face) tagAlarmOr(ctx context.Context, a alarm.Alarm, err error) (tagAlarmAnswer, error) {
	if err != nil {
		return tagAlarmAnswer{}, err
	}
	t, err := f.Tags.ByID(ctx, endpoint.Actor(ctx), a.Tag)
	if err != nil {
		return tagAlarmAnswer{}, err
	}
	return answerTagAlarm(ctx, a, t), nil
}
