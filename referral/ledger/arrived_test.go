package ledger_test

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/scan"
)

func (b *bundle) creditArrived(want int) {
	b.t.Helper()
	if n, err := b.book.CreditArrived(b.t.Context(), b.Brand, b.clock()); n != want || err != nil {
		b.t.Errorf("%d scans arrived, want %d: %v", n, want, err)
	}
}

// While the database was away her scan waited on the disk of a process, and her order came before it was drained.
func TestAScanThatIsHeardOfAfterTheOrderThatNamesItIsCredited(t *testing.T) {
	t.Parallel()
	b := setupDisplays(t)
	first, second := shop.NewID(b.at("2026-03-01 11:00")), shop.NewID(b.at("2026-03-01 11:30"))
	b.at("2026-03-01 12:00")
	one := b.apply(named(b.web("o1", shop.ID{}, 21000), 1, b.clock(), first))
	edited := b.web("o2", shop.ID{}, 10500)
	two := b.apply(named(edited, 1, b.clock(), second))
	b.creditArrived(0)
	b.want(attribution.StoreOf(b.S1), 0, 0)

	b.at("2026-03-01 18:00")
	b.hearOf(first, b.S1)
	b.hearOf(second, b.S2)
	edited.PlacedAt = edited.PlacedAt.Add(time.Second)
	b.apply(named(edited, 2, b.clock(), second)) // another fact is faster
	b.want(attribution.StoreOf(b.S1), 0, 0)
	b.want(attribution.StoreOf(b.S2), 400, 0)
	b.creditArrived(2)
	b.want(attribution.StoreOf(b.S1), 800, 0)
	b.want(attribution.StoreOf(b.S2), 400, 0)
	if marks := b.kept(one.Order); marks[first] != scan.InTime || len(marks) != 1 {
		t.Errorf("the scan of one is marked %v", marks)
	}
	if marks := b.kept(two.Order); marks[second] != scan.InTime || len(marks) != 1 {
		t.Errorf("the scan of the other is marked %v", marks)
	}
	b.creditArrived(0)
	b.comparison(t)
}

// Of two scans that an order names one is there, and is kept although the other is not.
func TestAScanThatIsThereIsKeptBesideOneThatIsAwaited(t *testing.T) {
	t.Parallel()
	b := setupDisplays(t)
	b.at("2026-03-01 11:00")
	there, awaited := b.scanned(b.S1), shop.NewID(b.clock())
	b.at("2026-03-01 12:00")
	order := named(b.web("o1", shop.ID{}, 21000), 1, b.clock(), there)
	order.Clicks = append(order.Clicks, awaited)
	placed := b.apply(order)
	if marks := b.kept(placed.Order); marks[there] != scan.InTime || len(marks) != 1 {
		t.Errorf("kept %v", marks)
	}
	b.hearOf(awaited, b.S2)
	b.creditArrived(1)
	b.want(attribution.StoreOf(b.S1), 0, 0)
	b.want(attribution.StoreOf(b.S2), 800, 0) // the last of them
}
