package binding

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/scan"
)

// act is one act about one customer: who does it, when, and what is known of her once she is locked.
type act struct {
	standing
	actor shop.Actor
	who   shop.ID
	now   time.Time // in whole milliseconds, which is what everything else is compared by
	freed *Hold     // the claim is one that waited
}

func actIn(actor shop.Actor, who shop.ID, now time.Time) *act {
	return &act{actor: actor, who: who, now: shop.Millis(now)}
}

// lock locks her and reads her standing. Locking again costs one look.
func (a *act) lock(ctx context.Context, tx pgx.Tx) error {
	brand := a.actor.Brand
	if err := customer.Lock(ctx, tx, brand, a.who); err != nil {
		return err
	}
	c, err := customer.ByID(ctx, tx, brand, a.who)
	if err != nil {
		return err
	}
	p, err := customer.ProfileOf(ctx, tx, brand, a.who)
	if err != nil {
		return err
	}
	history, err := historyOf(ctx, tx, brand, a.who)
	if err != nil {
		return err
	}
	a.standing = standing{self: c.Staff, history: history, ordered: p.LastOrder}
	a.holder, err = HolderAt(ctx, tx, brand, a.who, a.now)
	return err
}

func (s *Service) join(ctx context.Context, tx pgx.Tx, a *act, clicks []shop.ID) (Outcome, error) {
	if err := a.lock(ctx, tx); err != nil || len(clicks) == 0 {
		return Outcome{}, err
	}
	brand := a.actor.Brand
	policy, err := team.PolicyAt(ctx, tx, brand, a.now)
	if err != nil {
		return Outcome{}, err
	}
	scans, err := s.scans.ByClicks(ctx, tx, brand, clicks)
	if err != nil {
		return Outcome{}, err
	}
	used, err := clicksUsed(ctx, tx, brand, clicks)
	if err != nil {
		return Outcome{}, err
	}
	if err := noteReplays(ctx, tx, brand, used, a.who, a.now); err != nil {
		return Outcome{}, err
	}
	kept := hers(scans, used, a.who)
	if err := s.scans.KeepForCustomer(ctx, tx, brand, a.who, kept); err != nil {
		return Outcome{}, err
	}
	live, refusal := candidates(clicks, scans, used, policy, a.now)
	out := Outcome{Refusal: refusal}
	for i, sc := range live {
		b := bid{Attempt: Attempt{Customer: a.who, Store: sc.Store, Staff: sc.Staff, Source: FromScan}, scannedAt: sc.At()}
		got, err := s.attempt(ctx, tx, a, b, Evidence{
			Scan: sc.ID, Tag: sc.Tag, Code: string(sc.Code), Placement: string(sc.Placement), ScannedAt: sc.At(),
		})
		if err != nil {
			return Outcome{}, err
		}
		if got.Bound || i == 0 {
			out = got // what is said of her joining is what came of the first, unless a later one was valid
		}
	}
	return out, s.tellOfScans(ctx, tx, a, kept, out)
}

// tellOfScans tells of scans that have become hers and lie before what the binding, if any, has told of: whatever she bought
// since may have been displayed by them.
func (s *Service) tellOfScans(ctx context.Context, tx pgx.Tx, a *act, kept []scan.Scan, out Outcome) error {
	if len(kept) == 0 {
		return nil
	}
	first := slices.MinFunc(kept, func(x, y scan.Scan) int { return x.At().Compare(y.At()) }).At()
	if out.Bound && !first.Before(out.Binding.From) {
		return nil
	}
	return s.tell(ctx, tx, a, first, a.now)
}

func (s *Service) tell(ctx context.Context, tx pgx.Tx, a *act, since, at time.Time) error {
	for _, l := range s.listeners {
		if err := l.BindingChanged(ctx, tx, a.actor.Brand, Change{a.who, since, at}, a.now); err != nil {
			return fmt.Errorf("after binding customer %s: %w", a.who, err)
		}
	}
	return nil
}

// hers are the people's scans that have not bound anybody else.
func hers(scans []scan.Scan, used map[shop.ID]shop.ID, who shop.ID) []scan.Scan {
	var out []scan.Scan
	for _, s := range scans {
		if by, taken := used[s.ID]; s.Kind.Counts() && (!taken || by == who) {
			out = append(out, s)
		}
	}
	return out
}

// attempt decides on a claim, keeps it, and binds her when it wins. She is locked.
func (s *Service) attempt(ctx context.Context, tx pgx.Tx, a *act, b bid, e Evidence) (Outcome, error) {
	brand := a.actor.Brand
	policy, err := team.PolicyAt(ctx, tx, brand, a.now)
	if err != nil {
		return Outcome{}, err
	}
	e = e.of(a.actor, policy)
	if b.assigned, err = isAssigned(ctx, tx, brand, b, a.now); err != nil {
		return Outcome{}, err
	}
	if b.Invoice != "" {
		if b.invoiceUsed, err = isInvoiceUsed(ctx, tx, brand, b.Invoice); err != nil {
			return Outcome{}, err
		}
	}
	refusal := refusalOf(b, a.standing, policy, a.now)
	var wait *Hold
	if refusal == nil {
		wait, refusal, err = s.guard(ctx, tx, a, b, e, policy)
	}
	if err != nil {
		return Outcome{}, err
	}
	if wait == nil {
		wait = a.told(b, refusal)
	}
	return s.conclude(ctx, tx, a, b, e, verdict{refusal: refusal, rule: ruling(b, a.standing, policy, refusal), wait: wait})
}

