package ledger_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
	"homestore/referral/scan"
)

// setupDisplays is a brand whose plan pays 4 % to the store whose tag was scanned, and nobody else.
func setupDisplays(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	var p plan.Plan
	if err := json.Unmarshal([]byte(`{"version": 2, "first_day": "2026-02-01", "rules": [{"role": "display_store", "rate_bp": 400}]}`), &p); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(b.pool, b.clock).Add(t.Context(), shop.System(b.Brand), taipei, p); err != nil {
		t.Fatal(err)
	}
	return b
}

// named is a version of an order that names a scan.
func named(p order.WasPlaced, version int, at time.Time, click shop.ID) order.WasPlaced {
	p.Version, p.At, p.Clicks = version, at, []shop.ID{click}
	return p
}

func (b *bundle) kept(of shop.ID) map[shop.ID]scan.Late {
	b.t.Helper()
	marks := map[shop.ID]scan.Late{}
	b.in(func(tx pgx.Tx) error {
		kept, err := scan.New(scan.Parts{Pool: b.pool, Now: b.clock}).OfOrders(b.t.Context(), tx, b.Brand, []shop.ID{of})
		for _, s := range kept[of] {
			marks[s.ID] = s.Late
		}
		return err
	})
	return marks
}

func TestAbuse14LateClicksAreKeptAndMarked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why           string
		scanned, told string // when the tag was read, and when the order is told of with it; it was placed at 12:00
		late          scan.Late
		earns         int64
	}{
		{"the tag led to the order", "2026-03-01 11:00", "2026-03-01 12:01", scan.InTime, 800},
		{"read after she had ordered", "2026-03-01 12:05", "2026-03-01 12:10", scan.AfterOrder, 0},
		{"put in the next day", "2026-03-01 11:00", "2026-03-02 12:00", scan.AddedLater, 800},
	} {
		b := setupDisplays(t)
		b.at("2026-03-01 12:00")
		p := b.web("o1", shop.ID{}, 21000)
		b.at(tc.scanned)
		click := b.scanned(b.S1)
		b.is(p.PlacedAt)
		placed := b.apply(p)
		got := b.apply(named(p, 2, b.at(tc.told), click))
		if marks := b.kept(placed.Order); len(marks) != 1 || marks[click] != tc.late || got.Order != placed.Order {
			t.Errorf("%s: kept %v, want %q", tc.why, marks, tc.late)
		}
		b.want(attribution.StoreOf(b.S1), tc.earns, 0)
	}
}

func TestWhichClicksAnOrderNamesIsTheHighestVersionsWord(t *testing.T) {
	t.Parallel()
	for _, sequence := range [][2]int{{0, 1}, {1, 0}} {
		b := setupDisplays(t)
		b.at("2026-03-01 10:00")
		first, second := b.scanned(b.S1), b.scanned(b.S2)
		b.at("2026-03-01 12:00")
		p := b.web("o1", shop.ID{}, 21000)
		versions := [2]order.Fact{named(p, 1, p.PlacedAt, first), named(p, 2, p.PlacedAt.Add(time.Minute), second)}
		var result order.Result
		for _, i := range sequence {
			result = b.apply(versions[i])
		}
		b.want(attribution.StoreOf(b.S1), 0, 0)
		b.want(attribution.StoreOf(b.S2), 800, 0)
		if marks := b.kept(result.Order); marks[second] != scan.InTime || len(marks) == 0 {
			t.Errorf("kept %v", marks)
		}
	}
}
