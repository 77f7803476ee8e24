package shop_test

import (
	"bytes"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestIDsOfOneInstantAreInTheSequenceInWhichTheyAreMade(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	last := shop.FloorID(at)
	for range 10_000 {
		id := shop.NewID(at)
		if bytes.Compare(last[:], id[:]) >= 0 {
			t.Fatalf("%s comes after %s", id, last)
		}
		if id[6]>>4 != 7 || id[8]>>6 != 2 || !id.Time().Equal(at) {
			t.Fatalf("%s is no UUIDv7 of %s", id, at)
		}
		last = id
	}
}
