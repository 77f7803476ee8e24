package tag

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// maxReplacements is how far a chain of replaced tags is followed; longer ones are answered as retired.
const maxReplacements = 5

// Resolve reads the target of a code from the database: what a Directory loads. ErrUnknown when no tag has the code.
func (s *Service) Resolve(ctx context.Context, code Code) (Target, error) {
	var found directoryRow
	err := s.pool.Global(ctx, func(tx pgx.Tx) (err error) {
		found, err = lookUp(ctx, tx, code)
		return err
	})
	if err != nil {
		return Target{}, fmt.Errorf("look up code: %w", err)
	}
	now := s.now()
	var target targetRow
	err = s.pool.Read(ctx, found.Brand, func(tx pgx.Tx) (err error) {
		target, err = targetOf(ctx, tx, found.Brand, found.Tag, now)
		for n := 0; err == nil && !target.replacedBy.IsZero() && n < maxReplacements; n++ {
			target, err = targetOf(ctx, tx, found.Brand, target.replacedBy, now)
		}
		if err == nil && len(target.written) > 0 {
			target.rules, err = rulingOf(ctx, tx, found, target)
		}
		return err
	})
	if err != nil {
		return Target{}, fmt.Errorf("read target of tag %s: %w", found.Tag, err)
	}
	target.Code = code
	target.Brand = found.brand()
	if Hosts(found.AllowedHosts).CheckDestination(target.Destination) != nil {
		target.Destination = "" // was allowed once; the brand has thought better of it
	}
	return target.Target, nil
}

// rulingOf is what it takes to follow a tag's rules. Those whose hosts the brand no longer allows are not followed.
func rulingOf(ctx context.Context, tx pgx.Tx, found directoryRow, target targetRow) (*ruling, error) {
	addresses, err := addressesOf(ctx, tx, found.Brand)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(target.zone)
	if err != nil {
		return nil, fmt.Errorf("zone of brand %d: %w", found.Brand, err)
	}
	r := &ruling{hours: target.hours, zone: zone, rules: resolved(target.written, addresses)}
	r.rules = slices.DeleteFunc(r.rules, func(rule Rule) bool { return Hosts(found.AllowedHosts).CheckDestination(rule.Destination) != nil })
	return r, nil
}
