package onlineretail

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"homestore/clienteling/order"
)

func TestFactsOfACustomerAreAppliedInTheirSequence(t *testing.T) {
	t.Parallel()
	const customers, each = 50, 100
	var mu sync.Mutex
	seen := map[string]int{}
	l := newLanes(t.Context(), func(err error) { t.Error(err) }, func(_ context.Context, facts []order.Fact) ([]order.Result, error) {
		mu.Lock()
		defer mu.Unlock()
		for _, f := range facts {
			who, n := f.OrderName(), f.(order.WasEdited).Version
			if n != seen[who]+1 {
				t.Errorf("fact %d of %s came after its fact %d", n, who, seen[who])
			}
			seen[who] = n
		}
		results := make([]order.Result, len(facts))
		results[0].Outcome = order.Applied
		return results, nil
	})
	for n := range each {
		for who := range customers {
			name := fmt.Sprint("customer ", who)
			l.add(name, 1, 0, order.WasEdited{Order: name, Version: n + 1})
		}
	}
	applied, ignored := l.finish()
	if applied+ignored != customers*each || applied < customers*each/batchFacts || len(seen) != customers {
		t.Errorf("%d applied, %d ignored, of %d customers", applied, ignored, len(seen))
	}
}

func TestALaneThatFailsStopsTheOthers(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	ctx, fail := context.WithCancelCause(t.Context())
	l := newLanes(ctx, fail, func(ctx context.Context, facts []order.Fact) ([]order.Result, error) {
		if facts[0].OrderName() == "0" {
			return nil, full
		}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	for n := range 10 * batchFacts { // more than the lanes may hold: nobody waits for a lane that has stopped
		name := fmt.Sprint(n)
		l.add(name, 1, n, order.WasPaid{Order: name})
	}
	l.finish()
	if err := context.Cause(ctx); !errors.Is(err, full) {
		t.Errorf("it failed with %v", err)
	}
}
