package dispute

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/binding"
	"homestore/referral/ledger"
)

// HeldOrders are orders that looked wrong when they became due, newest first: all to head office and finance, those from which her
// stores earn to a manager. One whose hold is open waits for somebody who decides; nothing of it is paid by itself.
func (s *Service) HeldOrders(ctx context.Context, actor shop.Actor, q HeldQuery, page shop.Page) (holds []ledger.Hold, next string, err error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	err = s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		holds, next, err = ledger.Holds(ctx, tx, actor.Brand, q.stores(actor), q.State, page)
		return err
	})
	return holds, next, err
}

// HeldQuery asks for some held orders. Empty fields ask for all.
type HeldQuery struct {
	Store shop.ID
	State binding.HoldState
}

// stores are those that somebody sees; nil: all. A manager who asks for another's store sees none.
func (q HeldQuery) stores(actor shop.Actor) []shop.ID {
	switch {
	case q.Store.IsZero() && !actor.Is(shop.RoleManager):
		return nil
	case q.Store.IsZero():
		return append([]shop.ID{}, actor.Stores...)
	case actor.Is(shop.RoleManager) && !actor.WorksAt(q.Store):
		return []shop.ID{}
	}
	return []shop.ID{q.Store}
}

// ReleaseOrder lets a held order become payable as any other. binding.ErrHoldUnknown, ErrHoldDecided and ErrHoldReason, and
// shop.ErrOwnApproval for who gains from it, can come back.
func (s *Service) ReleaseOrder(ctx context.Context, actor shop.Actor, id shop.ID, why string) (ledger.Hold, error) {
	return s.decideHeld(ctx, actor, id, why, binding.HoldReleased)
}

// RefuseOrder decides that a held order earns nobody anything: what it had given is taken back. It can refuse as ReleaseOrder does.
func (s *Service) RefuseOrder(ctx context.Context, actor shop.Actor, id shop.ID, why string) (ledger.Hold, error) {
	return s.decideHeld(ctx, actor, id, why, binding.HoldRefused)
}

func (s *Service) decideHeld(ctx context.Context, actor shop.Actor, id shop.ID, why string, to binding.HoldState) (h ledger.Hold, err error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return ledger.Hold{}, err
	}
	if why, err = binding.HoldReason(why); err != nil {
		return ledger.Hold{}, err
	}
	now := shop.Millis(s.now())
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if h, err = ledger.HoldOf(ctx, tx, actor.Brand, id); err != nil {
			return err
		}
		if err := mayDecideHeld(h, actor); err != nil {
			return err
		}
		h.State, h.DecidedAt, h.DecidedBy, h.Why = to, now, actor.Pseudonym(), why
		if err := s.book.DecideHold(ctx, tx, actor.Brand, h); err != nil {
			return err
		}
		buyers, err := order.Buyers(ctx, tx, actor.Brand, []shop.ID{id})
		if err != nil {
			return err
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "held_order_decided", Customer: buyers[id], Subject: id, Detail: map[string]any{"state": to}})
	})
	if err != nil {
		return ledger.Hold{}, fmt.Errorf("decide about held order %s: %w", id, err)
	}
	return h, nil
}

// mayDecideHeld: a manager about what her stores earn from, head office about all, and nobody about what she gains from herself.
func mayDecideHeld(h ledger.Hold, actor shop.Actor) error {
	switch {
	case actor.Is(shop.RoleManager) && !slices.ContainsFunc(h.Stores, actor.WorksAt):
		return binding.ErrHoldUnknown
	case h.State != binding.HoldOpen:
		return binding.ErrHoldDecided
	case !actor.ID.IsZero() && slices.Contains(h.Staff, actor.ID):
		return shop.ErrOwnApproval
	}
	return nil
}
