package ledger_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/scan"
)

func (b *bundle) applyTogether(facts ...order.Fact) []order.Result {
	b.t.Helper()
	results, err := b.orders.ApplyMany(b.t.Context(), b.Brand, "test", facts)
	if err != nil {
		b.t.Fatal(err)
	}
	return results
}

// scanned is a person's scan of a tag of the store, now.
func (b *bundle) scanned(store shop.ID) shop.ID {
	b.t.Helper()
	id := shop.NewID(b.clock())
	b.hearOf(id, store)
	return id
}

// hearOf stores a scan, whenever it was made.
func (b *bundle) hearOf(id, store shop.ID) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.t.Context(), `
INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, placement, kind, device, scanned_at)
VALUES ($1, $2, $2, 'AAAAAAAAAA', $3, 'shelf', 'person', $4, $5)`, b.Brand, id, store, id[:], id.Time())
		return postgres.RowAt(id.Time(), err)
	})
}

func TestOrdersCreditedTogetherAreCreditedEachByItsOwnFacts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, mei, somebody := b.customer("+886912345601"), b.customer("+886912345602"), b.customer("+886912345603")
	b.at("2026-03-01 10:00")
	for _, a := range []binding.Attempt{
		{Customer: lin, Store: b.S1, Staff: b.Amy, Source: binding.FromImport},
		{Customer: mei, Store: b.S2, Staff: b.Ben, Source: binding.FromImport},
	} {
		if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), a); err != nil {
			t.Fatal(err)
		}
	}
	b.at("2026-03-01 21:00")
	facts := []order.Fact{b.web("o1", lin, 21000), b.web("o2", mei, 10500), b.web("o3", somebody, 4200), b.web("o4", shop.ID{}, 4200), b.web("o5", lin, 2100)}
	b.applyTogether(facts...)
	b.want(attribution.StoreOf(b.S1), 660, 0)
	b.want(attribution.StaffOf(b.Amy), 440, 0)
	b.want(attribution.StoreOf(b.S2), 300, 0)
	b.want(attribution.StaffOf(b.Ben), 200, 0)

	b.at("2026-03-02 09:00")
	b.applyTogether(
		order.WasRefunded{Order: "o1", ExternalID: "r1", At: b.clock(), Amount: 21000},
		order.WasRefunded{Order: "o2", ExternalID: "r2", At: b.clock(), Amount: 5250},
	)
	b.applyTogether(facts...) // told again
	b.want(attribution.StoreOf(b.S1), 60, 0)
	b.want(attribution.StaffOf(b.Amy), 40, 0)
	b.want(attribution.StoreOf(b.S2), 150, 0)
	b.want(attribution.StaffOf(b.Ben), 100, 0)
}

func TestOrdersCreditedTogetherKeepEachTheScansThatItNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 10:00")
	first, second := b.scanned(b.S1), b.scanned(b.S2)
	b.at("2026-03-01 21:00")
	one, both, none := b.web("o1", shop.ID{}, 21000), b.web("o2", shop.ID{}, 21000), b.web("o3", shop.ID{}, 21000)
	one.Clicks, both.Clicks = []shop.ID{second}, []shop.ID{first, second}
	results := b.applyTogether(one, both, none)
	scans := scan.New(scan.Parts{Pool: b.pool, Now: b.clock})
	b.in(func(tx pgx.Tx) error {
		kept, err := scans.OfOrders(t.Context(), tx, b.Brand, []shop.ID{results[0].Order, results[1].Order, results[2].Order})
		if err != nil {
			return err
		}
		if of := kept[results[0].Order]; len(of) != 1 || of[0].ID != second || of[0].Store != b.S2 {
			t.Errorf("the first keeps %+v", of)
		}
		if of := kept[results[1].Order]; len(of) != 2 {
			t.Errorf("the second keeps %+v", of)
		}
		if of := kept[results[2].Order]; len(of) != 0 {
			t.Errorf("the third named none and keeps %+v", of)
		}
		return nil
	})
}
