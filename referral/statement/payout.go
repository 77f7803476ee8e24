package statement

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// Payment is what is to be paid to somebody for a month.
type Payment struct {
	Reference string
	To        Party
	Month     time.Time
	Currency  shop.Currency
	Minor     int64
}

// Crockford's letters: none is taken for another when it is read from paper.
var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Reference names a payment for banks, payrolls and people: 17 capitals and digits (18 from the tenth attempt on), the same
// whenever it is asked for. A bank that is sent a file twice sees the same references again; a payment that failed, or paid a
// part, is tried again under the next number of attempt, from 1.
func Reference(brand shop.BrandID, first time.Time, to attribution.Beneficiary, currency shop.Currency, attempt int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%s|%s|%s", brand, month(first), to, currency))
	return fmt.Sprintf("HS%s%s%d", first.Format("0601"), letters.EncodeToString(sum[:])[:10], attempt)
}

// total stands in place of a reference in the rows of totals.
const total = "TOTAL"

var payoutColumns = []string{"reference", "kind", "code", "name", "amount", "currency", "month"}

// errNoPayment stops a file that would pay nothing, backwards, or twice.
var errNoPayment = errors.New("this cannot be paid")

// WritePayout writes the file by which payments are made, and below them the total of each currency. Its columns are named in
// English for whatever language, since programs read it.
func WritePayout(w io.Writer, payments []Payment) error {
	if _, err := io.WriteString(w, shop.ByteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	if err := out.Write(payoutColumns); err != nil {
		return err
	}
	seen, sums, counts := map[string]bool{}, map[shop.Currency]int64{}, map[shop.Currency]int{}
	for _, p := range payments {
		if p.Minor <= 0 || seen[p.Reference] {
			return fmt.Errorf("write the payout file: %w: %s %s %d", errNoPayment, p.Reference, p.Currency, p.Minor)
		}
		seen[p.Reference] = true
		sums[p.Currency] += p.Minor
		counts[p.Currency]++
		row := []string{p.Reference, p.To.kind(), shop.Cell(p.To.Code), shop.Cell(p.To.Name), p.Currency.Format(p.Minor), string(p.Currency), month(p.Month)}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		row := []string{total, "", "", fmt.Sprint(counts[currency]), currency.Format(sums[currency]), string(currency), ""}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
