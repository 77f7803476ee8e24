package order

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"homestore/clienteling/shop"
)

// MessageState is how far a platform's message has come.
type MessageState string

const (
	MessageReceived MessageState = "received"  // kept; somebody will look at it
	MessageApplied  MessageState = "applied"   // its facts are part of their orders
	MessageIgnored  MessageState = "ignored"   // it tells nothing that was not known
	MessageWaiting  MessageState = "waiting"   // its order has not come
	MessageSetAside MessageState = "set_aside" // nobody understands it; it can be replayed after mending
)

// Message is what a platform sent, byte for byte.
type Message struct {
	ID         shop.ID
	Brand      shop.BrandID
	Source     string // the platform, and the source of the facts in it
	ExternalID string // the platform's id of this message, the same when it is sent again
	Topic      string
	Body       []byte
	State      MessageState
	Note       string  // why it was set aside or ignored, or what did not fit
	Key        shop.ID // integration key whose secret signed it
	Attempts   int
	ReceivedAt time.Time
	HandledAt  time.Time
}

// Translate turns a platform's message into facts; it reads in the transaction in which they are applied. A refusal sets
// the message aside with its words, any other error is tried again. No facts at all: there was nothing to book.
type Translate func(ctx context.Context, tx pgx.Tx, m Message) ([]Fact, error)

// Refusals of messages.
var (
	ErrNotUnderstood = shop.Refuse(shop.Unprocessable, "message_not_understood", "This message is not of a form that is known here.")
	ErrMessageErased = shop.Refuse(shop.Gone, "message_erased", "What this message said is gone: it named somebody who was erased.")
	ErrHandled       = shop.Refuse(shop.Conflict, "message_at_work", "This message has not been looked at yet; wait for that.")
)

// Queue takes jobs in the transaction of the act; River's client is one.
type Queue interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

// Inbox keeps what platforms send before anybody has understood it.
type Inbox struct {
	orders     *Service
	queue      Queue
	translates map[string]Translate
}

// NewInbox makes the inbox; translates has an entry for each source.
func NewInbox(orders *Service, queue Queue, translates map[string]Translate) *Inbox {
	return &Inbox{orders: orders, queue: queue, translates: translates}
}

// Receive keeps the message and queues the work on it, in one transaction: once it returns, the platform may forget the
// message. isNew is false when a message of this id was kept before; then nothing changes, whatever the body says.
func (i *Inbox) Receive(ctx context.Context, m Message) (isNew bool, err error) {
	m.ReceivedAt = shop.Millis(i.orders.now())
	m.ID = shop.NewID(m.ReceivedAt)
	err = i.orders.pool.Brand(ctx, m.Brand, func(tx pgx.Tx) error {
		isNew, err = insertMessage(ctx, tx, m)
		if err != nil || !isNew {
			return err
		}
		_, err = i.queue.InsertTx(ctx, tx, TakeMessage{Brand: m.Brand, Message: m.ID}, nil)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep message of %s: %w", m.Source, err)
	}
	return isNew, nil
}

// Replay has a message looked at once more: after mending, or to see that nothing is lost. What it told before is known, so
// nothing counts twice. shop.ErrNotFound when the brand has no such message, ErrHandled while it waits to be looked at, ErrMessageErased
// when nothing is left of it.
func (i *Inbox) Replay(ctx context.Context, brand shop.BrandID, id shop.ID) error {
	return i.orders.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		m, err := lockMessage(ctx, tx, brand, id)
		if err != nil {
			return err
		}
		if m.State == MessageReceived {
			return ErrHandled
		}
		if m.Note == NoteErased {
			return ErrMessageErased
		}
		m.State, m.Note, m.Attempts, m.HandledAt = MessageReceived, "", 0, time.Time{}
		if err := updateMessage(ctx, tx, m); err != nil {
			return fmt.Errorf("replay message %s: %w", id, err)
		}
		_, err = i.queue.InsertTx(ctx, tx, TakeMessage{Brand: brand, Message: id}, nil)
		return err
	})
}

