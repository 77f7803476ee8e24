package customer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Found is a customer that a search found.
type Found struct {
	Customer
	Phone     string // E.164; the latest verified first. Mask it before a person sees it.
	HomeStore shop.ID
}

// Fragment is part of a name or the end of a telephone number, and where to look.
type Fragment struct {
	Text   string
	Stores []shop.ID // only customers whose home is one of these; nil: of the whole brand
	Limit  int
}

// minEnding is how many last digits a search needs: three of ten thousand customers' leave ten.
const minEnding = 3

// ErrFragment refuses what would list everybody.
var ErrFragment = shop.Refuse(shop.Unprocessable, "search_too_short", "Search by a name, or by at least the last three digits of a telephone number.")

// FindWhole is the customer whom the text names whole: a member number, an e-mail address or a telephone number as people
// of the region write it. ErrUnknown when it is nothing of these, or nobody's.
func FindWhole(ctx context.Context, db postgres.DB, brand shop.BrandID, text, region string) (shop.ID, error) {
	for _, kind := range []Kind{Email, MemberNo, Phone} { // a member number of ours may look like a telephone number
		value, err := Normalise(kind, text, region)
		if err != nil {
			continue
		}
		if kind == MemberNo && digitsOf(value) == value && len(value) == memberDigits && !isMemberNo(value) {
			continue // mistyped, or a telephone number
		}
		id, err := findIdentity(ctx, db, brand, Identity{Kind: kind, Value: value})
		if err == nil {
			return id, nil
		}
		if !errors.Is(orUnknown(err), ErrUnknown) {
			return shop.ID{}, fmt.Errorf("find customer: %w", err)
		}
	}
	return shop.ID{}, ErrUnknown
}

// Search finds customers by a fragment, newest first. Digits are the end of a telephone number, anything else is a name
// that contains every word of it. ErrFragment when it is too short.
func Search(ctx context.Context, db postgres.DB, brand shop.BrandID, f Fragment) ([]Found, error) {
	f.Text = strings.TrimSpace(f.Text)
	if f.Limit <= 0 || f.Limit > shop.MaxLimit {
		f.Limit = shop.DefaultLimit
	}
	digits := digitsOf(f.Text)
	isNumber := strings.Trim(f.Text, "+0123456789 -()") == "" && digits != ""
	var found []Found
	var err error
	switch tokens := queryTokens(f.Text); {
	case isNumber && len(digits) >= minEnding:
		found, err = searchEnding(ctx, db, brand, f, digits)
	case isNumber || len(tokens) == 0 || !isPlainText(f.Text, 100):
		return nil, ErrFragment
	default:
		found, err = searchTokens(ctx, db, brand, f, tokens)
	}
	if err != nil {
		return nil, fmt.Errorf("search customers: %w", err)
	}
	return found[:min(len(found), f.Limit)], nil
}
