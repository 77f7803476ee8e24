package manager

import (
	"bytes"
	"encoding/csv"

	"homestore/clienteling/shop"
)

func writeCSV(table [][]string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(shop.ByteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true // RFC 4180
	err := w.WriteAll(table)
	return out.Bytes(), err
}
