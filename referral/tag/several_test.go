package tag_test

import (
	"errors"
	"testing"

	"homestore/clienteling/shop"
)

func TestSeveralTagsComeInTheSequenceAskedForOrNotAtAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	elsewhere := b.sofa()
	elsewhere.Store = b.S2
	one, two, three := b.issue(t, b.sofa()), b.issue(t, b.sofa()), b.issue(t, elsewhere)
	got, err := b.Several(t.Context(), b.hq, []shop.ID{three.ID, one.ID, two.ID, one.ID})
	if err != nil || len(got) != 4 || got[0].ID != three.ID || got[1].ID != one.ID || got[2].Code != two.Code || got[3].ID != one.ID {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := b.Several(t.Context(), b.manager, []shop.ID{one.ID, three.ID}); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another store's tag: %v", err)
	}
	if _, err := b.Several(t.Context(), b.hq, []shop.ID{one.ID, b.Amy}); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("nobody's tag: %v", err)
	}
}
