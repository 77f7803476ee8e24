package tag_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/tag"
)

func TestEverybodyWhoWorksSomewhereGetsACardOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	own, err := b.IssueCard(t.Context(), b.amy, b.S1)
	if err != nil {
		t.Fatal(err)
	}
	cards, made, err := b.IssueCards(t.Context(), b.hq, tag.CardsOf{Batch: "cards"})
	if err != nil || made != 1 || len(cards) != 2 || cards[0].ID != own.ID {
		t.Fatalf("%+v, %d, %v: Amy has hers, Ben lacks one", cards, made, err)
	}
	if ben := cards[1]; ben.Staff != b.Ben || ben.Store != b.S2 || ben.Placement != tag.StaffCard || ben.Batch != "cards" || ben.Destination == "" {
		t.Errorf("%+v", ben)
	}
	again, made, err := b.IssueCards(t.Context(), b.hq, tag.CardsOf{Batch: "cards"})
	if err != nil || made != 0 || len(again) != 2 {
		t.Errorf("again: %+v, %d, %v", again, made, err)
	}
}

func TestCardsAreOfTheActorsStoresAndOfThoseWhoMayWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.change(t, `UPDATE staff SET left_on = '2026-11-01' WHERE brand_id = $1 AND employee_no = 'ben'`)
	cards, made, err := b.IssueCards(t.Context(), b.hq, tag.CardsOf{})
	if err != nil || made != 1 || cards[0].Staff != b.Amy {
		t.Errorf("somebody who has left gets a card: %+v, %v", cards, err)
	}
	b.change(t, `UPDATE staff SET left_on = NULL WHERE brand_id = $1`)
	if cards, made, err = b.IssueCards(t.Context(), b.manager, tag.CardsOf{}); err != nil || made != 0 || len(cards) != 1 {
		t.Errorf("a manager's: %+v, %d, %v", cards, made, err)
	}
	abroad := postgrestest.Brand(t, b.pool)
	for why, store := range map[string]shop.ID{"another's store": b.S2, "another brand's": abroad.S1} {
		if _, _, err := b.IssueCards(t.Context(), b.manager, tag.CardsOf{Store: store}); !errors.Is(err, shop.ErrNotFound) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, _, err := b.IssueCards(t.Context(), b.hq, tag.CardsOf{Store: abroad.S1}); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another brand's store for head office: %v", err)
	}
	if _, _, err := b.IssueCards(t.Context(), b.amy, tag.CardsOf{}); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("staff: %v", err)
	}
}

func TestCardsAskedForByManyAtOnceAreMadeOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			var err error
			if n%2 == 0 {
				_, _, err = b.IssueCards(t.Context(), b.hq, tag.CardsOf{})
			} else {
				_, err = b.IssueCard(t.Context(), b.amy, b.S1)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := b.count(t, `SELECT count(*) FROM tag WHERE brand_id = $1`); n != 2 {
		t.Errorf("there are %d cards, want 2", n)
	}
}

func (b *bundle) change(t *testing.T, statement string) {
	t.Helper()
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), statement, b.Brand)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
