package scan

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

func FuzzReadRecord(f *testing.F) {
	f.Add(appendRecord(nil, aScan()))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		scan, rest, err := readRecord(b)
		if err == nil && b[recordHead] == recordVersion && !bytes.Equal(append(appendRecord(nil, scan), rest...), b) {
			t.Fatalf("%x is read as %v, which is written otherwise", b, scan)
		}
	})
}

// inV1 is a record as the version before wrote it: the same without the byte that says where.
func inV1(s Scan) []byte {
	now := appendRecord(nil, s)
	body := append(bytes.Clone(now[recordHead:recordHead+fixedInV1]), now[recordHead+fixedInV1+1:]...)
	body[0] = 1
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	return append(binary.LittleEndian.AppendUint32(b, crc32.Checksum(body, castagnoli)), body...)
}

func TestRecordsOfTheVersionBeforeAreStillRead(t *testing.T) {
	t.Parallel()
	old, next := aScan(), aScan()
	next.Where = Elsewhere
	first, rest, err := readRecord(append(inV1(old), appendRecord(nil, next)...))
	if err != nil || first != old {
		t.Fatalf("%+v, %v; want %+v", first, err, old)
	}
	if second, rest, err := readRecord(rest); err != nil || second != next || len(rest) != 0 {
		t.Fatalf("%+v and %d bytes, %v; want %+v", second, len(rest), err, next)
	}
}
