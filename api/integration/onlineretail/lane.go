package onlineretail

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"

	"homestore/clienteling/order"
)

// A batch is one transaction. Larger ones were not faster, and what a kill undoes is at most one of each lane.
const (
	batchFacts = 800
	batchLines = 5000
)

// laneCount is how many batches are applied at once: while the database works on one, the next is prepared and another is
// taken up. More were not faster on two cores.
const laneCount = 2

// lanes apply facts side by side. All facts of a customer, and so all of an order, go through one lane in the sequence of the
// file: no lane waits for what another has locked, and what is kept in the end is what a single one would keep.
type lanes struct {
	each    []*lane
	stopped <-chan struct{}
	running sync.WaitGroup
}

type lane struct {
	filling          batch
	full             chan batch
	applied, ignored int
}

// batch is facts, how many lines they have, and how far into the file they go.
type batch struct {
	facts []order.Fact
	lines int
	upTo  int
}

// apply is what becomes of a batch's facts.
type apply func(context.Context, []order.Fact) ([]order.Result, error)

// newLanes starts the lanes. The first error of one is given to fail, which must end ctx and with it the others.
func newLanes(ctx context.Context, fail func(error), do apply) *lanes {
	l := &lanes{stopped: ctx.Done()}
	for range laneCount {
		one := &lane{full: make(chan batch, 1)}
		l.each = append(l.each, one)
		l.running.Go(func() {
			if err := one.run(ctx, do); err != nil {
				fail(err)
			}
		})
	}
	return l
}

func (one *lane) run(ctx context.Context, do apply) error {
	for b := range one.full {
		results, err := do(ctx, b.facts)
		if err != nil {
			return fmt.Errorf("apply the facts up to line %d: %w", b.upTo, err)
		}
		for n, r := range results {
			switch _, isParcel := b.facts[n].(order.WasFulfilled); {
			case isParcel: // told with its order
			case r.Outcome == order.Applied:
				one.applied++
			default:
				one.ignored++
			}
		}
	}
	return nil
}

// add puts facts about somebody's order into a batch, and sends the batch off when it is full. It waits while her lane is
// two batches behind.
func (l *lanes) add(whose string, lines, upTo int, facts ...order.Fact) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(whose))
	one := l.each[h.Sum32()%laneCount]
	one.filling.facts, one.filling.lines, one.filling.upTo = append(one.filling.facts, facts...), one.filling.lines+lines, upTo
	if len(one.filling.facts) >= batchFacts || one.filling.lines >= batchLines {
		l.send(one)
	}
}

func (l *lanes) send(one *lane) {
	select {
	case one.full <- one.filling:
	case <-l.stopped: // whoever reads the file sees it as well
	}
	one.filling = batch{facts: make([]order.Fact, 0, batchFacts)}
}

// finish sends off what is left, waits for all lanes, and says how many facts were new and how many known.
func (l *lanes) finish() (applied, ignored int) {
	for _, one := range l.each {
		if len(one.filling.facts) > 0 {
			l.send(one)
		}
		close(one.full)
	}
	l.running.Wait()
	for _, one := range l.each {
		applied, ignored = applied+one.applied, ignored+one.ignored
	}
	return applied, ignored
}
