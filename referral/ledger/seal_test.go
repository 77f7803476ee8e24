package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/ledger"
)

func (b *bundle) seal() int {
	b.t.Helper()
	n, err := b.book.Seal(b.t.Context(), b.Brand, time.Time{}, b.clock())
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// sell makes orders of different prices, each with one transfer.
func (b *bundle) sell(orders int) {
	b.t.Helper()
	facts := make([]order.Fact, orders)
	for i := range facts {
		facts[i] = b.web(fmt.Sprintf("%s-%d", b.clock(), i), shop.ID{}, int64(2100*(i+1)))
	}
	b.applyTogether(facts...)
}

func (b *bundle) superuser() *pgx.Conn {
	b.t.Helper()
	owner, _ := postgrestest.DSNs(b.t)
	conn, err := pgx.Connect(b.t.Context(), owner)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close(b.t.Context()) })
	return conn
}

// breaks is what the invariant of a rule finds.
func breaks(t testing.TB, db postgres.DB, brand shop.BrandID, of string) []string {
	t.Helper()
	var all []string
	for _, rule := range ledger.Invariants {
		if rule.Rule != of {
			continue
		}
		broken, err := rule.Breaks(t.Context(), db, brand)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, broken...)
	}
	return all
}

// edit is something that a superuser does to sealed rows a and b (numbers of their seals), and what must be named.
type edit struct {
	what       string
	statements []string // $a, $b: ids of the transfers; $i, $j: numbers of their seals; $n: the last
	named      []string
}

var edits = []edit{
	{"an amount", []string{`UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE id = '$a'`}, []string{"transfer $a"}},
	{"two amounts that keep the sum", []string{`UPDATE ledger_transfer SET amount_minor = amount_minor + CASE id WHEN '$a' THEN 1 ELSE -1 END WHERE id IN ('$a', '$b')`},
		[]string{"transfer $a", "transfer $b"}},
	{"two accounts", []string{`UPDATE ledger_transfer SET debit_account_id = credit_account_id, credit_account_id = debit_account_id WHERE id = '$a'`}, []string{"transfer $a"}},
	{"a date", []string{`UPDATE ledger_transfer SET effective_at = effective_at - interval '1 microsecond' WHERE id = '$a'`}, []string{"transfer $a"}},
	{"a month", []string{`UPDATE ledger_transfer SET month = month - interval '1 month' WHERE id = '$a'`}, []string{"transfer $a"}},
	{"a reason", []string{`UPDATE ledger_transfer SET reason = reason || '{"x": 1}' WHERE id = '$a'`}, []string{"transfer $a"}},
	{"an order", []string{`UPDATE ledger_transfer SET order_id = NULL WHERE id = '$a'`}, []string{"transfer $a"}},
	{"a row away", []string{`DELETE FROM ledger_transfer WHERE id = '$a'`}, []string{"transfer $a"}},
	{"a row and its seal away", []string{`DELETE FROM ledger_transfer WHERE id = '$a'`, `DELETE FROM ledger_seal WHERE transfer_id = '$a'`}, []string{"seals $i to $i"}},
	{"two rows in each other's place", []string{`UPDATE ledger_transfer x SET amount_minor = y.amount_minor, order_id = y.order_id, reason = y.reason
		FROM ledger_transfer y WHERE x.id IN ('$a', '$b') AND y.id IN ('$a', '$b') AND x.id <> y.id`}, []string{"transfer $a", "transfer $b"}},
	{"the last sealed row away", []string{`DELETE FROM ledger_transfer t USING ledger_seal s WHERE s.transfer_id = t.id AND s.seal_no = $n`, `DELETE FROM ledger_seal WHERE seal_no = $n`},
		[]string{"seals $n to $n"}},
	{"all sealed rows after one away", []string{`DELETE FROM ledger_transfer t USING ledger_seal s WHERE s.transfer_id = t.id AND s.seal_no >= $i`, `DELETE FROM ledger_seal WHERE seal_no >= $i`},
		[]string{"seals $i to $n"}},
	{"a seal away", []string{`DELETE FROM ledger_seal WHERE transfer_id = '$a'`}, []string{"seals $i to $i"}},
	{"a row with the hash that it would have", []string{`UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE id = '$a'`,
		`UPDATE ledger_seal SET form_hash = sha256('anything') WHERE transfer_id = '$a'`}, []string{"transfer $a", "seal $i"}},
	{"two seals in each other's place", []string{`UPDATE ledger_seal SET seal_no = $i + $j - seal_no WHERE seal_no IN ($i, $j)`}, []string{"seal $i", "seal $j"}},
}

func TestL5FiftyEditsByASuperuserAreAllNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for day := range 4 {
		b.at(fmt.Sprintf("2026-03-0%d 12:00", day+1))
		b.sell(10)
		b.seal()
	}
	conn := b.superuser()
	if found := breaks(t, conn, b.Brand, asSealed); len(found) > 0 {
		t.Fatalf("nobody has touched it yet: %v", found)
	}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	named := 0
	for i := range 50 {
		e := edits[i%len(edits)]
		found, want := b.afterEdit(conn, e, random)
		missing := slices.DeleteFunc(want, func(name string) bool { return slices.Contains(found, name) })
		if len(missing) > 0 {
			t.Errorf("%s: found %v, which does not name %v", e.what, found, missing)
			continue
		}
		named++
	}
	if named != 50 {
		t.Errorf("%d of 50 named", named)
	}
}

