package onlineretail

import (
	"io"

	"homestore/clienteling/shop"
)

// mostOfARecord is far above any line of such a file. Where a quote is not closed, all that follows is one field, up to a
// gigabyte that a few hundred kilobytes of gzip unpack to.
const mostOfARecord = 1 << 20

// ErrRecordTooLong ends an import: nobody knows where the next line begins.
var ErrRecordTooLong = shop.Refuse(shop.TooLarge, "record_too_long", "A record of the file is over 1 MB. Look for a quote that is not closed.")

// bounded reads no more than a record may have until it is told that one was read.
type bounded struct {
	io.Reader
	since int // bytes
}

func (b *bounded) Read(into []byte) (int, error) {
	if b.since > mostOfARecord {
		return 0, ErrRecordTooLong
	}
	n, err := b.Reader.Read(into)
	b.since += n
	return n, err
}
