package main

import (
	"context"
	"time"

	"homestore/clienteling/order"
	"homestore/migrations/postgres"
)

const (
	// readWithin bounds what a scrape waits for the database: far below Prometheus' own ten seconds.
	readWithin = 2 * time.Second
	// figuresLast is for how long figures are told again, so that many who ask cost the database no more than one.
	figuresLast = 5 * time.Second
)

// figures are what the database says. While it does not answer there are none but that a check fails: an old figure would look
// like a good one.
type figures struct {
	at     time.Time
	checks map[string]bool // of /readyz, by name
	queue  []queueDepth
	inbox  map[order.MessageState]order.Backlog
}

// figures are read at most once in figuresLast. Who asks while they are read gets the same.
func (c *stateCollector) figures() figures {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.last.at) > figuresLast {
		c.last = c.h.readFigures()
	}
	return c.last
}

func (h *house) readFigures() figures {
	ctx, cancel := context.WithTimeout(context.Background(), readWithin)
	defer cancel()
	f := figures{at: time.Now(), checks: map[string]bool{}}
	isReady := true
	for _, check := range h.checks() {
		isReady = isReady && check.Run(ctx) == nil // the first that fails has taken the time of the others
		f.checks[check.Name] = isReady
	}
	if !isReady {
		return f
	}
	var err error
	if f.queue, err = queueDepths(ctx, h.pool.Raw()); err == nil {
		f.inbox, err = h.backlogOfAll(ctx)
	}
	if err != nil && ctx.Err() == nil && !postgres.IsDown(err) {
		h.log.Warn("figures of the queue or the inbox cannot be read", "error", err)
	}
	return f
}

// backlogOfAll is what the inboxes of all brands hold, by the states from which a message should move on.
func (h *house) backlogOfAll(ctx context.Context) (map[order.MessageState]order.Backlog, error) {
	brands, err := h.teams.Brands(ctx)
	if err != nil {
		return nil, err
	}
	all := map[order.MessageState]order.Backlog{order.MessageReceived: {}, order.MessageWaiting: {}, order.MessageSetAside: {}}
	for _, b := range brands {
		backlogs, err := h.inbox.Backlogs(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		for _, l := range backlogs {
			sum := all[l.State]
			if sum.Count == 0 || l.Oldest.Before(sum.Oldest) {
				sum.Oldest = l.Oldest
			}
			sum.Count += l.Count
			all[l.State] = sum
		}
	}
	return all, nil
}
