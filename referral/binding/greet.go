package binding

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/referral/scan"
)

// Greeter hears, in the transaction in which somebody joins in the brand app, of the scans by which she came: those that are
// hers and no later than her becoming a member. It hears of her again whenever she joins again, with more click ids or with a
// telephone number that is verified by now, so it must not mind hearing of a scan twice.
type Greeter interface {
	Joined(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID, by []scan.Scan, now time.Time) error
}

// Greeting lets g greet who joins, and returns the service.
func (s *Service) Greeting(g Greeter) *Service {
	s.greeter = g
	return s
}

func (s *Service) greet(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, now time.Time) error {
	if s.greeter == nil {
		return nil
	}
	member, err := customer.ByID(ctx, tx, brand, who)
	if err != nil {
		return err
	}
	scans, err := s.scans.OfCustomer(ctx, tx, brand, who)
	if err != nil {
		return err
	}
	by := slices.DeleteFunc(scans, func(sc scan.Scan) bool { return sc.At().After(member.JoinedAt) })
	if len(by) == 0 {
		return nil
	}
	if err := s.greeter.Joined(ctx, tx, brand, who, by, now); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	return nil
}
