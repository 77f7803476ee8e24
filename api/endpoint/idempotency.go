package endpoint

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Headers of idempotency, as the contract names them.
const (
	IdempotencyKeyHeader   = "Idempotency-Key"
	IdempotentReplayHeader = "Idempotent-Replay"
)

const (
	// keepAnswers is how long a key is remembered: a tablet that was offline over night still gets the first answer.
	// Answers hold what the act answered, names too, so they do not stay longer than a day; what a route says of a customer is
	// not kept (Route.ShowsAnew).
	keepAnswers = 24 * time.Hour
	// takeOverMargin is added to the route's deadline before a claim counts as left by a dead process: time to render
	// and to record, and for two machines' clocks to differ.
	takeOverMargin = 10 * time.Second
	// recordWithin is the end of the route's deadline, kept for recording the answer or giving the key up.
	recordWithin = time.Second
	maxKeyLength = 255
)

// Refusals of a request that creates.
var (
	ErrKeyRequired = shop.Refuse(shop.Invalid, "idempotency_key_required", "Send an Idempotency-Key header, a new UUID for each thing you create.")
	ErrKeyInvalid  = shop.Refuse(shop.Invalid, "idempotency_key_invalid", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
	ErrKeyReused   = shop.Refuse(shop.Unprocessable, "idempotency_key_reused", "This Idempotency-Key was used for another request. Take a new one.")
	ErrShownOnce   = shop.Refuse(shop.Conflict, "idempotency_answer_shown_once", "This was made, and its secret was shown once. Revoke it and make another with a new Idempotency-Key.")
	ErrKeyInFlight = shop.Refuse(shop.Conflict, "idempotency_key_in_flight", "The first request with this Idempotency-Key is still at work.").After(1)
)

// Keys remembers the answers of requests that create, by brand, actor and Idempotency-Key.
//
// What is promised. Of all requests with one key, at most one runs at a time, and once its answer is recorded, it is the
// answer to all of them for a day; answers of 5xx and 429 are not kept, so that the request can be sent again. The claim,
// the act and the record are three transactions. When the process dies after the act and before the record, the key says
// "in flight" until the route's deadline and 10 s have passed; then the next request with it runs the act again. Whenever an
// act runs again it has the same CreationID: what was answered with 5xx may be done, too. So an act behind a route that creates must itself be safe to repeat: either it makes its thing under
// CreationID and takes an existing one as its own, or its fact has a natural key (a source's order number, a customer's
// identity). The key keeps a repeated tap from becoming work; the act's own key keeps a crash from becoming a double.
type Keys struct {
	pool *postgres.Pool
	now  func() time.Time
}

// NewKeys keeps keys in the database of the pool.
func NewKeys(pool *postgres.Pool, now func() time.Time) *Keys { return &Keys{pool: pool, now: now} }

// claim is one key of one actor, and the request that it stands for.
type claim struct {
	brand     shop.BrandID
	actor     shop.ID
	key       string
	hash      []byte
	createdAt time.Time // when the key was first seen
	claimedAt time.Time // when the request now at work took it: who records must still hold it
}

// kept is what the table has under a key.
type kept struct {
	Hash        []byte
	CreatedAt   time.Time
	ClaimedAt   time.Time
	Status      *int // nil while the request is at work
	ContentType *string
	Body        []byte
}

type verdict int

const (
	replay   verdict = iota // give the first answer again
	reused                  // the key stands for another request
	inFlight                // wait
	takeOver                // the process that claimed it is gone: run again as the same request
	expired                 // a day has passed: the key is new again
)

// judge says what a request with a known key gets.
func judge(k kept, hash []byte, now time.Time, deadline time.Duration) verdict {
	isSettled := k.Status != nil
	isAbandoned := !isSettled && now.Sub(k.ClaimedAt) > deadline+takeOverMargin
	switch {
	case now.Sub(k.CreatedAt) > keepAnswers && (isSettled || isAbandoned):
		return expired
	case !bytes.Equal(k.Hash, hash):
		return reused
	case isSettled:
		return replay
	case isAbandoned:
		return takeOver
	}
	return inFlight
}

// once runs the route's handler under the request's key.
func (k *Keys) once(c *fiber.Ctx, r *Route) error {
	key := c.Get(IdempotencyKeyHeader)
	if err := checkKey(key); err != nil {
		return err
	}
	ctx := c.UserContext()
	actor := Actor(ctx)
	now := k.now().UTC().Truncate(time.Microsecond) // as PostgreSQL keeps it, so that claimed_at can be compared
	held := claim{brand: actor.Brand, actor: actor.ID, key: key, hash: hashOf(c), createdAt: now, claimedAt: now}
	ctx, cancel := context.WithDeadline(ctx, c.Context().Time().Add(r.Within-recordWithin))
	defer cancel()
	c.SetUserContext(ctx)
	first, err := k.take(ctx, &held, r.Within)
	if err != nil {
		return err
	}
	if first != nil {
		if r.ShowsOnce && *first.Status < http.StatusBadRequest {
			return ErrShownOnce
		}
		c.Set(IdempotentReplayHeader, "true")
		if r.ShowsAnew && *first.Status < http.StatusBadRequest {
			c.Locals(doneLocal, first.Body)
			return r.Handler(c)
		}
		c.Set(fiber.HeaderContentType, *first.ContentType)
		return c.Status(*first.Status).Send(first.Body)
	}
	return k.run(c, r, held)
}

// take claims the key, or returns the answer that it already has.
func (k *Keys) take(ctx context.Context, held *claim, deadline time.Duration) (first *kept, err error) {
	fresh := *held
	err = k.pool.Brand(ctx, held.brand, func(tx pgx.Tx) error {
		*held, first = fresh, nil // the pool may run this again
		isNew, err := insertClaim(ctx, tx, *held)
		if err != nil || isNew {
			return err
		}
		known, err := lockClaim(ctx, tx, *held)
		if err != nil {
			return err
		}
		switch judge(known, held.hash, held.claimedAt, deadline) {
		case replay:
			first = &known
			return nil
		case reused:
			return ErrKeyReused
		case inFlight:
			return ErrKeyInFlight
		case takeOver:
			held.createdAt = known.CreatedAt.UTC()
		}
		return retakeClaim(ctx, tx, *held)
	})
	return first, err
}

// run lets the handler answer, errors too, and records the answer before it leaves.
func (k *Keys) run(c *fiber.Ctx, r *Route, held claim) error {
	ctx := c.UserContext()
	isRecorded := false
	defer func() {
		if !isRecorded {
			k.release(ctx, held) // 5xx, or the handler panicked: the request may be sent again at once
		}
	}()
	c.SetUserContext(context.WithValue(ctx, creationKey{}, held.creationID()))
	if err := r.Handler(c); err != nil {
		if err := c.App().ErrorHandler(c, err); err != nil {
			return err
		}
	}
	status := c.Response().StatusCode()
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return nil
	}
	// The handler may have used up its deadline; recording has its own.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
	defer cancel()
	// An answer that could not be recorded is not given: the caller asks again with the key. The claim stays, since the
	// act may be done.
	isRecorded = true
	body := c.Response().Body()
	if status < http.StatusBadRequest {
		switch {
		case r.ShowsOnce:
			body = nil
		case r.ShowsAnew:
			body, _ = c.Locals(doneLocal).([]byte)
		}
	}
	return k.pool.Brand(ctx, held.brand, func(tx pgx.Tx) error {
		return recordAnswer(ctx, tx, held, status, string(c.Response().Header.ContentType()), body)
	})
}

