package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/notify/device"
	"homestore/notify/push"
)

const (
	// markSize messages are marked as under way in one transaction, and sent at once: what a kill leaves unknown is at most
	// what is in flight. Measured with one query a chunk, a kill left 600 of 100,000 unknown, and none came twice.
	markSize = 100
	// chunkSize messages have their results written together, so that one phone that is slow to answer keeps few waiting.
	chunkSize = 25
	// lease is how long a sender has for what it marked: a send ends within 15 seconds, and the database may be slow.
	lease = 2 * time.Minute
	// writeTimeout bounds the writing of results.
	writeTimeout = 20 * time.Second
)

// parcel is a message under way.
type parcel struct {
	Delivery
	message push.Message
	target  push.Target
	ends    time.Time // of the offer
}

// Deliver sends what is due of a brand, until nothing is or ctx ends; what was begun is finished all the same. It returns how
// long Firebase asks the sender to rest, zero for not at all. Several may run at once, also on several machines.
func (s *Service) Deliver(ctx context.Context, brand shop.BrandID) (rest time.Duration, err error) {
	if err := s.park(ctx, brand); err != nil {
		return 0, err
	}
	var underWay sync.WaitGroup
	var failed firstError
	slots := make(chan struct{}, s.marks)
	for {
		slots <- struct{}{} // before the claim: what is marked is sent at once
		if rest = s.rest(); rest > 0 || ctx.Err() != nil || failed.get() != nil {
			break
		}
		parcels, isMore, err := s.claim(ctx, brand)
		if err != nil {
			failed.set(err)
			break
		}
		if !isMore {
			break
		}
		underWay.Go(func() {
			defer func() { <-slots }()
			failed.set(s.sendAll(context.WithoutCancel(ctx), brand, parcels))
		})
	}
	underWay.Wait()
	if err := failed.get(); err != nil && ctx.Err() == nil {
		return 0, fmt.Errorf("deliver for brand %d: %w", brand, err)
	}
	return max(rest, s.rest()), nil
}

// park gives up what is under way in the name of a sender whose lease is over: it died, and nobody knows what it had sent.
func (s *Service) park(ctx context.Context, brand shop.BrandID) error {
	now := s.now()
	err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error { return updateInterrupted(ctx, tx, brand, now) })
	if err != nil {
		return fmt.Errorf("park interrupted deliveries of brand %d: %w", brand, err)
	}
	return nil
}

// claim marks the next messages as under way. What may not go now is put off or ended on the way, so no parcels and more to
// come may be the answer.
func (s *Service) claim(ctx context.Context, brand shop.BrandID) (parcels []parcel, isMore bool, err error) {
	now := shop.Millis(s.now())
	err = s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		parcels, isMore = nil, false
		ids, customers, err := dueIDs(ctx, tx, brand, now)
		if err != nil || len(ids) == 0 {
			return err
		}
		isMore = true
		// Customers are locked before their messages: the order of locks. Then the messages are read again, for another
		// sender may have been faster.
		if err := customer.LockAll(ctx, tx, brand, customers); err != nil {
			return err
		}
		due, err := lockDue(ctx, tx, brand, ids, now)
		if err != nil || len(due) == 0 {
			return err
		}
		parcels, err = s.mark(ctx, tx, brand, due, now)
		return err
	})
	return parcels, isMore, err
}

func (s *Service) mark(ctx context.Context, tx pgx.Tx, brand shop.BrandID, due []Delivery, now time.Time) ([]parcel, error) {
	var customers, offers []shop.ID
	for _, d := range due {
		customers, offers = append(customers, d.Customer), append(offers, d.Offer)
	}
	f, err := gather(ctx, tx, brand, customers, offers, now)
	if err != nil {
		return nil, err
	}
	var parcels []parcel
	changes := &changes{brand: brand}
	var wakeAt time.Time
	for _, d := range due {
		p, later := f.prepare(d, changes)
		if p != nil {
			parcels = append(parcels, *p)
			f.got.note(d.Customer, d.Purpose)
		}
		if !later.IsZero() && (wakeAt.IsZero() || later.Before(wakeAt)) {
			wakeAt = later
		}
	}
	if err := changes.write(ctx, tx); err != nil {
		return nil, fmt.Errorf("put deliveries off: %w", err)
	}
	if len(parcels) > 0 {
		if err := updateSending(ctx, tx, brand, parcels, now); err != nil {
			return nil, fmt.Errorf("mark deliveries: %w", err)
		}
	}
	if !wakeAt.IsZero() {
		return parcels, s.wake(ctx, tx, brand, wakeAt, now)
	}
	return parcels, nil
}

