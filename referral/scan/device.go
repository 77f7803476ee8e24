package scan

import (
	"crypto/rand"
	"encoding/base64"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"homestore/clienteling/shop"
)

// Device stands for one phone or browser and says nothing about it: the keyed hash of its cookie or of the customer who is
// signed in, or, where there is neither, of its address and name, salted anew each day. Addresses themselves are never stored.
type Device [macBytes]byte

const (
	// doubleFetch is how far apart the two fetches of a platform are at most that asks for everything twice. Whoever waits
	// longer for a page has scanned again.
	doubleFetch = 10 * time.Second
	// newDevices is how many devices behind one address, with one name and without a cookie, are believed at one tag at once,
	// and newDeviceEvery how often one more is. A shop's Wi-Fi gives all its guests one address, and all iPhones of one release
	// have one name, so a shelf may see a new one each minute all day; and somebody who throws the cookies away must not count
	// without end.
	newDevices     = 4
	newDeviceEvery = time.Minute
	// maxReaders bounds the memory for the two rules above; at that size the older half is forgotten.
	maxReaders = 50_000
)

// Devices tells devices apart. What it remembers is this process's own; with several, the bounds above hold for each.
type Devices struct {
	key  *macKey
	salt atomic.Pointer[salt]

	mu       sync.Mutex
	now      map[reader]reading // who read lately; moved to before when full
	before   map[reader]reading
	filledAt time.Time
}

// reader is somebody at a tag, as the network or a cookie shows her.
type reader struct {
	device Device
	tag    shop.ID
}

// reading is what a reader did last.
type reading struct {
	last      time.Time
	device    Device    // that it was taken for
	believed  time.Time // up to when new devices are: newDeviceEvery further for each that was
	isHalf    bool      // of a fetch whose other half may still come
	hadCookie bool
}

// NewDevices takes the key of the hashes of cookies, at least 32 bytes. With another key all devices are new.
func NewDevices(key []byte) *Devices {
	return &Devices{key: newMACKey(key), now: map[reader]reading{}}
}

// Visit is what tells somebody who reads a tag from others there.
type Visit struct {
	Tag          shop.ID
	Cookie       string // that Of gave to her device; empty when she sent none
	Network      Device // see Network
	FetchesTwice bool   // her platform does
}

// Of is the device of a person who reads a tag, and the cookie to give her; empty when she has one or should get none.
//
// Two people whose phones and network look the same are two devices from their first scan on: without a cookie, each reading
// is somebody new. Where the platform fetches everything twice (WeChat: once by itself, without the cookies of its browser),
// the next reading that looks the same belongs to the one before, unless more than doubleFetch lies between them, or that one
// has its other half already, or both brought a cookie, which only two people do. When two people were taken for one in
// this way all the same, they are one scan session at one tag; each still has a click id and a cookie of her own.
func (d *Devices) Of(v Visit, now time.Time) (Device, string) {
	own, hasCookie := d.byCookie(v.Cookie)
	if hasCookie && !v.FetchesTwice {
		return own, ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(now)
	who := reader{v.Network, v.Tag}
	r := d.last(who, now)
	isOtherHalf := v.FetchesTwice && r.isHalf && now.Sub(r.last) < doubleFetch && !(hasCookie && r.hadCookie)
	r.last, r.isHalf, r.hadCookie = now, v.FetchesTwice && !isOtherHalf, hasCookie
	var give string
	switch {
	case isOtherHalf:
		if !hasCookie {
			own, give = d.newCookie()
		}
		d.now[reader{own, v.Tag}] = reading{last: now, device: r.device}
	case hasCookie:
		r.device = d.sessionOf(own, v.Tag, now)
	case r.believed.Sub(now) > (newDevices-1)*newDeviceEvery:
		r.device = v.Network
	default:
		r.device, give = d.newCookie()
		if r.believed.Before(now) {
			r.believed = now
		}
		r.believed = r.believed.Add(newDeviceEvery)
	}
	d.now[who] = r
	return r.device, give
}

// OfCustomer is the device of somebody who is signed in: the brand's app keeps no cookie, and she needs none to be known.
func (d *Devices) OfCustomer(customer shop.ID) Device {
	return d.key.of(customerDevice, string(customer[:]))
}

func (d *Devices) byCookie(cookie string) (Device, bool) {
	seed, err := base64.RawURLEncoding.Strict().DecodeString(cookie)
	if err != nil || len(seed) != 16 {
		return Device{}, false
	}
	return d.key.of(cookieDevice, string(seed)), true
}

func (d *Devices) newCookie() (Device, string) {
	var seed [16]byte
	rand.Read(seed[:]) // documented never to fail
	return d.key.of(cookieDevice, string(seed[:])), base64.RawURLEncoding.EncodeToString(seed[:])
}

// sessionOf is the device that a session at a tag began with: the first half of a fetch, or her own.
func (d *Devices) sessionOf(own Device, tag shop.ID, now time.Time) Device {
	who := reader{own, tag}
	r := d.last(who, now)
	if r == (reading{}) {
		return own
	}
	r.last = now
	d.now[who] = r
	return r.device
}

// last is what a reader did within a session's gap, or nothing.
func (d *Devices) last(who reader, now time.Time) reading {
	r, known := d.now[who]
	if !known {
		r = d.before[who]
	}
	if now.Sub(r.last) >= SessionGap {
		return reading{}
	}
	return r
}

// forget drops what is older than a session's gap, or the older half when there is too much.
func (d *Devices) forget(now time.Time) {
	if len(d.now) >= maxReaders || now.Sub(d.filledAt) >= SessionGap {
		d.before, d.now, d.filledAt = d.now, make(map[reader]reading), now
	}
}

// Network is the device as its address and name show it today (UTC): what is stored of programs, and of people who keep no
// cookie. The day's salt is drawn by chance, is in no file and no table, and is forgotten with the day or the process. There are
// only four billion addresses, so with a salt that could be had again somebody could try them all.
func (d *Devices) Network(address netip.Addr, userAgent string, now time.Time) Device {
	return d.saltOf(now).key.of(networkDevice, address.String()+"\x00"+userAgent)
}

// What a device was told by.
const (
	cookieDevice   = "homestore device cookie\x00"
	customerDevice = "homestore device customer\x00"
	networkDevice  = "homestore device network\x00"
)

type salt struct {
	day int64 // since 1970, UTC
	key *macKey
}

// saltOf is today's salt. A reading that was begun just before midnight may get the next day's.
func (d *Devices) saltOf(now time.Time) *salt {
	day := now.Unix() / (24 * 60 * 60)
	for {
		current := d.salt.Load()
		if current != nil && (current.day == day || current.day == day+1) {
			return current
		}
		var secret [32]byte
		rand.Read(secret[:])
		if next := (&salt{day: day, key: newMACKey(secret[:])}); d.salt.CompareAndSwap(current, next) {
			return next
		}
	}
}
