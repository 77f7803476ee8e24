package ledger_test

import (
	"testing"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// What a till names its papers is not ours: it reads a group separator (GS) from a barcode, or sends a deletion.
func TestARefundIsTakenWhateverItsPaperIsNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	b.apply(b.web("o1", shop.ID{}, 21000))
	for _, name := range []string{"R\x1d1", "R\x7f", "R\"\\\u2028<"} {
		b.apply(order.WasRefunded{Order: "o1", ExternalID: name, At: b.clock(), Amount: 2100})
	}
	b.want(attribution.StoreOf(b.Web), 140, 0)
	b.invariants(t)
}
