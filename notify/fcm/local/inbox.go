package local

import (
	"slices"
	"sync"
	"time"
)

// Message is one message as a phone got it.
type Message struct {
	Name        string            `json:"name"` // FCM's name: projects/…/messages/…
	ReceivedAt  time.Time         `json:"received_at"`
	TargetKind  string            `json:"target_kind"` // token or fid
	Target      string            `json:"target"`
	Title       string            `json:"title"`
	Body        string            `json:"body"`
	Data        map[string]string `json:"data"`
	TTL         string            `json:"ttl"` // as it came: "3600s"
	Priority    string            `json:"priority"`
	CollapseKey string            `json:"collapse_key"`
	Tag         string            `json:"tag"`
}

// inboxSize bounds memory: usual messages take 1 kB, the largest request that is read 64 kB.
const inboxSize = 1000

// inbox keeps the newest messages in a ring.
type inbox struct {
	mu   sync.Mutex
	ring [inboxSize]Message
	took int // since the start; took % inboxSize is where the next one goes
}

func (b *inbox) put(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ring[b.took%inboxSize] = m
	b.took++
}

func (b *inbox) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.took
}

// of lists the messages of a phone, newest first; of all phones for the empty target. Never nil, so that JSON has a list.
func (b *inbox) of(target string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages := []Message{}
	for i := b.took - 1; i >= max(0, b.took-inboxSize); i-- {
		if m := b.ring[i%inboxSize]; target == "" || m.Target == target {
			messages = append(messages, m)
		}
	}
	return messages
}

// phone is one target with its messages, newest first.
type phone struct {
	Kind, Target string
	Messages     []Message
}

// byPhone groups messages; the phone that got the newest message comes first.
func byPhone(messages []Message) []phone {
	var phones []phone
	for _, m := range messages {
		i := slices.IndexFunc(phones, func(p phone) bool { return p.Target == m.Target })
		if i < 0 {
			i = len(phones)
			phones = append(phones, phone{Kind: m.TargetKind, Target: m.Target})
		}
		phones[i].Messages = append(phones[i].Messages, m)
	}
	return phones
}
