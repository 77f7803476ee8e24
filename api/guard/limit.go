package guard

import (
	"math"
	"net/netip"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

// Rate is how often something may happen: PerSecond in the long run, Burst at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// ErrTooMany is for who asks more often than the limit.
var ErrTooMany = shop.Refuse(shop.TooMany, "rate_limited", "Too many requests. Wait as long as Retry-After says.")

// Limiter holds a token bucket per key, in memory: a limit of one process, against floods, not a count to bill by.
//
// Its memory is bounded. Buckets live in two generations; when the young one is full it becomes the old one and the old
// one is dropped. So a bucket is forgotten only after as many other keys as a generation holds, and forgetting makes a
// limit milder, never stricter.
type Limiter struct {
	rate Rate
	keys int // per generation
	now  func() time.Time

	mu         sync.Mutex
	young, old map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// defaultKeys × 2 generations × ~120 bytes: at most 25 MB a limiter.
const defaultKeys = 100_000

// NewLimiter limits each key to the rate; now is the clock.
func NewLimiter(rate Rate, now func() time.Time) *Limiter {
	return &Limiter{rate: rate, keys: defaultKeys, now: now, young: map[string]bucket{}}
}

// Take uses up one of the key's tokens; without one it says in how long there will be one.
func (l *Limiter) Take(key string) (wait time.Duration, ok bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.young[key]
	if !known {
		if b, known = l.old[key]; !known {
			b = bucket{tokens: float64(l.rate.Burst), at: now}
		}
		if len(l.young) >= l.keys {
			l.old, l.young = l.young, make(map[string]bucket, l.keys)
		}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.tokens = min(float64(l.rate.Burst), b.tokens+passed.Seconds()*l.rate.PerSecond)
		b.at = now
	}
	if ok = b.tokens >= 1; ok {
		b.tokens--
	} else {
		wait = time.Duration((1 - b.tokens) / l.rate.PerSecond * float64(time.Second))
	}
	l.young[key] = b
	return wait, ok
}

func (l *Limiter) check(key string) error {
	if wait, ok := l.Take(key); !ok {
		return ErrTooMany.After(int(math.Ceil(wait.Seconds())))
	}
	return nil
}

// LimitAddress limits a group by where a request comes from. A shop's tablets and a mall's shoppers share one address, so
// its rate is that of a crowd; who guesses secrets is limited by what is guessed at (api/signin).
func LimitAddress(l *Limiter) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := l.check(AddressKey(endpoint.Address(c.UserContext()))); err != nil {
			return err
		}
		return c.Next()
	}
}

// LimitIdentity limits a group by who asks; it stands after Authenticate and lets the unknown pass to LimitAddress's care.
func LimitIdentity(l *Limiter) fiber.Handler {
	return func(c *fiber.Ctx) error {
		actor := endpoint.Actor(c.UserContext())
		if actor.Role != "" {
			if err := l.check(actor.Pseudonym()); err != nil {
				return err
			}
		}
		return c.Next()
	}
}

// AddressKey is the address as a key of limits: an IPv6 host owns 2^64 addresses, so it counts by its network.
func AddressKey(a netip.Addr) string {
	if a.Is6() {
		if network, err := a.Prefix(64); err == nil {
			return network.String()
		}
	}
	return a.String()
}
