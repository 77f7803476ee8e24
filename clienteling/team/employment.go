package team

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// EmploymentListener hears, in the transaction that says so, that somebody works for the brand from another day on, or until another
// one, than was known (see EmployedAt). That day may lie in the past or be to come. Of who leaves, moves, or has her store closed
// referral/binding tells.
type EmploymentListener interface {
	EmploymentChanged(ctx context.Context, tx pgx.Tx, p Staff, now time.Time) error
}

// HeardBy is the service with somebody who hears of employments.
func (s *Service) HeardBy(by EmploymentListener) *Service {
	s.heard = by
	return s
}

func (s *Service) tellOfEmployment(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, now time.Time) error {
	if s.heard == nil {
		return nil
	}
	p, err := StaffByID(ctx, tx, brand, staff)
	if err != nil {
		return err
	}
	return s.heard.EmploymentChanged(ctx, tx, p, now)
}
