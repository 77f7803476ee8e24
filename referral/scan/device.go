package scan

import (
	"crypto/rand"
	"encoding/base64"
	"net/netip"
	"sync"
	"time"

	"homestore/clienteling/shop"
)

// Device stands for one phone or browser and says nothing about it: the keyed hash of its cookie or, where there is none, of
// its address and name on one day. Addresses themselves are never stored.
type Device [macBytes]byte

const (
	// doubleFetch is how soon a second cookieless reading of a tag is the same one: WeChat and others fetch an address twice,
	// and scripts hammer. Two people with the same phone model rarely read the same shelf within it.
	doubleFetch = 5 * time.Second
	// newDevices is how many devices behind one address, with one name and without a cookie, are believed at one tag within
	// a session's gap. A shop's Wi-Fi gives all its guests one address, and phones of one model have one name, so one is too
	// few; and somebody who throws the cookies away must not count without end.
	newDevices = 4
	// maxReaders bounds the memory for the two rules above; at that size the older half is forgotten.
	maxReaders = 50_000
)

// Devices tells devices apart. What it remembers is this process's own; with several, the bounds above hold for each.
type Devices struct {
	key *macKey

	mu       sync.Mutex
	now      map[reader]reading // who read lately; moved to before when full
	before   map[reader]reading
	filledAt time.Time
}

type reader struct {
	device Device // by address and name
	tag    shop.ID
}

type reading struct {
	last   time.Time
	device Device
	count  int
}

// NewDevices takes the key of the hashes, at least 32 bytes. With another key all devices are new.
func NewDevices(key []byte) *Devices {
	return &Devices{key: newMACKey(key), now: map[reader]reading{}}
}

// Of is the device of a person who reads a tag, and the cookie to give her; empty when she has one or should get none.
func (d *Devices) Of(cookie string, tag shop.ID, network Device, now time.Time) (Device, string) {
	if seed, err := base64.RawURLEncoding.Strict().DecodeString(cookie); err == nil && len(seed) == 16 {
		return d.hash(cookieDevice, string(seed)), ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(now)
	who := reader{network, tag}
	r, known := d.now[who]
	if !known {
		r = d.before[who]
	}
	since := now.Sub(r.last)
	if since >= SessionGap {
		r.count = 0
	}
	var give string
	switch {
	case r.count > 0 && since < doubleFetch: // the same device again; its first answer carries the cookie
	case r.count >= newDevices:
		r.device = network
	default:
		var seed [16]byte
		rand.Read(seed[:]) // documented never to fail
		give = base64.RawURLEncoding.EncodeToString(seed[:])
		r.device = d.hash(cookieDevice, string(seed[:]))
		r.count++
	}
	r.last = now
	d.now[who] = r
	return r.device, give
}

// forget drops what is older than a session's gap, or the older half when there is too much.
func (d *Devices) forget(now time.Time) {
	if len(d.now) >= maxReaders || now.Sub(d.filledAt) >= SessionGap {
		d.before, d.now, d.filledAt = d.now, make(map[reader]reading), now
	}
}

// Network is the device as its address and name show it today (UTC): what is stored of programs, and of people who keep no
// cookie. Yesterday's cannot be compared with it.
func (d *Devices) Network(address netip.Addr, userAgent string, now time.Time) Device {
	return d.hash(networkDevice, now.UTC().Format(time.DateOnly)+"\x00"+address.String()+"\x00"+userAgent)
}

// What a device was told by.
const (
	cookieDevice  = "homestore device cookie\x00"
	networkDevice = "homestore device network\x00"
)

func (d *Devices) hash(purpose, value string) Device { return d.key.of(purpose, value) }
