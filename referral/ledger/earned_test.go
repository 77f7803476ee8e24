package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
	"homestore/referral/ledger"
)

// heard is a listener that keeps what it was told.
type heard struct {
	mu   sync.Mutex
	told []string
	deaf error
}

func (h *heard) Earned(_ context.Context, _ pgx.Tx, _ shop.BrandID, earnings []ledger.Earning, _ time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range earnings {
		if e.Transfer.IsZero() {
			return errors.New("an earning without its transfer")
		}
		h.told = append(h.told, fmt.Sprint(e.Staff, " ", e.Role, " ", e.Minor, " ", e.Currency))
	}
	return h.deaf
}

func (h *heard) want(t *testing.T, why string, told ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if d := cmp.Diff(told, h.told); d != "" {
		t.Errorf("%s: %s", why, d)
	}
	h.told = nil
}

// amys is a customer whom Amy has won, and the ear of the book.
func (b *bundle) amys(phone string) (shop.ID, *heard) {
	b.t.Helper()
	ear := &heard{}
	b.book.Telling(ear)
	who := b.customer(phone)
	if _, err := b.bindings.Claim(b.t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: binding.FromImport}); err != nil {
		b.t.Fatal(err)
	}
	return who, ear
}

func TestWhoEarnsHearsOfAnOrderOnceWhateverBecomesOfIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 10:00")
	who, ear := b.amys("+886912345678")
	b.at("2026-03-01 21:00")
	placed := b.web("o1", who, 21000)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() { b.apply(placed) })
	}
	all.Wait()
	ear.want(t, "an order, sixteen times at once", b.Amy.String()+" home_staff 400 TWD")

	edited := order.WasEdited{Order: "o1", Version: 2, At: b.clock(), Lines: placed.Lines}
	edited.Lines[0].UnitPrice = 42000
	b.apply(edited)
	ear.want(t, "an edit that gives her more")
	edited.Version, edited.Lines[0].UnitPrice = 3, 0
	b.apply(edited)
	edited.Version, edited.Lines[0].UnitPrice = 4, 21000
	b.apply(edited)
	ear.want(t, "taken away and given back")
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.clock(), Amount: 2100})
	ear.want(t, "a refund")
}

func TestNobodyHearsOfOldOrdersNorOfWhatCameToNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 10:00")
	who, ear := b.amys("+886912345678")
	b.at("2026-03-02 10:00")
	old, young := b.web("old", who, 21000), b.web("young", who, 10500)
	b.at("2026-03-03 10:00")
	young.PlacedAt = b.clock().Add(-24 * time.Hour)
	old.PlacedAt = young.PlacedAt.Add(-time.Second)
	b.applyTogether(old, young)
	ear.want(t, "one is a day old, the other a second more", b.Amy.String()+" home_staff 200 TWD")

	b.apply(order.WasCancelled{Order: "gone", At: b.clock()})
	b.apply(b.web("gone", who, 21000)) // which waited for it
	ear.want(t, "cancelled by the time it came")
	b.apply(b.web("nobodys", b.customer("+886912345679"), 21000))
	ear.want(t, "nobody's customer")
	b.apply(b.web("cent", who, 20))
	ear.want(t, "less than the half of a dollar")
}

func TestWhoWinsHerWithinTheDayHearsOfWhatSheBoughtBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ear := &heard{}
	b.book.Telling(ear)
	who := b.customer("+886912345678")
	b.at("2026-03-01 20:00")
	scanned := b.scanned(b.S1)
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE scan SET staff_id = $3 WHERE brand_id = $1 AND id = $2`, b.Brand, scanned, b.Amy)
		return err
	})
	b.at("2026-03-01 20:10")
	b.apply(b.web("o1", who, 21000))
	ear.want(t, "while she is nobody's")
	b.at("2026-03-01 20:20")
	b.in(func(tx pgx.Tx) error {
		out, err := b.bindings.Join(t.Context(), tx, b.Brand, who, []shop.ID{scanned}, b.clock())
		if err == nil && !out.Bound {
			t.Errorf("not bound: %v", out.Refusal)
		}
		return err
	})
	ear.want(t, "she joins by a scan from before", b.Amy.String()+" home_staff 400 TWD")
}

func TestWhatAListenerCannotTakeIsNotPostedEither(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 10:00")
	who, ear := b.amys("+886912345678")
	ear.deaf = errors.New("no queue")
	b.at("2026-03-01 21:00")
	if _, err := b.orders.Apply(t.Context(), b.Brand, "test", b.web("o1", who, 21000)); !errors.Is(err, ear.deaf) {
		t.Errorf("%v", err)
	}
	if n := b.number(`SELECT count(*) FROM ledger_transfer WHERE brand_id = $1`); n != 0 {
		t.Errorf("%d transfers", n)
	}
}
