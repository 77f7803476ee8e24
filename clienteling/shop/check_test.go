package shop_test

import (
	"errors"
	"strconv"
	"testing"

	"homestore/clienteling/shop"
)

// Somebody who sends 50,000 wrong lines is told of enough of them to see what is wrong.
func TestACheckNamesNoMoreFieldsThanSomebodyReads(t *testing.T) {
	t.Parallel()
	var c shop.Check
	for n := range 50_000 {
		c.That(false, "lines["+strconv.Itoa(n)+"].quantity", "quantity_invalid", "A whole number of pieces, from 1 to 10^9.")
	}
	var refusal *shop.Refusal
	if err := c.Err(); !errors.As(err, &refusal) || len(refusal.Fields) != 50 || refusal.Fields[0].Name != "lines[0].quantity" {
		t.Errorf("%d fields: %.200v", len(refusal.Fields), err)
	}
}
