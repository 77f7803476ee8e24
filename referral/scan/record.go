package scan

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// A record in the spool is: length of the body (4 bytes, little endian), CRC-32C of the body (4), body. The body is a
// version (1 byte), brand (4), six ids and the device (16 each), where it was read (1), and three short texts with their
// lengths (1 each). Version 1 said nothing of where; what a process left that spoke it is still drained.
const (
	recordHead    = 8
	recordVersion = 2
	fixedInV1     = 1 + 4 + 6*16
	maxRecord     = fixedInV1 + 1 + 3*256
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn is what reading ends with where a record is not whole.
var errTorn = errors.New("the spool ends within a record")

func appendRecord(b []byte, s Scan) []byte {
	start := len(b)
	b = append(b, make([]byte, recordHead)...)
	b = append(b, recordVersion)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Brand))
	for _, id := range []shop.ID{s.ID, s.Tag, s.Store, s.Staff, s.Customer, shop.ID(s.Device)} {
		b = append(b, id[:]...)
	}
	b = append(b, byte(s.Where))
	for _, text := range []string{string(s.Code), string(s.Placement), string(s.Kind)} {
		text = text[:min(len(text), 255)] // all three are words of ours and shorter
		b = append(b, byte(len(text)))
		b = append(b, text...)
	}
	body := b[start+recordHead:]
	binary.LittleEndian.PutUint32(b[start:], uint32(len(body)))
	binary.LittleEndian.PutUint32(b[start+4:], crc32.Checksum(body, castagnoli))
	return b
}

// readRecord takes one record off the front. errTorn when what is there is not a whole one.
func readRecord(b []byte) (Scan, []byte, error) {
	if len(b) < recordHead {
		return Scan{}, nil, errTorn
	}
	n := binary.LittleEndian.Uint32(b)
	if n > maxRecord || int(n) > len(b)-recordHead {
		return Scan{}, nil, errTorn
	}
	body, rest := b[recordHead:recordHead+int(n)], b[recordHead+int(n):]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return Scan{}, nil, errTorn
	}
	s, err := parseBody(body)
	return s, rest, err
}

func parseBody(body []byte) (Scan, error) {
	if len(body) < fixedInV1 {
		return Scan{}, errTorn
	}
	version := body[0]
	s := Scan{Brand: shop.BrandID(binary.LittleEndian.Uint32(body[1:]))}
	body = body[5:]
	for _, id := range []*shop.ID{&s.ID, &s.Tag, &s.Store, &s.Staff, &s.Customer, (*shop.ID)(&s.Device)} {
		copy(id[:], body)
		body = body[16:]
	}
	switch {
	case version == 1:
	case version == recordVersion && len(body) > 0:
		s.Where, body = Where(body[0]), body[1:]
	default:
		return Scan{}, errTorn
	}
	var texts [3]string
	for i := range texts {
		if len(body) == 0 || len(body) < 1+int(body[0]) {
			return Scan{}, errTorn
		}
		n := 1 + int(body[0])
		texts[i], body = string(body[1:n]), body[n:]
	}
	if len(body) > 0 {
		return Scan{}, errTorn
	}
	s.Code, s.Placement, s.Kind = tag.Code(texts[0]), tag.Placement(texts[1]), Kind(texts[2])
	return s, nil
}