// afterEdit is what I9 finds after an edit of two rows at random, and what it should name. The edit is taken back.
func (b *bundle) afterEdit(conn *pgx.Conn, e edit, random *rand.Rand) (found, want []string) {
	b.t.Helper()
	tx, err := conn.Begin(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(b.t.Context()) }()
	const last = 40
	two := random.Perm(last)[:2]
	slices.Sort(two) // the second is never the first of the chain
	words := []string{"$n", fmt.Sprint(last)}
	for k, no := range two {
		var id string
		if err := tx.QueryRow(b.t.Context(), `SELECT transfer_id::text FROM ledger_seal WHERE seal_no = $1`, no+1).Scan(&id); err != nil {
			b.t.Fatal(err)
		}
		words = append(words, []string{"$a", "$b"}[k], id, []string{"$i", "$j"}[k], fmt.Sprint(no+1))
	}
	as := strings.NewReplacer(words...)
	// Who may do this may also switch off what guards the references.
	for _, statement := range append([]string{`SET LOCAL session_replication_role = replica`}, e.statements...) {
		tag, err := tx.Exec(b.t.Context(), as.Replace(statement))
		if err != nil || !tag.Select() && !strings.HasPrefix(statement, "SET") && tag.RowsAffected() == 0 {
			b.t.Fatalf("%s: %v, %v", e.what, tag, err)
		}
	}
	for _, name := range e.named {
		want = append(want, as.Replace(name))
	}
	return breaks(b.t, tx, b.Brand, asSealed), want
}

func TestSealersAtOnceNeverForkTheChain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	var all sync.WaitGroup
	var counting sync.Mutex
	sealed := 0
	for worker := range 8 {
		all.Go(func() {
			for i := range 4 {
				b.apply(b.web(fmt.Sprintf("o%d-%d", worker, i), shop.ID{}, 21000))
				n := b.seal()
				counting.Lock()
				sealed += n
				counting.Unlock()
			}
		})
	}
	all.Wait()
	if sealed += b.seal(); sealed != 32 {
		t.Errorf("%d seals for 32 transfers", sealed)
	}
	b.invariants(t)
	b.in(func(tx pgx.Tx) error {
		head, err := ledger.HeadOf(t.Context(), tx, b.Brand)
		if err != nil || head.Seals != 32 {
			t.Errorf("the head says %d seals, %v", head.Seals, err)
		}
		return nil
	})
}

// What a place up to which all is sealed would leave out.
func TestPostingThatCommitsLateIsSealedToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	b.sell(1)
	before := b.clock()
	o := b.web("slow", shop.ID{}, 21000)
	posted, wait, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	goOn := sync.OnceFunc(func() { close(wait) })
	defer goOn()
	go func() {
		done <- b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
			_, err := b.orders.ApplyTx(t.Context(), tx, b.Brand, "test", o, before)
			close(posted)
			<-wait
			return err
		})
	}()
	<-posted
	b.at("2026-03-02 12:00") // another day: no roll-up of the account is the same
	b.sell(1)
	if n := b.seal(); n != 2 {
		t.Errorf("%d sealed while one is under way", n)
	}
	goOn()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.in(func(tx pgx.Tx) error {
		if n, err := ledger.Unsealed(t.Context(), tx, b.Brand, b.clock()); n != 1 || err != nil {
			t.Errorf("%d without a seal, %v", n, err)
		}
		return nil
	})
	if n := b.seal(); n != 1 {
		t.Errorf("%d sealed after it committed", n)
	}
	b.invariants(t)
}

func TestOnlyWhatWasPostedSinceAnInstantIsSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2025-12-31 23:59")
	b.sell(3)
	b.at("2026-01-02 12:00")
	b.sell(2)
	if n, err := b.book.Seal(t.Context(), b.Brand, b.clock().Add(-time.Hour), b.clock()); n != 2 || err != nil {
		t.Errorf("%d sealed of the last hour, %v", n, err)
	}
	if n := b.seal(); n != 3 {
		t.Errorf("%d sealed of all, want the 3 of the year before", n)
	}
	b.invariants(t)
}

// Each year's seals lie in a partition of their own, so a page ends with its year and the next one goes on.
func TestTransfersOfTwoYearsAreSealedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, day := range []string{"2034-12-30 12:00", "2035-01-02 12:00"} {
		b.at(day)
		b.sell(2)
	}
	if n := b.seal(); n != 4 {
		t.Errorf("%d sealed of two years", n)
	}
	b.invariants(t)
}

// The form that Seal describes, written by a program that knows only the description.
func TestSealCanBeRecomputedFromItsDescription(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	b.sell(1)
	b.seal()
	var columns []any
	var hash []byte
	err := b.superuser().QueryRow(t.Context(), `
SELECT jsonb_build_array(t.brand_id, t.id, t.kind, t.role, t.debit_account_id, t.credit_account_id, t.amount_minor, t.currency, t.order_id, t.parcel,
  t.line_no, t.fact, t.reverses_id, t.reason::text, t.month - DATE '1970-01-01', (extract(epoch FROM t.effective_at) * 1000000)::bigint,
  (extract(epoch FROM t.posted_at) * 1000000)::bigint), s.hash
FROM ledger_transfer t JOIN ledger_seal s ON s.transfer_id = t.id`).Scan(&columns, &hash)
	if err != nil {
		t.Fatal(err)
	}
	elements := make([]string, 0, 18)
	for _, c := range append([]any{"homestore transfer 1"}, columns...) {
		if number, ok := c.(float64); ok {
			c = int64(number)
		}
		var text bytes.Buffer
		if err := json.NewEncoder(&text).Encode(c); err != nil {
			t.Fatal(err)
		}
		elements = append(elements, strings.TrimSpace(text.String()))
	}
	form := sha256.Sum256([]byte("[" + strings.Join(elements, ", ") + "]"))
	want := sha256.Sum256(append(make([]byte, 32), form[:]...))
	if !bytes.Equal(hash, want[:]) {
		t.Errorf("the seal is %x, the description says %x", hash, want)
	}
}
