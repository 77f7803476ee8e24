package whatif

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
)

func TestReplaySaysWhoWouldHaveEarnedWhat(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00:00")
	b.apply(b.web("o1", b.buyers[1], 21000))
	till := b.web("o2", shop.ID{}, 10500)
	till.Channel, till.Store = order.Till, b.S2
	b.apply(till)
	out := b.replay(generous, "2026-03-01", "2026-03-31")
	before, after := sumsOf(out)
	if want := map[string]int64{"store:S1": 600, "staff:amy": 400, "store:WEB": 200, "store:S2": 200}; !maps.Equal(before, want) {
		t.Errorf("before %v, want %v", before, want)
	}
	if want := map[string]int64{"store:S1": 600, "staff:amy": 800, "store:WEB": 200}; !maps.Equal(after, want) {
		t.Errorf("after %v, want %v", after, want)
	}
	book := out.Books[0]
	if out.Orders != 2 || book.Currency != "TWD" || book.Before != 1400 || book.After != 1600 || book.Change() != 200 {
		t.Errorf("got %+v", out)
	}
	if len(book.Winners) != 1 || written(book.Winners[0]) != "staff:amy" || book.Winners[0].Change() != 400 ||
		book.Winners[0].Name.Text.In(shop.English) != "林艾咪" || book.Totals[1].Name.Text.In(shop.English) != "Xinyi" ||
		len(book.Losers) != 1 || written(book.Losers[0]) != "store:S2" || book.Losers[0].Change() != -200 {
		t.Errorf("winners %+v, losers %+v", book.Winners, book.Losers)
	}
}

// Days are the brand's: its midnight begins the first one and ends the last.
func TestDaysAreThoseOfTheBrand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n, when := range []string{"2026-02-28 23:59:59", "2026-03-01 00:00:00", "2026-03-02 23:59:59", "2026-03-03 00:00:00"} {
		b.at(when)
		b.apply(b.web(fmt.Sprint("o", n), shop.ID{}, 10500<<n))
	}
	out := b.replay(generous, "2026-03-01", "2026-03-02")
	if before, after := sumsOf(out); out.Orders != 2 || before["store:WEB"] != 200+400 || after["store:WEB"] != 200+400 {
		t.Errorf("%d orders, before %v, after %v", out.Orders, before, after)
	}
	if out := b.replay(generous, "2026-04-01", "2026-04-30"); out.Orders != 0 || len(out.Books) != 0 {
		t.Errorf("a month without orders has %+v", out)
	}
}

func TestMoneyOfTwoCurrenciesIsNeverAddedUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00:00")
	b.apply(b.web("o1", shop.ID{}, 21000))
	abroad := b.web("o2", shop.ID{}, 42000)
	abroad.Currency = "HKD"
	b.apply(abroad)
	books := b.replay(generous, "2026-03-01", "2026-03-01").Books
	if len(books) != 2 || books[0].Currency != "HKD" || books[0].After != 400 || books[1].Currency != "TWD" || books[1].After != 200 {
		t.Errorf("got %+v", books)
	}
}

func TestOnlyHeadOfficeReplays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, role := range []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleFinance, shop.RoleCustomer, shop.RoleIntegration} {
		actor := shop.Actor{Brand: b.Brand, Role: role, ID: b.Amy, Stores: []shop.ID{b.S1}}
		if _, err := b.service.Replay(t.Context(), actor, planOf(t, generous), day("2026-03-01"), day("2026-03-01"), nil); !errors.Is(err, shop.ErrForbidden) {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestWhatCannotBeReplayedIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.service.Replay(t.Context(), b.hq(), planOf(t, generous), day("2026-03-02"), day("2026-03-01"), nil); !errors.Is(err, ErrBackward) {
		t.Errorf("backward: %v", err)
	}
	wrong := planOf(t, generous)
	wrong.HoldDays = 1
	if _, err := b.service.Replay(t.Context(), b.hq(), wrong, day("2026-03-01"), day("2026-03-01"), nil); !errors.Is(err, shop.ErrFields) {
		t.Errorf("a plan that could never be in force: %v", err)
	}
}

func TestReplayHearsOnlyItsOwnBrand(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	b, other := setupIn(t, pool, inForce), setupIn(t, pool, inForce)
	other.at("2026-03-01 12:00:00")
	other.apply(other.web("o1", other.buyers[1], 21000))
	if out := b.replay(generous, "2026-03-01", "2026-03-31"); out.Orders != 0 || len(out.Books) != 0 {
		t.Errorf("got %+v", out)
	}
}

// manyOrders are more than a page.
func (b *bundle) manyOrders() {
	b.t.Helper()
	b.service.page = 3
	b.at("2026-03-01 12:00:00")
	for n := range 7 {
		b.is(b.clock().Add(time.Minute))
		b.apply(b.web(fmt.Sprint("o", n), b.buyers[n%3], 21000))
	}
}

func TestProgressGoesFromNothingToAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manyOrders()
	var said [][2]int
	_, err := b.service.Replay(t.Context(), b.hq(), planOf(t, generous), day("2026-03-01"), day("2026-03-01"), func(done, of int) {
		said = append(said, [2]int{done, of})
	})
	if want := [][2]int{{0, 7}, {3, 7}, {6, 7}, {7, 7}}; err != nil || fmt.Sprint(said) != fmt.Sprint(want) {
		t.Errorf("said %v, %v, want %v", said, err, want)
	}
}

