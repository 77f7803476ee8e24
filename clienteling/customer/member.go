package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Joining is what a person says when she becomes a member.
type Joining struct {
	Details
	Identities []Identity // phone, address, ids of systems: normalised
	Consents   []Consent
}

// Joined is what came of it.
type Joined struct {
	MemberNo string
	First    bool // false: she was a member already
}

// Join makes a customer a member: her details and contacts are kept, she gets a member number unless she brought one, and
// what she agreed to is noted. Joining again only adds. It binds her to no store: see referral/binding. ErrUnknown and
// shop.ErrFields can come back.
func Join(ctx context.Context, tx pgx.Tx, actor shop.Actor, id shop.ID, j Joining, now time.Time) (Joined, error) {
	now = shop.Millis(now)
	brand := actor.Brand
	if err := j.Details.check(); err != nil {
		return Joined{}, err
	}
	if err := LockPerson(ctx, tx, brand, id); err != nil {
		return Joined{}, err
	}
	if err := Attach(ctx, tx, brand, id, j.Identities, now); err != nil {
		return Joined{}, err
	}
	first, err := markJoined(ctx, tx, brand, id, now)
	if err != nil {
		return Joined{}, fmt.Errorf("join customer %s: %w", id, err)
	}
	if err := updateDetails(ctx, tx, brand, id, j.Details); err != nil {
		return Joined{}, fmt.Errorf("join customer %s: %w", id, err)
	}
	no, err := memberNoOf(ctx, tx, brand, id, now)
	if err != nil {
		return Joined{}, fmt.Errorf("join customer %s: %w", id, err)
	}
	if err := SetConsents(ctx, tx, actor, id, j.Consents, now); err != nil {
		return Joined{}, err
	}
	if first {
		err = audit.Note(ctx, tx, actor, now, audit.Entry{Act: "customer_joined", Customer: id})
	}
	return Joined{MemberNo: no, First: first}, err
}

// memberNoOf is the number she has, or a fresh one. The caller has locked her, so she never gets two.
func memberNoOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, now time.Time) (string, error) {
	identities, err := identitiesOf(ctx, tx, brand, id)
	if err != nil {
		return "", err
	}
	if n := slices.IndexFunc(identities, func(i Identity) bool { return i.Kind == MemberNo }); n >= 0 {
		return identities[n].Value, nil
	}
	// With 10 million members one number in 90 is taken; ten times in a row never happens.
	for range 10 {
		no := newMemberNo()
		fresh, err := insertMemberNo(ctx, tx, brand, id, no, now)
		if err != nil || fresh {
			return no, err
		}
	}
	return "", errors.New("no member number is free")
}

// Describe changes what she says about herself; empty fields leave what is there.
func Describe(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, d Details) error {
	if err := d.check(); err != nil {
		return err
	}
	c, err := ByID(ctx, tx, brand, id)
	if err != nil {
		return err
	}
	if !c.ErasedAt.IsZero() {
		return ErrUnknown
	}
	if err := updateDetails(ctx, tx, brand, id, d); err != nil {
		return fmt.Errorf("describe customer %s: %w", id, err)
	}
	return nil
}

// Introduce keeps what a system says about her as far as nobody has said it yet: a web shop's spelling of her name does not
// replace her own.
func Introduce(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, d Details) error {
	c, err := ByID(ctx, tx, brand, id)
	if err != nil {
		return err
	}
	if c.Name != "" {
		d.Name = ""
	}
	if c.Language != "" {
		d.Language = ""
	}
	if c.TimeZone != "" {
		d.TimeZone = ""
	}
	if d == (Details{}) {
		return nil
	}
	return Describe(ctx, tx, brand, id, d)
}

// MarkStaff says that she works for the brand (staff zero: no longer), so that her own purchases earn nobody anything and
// she cannot win herself.
func MarkStaff(ctx context.Context, tx pgx.Tx, actor shop.Actor, id, staff shop.ID, now time.Time) error {
	if err := setStaff(ctx, tx, actor.Brand, id, staff); err != nil {
		return fmt.Errorf("mark customer %s as staff: %w", id, err)
	}
	return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "customer_is_staff", Customer: id, Subject: staff})
}

// ByID is what is said about her, or ErrUnknown. Staff read customers through visit alone.
func ByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Customer, error) {
	c, err := customerByID(ctx, db, brand, id)
	if err != nil {
		return Customer{}, fmt.Errorf("customer %s: %w", id, err)
	}
	return c, nil
}

// StaffAmong are those of the customers who work for the brand, with who they are there.
func StaffAmong(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]shop.ID, error) {
	staff, err := staffAmong(ctx, db, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("staff among %d customers: %w", len(ids), err)
	}
	return staff, nil
}

// OfStaff are the customers who are somebody of the brand: marked as her, or with her e-mail address (empty: none). See StaffAmong and
// EmailsAmong.
func OfStaff(ctx context.Context, db postgres.DB, brand shop.BrandID, staff shop.ID, email string) ([]shop.ID, error) {
	ids, err := ofStaff(ctx, db, brand, staff, email)
	if err != nil {
		return nil, fmt.Errorf("customers who are staff %s: %w", staff, err)
	}
	return ids, nil
}

// Identities are all her identities.
func Identities(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) ([]Identity, error) {
	identities, err := identitiesOf(ctx, db, brand, id)
	if err != nil {
		return nil, fmt.Errorf("identities of customer %s: %w", id, err)
	}
	return identities, nil
}
