package customer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// Refusals of erasing somebody.
var (
	ErrErasureReason = shop.Refuse(shop.Unprocessable, "erasure_reason_required", "Say why she is erased.")
	ErrErasureNames  = shop.Refuse(shop.Unprocessable, "erasure_reason_names_her", "The reason stays when she is gone: leave out her name, number and address.")
)

// maxReason is as long as a transfer's may be.
const maxReason = 2000

// Eraser keeps something about customers in a package above. EraseCustomer removes or replaces what leads to the person, in the
// transaction that erases her, while her identities can still be read. What stands under her id alone stays.
type Eraser interface {
	EraseCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, now time.Time) error
}

// Service erases customers.
type Service struct {
	pool    *postgres.Pool
	now     func() time.Time
	erasers []Eraser
}

// New makes the service; the erasers are asked in their sequence.
func New(pool *postgres.Pool, now func() time.Time, erasers ...Eraser) *Service {
	return &Service{pool: pool, now: now, erasers: erasers}
}

// Erase removes the person and keeps the customer: her name, her identities, her consents, her phones and codes are gone and her
// sessions ended, while her id, orders, bindings, claims, holds and the audit stay, so that no figure changes and no fraud is
// hidden. That she works for the brand stays said too: what she buys from herself earns nobody anything, before and after. It
// returns when she was erased; a second time changes nothing. ErrUnknown, ErrErasureReason and ErrErasureNames can come back.
func (s *Service) Erase(ctx context.Context, actor shop.Actor, who shop.ID, reason string) (at time.Time, err error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return time.Time{}, err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return time.Time{}, ErrErasureReason
	}
	if !isPlainText(reason, maxReason) {
		return time.Time{}, ErrErasureReason.Saying("Use at most %d characters and no control characters.", maxReason)
	}
	now := shop.Millis(s.now())
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		at, err = s.erase(ctx, tx, actor, who, reason, now)
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("erase customer %s: %w", who, err)
	}
	return at, nil
}

func (s *Service) erase(ctx context.Context, tx pgx.Tx, actor shop.Actor, who shop.ID, reason string, now time.Time) (time.Time, error) {
	brand := actor.Brand
	if err := Lock(ctx, tx, brand, who); err != nil {
		return time.Time{}, err
	}
	c, err := lockPerson(ctx, tx, brand, who)
	if err != nil || !c.ErasedAt.IsZero() {
		return c.ErasedAt, err
	}
	identities, err := identitiesOf(ctx, tx, brand, who)
	if err != nil {
		return time.Time{}, err
	}
	if namesHer(reason, c, identities) {
		return time.Time{}, ErrErasureNames
	}
	if err := keepThatSheWorksHere(ctx, tx, actor, c, identities, now); err != nil {
		return time.Time{}, err
	}
	for _, e := range s.erasers {
		if err := e.EraseCustomer(ctx, tx, brand, who, now); err != nil {
			return time.Time{}, err
		}
	}
	if err := team.EndSessionsOf(ctx, tx, brand, who, "customer_erased", now); err != nil {
		return time.Time{}, err
	}
	if err := forget(ctx, tx, brand, who, now); err != nil {
		return time.Time{}, err
	}
	return now, audit.Note(ctx, tx, actor, now, audit.Entry{Act: "customer_erased", Customer: who, Detail: map[string]any{"reason": reason}})
}

// namesHer: what is written in the audit outlives her.
func namesHer(reason string, c Customer, identities []Identity) bool {
	folded, digits := strings.ToLower(reason), digitsOf(reason)
	if c.Name != "" && strings.Contains(folded, strings.ToLower(c.Name)) {
		return true
	}
	for _, i := range identities {
		switch ending := digitsOf(i.Value); {
		case strings.Contains(folded, strings.ToLower(i.Value)):
			return true
		case i.Kind == Phone && strings.Contains(digits, ending[max(0, len(ending)-namingDigits):]):
			return true
		}
	}
	return false
}

// namingDigits at the end of a number are hers alone; the code of the country and the zero before it are written or not.
const namingDigits = 8

// keepThatSheWorksHere marks her as who she works as while her e-mail address still says so: an order that is credited anew later
// must be what it was. See referral/ledger.
func keepThatSheWorksHere(ctx context.Context, tx pgx.Tx, actor shop.Actor, c Customer, identities []Identity, now time.Time) error {
	if !c.Staff.IsZero() {
		return nil
	}
	var addresses []string
	for _, i := range identities {
		if i.Kind == Email {
			addresses = append(addresses, i.Value)
		}
	}
	people, err := team.StaffByEmails(ctx, tx, actor.Brand, addresses)
	if err != nil {
		return err
	}
	for _, person := range people {
		return MarkStaff(ctx, tx, actor, c.ID, person, now)
	}
	return nil
}

// LockPerson is Lock for whoever would write down who she is: ErrUnknown also when she was erased.
func LockPerson(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) error {
	if err := Lock(ctx, tx, brand, id); err != nil {
		return err
	}
	c, err := ByID(ctx, tx, brand, id)
	if err == nil && !c.ErasedAt.IsZero() {
		return ErrUnknown
	}
	return err
}

// ErasedAmong are those of the customers who were erased.
func ErasedAmong(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	erased, err := erasedAmong(ctx, db, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("erased among %d customers: %w", len(ids), err)
	}
	return erased, nil
}