// Messages is one page of a brand's messages, newest first, without their bodies; of one state, or of all when it is empty.
func (i *Inbox) Messages(ctx context.Context, brand shop.BrandID, state MessageState, page shop.Page) (messages []Message, next string, err error) {
	err = i.orders.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		messages, err = pageOfMessages(ctx, tx, brand, state, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list messages: %w", err)
	}
	messages, next = shop.Cut(page, messages, func(m Message) shop.ID { return m.ID })
	return messages, next, nil
}

// Backlog is how many messages of one state there are, and since when the oldest of them.
type Backlog struct {
	State  MessageState
	Count  int
	Oldest time.Time
}

// Backlogs are the states from which a message should move on: received, waiting, set aside. A state without messages is
// left out.
func (i *Inbox) Backlogs(ctx context.Context, brand shop.BrandID) (backlogs []Backlog, err error) {
	err = i.orders.pool.Read(ctx, brand, func(tx pgx.Tx) error {
		backlogs, err = backlogsOf(ctx, tx, brand)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count messages: %w", err)
	}
	return backlogs, nil
}

// take understands one message and applies its facts. It may run any number of times: a message that is not in state
// received is left alone, and facts count once.
func (i *Inbox) take(ctx context.Context, brand shop.BrandID, id shop.ID) error {
	err := i.orders.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		m, err := lockMessage(ctx, tx, brand, id)
		if errors.Is(err, shop.ErrNotFound) {
			return nil // nobody deletes messages; a job that names none has nothing to do
		}
		if err != nil || m.State != MessageReceived {
			return err
		}
		now := i.orders.now()
		facts, err := i.understand(ctx, tx, m)
		if err != nil {
			return err
		}
		results, err := i.orders.take(ctx, tx, delivery{brand: brand, source: m.Source, facts: facts, now: now, message: id})
		if err != nil {
			return err
		}
		m.State, m.Note = summary(results)
		m.HandledAt = shop.Millis(now)
		m.Attempts++
		if err := updateMessage(ctx, tx, m); err != nil {
			return err
		}
		return noteToldOf(ctx, tx, m, results, now)
	})
	var refusal *shop.Refusal
	if errors.As(err, &refusal) && refusal.Kind != shop.Unavailable {
		return i.setAside(ctx, brand, id, refusal.Error())
	}
	return err
}

// understand makes a panic over a foreign body an error like any other.
func (i *Inbox) understand(ctx context.Context, tx pgx.Tx, m Message) (facts []Fact, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("translate message %s of %s: panic: %v", m.ID, m.Source, p)
		}
	}()
	translate, ok := i.translates[m.Source]
	if !ok {
		return nil, ErrNotUnderstood.Saying("Nobody translates for %s.", m.Source)
	}
	return translate(ctx, tx, m)
}

// summary is the state of a message by what became of its facts.
func summary(results []Result) (MessageState, string) {
	state := MessageIgnored
	var notes []string
	for _, r := range results {
		switch {
		case r.Outcome == Waiting:
			state = MessageWaiting
		case r.Outcome == Applied && state == MessageIgnored:
			state = MessageApplied
		}
		if r.Note != "" && !slices.Contains(notes, r.Note) {
			notes = append(notes, r.Note)
		}
	}
	if len(results) == 0 {
		notes = []string{"nothing_to_book"}
	}
	return state, strings.Join(notes, " ")
}

// setAside keeps the message where people see it, with the reason. In a transaction of its own: that of the facts is gone.
func (i *Inbox) setAside(ctx context.Context, brand shop.BrandID, id shop.ID, why string) error {
	return i.orders.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		m, err := lockMessage(ctx, tx, brand, id)
		if err != nil || m.State != MessageReceived {
			return err
		}
		m.State, m.Note, m.HandledAt = MessageSetAside, why, shop.Millis(i.orders.now())
		m.Attempts++
		return updateMessage(ctx, tx, m)
	})
}
