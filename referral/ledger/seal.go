package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// pageOfSeals is how many transfers one transaction looks at: some 100 ms when all of them are to be sealed, and the lock on the
// head with it.
const pageOfSeals = 5000

// Head is the end of a brand's chain of seals. Who keeps a printed one can prove the whole book before it.
type Head struct {
	Seals    int64
	Hash     [sha256.Size]byte
	SealedAt time.Time
}

// Seal chains the transfers that have no seal yet, of those posted since an instant (zero: all there are), and returns how
// many that were:
//
//	hash(n) = SHA-256( hash(n-1) || SHA-256( form of the transfer ) )        hash(0) = 32 zero bytes
//
// The form is UTF-8 text: the JSON array, with ", " between its elements, of "homestore transfer 1" and the columns in the
// sequence of the table; ids, texts and the reason as strings, the month as days and instants as microseconds since 1970.
// PostgreSQL alone writes it, so it proves itself in plain SQL: see I9 of Invariants.
//
// It looks for transfers without a seal and keeps no place up to which all is done: a posting that commits late lies before
// ones that were sealed already. Two at once take turns at the head, so the chain never forks.
func (l *Ledger) Seal(ctx context.Context, brand shop.BrandID, since, now time.Time) (int, error) {
	after, total := shop.FloorID(later(since, time.UnixMilli(1))), 0 // the zero ID would be NULL
	for {
		n, last := 0, shop.ID{}
		err := l.pool.Brand(ctx, brand, func(tx pgx.Tx) (err error) {
			n, last, err = sealPage(ctx, tx, brand, after, now)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("seal: %w", err)
		}
		total += n
		if last.IsZero() {
			return total, nil
		}
		after = last
	}
}

// sealPage looks at the next transfers after an id and seals those of them that have no seal. It returns the id up to which it
// has looked, zero when there are no more.
func sealPage(ctx context.Context, tx pgx.Tx, brand shop.BrandID, after shop.ID, now time.Time) (int, shop.ID, error) {
	head, err := lockHead(ctx, tx, brand, now)
	if err != nil {
		return 0, shop.ID{}, err
	}
	page, err := pageAfter(ctx, tx, brand, after)
	if err != nil || len(page) == 0 {
		return 0, shop.ID{}, err
	}
	last := page[len(page)-1]
	open, err := withoutSeal(ctx, tx, brand, page)
	if err != nil || len(open) == 0 {
		return 0, last, err
	}
	if ofYear := ofOneYear(open); len(ofYear) < len(open) {
		open, last = ofYear, ofYear[len(ofYear)-1]
	}
	found, err := formHashes(ctx, tx, brand, open)
	if err != nil {
		return 0, shop.ID{}, err
	}
	seals := chain(&head, found)
	head.SealedAt = now
	if err := insertSeals(ctx, tx, brand, seals, head); err != nil {
		return 0, shop.ID{}, postgres.RowAt(seals[0].Transfer.Time(), err)
	}
	return len(seals), last, nil
}

// seal is one link.
type seal struct {
	Transfer shop.ID
	No       int64
	FormHash []byte
	Hash     []byte
}

// chain numbers the seals and joins each to the one before.
func chain(head *Head, seals []seal) []seal {
	for i := range seals {
		head.Seals++
		head.Hash = sha256.Sum256(append(head.Hash[:], seals[i].FormHash...))
		seals[i].No, seals[i].Hash = head.Seals, append([]byte{}, head.Hash[:]...)
	}
	return seals
}

// ofOneYear leaves the transfers of later years to the next page: the partition of one year can be made when it is missing.
func ofOneYear(ids []shop.ID) []shop.ID {
	for i := range ids {
		if ids[i].Time().UTC().Year() != ids[0].Time().UTC().Year() {
			return ids[:i]
		}
	}
	return ids
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