// verdict is what was decided about a claim.
type verdict struct {
	refusal *shop.Refusal
	rule    string
	wait    *Hold // it waits, or several people must know of it
}

// conclude keeps the claim with what was decided about it, and binds her when it wins.
func (s *Service) conclude(ctx context.Context, tx pgx.Tx, a *act, b bid, e Evidence, v verdict) (Outcome, error) {
	brand := a.actor.Brand
	if v.refusal == nil {
		// Customers are locked one by one, so somebody else may just have used the same click id or invoice.
		used, err := useUp(ctx, tx, a, b, e)
		if err != nil {
			return Outcome{}, err
		}
		if used != nil {
			v = verdict{refusal: used}
		}
	}
	claim := Claim{
		Customer: a.who, Store: b.Store, Staff: b.Staff, Source: b.Source, Outcome: Won, Evidence: e, RecordedAt: a.now,
		Against: a.liveID(), Rule: v.rule,
	}
	if v.refusal != nil {
		claim.Outcome = v.refusal.Code
	}
	var err error
	if claim.No, err = insertClaim(ctx, tx, brand, claim); err != nil {
		return Outcome{}, fmt.Errorf("keep claim: %w", err)
	}
	if v.wait != nil {
		v.wait.ClaimNo = claim.No
		if err := insertHold(ctx, tx, brand, *v.wait); err != nil {
			return Outcome{}, fmt.Errorf("hold claim: %w", err)
		}
	}
	if claim.Outcome != Won {
		return Outcome{Refusal: v.refusal}, nil
	}
	won, err := s.bind(ctx, tx, a, Binding{Store: b.Store, Staff: b.Staff, Source: b.Source, Evidence: e})
	return Outcome{Bound: err == nil, Binding: won}, err
}

// isAssigned: at the instant of the evidence, which is that of the scan, otherwise now.
func isAssigned(ctx context.Context, tx pgx.Tx, brand shop.BrandID, b bid, now time.Time) (bool, error) {
	if b.Staff.IsZero() {
		return true, nil
	}
	at := now
	if b.Source == FromScan {
		at = b.scannedAt
	}
	return team.AssignedAt(ctx, tx, brand, b.Staff, b.Store, at)
}

func useUp(ctx context.Context, tx pgx.Tx, a *act, b bid, e Evidence) (*shop.Refusal, error) {
	switch b.Source {
	case FromScan:
		first, err := useClick(ctx, tx, a.actor.Brand, e.Scan, a.who, a.now)
		if err == nil && !first {
			return ErrClickUsed, nil
		}
		return nil, err
	case FromInvoice:
		first, err := useInvoice(ctx, tx, a.actor.Brand, b.Invoice, a.who, a.now)
		if err == nil && !first {
			return ErrInvoiceUsed, nil
		}
		return nil, err
	}
	return nil, nil
}

// bind ends the live binding and begins the next, writes whose she is into her profile and the audit, and tells who must
// hear of it. Whoever calls has decided that it may be.
func (s *Service) bind(ctx context.Context, tx pgx.Tx, a *act, b Binding) (Binding, error) {
	brand := a.actor.Brand
	b.ID, b.Customer, b.No, b.RecordedAt = shop.NewID(a.now), a.who, len(a.history)+1, a.now
	b.From = beginning(b.Source, b.Evidence.ScannedAt, a.history, a.evidenceAt())
	before := a.live()
	detail := map[string]any{"source": b.Source, "store": b.Store, "staff": b.Staff, "from": b.From}
	if before != nil {
		if err := endBinding(ctx, tx, brand, before.ID, b.From); err != nil {
			return Binding{}, fmt.Errorf("end binding %s: %w", before.ID, err)
		}
		before.Until = b.From
		detail["replaces"] = before.ID
	}
	if err := insertBinding(ctx, tx, brand, b); err != nil {
		return Binding{}, fmt.Errorf("insert binding: %w", err)
	}
	a.history = append(a.history, b)
	if err := s.noteHolder(ctx, tx, a, b); err != nil {
		return Binding{}, err
	}
	if err := audit.Note(ctx, tx, a.actor, a.now, audit.Entry{Act: "customer_bound", Customer: a.who, Subject: b.ID, Detail: detail}); err != nil {
		return Binding{}, err
	}
	return b, s.tell(ctx, tx, a, b.From, a.now)
}

// noteHolder writes down whose she is by the binding. A scan may have won her before whoever showed it left.
func (s *Service) noteHolder(ctx context.Context, tx pgx.Tx, a *act, b Binding) error {
	successions, err := concerning(ctx, tx, a.actor.Brand, []Binding{b})
	if err != nil {
		return err
	}
	a.holder = heldBy(b, successions, a.now)
	return customer.NoteHome(ctx, tx, a.actor.Brand, a.who, a.holder.Store, a.holder.Staff, a.holder.Since)
}
