package order

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// NoteErased is the note of a message that named somebody who was erased: nothing is left of what it said.
const NoteErased = "erased"

// EraseCustomer removes what leads to a person from what is kept of her orders (customer.Eraser), and leaves the orders. What
// platforms said of her is emptied. The hash of what she alone paid with is replaced by a number that stands for nothing; one
// that somebody else paid with too stays, as do those of people who work for the brand: by these an order is known that was paid
// by somebody for a friend, and it must be credited tomorrow as it was yesterday.
func (s *Service) EraseCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, now time.Time) error {
	ids, err := IDsOfCustomer(ctx, tx, brand, who, time.Time{})
	if err != nil {
		return err
	}
	identities, err := customer.Identities(ctx, tx, brand, who)
	if err != nil {
		return err
	}
	works, err := customer.StaffAmong(ctx, tx, brand, []shop.ID{who})
	if err != nil {
		return err
	}
	if len(works) == 0 {
		if err := erasePayments(ctx, tx, brand, who, ids); err != nil {
			return fmt.Errorf("erase payments of customer %s: %w", who, err)
		}
	}
	if err := eraseMessagesOf(ctx, tx, brand, ids, now); err != nil {
		return fmt.Errorf("erase messages about orders of customer %s: %w", who, err)
	}
	if err := eraseMessagesNaming(ctx, tx, brand, wordsOf(identities), now); err != nil {
		return fmt.Errorf("erase messages about customer %s: %w", who, err)
	}
	return nil
}

// noteToldOf notes of which orders a message told. One that tells once more of an order of somebody who was erased is emptied as
// soon as it was understood.
func noteToldOf(ctx context.Context, tx pgx.Tx, m Message, results []Result, now time.Time) error {
	var orders []shop.ID
	for _, r := range results {
		if !r.Order.IsZero() {
			orders = append(orders, r.Order)
		}
	}
	if len(orders) == 0 {
		return nil
	}
	if err := insertToldOf(ctx, tx, m.Brand, m.ID, orders); err != nil {
		return err
	}
	buyers, err := buyersOf(ctx, tx, m.Brand, orders)
	if err != nil {
		return err
	}
	erased, err := customer.ErasedAmong(ctx, tx, m.Brand, slices.Collect(maps.Values(buyers)))
	if err != nil || len(erased) == 0 {
		return err
	}
	orders = slices.DeleteFunc(orders, func(id shop.ID) bool { return !erased[buyers[id]] })
	return eraseMessagesOf(ctx, tx, m.Brand, orders, now)
}

// words are by what a message that told of no order is seen to name somebody: digits are looked for among its digits, texts in
// small letters.
type words struct{ digits, texts []string }

// The shortest of each that is hers alone.
const (
	leastDigits = 8
	leastText   = 6
)

// wordsOf leaves out of a telephone number the code of the country, and of an id of another system whose it is: a platform writes
// neither.
func wordsOf(identities []customer.Identity) (w words) {
	for _, i := range identities {
		value := strings.ToLower(i.Value)
		switch i.Kind {
		case customer.Phone:
			if len(value) > leastDigits {
				w.digits = append(w.digits, value[len(value)-leastDigits:])
			}
			continue
		case customer.WebShop, customer.POS, customer.OIDC:
			value = value[strings.LastIndexByte(value, ':')+1:]
		}
		if len(value) >= leastText {
			w.texts = append(w.texts, value)
		}
	}
	return w
}
