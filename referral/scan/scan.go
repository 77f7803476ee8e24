// Package scan keeps who read which tag when, and hands each person who does a signed click id.
//
// Always true: a scan that was answered is stored, exactly once: in the database, or, while that is away, in a local spool
// that is drained when it is back. Every scanning person gets a click id of her own. Only people count, and repeated scans
// of one tag by one device within 30 minutes are one scan session. Store and staff are those of the tag at the scan. An address
// is compared and hashed, and kept nowhere.
//
// Scans expire by month, so nothing refers to them: what a customer or an order needs as evidence is copied
// (KeepForCustomer, KeepForOrders). It does not decide whom a scan credits: see binding and attribution.
package scan

import (
	"sync/atomic"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// Scan is one reading of a tag.
type Scan struct {
	ID        shop.ID // carries the instant of the scan; a click id vouches for it
	Brand     shop.BrandID
	Tag       shop.ID
	Code      tag.Code // as printed, also where another tag answered for it
	Store     shop.ID
	Staff     shop.ID // zero: the store's own tag
	Placement tag.Placement
	Kind      Kind
	Device    Device
	Customer  shop.ID // zero unless she was signed in
	Where     Where
	Late      Late // to the order for which it was kept
}

// At is when the tag was read, in whole milliseconds.
func (s Scan) At() time.Time { return s.ID.Time() }

// Where says in whose network a tag was read. It is what a tag that was carried off is found by, and all that is kept of where
// somebody was.
type Where uint8

const (
	Unknown   Where = iota // in none that is known to be a store's: most phones have their own
	AtStore                // in that of the tag's own store
	Elsewhere              // in that of another store of the brand
)

// SessionGap is how long a device must be silent at a tag before its next scan is a new session.
const SessionGap = 30 * time.Minute

// Counters say what became of scans and click ids since the process began.
type Counters struct {
	Stored     atomic.Int64 // committed at once
	Spooled    atomic.Int64 // kept on disk while the database was away
	Drained    atomic.Int64 // committed from the spool; a scan may be drained twice, and is stored once
	Torn       atomic.Int64 // spool files that ended within a record: the process was killed
	Lost       atomic.Int64 // neither database nor disk took it; the shopper was told to come again
	Refused    atomic.Int64 // the database refuses the row itself; kept in the spool's refused file
	Tampered   atomic.Int64 // click ids that we did not sign
	WrongBrand atomic.Int64 // click ids of another brand
	Expired    atomic.Int64 // click ids that are too old
}
