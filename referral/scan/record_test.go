package scan

import (
	"bytes"
	"testing"
)

func FuzzReadRecord(f *testing.F) {
	f.Add(appendRecord(nil, aScan()))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		scan, rest, err := readRecord(b)
		if err == nil && !bytes.Equal(append(appendRecord(nil, scan), rest...), b) {
			t.Fatalf("%x is read as %v, which is written otherwise", b, scan)
		}
	})
}
