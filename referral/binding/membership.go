package binding

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/clienteling/visit"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

// Where a consent was given, as the audit has it.
const (
	consentInApp  = "brand_app"
	consentAtTill = "till"
)

// Membership is what a person says when she joins, in the app or at the till.
type Membership struct {
	Details  customer.Details
	Phone    string // as people of the brand's region write it; empty: she gave none
	Consents map[customer.Channel]bool
	Show     Showing // at the till: she shows her member code, so no number is needed; nil: she shows none
}

// Showing spends her member code for what is done in the same transaction.
type Showing func(ctx context.Context, tx pgx.Tx) (visit.Visit, error)

// Joined is what came of joining.
type Joined struct {
	Customer shop.ID
	MemberNo string // empty: see Refused
	First    bool   // false: she was a member already
	Home     Holder
	Refused  []*shop.Refusal // each at most once
}

// JoinInApp makes the signed-in customer a member and binds her by the click ids she brought, in one transaction. A click id
// that is not ours is counted and passed over; why none of the others has won her is in Refused. Joining again only adds.
// shop.ErrFields and customer.ErrPhone can come back.
func (s *Service) JoinInApp(ctx context.Context, actor shop.Actor, m Membership, clicks []string) (Joined, error) {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return Joined{}, err
	}
	now := s.now()
	vouched, refused := s.vouched(actor.Brand, clicks, now)
	var j Joined
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		j = Joined{Customer: actor.ID, Refused: refused}
		joining, err := m.joining(ctx, tx, actor.Brand, consentInApp)
		if err != nil {
			return err
		}
		member, err := customer.Join(ctx, tx, actor, actor.ID, joining, now)
		if err != nil {
			return err
		}
		j.MemberNo, j.First = member.MemberNo, member.First
		out, err := s.join(ctx, tx, actIn(actor, actor.ID, now), vouched)
		if err != nil {
			return err
		}
		if err := s.greet(ctx, tx, actor.Brand, actor.ID, now); err != nil {
			return err
		}
		return j.settle(ctx, tx, actor.Brand, out, now)
	})
	if err != nil {
		return Joined{}, fmt.Errorf("join customer %s: %w", actor.ID, err)
	}
	return j, nil
}

// vouched are the scans behind the click ids that we signed for this brand. How old they may be is Join's to say, which
// keeps the old ones as her scans.
func (s *Service) vouched(brand shop.BrandID, clicks []string, now time.Time) (scans []shop.ID, refused []*shop.Refusal) {
	for _, click := range clicks {
		id, err := s.scans.Click(brand, click, now, math.MaxInt64)
		if err == nil {
			scans = append(scans, id)
		} else {
			refused = []*shop.Refusal{scan.ErrUnknownClick}
		}
	}
	return scans, refused
}

// joining is what customer keeps of it. Nobody has verified the telephone number yet.
func (m Membership) joining(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source string) (customer.Joining, error) {
	j := customer.Joining{Details: m.Details}
	for _, channel := range customer.Channels {
		if granted, said := m.Consents[channel]; said {
			j.Consents = append(j.Consents, customer.Consent{Channel: channel, Granted: granted, Source: source})
		}
	}
	if m.Phone == "" {
		return j, nil
	}
	of, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return j, err
	}
	number, err := customer.Normalise(customer.Phone, m.Phone, customer.Region(of.Currency))
	if err != nil {
		return j, err
	}
	j.Identities = []customer.Identity{{Kind: customer.Phone, Value: number}}
	return j, nil
}

func (j *Joined) settle(ctx context.Context, tx pgx.Tx, brand shop.BrandID, out Outcome, now time.Time) (err error) {
	if out.Refusal != nil && !errors.Is(out.Refusal, scan.ErrUnknownClick) || out.Refusal != nil && len(j.Refused) == 0 {
		j.Refused = append(j.Refused, out.Refusal)
	}
	j.Home, err = HolderAt(ctx, tx, brand, j.Customer, shop.Millis(now))
	return err
}

// ScanCard is what follows when a signed-in customer has scanned a tag in the brand app: a live staff card claims her for the
// person who showed it; any other tag claims nobody, and the outcome is empty. The claim's refusal is in the outcome.
func (s *Service) ScanCard(ctx context.Context, actor shop.Actor, t tag.Target) (Outcome, error) {
	now := s.now()
	staff := t.StaffAt(now)
	if t.Placement != tag.StaffCard || staff.IsZero() || t.LeadsAt(now) != tag.ToDestination {
		return Outcome{}, nil
	}
	var out Outcome
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		out, err = s.ClaimTx(ctx, tx, actor, Attempt{Customer: actor.ID, Store: t.Store, Staff: staff, Source: FromStaffCode}, now)
		return err
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("claim customer %s by staff code: %w", actor.ID, err)
	}
	return out, nil
}
