package order

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"homestore/clienteling/shop"
)

// inboxBundle has a translator that understands "order NAME" and "refund NAME", refuses "what?", fails on "fail", panics on
// "panic", and loses its database on "outage".
type inboxBundle struct {
	*bundle
	inbox *Inbox
}

func setupInbox(t *testing.T) *inboxBundle {
	t.Helper()
	b := &inboxBundle{bundle: setup(t)}
	queue, err := river.NewClient(riverpgxv5.New(b.pool.Raw()), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b.inbox = NewInbox(b.s, queue, map[string]Translate{source: b.translate})
	return b
}

func (b *inboxBundle) translate(ctx context.Context, tx pgx.Tx, m Message) ([]Fact, error) {
	what, name, _ := strings.Cut(string(m.Body), " ")
	switch what {
	case "order":
		return []Fact{b.sofa(name)}, nil
	case "refund":
		return []Fact{WasRefunded{Order: name, ExternalID: "r" + name, At: placed, Amount: 1}}, nil
	case "nothing":
		return nil, nil
	case "fail":
		return nil, errors.New("away")
	case "panic":
		panic("foreign body")
	case "outage":
		if _, err := tx.Exec(ctx, `SET LOCAL ROLE NONE`); err != nil {
			return nil, err
		}
		_, err := tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
		return nil, err
	}
	return nil, ErrNotUnderstood
}

func (b *inboxBundle) receive(externalID, body string) shop.ID {
	b.t.Helper()
	isNew, err := b.inbox.Receive(b.t.Context(), Message{Brand: b.Brand, Source: source, ExternalID: externalID, Topic: "t", Body: []byte(body), Key: shop.NewID(placed)})
	if err != nil || !isNew {
		b.t.Fatalf("receive %s: new %t, %v", externalID, isNew, err)
	}
	return b.byExternalID(externalID).ID
}

func (b *inboxBundle) byExternalID(externalID string) Message {
	b.t.Helper()
	messages, _, err := b.inbox.Messages(b.t.Context(), b.Brand, "", shop.Page{Limit: 100})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range messages {
		if m.ExternalID == externalID {
			return m
		}
	}
	return Message{}
}

func (b *inboxBundle) work(id shop.ID, attempt int) error {
	job := &river.Job[TakeMessage]{JobRow: &rivertype.JobRow{Attempt: attempt, MaxAttempts: takeAttempts}, Args: TakeMessage{Brand: b.Brand, Message: id}}
	return b.inbox.Worker().Work(b.t.Context(), job)
}

func TestMessageIsKeptOnceAndTakenByTheQueue(t *testing.T) {
	t.Parallel()
	b := setupInbox(t)
	workers := river.NewWorkers()
	river.AddWorker(workers, b.inbox.Worker())
	client, err := river.NewClient(riverpgxv5.New(b.pool.Raw()), &river.Config{
		Workers: workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	done, stop := client.Subscribe(river.EventKindJobCompleted)
	defer stop()
	b.receive("m1", "order 1")
	isNew, err := b.inbox.Receive(t.Context(), Message{Brand: b.Brand, Source: source, ExternalID: "m1", Topic: "t", Body: []byte("order 2"), Key: shop.NewID(placed)})
	if err != nil || isNew {
		t.Errorf("the same id with another body: new %t, %v", isNew, err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-done
	if err := client.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if m := b.byExternalID("m1"); m.State != MessageApplied || m.Attempts != 1 || m.HandledAt != today {
		t.Errorf("message: %+v", m)
	}
	if b.count("sales_order") != 1 || b.load("1").Figures().Paid != 26250 {
		t.Error("the order of the message is not there")
	}
}

func TestWhatNobodyUnderstandsIsSetAsideAndCanBeReplayed(t *testing.T) {
	t.Parallel()
	b := setupInbox(t)
	id := b.receive("m1", "what?")
	if err := b.work(id, 1); err != nil {
		t.Fatal(err)
	}
	m := b.byExternalID("m1")
	if m.State != MessageSetAside || !strings.HasPrefix(m.Note, "message_not_understood") {
		t.Errorf("message: %+v", m)
	}
	b.inbox.translates[source] = func(context.Context, pgx.Tx, Message) ([]Fact, error) { return []Fact{b.sofa("1")}, nil }
	if err := b.inbox.Replay(t.Context(), b.Brand, id); err != nil {
		t.Fatal(err)
	}
	if err := b.inbox.Replay(t.Context(), b.Brand, id); !errors.Is(err, ErrHandled) {
		t.Errorf("replayed while it waits to be looked at: %v", err)
	}
	for range 2 {
		if err := b.work(id, 1); err != nil {
			t.Fatal(err)
		}
	}
	if m := b.byExternalID("m1"); m.State != MessageApplied || m.Note != "" || m.Attempts != 1 {
		t.Errorf("after the replay: %+v", m)
	}
	if err := b.inbox.Replay(t.Context(), b.Brand, shop.NewID(today)); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("replay of nothing: %v", err)
	}
}

// W5: a poison message is tried, set aside in the end, and nobody waits for it.
func TestW5PoisonIsSetAsideAndDelaysNobody(t *testing.T) {
	t.Parallel()
	b := setupInbox(t)
	for n, body := range []string{"fail", "panic"} {
		poison := b.receive(fmt.Sprint("poison", n), body)
		for attempt := 1; attempt < takeAttempts; attempt++ {
			if err := b.work(poison, attempt); err == nil {
				t.Fatalf("%s: attempt %d: no error, so the queue would not try again", body, attempt)
			}
			if m := b.byExternalID(fmt.Sprint("poison", n)); m.State != MessageReceived || m.Attempts != attempt {
				t.Fatalf("%s: attempt %d: %+v", body, attempt, m)
			}
			if attempt == 1 {
				if err := b.work(b.receive(fmt.Sprint("later", n), "order "+body), 1); err != nil {
					t.Errorf("a later message: %v", err)
				}
			}
		}
		_ = b.work(poison, takeAttempts)
		if m := b.byExternalID(fmt.Sprint("poison", n)); m.State != MessageSetAside || m.Attempts != takeAttempts {
			t.Errorf("%s: after the last attempt: %+v", body, m)
		}
		if m := b.byExternalID(fmt.Sprint("later", n)); m.State != MessageApplied {
			t.Errorf("later message: %+v", m)
		}
	}
}

// Three outages in a row would otherwise keep an order away for over a minute, with River's waits of n^4 seconds.
func TestOutageCountsAsNoAttempt(t *testing.T) {
	t.Parallel()
	b := setupInbox(t)
	err := b.work(b.receive("m1", "outage"), takeAttempts)
	if snooze, ok := errors.AsType[*river.JobSnoozeError](err); !ok || snooze.Duration != untilDatabaseIsBack {
		t.Fatalf("the queue is told %v", err)
	}
	if m := b.byExternalID("m1"); m.State != MessageReceived || m.Attempts != 0 {
		t.Errorf("message: %+v", m)
	}
}

func TestMessageThatWaitsIsAppliedWithItsOrder(t *testing.T) {
	t.Parallel()
	b := setupInbox(t)
	for n, body := range []string{"refund 1", "order 1", "order 1", "nothing"} {
		if err := b.work(b.receive(fmt.Sprint("m", n), body), 1); err != nil {
			t.Fatal(err)
		}
		if m := b.byExternalID("m0"); n == 0 && m.State != MessageWaiting {
			t.Errorf("the refund before its order: %+v", m)
		}
	}
	for id, want := range map[string]MessageState{"m0": MessageApplied, "m1": MessageApplied, "m2": MessageIgnored, "m3": MessageIgnored} {
		if m := b.byExternalID(id); m.State != want {
			t.Errorf("%s: %s, want %s", id, m.State, want)
		}
	}
}

func TestBacklogIsCountedWithItsAge(t *testing.T) {
	t.Parallel()
	b := setupInbox(t)
	if err := b.work(b.receive("m1", "what?"), 1); err != nil {
		t.Fatal(err)
	}
	if err := b.work(b.receive("m2", "order 1"), 1); err != nil {
		t.Fatal(err)
	}
	b.receive("m3", "order 2")
	b.receive("m4", "order 3")
	got, err := b.inbox.Backlogs(t.Context(), b.Brand)
	if err != nil {
		t.Fatal(err)
	}
	want := map[MessageState]int{MessageReceived: 2, MessageSetAside: 1}
	for _, g := range got {
		if g.Count != want[g.State] || !g.Oldest.Equal(today) {
			t.Errorf("%+v", g)
		}
		delete(want, g.State)
	}
	if len(want) > 0 {
		t.Errorf("not counted: %v", want)
	}
}

func TestAnotherBrandsMessagesAreNotThere(t *testing.T) {
	t.Parallel()
	b := setupInbox(t)
	id := b.receive("m1", "what?")
	if err := b.inbox.Replay(t.Context(), b.Brand+1000, id); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("replayed by another brand: %v", err)
	}
}
