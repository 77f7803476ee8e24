package customer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// drawSets are identities as orders of a small crowd bring them: accounts, numbers and addresses that some of them share.
func drawSets(draw *rand.Rand, n int) [][]Identity {
	sets := make([][]Identity, n)
	for s := range sets {
		for range 1 + draw.IntN(3) {
			who := draw.IntN(6)
			sets[s] = append(sets[s], []Identity{
				{Kind: WebShop, Value: fmt.Sprintf("shopify:%d", who)},
				{Kind: POS, Value: fmt.Sprintf("pos:%d", who)},
				phone(who, draw.IntN(2) == 0),
				{Kind: Email, Value: fmt.Sprintf("%d@example.com", who), Verified: draw.IntN(2) == 0},
			}[draw.IntN(4)])
		}
	}
	return sets
}

// kept is all that is kept of a brand's customers, each by the place of the set that first named her.
func (b bundle) kept(answers []shop.ID) string {
	b.Helper()
	names := map[shop.ID]int{{}: -1}
	var out strings.Builder
	for _, id := range answers {
		if _, known := names[id]; !known {
			names[id] = len(names)
		}
		fmt.Fprint(&out, names[id], " ")
	}
	for _, id := range answers {
		var identities []Identity
		b.do(func(tx pgx.Tx) (err error) {
			if !id.IsZero() {
				identities, err = identitiesOf(b.Context(), tx, b.brand, id)
			}
			return err
		})
		slices.SortFunc(identities, func(x, y Identity) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
		acts := b.acts(id)
		slices.Sort(acts)
		fmt.Fprintln(&out, names[id], identities, acts)
	}
	return out.String()
}

func TestManyResolvedTogetherAreWhoTheyWouldBeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		sets := drawSets(rand.New(rand.NewPCG(seed, 1)), 30) //nolint:gosec // the same crowds in every run
		one, all := setup(t), setup(t)
		var singly, together []shop.ID
		for _, s := range sets {
			singly = append(singly, one.resolve(s...))
		}
		for some := range slices.Chunk(sets, 15) { // the second half meets those whom the first has left
			all.do(func(tx pgx.Tx) error {
				ids, err := ResolveMany(t.Context(), tx, all.brand, some, now)
				together = append(together, ids...)
				return err
			})
		}
		if diff := cmp.Diff(one.kept(singly), all.kept(together)); diff != "" {
			t.Fatalf("crowd %d: %s", seed, diff)
		}
	}
}

func TestNobodyIsResolvedFromNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(func(tx pgx.Tx) error {
		ids, err := ResolveMany(t.Context(), tx, b.brand, [][]Identity{nil, {phone(1, false)}, {}}, now)
		if len(ids) != 3 || !ids[0].IsZero() || ids[1].IsZero() || !ids[2].IsZero() {
			t.Errorf("got %v", ids)
		}
		return err
	})
}

// Eight imports of the same hundred customers at once: whoever is second to a name takes the first's answer.
func TestManyResolvedAtOnceByManyAreMadeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sets := make([][]Identity, 100)
	for n := range sets {
		sets[n] = []Identity{{Kind: WebShop, Value: fmt.Sprintf("shopify:%d", n)}, phone(n, true)}
	}
	answers := make([][]shop.ID, 8)
	var running sync.WaitGroup
	for n := range answers {
		running.Go(func() {
			err := b.pool.Brand(t.Context(), b.brand, func(tx pgx.Tx) (err error) {
				answers[n], err = ResolveMany(t.Context(), tx, b.brand, sets, now)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	for _, ids := range answers[1:] {
		if !slices.Equal(ids, answers[0]) {
			t.Fatal("two imports have made two customers of one")
		}
	}
	distinct := slices.Clone(answers[0])
	slices.SortFunc(distinct, compareID)
	if len(slices.Compact(distinct)) != len(sets) {
		t.Errorf("%d customers of %d", len(distinct), len(sets))
	}
}

// The brand is young: PostgreSQL has no statistics of its customers.
func TestAFewAreResolvedWithoutReadingTheOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sets := make([][]Identity, 1000)
	for n := range sets {
		sets[n] = []Identity{{Kind: WebShop, Value: fmt.Sprintf("shopify:%d", n)}}
	}
	b.do(func(tx pgx.Tx) error {
		_, err := ResolveMany(t.Context(), tx, b.brand, sets, now)
		return err
	})
	rowsRead := func(tx pgx.Tx) (n int) {
		err := tx.QueryRow(t.Context(), `
			SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname IN ('identity', 'customer')`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	b.do(func(tx pgx.Tx) error {
		before := rowsRead(tx)
		_, err := ResolveMany(t.Context(), tx, b.brand, sets[400:410], now)
		if n := rowsRead(tx) - before; n != 30 { // of each an identity, the customer, and an identity that proves her
			t.Errorf("%d rows read to find ten customers", n)
		}
		return err
	})
}
