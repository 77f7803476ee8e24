package report_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/period"
	"homestore/referral/statement"
)

// Whoever clicks twice sends the same file twice at once: both read the payment as open before either is recorded.
func TestAPaymentIsRecordedOnceHoweverManySendTheFileAtOnce(t *testing.T) {
	t.Parallel()
	b := setupBooks(t)
	b.apply(order.WasPlaced{
		Order: "o1", PlacedAt: b.now, Channel: order.Online, Store: b.Web, Currency: "TWD",
		Lines: []order.Line{{ExternalID: "1", SKU: "A", Kind: order.Merchandise, Quantity: 1, UnitPrice: 100_000, TaxIncluded: true}},
	})
	b.apply(order.WasFulfilled{Order: "o1", ExternalID: "f", Kind: order.Ship, At: b.now})
	b.now = b.now.AddDate(0, 1, 1)
	january := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b.must(b.periods.Close(t.Context(), b.finance, january))
	for before, said := range []string{"partial,400", "failed,", "paid,"} {
		payments, err := b.statements.Payments(t.Context(), b.finance, january, shop.English)
		b.must(err)
		recorded := b.recordedAtOnce(january, "reference,outcome,paid\n"+payments[0].Reference+","+said+"\n")
		kept := b.payouts(january)
		if recorded != 1 || len(kept) != before+1 || kept[before].Reference != payments[0].Reference {
			t.Errorf("%s: recorded %d times: %+v", said, recorded, kept)
		}
	}
}

// recordedAtOnce is by how many of sixteen who send a file it was taken.
func (b *books) recordedAtOnce(month time.Time, file string) (times int) {
	begin, answers := make(chan struct{}), make([]error, 16)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			<-begin
			_, answers[i] = b.statements.Record(b.t.Context(), b.finance, month, []byte(file))
		})
	}
	close(begin)
	all.Wait()
	for _, err := range answers {
		switch {
		case err == nil:
			times++
		case !errors.Is(err, period.ErrTried) && !errors.Is(err, statement.ErrOutcomes):
			b.t.Errorf("%s: %v", file, err)
		}
	}
	return times
}

func (b *books) payouts(month time.Time) (all []period.Payout) {
	b.t.Helper()
	b.must(b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		all, err = period.Payouts(b.t.Context(), tx, b.Brand, month)
		return err
	}))
	return all
}
