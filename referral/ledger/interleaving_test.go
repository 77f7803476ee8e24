package ledger_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"homestore/clienteling/order"
	"homestore/migrations/postgrestest"
)

// The usual run draws the same each time, in CI two fifths of it; `make soak` draws anew, for long. The flags of the command line
// come after this.
func init() {
	_ = flag.Set("rapid.seed", "1")
	if os.Getenv("CI") != "" {
		_ = flag.Set("rapid.checks", "40")
	}
}

// W3: 1,000 orders are placed, paid, edited, exchanged, handed over, refunded in part and whole, and cancelled; each fact comes one to
// five times, in any sequence, also before its order, one by one, in batches, by four to sixteen workers at once, and with
// the return period ending in between. Each ends as if its facts had come once and in the sequence in which they happened.
//
// The same end is: the order with its lines, papers and instants (all but when we heard of it); its credits with their
// reasons, what was lost and when it becomes payable; the balance of every account; each customer's figures; and what waits.
//
//   - Versions: of each thing the highest one that says it counts. A source never tells two different things under one
//     version, and of an order one instant at which it was placed and one customer: one whom a version took for hers until
//     a higher one came has been there, which is in her figures.
//   - Names: an order and its papers are named by their source, so that the same names from another source are another order.
//   - Exchanges: of orders placed in an odd minute they make new orders, which are compared like the others.
//   - A fact whose order never comes waits for it, once, and is in no balance.
//   - Where credits became payable before all was known, a part of them may be in the other account of their holder, since
//     the book never goes back: there the balance is that of both accounts together.
func TestW3InterleavingsEndInTheSameBook(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	ways := []struct {
		name   string
		tell   func(*rapid.T, *audience, []teller)
		vest   bool
		orders int // of a run; rapid makes a hundred runs, so these ten are a thousand interleavings
	}{
		{"one by one", oneByOne, false, 3},
		{"in batches", inBatches, false, 3},
		{"by many workers", byWorkers, false, 2},
		{"while credits become payable", whileVesting, true, 2},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				facts := drawStories(rt, way.orders)
				model, told := newAudience(t, pool), newAudience(t, pool)
				oneByOne(rt, model, facts)
				way.tell(rt, told, interleaved(rt, facts))
				want, got := model.end(rt, way.vest), told.end(rt, way.vest)
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Fatalf("it ends in another way (-told once and in time, +told anyhow):\n%s", diff)
				}
				told.invariants(rt)
			})
		})
	}
}

// drawStories are the stories of a run one after another. Two orders have one name, of two sources; sometimes there are
// papers of an order that never comes.
func drawStories(rt *rapid.T, orders int) []teller {
	placed := time.Date(2026, 3, 1, 12, 0, 0, 0, taipei)
	var facts []teller
	for i := range orders {
		facts = append(facts, tell(rt, []string{"shop", "till"}[i%2], fmt.Sprint("o", i/2), placed.Add(time.Duration(i)*time.Minute))...)
	}
	if rapid.Bool().Draw(rt, "one never comes") {
		facts = append(facts, tell(rt, "till", "never", placed)[1:]...)
	}
	return facts
}

// interleaved is every fact one to five times, in any sequence.
func interleaved(rt *rapid.T, facts []teller) []teller {
	var sent []teller
	for _, f := range facts {
		for range rapid.IntRange(1, 5).Draw(rt, "times") {
			sent = append(sent, f)
		}
	}
	return rapid.Permutation(sent).Draw(rt, "sequence")
}

func oneByOne(rt *rapid.T, a *audience, sent []teller) {
	for _, f := range sent {
		a.hear(rt, f.source, f.fact(a))
	}
}

// inBatches takes what one source says next in one transaction, as an import or a message that tells of several orders does.
func inBatches(rt *rapid.T, a *audience, sent []teller) {
	for len(sent) > 0 {
		batch := map[string][]order.Fact{}
		n := min(len(sent), rapid.IntRange(1, 20).Draw(rt, "batch"))
		for _, f := range sent[:n] {
			batch[f.source] = append(batch[f.source], f.fact(a))
		}
		for source, facts := range batch {
			a.hear(rt, source, facts...)
		}
		sent = sent[n:]
	}
}

func byWorkers(rt *rapid.T, a *audience, sent []teller) {
	next := make(chan teller, len(sent))
	for _, f := range sent {
		next <- f
	}
	close(next)
	failed := make(chan error, len(sent))
	var workers sync.WaitGroup
	for range rapid.IntRange(4, 16).Draw(rt, "workers") {
		workers.Go(func() {
			for f := range next {
				if _, err := a.orders.Apply(context.Background(), a.Brand, f.source, f.fact(a)); err != nil {
					failed <- fmt.Errorf("%+v: %w", f.fact(a), err)
				}
			}
		})
	}
	workers.Wait()
	close(failed)
	for err := range failed {
		rt.Error(err)
	}
}

// whileVesting makes payable what is due each time it has heard some of it, a month later each time.
func whileVesting(rt *rapid.T, a *audience, sent []teller) {
	for len(sent) > 0 {
		n := min(len(sent), rapid.IntRange(1, 20).Draw(rt, "told before it"))
		oneByOne(rt, a, sent[:n])
		sent = sent[n:]
		a.vest(rt, a.clock().AddDate(0, 1, 0))
	}
}
