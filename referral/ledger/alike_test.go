package ledger_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// meanwhile tells a fact and, before that is committed, another one, until it is done or waits.
func (b *bundle) meanwhile(first, second order.Fact) {
	b.t.Helper()
	looker, done := b.superuser(), make(chan error, 1)
	b.in(func(tx pgx.Tx) error {
		if _, err := b.orders.ApplyTx(b.t.Context(), tx, b.Brand, "test", first, b.clock()); err != nil {
			return err
		}
		go func() {
			_, err := b.orders.Apply(b.t.Context(), b.Brand, "test", second)
			done <- err
		}()
		for isWaiting := false; len(done) == 0 && !isWaiting; {
			err := looker.QueryRow(b.t.Context(), `SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&isWaiting)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := <-done; err != nil {
		b.t.Errorf("%+v: %v", second, err)
	}
}

// Her own order and one that a friend places with her card are told of at once, or hers while the friend's is refunded in part. Whoever
// is first, nobody earns from either, and the book says of both what the rules say.
func TestAbuse05WhoPaysForAFriendEarnsNothingAlsoWhenBothComeAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 10:00")
	her, friend := b.customer("+886912345678"), b.customer("+886912345679")
	b.in(func(tx pgx.Tx) error {
		return customer.MarkStaff(t.Context(), tx, shop.System(b.Brand), her, b.Amy, b.clock())
	})
	for i, why := range []string{"hers first", "the friend's first", "hers before a refund of the friend's", "hers after it"} {
		b.at("2026-03-02 10:00")
		own := b.web(fmt.Sprint("own ", i), her, 21000)
		b.at("2026-03-02 11:00")
		friends := b.web(fmt.Sprint("friend's ", i), friend, 21000)
		own.Payment, friends.Payment = why, why
		refunded := order.WasRefunded{Order: friends.Order, ExternalID: fmt.Sprint("r", i), At: b.clock(), Amount: 10500}
		switch i {
		case 0:
			b.meanwhile(own, friends)
		case 1:
			b.meanwhile(friends, own)
		case 2:
			b.apply(friends)
			b.meanwhile(own, refunded)
		case 3:
			b.apply(friends)
			b.meanwhile(refunded, own)
		}
		if got := b.balance(attribution.StoreOf(b.Web)); got["pending"] != 0 {
			t.Errorf("%s: %v", why, got)
		}
	}
	b.invariants(t)
	b.comparison(t)
}