// release gives the key up at once. Where that fails too, the claim lapses by itself.
func (k *Keys) release(ctx context.Context, held claim) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
	defer cancel()
	_ = k.pool.Brand(ctx, held.brand, func(tx pgx.Tx) error { return giveUpClaim(ctx, tx, held) })
}

// Forget removes the brand's keys that are older than a day. It is safe to run at any time and twice.
func (k *Keys) Forget(ctx context.Context, brand shop.BrandID) (forgotten int64, err error) {
	err = k.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		forgotten, err = deleteOld(ctx, tx, brand, k.now().Add(-keepAnswers))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget idempotency keys of brand %d: %w", brand, err)
	}
	return forgotten, nil
}

// EraseCustomer removes what was answered to a customer (customer.Eraser): it may say who she is.
func (k *Keys) EraseCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, _ time.Time) error {
	if err := deleteOf(ctx, tx, brand, who); err != nil {
		return fmt.Errorf("erase idempotency keys: %w", err)
	}
	return nil
}

func checkKey(key string) error {
	if key == "" {
		return ErrKeyRequired
	}
	if len(key) > maxKeyLength {
		return ErrKeyInvalid
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return ErrKeyInvalid
		}
	}
	return nil
}

// hashOf is what makes two requests the same: method, address with its query, and the bytes of the body.
func hashOf(c *fiber.Ctx) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", c.Method(), c.OriginalURL())
	h.Write(c.Request().Body())
	return h.Sum(nil)
}

type creationKey struct{}

// CreationID is the id under which a route that creates makes its thing: the same whenever the request is run again with
// its Idempotency-Key, so that the act can find what it already made. Zero outside of such a route.
func CreationID(ctx context.Context) shop.ID {
	id, _ := ctx.Value(creationKey{}).(shop.ID)
	return id
}

// creationID is a UUIDv7 of the instant the key was first seen, with bits of a hash where others are random.
func (c claim) creationID() shop.ID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %d", c.brand, c.actor, c.key, c.createdAt.UnixMicro()))
	id := shop.FloorID(c.createdAt)
	copy(id[6:], sum[:])
	id[6] = 0x70 | id[6]&0x0f
	id[8] = 0x80 | id[8]&0x3f
	return id
}
