package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"homestore/api/integration/onlineretail"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// importOnlineRetail reads a file, packed by gzip or not, into a store of the brand and says what became of it. What was
// committed before an error stays, and the next run goes on there.
func importOnlineRetail(ctx context.Context, orders *order.Service, brand shop.BrandID, store shop.ID, path string) (onlineretail.Result, error) {
	file, err := os.Open(path)
	if err != nil {
		return onlineretail.Result{}, err
	}
	defer file.Close()
	buffered := bufio.NewReaderSize(file, 1<<20)
	var text io.Reader = buffered
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return onlineretail.Result{}, errors.Join(fmt.Errorf("unpack %s", path), err)
		}
		text = unpacked
	}
	return onlineretail.Import(ctx, orders, brand, store, text)
}

// printImport prints one JSON object, or lines for people with amounts to the penny.
func printImport(out io.Writer, r onlineretail.Result, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	_, err := fmt.Fprintf(out, "%d lines read, %.0f a second\n%d orders of %d lines, %s %s\n%d refund lines of %d credit notes, %s %s taken back, %s %s more on paper\n%d facts new, %d known before\n",
		r.Lines, r.PerSecond, r.Orders, r.OrderLines, r.Currency, r.Currency.Format(r.GrossMinor),
		r.RefundLines, r.Credits, r.Currency, r.Currency.Format(r.RefundedMinor), r.Currency, r.Currency.Format(r.SurplusMinor),
		r.Applied, r.Ignored)
	for _, reason := range slices.Sorted(maps.Keys(r.SetAside)) {
		if err == nil {
			_, err = fmt.Fprintf(out, "%d set aside: %s\n", r.SetAside[reason], reason)
		}
	}
	return err
}
