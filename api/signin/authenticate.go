package signin

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// knownFor is how long an actor is believed without looking again: less than the five seconds in which a revocation must work
// (quality.md, A8), with room for the request that is on its way.
const knownFor = 3 * time.Second

// mostKnown bounds a generation of the memory; two of them are some 40 MB.
const mostKnown = 50_000

// Authenticate says whose bearer token this is: a session's access token, or a system's API key. ErrToken, ErrTokenExpired,
// team.ErrSessionOver and team.ErrAPIKey can come back. Role and stores are those of now, not of when the token was made.
func (f *Face) Authenticate(ctx context.Context, bearer string) (shop.Actor, error) {
	now := f.now()
	if strings.HasPrefix(bearer, team.KeyPrefix) {
		return f.known.get(sha256.Sum256([]byte(bearer)), now, func() (shop.Actor, error) { return f.team.ActorOfKey(ctx, bearer) })
	}
	c, err := f.keys.verifyAccess(f.issuer, bearer, now)
	if err != nil {
		return shop.Actor{}, err
	}
	name := sha256.Sum256(append(c.Session[:], byte(c.Brand>>24), byte(c.Brand>>16), byte(c.Brand>>8), byte(c.Brand)))
	return f.known.get(name, now, func() (shop.Actor, error) { return f.team.ActorOfSession(ctx, c.Brand, c.Session) })
}

// memory keeps actors for some seconds. It is bounded like guard.Limiter: when the young generation is full it becomes the old
// one, and the old one is dropped; what is forgotten is looked up again.
type memory struct {
	most int

	mu         sync.Mutex
	young, old map[[32]byte]answer
}

// answer is what the database said, and from when that is.
type answer struct {
	actor   shop.Actor
	refusal error
	at      time.Time
}

func newMemory(most int) *memory { return &memory{most: most, young: map[[32]byte]answer{}} }

func (m *memory) get(name [32]byte, now time.Time, look func() (shop.Actor, error)) (shop.Actor, error) {
	m.mu.Lock()
	a, ok := m.young[name]
	if !ok {
		a, ok = m.old[name]
	}
	m.mu.Unlock()
	// at is from before the look, so that what was revoked while it ran is not believed for longer.
	if ok && now.Sub(a.at) < knownFor && !now.Before(a.at) {
		return a.actor, a.refusal
	}
	actor, err := look()
	// That a session is over is an answer worth keeping; that the database is away is not, nor is a key that somebody made up.
	if err != nil && !errors.Is(err, team.ErrSessionOver) {
		return shop.Actor{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.young) >= m.most {
		m.old, m.young = m.young, make(map[[32]byte]answer, m.most)
	}
	m.young[name] = answer{actor, err, now}
	return actor, err
}
