package tag_test

import (
	"errors"
	"sync"
	"testing"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

func TestACardIsMadeOnceHoweverManyAskAtTheSameMoment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all [8]tag.Tag
	var wait sync.WaitGroup
	for i := range all {
		wait.Go(func() {
			var err error
			if all[i], err = b.IssueCard(t.Context(), b.amy, b.S1); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, card := range all {
		if card.ID != all[0].ID || card.Staff != b.Amy || card.Store != b.S1 || card.Placement != tag.StaffCard || card.State != tag.Live {
			t.Fatalf("%+v, %+v", card, all[0])
		}
	}
	cards, err := b.Cards(t.Context(), b.amy)
	if err != nil || len(cards) != 1 || cards[0].ID != all[0].ID {
		t.Fatalf("%+v, %v", cards, err)
	}
}

func TestARetiredCardIsFollowedByANewOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.IssueCard(t.Context(), b.amy, b.S1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Retire(t.Context(), b.manager, first.ID); err != nil {
		t.Fatal(err)
	}
	second, err := b.IssueCard(t.Context(), b.amy, b.S1)
	if err != nil || second.Code == first.Code {
		t.Fatalf("%v, %v", second.Code, err)
	}
}

func TestNobodyGetsACardWhereSheDoesNotWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.IssueCard(t.Context(), b.amy, b.S2); !errors.Is(err, shop.ErrNotFound) {
		t.Error(err)
	}
	if _, err := b.IssueCard(t.Context(), b.hq, b.S1); !errors.Is(err, shop.ErrForbidden) {
		t.Error(err)
	}
}
