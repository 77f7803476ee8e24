package integration

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

type listInboxRequest struct {
	endpoint.Paging
	State order.MessageState `query:"state"`
}

// Validate refuses a state that no message has.
func (r *listInboxRequest) Validate() error {
	var c shop.Check
	switch r.State {
	case "", order.MessageReceived, order.MessageApplied, order.MessageIgnored, order.MessageWaiting, order.MessageSetAside:
	default:
		c.That(false, "state", "state_unknown", "received, applied, ignored, waiting or set_aside.")
	}
	return c.Err()
}

// messageAnswer is a message without its body, which may hold anything about anybody.
type messageAnswer struct {
	ID         shop.ID            `json:"id"`
	Source     string             `json:"source"`
	ExternalID string             `json:"external_id"`
	Topic      string             `json:"topic"`
	State      order.MessageState `json:"state"`
	Note       string             `json:"note,omitempty"`
	Attempts   int                `json:"attempts"`
	ReceivedAt time.Time          `json:"received_at"`
	HandledAt  time.Time          `json:"handled_at,omitzero"`
}

func (f *Face) listInbox(ctx context.Context, in listInboxRequest) (endpoint.List[messageAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[messageAnswer]{}, err
	}
	messages, next, err := f.Inbox.Messages(ctx, endpoint.Actor(ctx).Brand, in.State, page)
	if err != nil {
		return endpoint.List[messageAnswer]{}, err
	}
	list := endpoint.List[messageAnswer]{NextCursor: next}
	for _, m := range messages {
		list.Items = append(list.Items, messageAnswer{
			ID: m.ID, Source: m.Source, ExternalID: m.ExternalID, Topic: m.Topic, State: m.State, Note: m.Note,
			Attempts: m.Attempts, ReceivedAt: m.ReceivedAt, HandledAt: m.HandledAt,
		})
	}
	return list, nil
}

type replayRequest struct {
	ID shop.ID `path:"id"`
}

func (f *Face) replayMessage(ctx context.Context, in replayRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Inbox.Replay(ctx, endpoint.Actor(ctx).Brand, in.ID)
}