// prepare decides about one message: a parcel to send now, an instant to try again, or neither, when it ends here.
func (f *facts) prepare(d Delivery, c *changes) (*parcel, time.Time) {
	phone, hasDevice := f.phone(d)
	allowed := f.about(d, hasDevice, f.got).permit()
	switch {
	case allowed.why != "":
		c.end(d, allowed.why.endOf(), allowed.why)
		return nil, time.Time{}
	case allowed.from.After(f.now):
		c.putOff(d, allowed.from)
		return nil, allowed.from
	}
	o := f.offers[d.Offer]
	m, err := push.Offer{
		DeliveryID: d.ID, OfferID: d.Offer, CampaignID: d.campaign(), Title: o.Title, Body: o.Body, Link: o.Link,
		EndsAt: o.EndsAt, ShowBy: allowed.showBy, IsFirst: !f.told[d.Customer],
	}.Message(phone.Language, f.now)
	if errors.Is(err, push.ErrTooLate) { // less than a second before the night
		from := f.quiet.over(allowed.showBy, f.zoneOf(f.people[d.Customer]))
		c.putOff(d, from)
		return nil, from
	}
	if err != nil {
		c.end(d, Failed, "MESSAGE_REFUSED")
		return nil, time.Time{}
	}
	if d.TriedAt.IsZero() {
		d.TriedAt = f.now
	}
	d.Attempts++ // as updateSending writes it
	d.epoch++
	return &parcel{Delivery: d, message: m, target: phone.Target, ends: o.EndsAt}, time.Time{}
}

// phone is the phone that the message was intended for, if it is still there and still hers.
func (f *facts) phone(d Delivery) (device.Device, bool) {
	for _, phone := range f.devices[d.Customer] {
		if phone.ID == d.Device {
			return phone, true
		}
	}
	return device.Device{}, false
}

// sendAll sends what was marked together, each chunk with its own results.
func (s *Service) sendAll(ctx context.Context, brand shop.BrandID, parcels []parcel) error {
	var chunks sync.WaitGroup
	var failed firstError
	for chunk := range slices.Chunk(parcels, chunkSize) {
		chunks.Go(func() { failed.set(s.sendChunk(ctx, brand, chunk)) })
	}
	chunks.Wait()
	return failed.get()
}

// sendChunk sends all parcels at once and writes the results down.
func (s *Service) sendChunk(ctx context.Context, brand shop.BrandID, parcels []parcel) error {
	began := shop.Millis(s.now())
	results := make([]result, len(parcels))
	var all sync.WaitGroup
	for i, p := range parcels {
		all.Go(func() { results[i] = s.sendOne(ctx, brand, p) })
	}
	all.Wait()
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	now := shop.Millis(s.now())
	err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error { return s.settle(ctx, tx, brand, parcels, results, began, now) })
	if err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

func (s *Service) sendOne(ctx context.Context, brand shop.BrandID, p parcel) result {
	outcome, err := s.cfg.Sender.Send(ctx, p.message, p.target)
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "a push message was refused", "brand", brand, "delivery", p.ID.String(), "error", err)
	}
	r := judge(outcome, p.Delivery, p.ends, s.now(), rand.Float64())
	s.hold(r.hold)
	return r
}

// settle writes results, each only if the row is still this sender's.
func (s *Service) settle(ctx context.Context, tx pgx.Tx, brand shop.BrandID, parcels []parcel, results []result, began, now time.Time) error {
	var told []shop.ID
	var wakeAt time.Time
	for i, r := range results {
		p := parcels[i]
		if r.state == Sent {
			told = append(told, p.Customer)
		}
		if r.deviceDead {
			if err := device.MarkDead(ctx, tx, brand, p.Device, began, now); err != nil {
				return err
			}
		}
		if r.state == Later && (wakeAt.IsZero() || r.next.Before(wakeAt)) {
			wakeAt = r.next
		}
	}
	if err := updateSettled(ctx, tx, brand, parcels, results, now); err != nil {
		return err
	}
	if err := insertTold(ctx, tx, brand, told, now); err != nil {
		return err
	}
	if wakeAt.IsZero() {
		return nil
	}
	return s.wake(ctx, tx, brand, wakeAt, now)
}

// hold makes this process rest. Others hear the same from Firebase themselves.
func (s *Service) hold(d time.Duration) {
	if d <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := s.now().Add(d); until.After(s.heldUntil) {
		s.heldUntil = until
	}
}

// rest is how long this process is still to rest.
func (s *Service) rest() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(0, s.heldUntil.Sub(s.now()))
}

// firstError keeps the first of errors that happen side by side.
type firstError struct {
	mu  sync.Mutex
	err error
}

func (f *firstError) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *firstError) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