func TestCancelledReplayEndsBetweenPagesAndFreesTheTurn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manyOrders()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last := 0
	out, err := b.service.Replay(ctx, b.hq(), planOf(t, generous), day("2026-03-01"), day("2026-03-01"), func(done, _ int) {
		if last = done; done == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || last != 3 || out.Orders != 0 {
		t.Errorf("%v after %d orders, outcome %+v", err, last, out)
	}
	if out := b.replay(generous, "2026-03-01", "2026-03-01"); out.Orders != 7 {
		t.Errorf("the next replay has %+v", out)
	}
}

func TestReplayThatTakesTooLongIsGivenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manyOrders()
	b.service.within = time.Nanosecond
	_, err := b.service.Replay(t.Context(), b.hq(), planOf(t, generous), day("2026-03-01"), day("2026-03-01"), nil)
	if !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v", err)
	}
}

func TestOneReplayOfABrandAtATime(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	b, other := setupIn(t, pool, inForce), setupIn(t, pool, inForce)
	b.manyOrders()
	again := func(of *bundle) error {
		_, err := of.service.Replay(t.Context(), of.hq(), planOf(t, generous), day("2026-03-01"), day("2026-03-01"), nil)
		return err
	}
	var same, others error
	_, err := b.service.Replay(t.Context(), b.hq(), planOf(t, generous), day("2026-03-01"), day("2026-03-01"), func(done, _ int) {
		if done == 3 {
			same, others = again(b), again(other)
		}
	})
	if err != nil || !errors.Is(same, ErrBusy) || others != nil {
		t.Errorf("the first: %v, the second: %v, another brand's: %v", err, same, others)
	}
}

// Orders come, are returned and won by others while a replay is under way; its figures stay those of the instant at which it began.
func TestAllFiguresAreOfOneInstant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manyOrders()
	beforeIt := b.credited()
	_, want := sumsOf(b.replay(generous, "2026-03-01", "2026-03-01"))
	out, err := b.service.Replay(t.Context(), b.hq(), planOf(t, generous), day("2026-03-01"), day("2026-03-01"), func(done, _ int) {
		if done == 3 {
			b.apply(order.WasRefunded{Order: "o6", ExternalID: "r1", At: b.clock(), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
			b.apply(b.web("late", b.buyers[1], 99999))
		}
	})
	before, after := sumsOf(out)
	if err != nil || out.Orders != 7 || !maps.Equal(before, beforeIt) || !maps.Equal(after, want) {
		t.Errorf("%d orders, %v, before %v, want %v; after %v, want %v", out.Orders, err, before, beforeIt, after, want)
	}
	if maps.Equal(b.credited(), beforeIt) {
		t.Error("nothing came meanwhile, so this tested nothing")
	}
}

// everything is all rows of all tables, as the owner sees them.
func (b *bundle) everything() map[string]string {
	b.t.Helper()
	owner, _ := postgrestest.DSNs(b.t)
	conn, err := pgx.Connect(b.t.Context(), owner)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close(b.t.Context())
	rows, err := conn.Query(b.t.Context(), `
SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`)
	if err != nil {
		b.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 30 {
		b.t.Fatal(len(tables), err)
	}
	found := map[string]string{}
	for _, table := range tables {
		var sum string
		err := conn.QueryRow(b.t.Context(), `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ';' ORDER BY t::text)), '') FROM `+table+` t`).Scan(&sum)
		if err != nil {
			b.t.Fatal(err)
		}
		found[table] = sum
	}
	return found
}

// The scan was not there yet when the order named it, so it was not kept with the order; a replay reads it where it is.
func TestNoRowOfAnyTableChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manyOrders()
	shown := b.web("shown", shop.ID{}, 21000)
	shown.Clicks = []shop.ID{shop.NewID(shown.PlacedAt.Add(-time.Hour))}
	b.apply(shown)
	b.scannedAs(shown.Clicks[0], b.S2)
	before := b.everything()
	displays := `{"version": 2, "first_day": "2030-01-01", "rules": [{"role": "display_store", "rate_bp": 500}]}`
	_, after := sumsOf(b.replay(displays, "2026-03-01", "2026-03-31"))
	if want := map[string]int64{"store:S2": 1000}; !maps.Equal(after, want) {
		t.Errorf("after %v, want %v", after, want)
	}
	for table, was := range b.everything() {
		if was != before[table] {
			t.Errorf("%s was %s and is %s", table, before[table], was)
		}
	}
}

// Also a fault of ours cannot make a replay write: the database refuses.
func TestTheDatabaseRefusesAReplayToWrite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.manyOrders()
	err := b.pool.Snapshot(t.Context(), b.Brand, func(tx pgx.Tx) error {
		orders, _, err := order.Page(t.Context(), tx, b.Brand, spanOf(day("2026-03-01"), day("2026-03-01"), taipei), 10)
		if err != nil || len(orders) != 7 {
			t.Errorf("%d orders, %v", len(orders), err)
		}
		return b.book.Credit(t.Context(), tx, b.Brand, orders, b.clock())
	})
	if err == nil || !strings.Contains(err.Error(), "read-only transaction") {
		t.Errorf("it wrote: %v", err)
	}
}
