package shop

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync/atomic"
	"time"
)

// BrandID names a tenant. It is given when a brand is made, small, and never reused.
type BrandID int32

// ID is a UUIDv7 (RFC 9562): 48 bits of milliseconds since 1970, a counter of 26 bits (section 6.2, method 1), then random bits. In a
// partitioned table the milliseconds are the fact's own time (placed, scanned, posted), so that key, time and partition are one column.
// The zero ID means "none"; the database reads and writes it as NULL.
type ID [16]byte

// made counts the ids of this process.
var made atomic.Uint32

// NewID makes the id of something that happened at the given instant. Two calls never return the same id, and of two things of one
// instant the one that a process heard of first has the lesser, so that chance decides about neither.
func NewID(at time.Time) ID {
	var id ID
	if _, err := rand.Read(id[10:]); err != nil {
		panic(err) // crypto/rand.Read is documented never to fail
	}
	putMillis(&id, at)
	n := made.Add(1)
	id[6] = 0x70 | byte(n>>22)&0x0f
	id[7] = byte(n >> 14)
	id[8] = 0x80 | byte(n>>8)&0x3f
	id[9] = byte(n)
	return id
}

// FloorID is the smallest id of an instant: the bound of partitions and of time ranges. SQL has the same as id_floor.
func FloorID(at time.Time) ID {
	var id ID
	putMillis(&id, at)
	return id
}

func putMillis(id *ID, at time.Time) {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
}

// Millis cuts an instant to whole milliseconds in UTC: what an id can carry.
func Millis(at time.Time) time.Time { return at.Truncate(time.Millisecond).UTC() }

// Time is the instant that the id carries, in whole milliseconds, UTC.
func (id ID) Time() time.Time {
	var ms [8]byte
	copy(ms[2:], id[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC()
}

// At is an id of another instant with the same drawn part, for what carries a time that is not known when it is named.
func (id ID) At(at time.Time) ID {
	putMillis(&id, at)
	return id
}

// IsZero says whether the id means "none".
func (id ID) IsZero() bool { return id == ID{} }

// String is the usual form with hyphens; the empty string for the zero ID.
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	var b [36]byte
	hex.Encode(b[:8], id[:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:], id[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// ErrBadID refuses a text that is no UUID with hyphens.
var ErrBadID = Refuse(Invalid, "id_malformed", "An id is a UUID such as 0190163d-8694-739b-aea5-966c26f8ad91.")

// ParseID reads the form that String writes, in any case.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, ErrBadID
	}
	var digits [32]byte
	n := copy(digits[:], s[:8])
	n += copy(digits[n:], s[9:13])
	n += copy(digits[n:], s[14:18])
	n += copy(digits[n:], s[19:23])
	copy(digits[n:], s[24:])
	if _, err := hex.Decode(id[:], digits[:]); err != nil {
		return ID{}, ErrBadID
	}
	return id, nil
}

// MarshalText and UnmarshalText make an ID a JSON string.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads a UUID; an empty text is the zero ID.
func (id *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID{}
		return nil
	}
	parsed, err := ParseID(string(b))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}
