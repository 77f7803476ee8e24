package ledger

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// wish is what attribution says that one fact gives (above zero) or takes back (below).
type wish struct {
	Minor  int64
	At     time.Time // when the fact happened
	Reason []byte
	Ruled  bool // it is whose it is by a decision, so giving it corrects what was given before
}

// cell is one fact's part in one key.
type cell struct {
	key
	Fact string
}

// returnReason is why a reversal is posted.
type returnReason struct {
	Event string           `json:"event"`
	Kind  order.RefundKind `json:"kind"`
}

// wishes lays an attribution out by cell: each credit's share under the order itself, and each reversal under its event.
func wishes(r attribution.Result, o order.Order) (map[cell]wish, error) {
	out := make(map[cell]wish, len(r.Credits))
	for _, c := range r.Credits {
		reason, err := encodeReason(c.Why)
		if err != nil {
			return nil, err
		}
		if c.Minor > 0 {
			out[cell{keyOf(c, o.Currency), ""}] = wish{c.Minor, latest(earnedAt(o, c), c.Since), reason, !c.Since.IsZero()}
		}
	}
	for _, v := range r.Reversals {
		c := r.Credits[v.Credit]
		where, at := cell{keyOf(c, o.Currency), factOf(v)}, v.At
		if at.Before(c.Since) {
			at = c.Since // what went back before belongs to whoever had it then
		}
		reason, err := json.Marshal(returnReason{v.Event, v.Kind})
		if err != nil {
			return nil, fmt.Errorf("write a reason: %w", err)
		}
		w := out[where] // two events of one name and kind would be one fact
		out[where] = wish{w.Minor - v.Minor, at, reason, false}
	}
	return out, nil
}

// earnedAt: a sale earns when it was placed, a parcel when it was handed over.
func earnedAt(o order.Order, c attribution.Credit) time.Time {
	for _, f := range o.Fulfilments {
		if f.ExternalID == c.Parcel && c.Parcel != "" {
			return f.At
		}
	}
	return o.PlacedAt
}

func keyOf(c attribution.Credit, in shop.Currency) key {
	return key{c.Role, c.To, c.Parcel, c.Line, in}
}

func factOf(v attribution.Reversal) string { return string(v.Kind) + ":" + v.Event }

// posted is what the book holds of one order.
type posted struct {
	IsKnown   bool // it was credited before, if to nobody
	Transfers []Transfer
	Vested    time.Time // when its credits became payable; zero: they are pending
}

// difference is the transfers that make the book say what attribution says: none when it does already. Gifts come before
// takings, so that there is always an original to take from. What the order itself gives is dated when it was placed if that is
// credited for the first time, and otherwise at the event that changed it.
func difference(want map[cell]wish, have posted, o order.Order, by act) []Transfer {
	sums, told := map[cell]int64{}, map[string]bool{}
	originals := map[key][]Transfer{}
	left := map[shop.ID]int64{}
	for _, t := range have.Transfers {
		if t.Kind == Vested {
			continue
		}
		at := cell{key{t.Role, t.holder(), t.Parcel, t.Line, t.Debit.Currency}, t.Fact}
		told[t.Fact] = true
		if t.gives() {
			sums[at] += t.Minor
			originals[at.key] = append(originals[at.key], t)
			left[t.ID] += t.Minor
		} else {
			sums[at] -= t.Minor
			left[t.Reverses] -= t.Minor
		}
	}
	d := draft{
		order: o.ID, now: shop.Millis(by.now), changed: changedAt(o, by), noFact: o.ChangedAt.IsZero(),
		posted: have, told: told, originals: originals, left: left,
	}
	for _, at := range cells(want, sums) {
		if more := want[at].Minor - sums[at]; more > 0 {
			d.give(at, want[at], more, sums)
		}
	}
	for _, at := range cells(want, sums) {
		d.take(at, want[at], sums[at]-want[at].Minor)
	}
	inSequence(d.transfers)
	return d.transfers
}

// changedAt is when that happened by which the order is credited anew: a fact of its own, or else the act. A leaving, or a scan, that
// is heard of late may lie before the order, to which it does nothing before it is there.
func changedAt(o order.Order, by act) time.Time {
	if o.ChangedAt.IsZero() {
		return latest(shop.Millis(by.at), o.PlacedAt)
	}
	return o.ChangedAt
}

// cells are those of either side, in one sequence, so that the same facts always post the same rows.
func cells(want map[cell]wish, sums map[cell]int64) []cell {
	all := make([]cell, 0, len(want))
	for at := range want {
		all = append(all, at)
	}
	for at := range sums {
		if _, both := want[at]; !both {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.Role.Place(), b.Role.Place()), cmp.Compare(a.To.Kind, b.To.Kind), bytes.Compare(a.To.ID[:], b.To.ID[:]),
			cmp.Compare(a.Parcel, b.Parcel), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Fact, b.Fact))
	})
	return all
}

// gives says that the transfer goes to its holder, not back to the brand.
func (t Transfer) gives() bool { return t.Debit.Kind == Expense }

func (t Transfer) holder() attribution.Beneficiary {
	if t.gives() {
		return t.Credit.Holder
	}
	return t.Debit.Holder
}

// draft collects the transfers of one posting.
type draft struct {
	order     shop.ID
	now       time.Time
	changed   time.Time // when what is posted now came about
	posted    posted
	told      map[string]bool // facts of which the book has something
	noFact    bool            // it is no fact of the order that changes what it gives: all of them are from before
	originals map[key][]Transfer
	left      map[shop.ID]int64 // what was not taken back yet of each original
	transfers []Transfer
}

func (d *draft) give(at cell, w wish, minor int64, sums map[cell]int64) {
	kind := Credited
	if _, again := sums[at]; again || at.Fact != "" || w.Ruled {
		kind = Corrected
	}
	t := d.transfer(at, kind, w, minor)
	t.Debit, t.Credit = at.expense(), d.account(at)
	d.originals[at.key] = append(d.originals[at.key], t)
	d.left[t.ID] = minor
	d.transfers = append(d.transfers, t)
}

// take goes through the originals of the key from the first, and takes from each what is left of it, not before that was given; of
// what is not above zero nothing.
func (d *draft) take(at cell, w wish, minor int64) {
	kind := Refunded
	if at.Fact == "" {
		kind = Corrected
	}
	for _, original := range d.originals[at.key] {
		part := min(minor, d.left[original.ID])
		if part <= 0 {
			continue
		}
		t := d.transfer(at, kind, w, part)
		t.Debit, t.Credit = d.account(at), at.expense()
		t.Reverses = original.ID
		t.EffectiveAt = latest(t.EffectiveAt, original.EffectiveAt) // a parcel may be handed over after a refund of what is in it
		d.transfers = append(d.transfers, t)
		d.left[original.ID] -= part
		minor -= part
	}
}

// transfer is dated when its fact happened; what an order or a return that is known gives or takes otherwise than before, when
// that came about. Nothing is dated before the credits of the order became payable once they have.
func (d *draft) transfer(at cell, kind TransferKind, w wish, minor int64) Transfer {
	effective := w.At
	isOfSale := at.Fact == "" && at.Parcel == ""
	isOfBefore := at.Fact != "" && (d.told[at.Fact] || d.posted.IsKnown && d.noFact)
	if kind == Corrected || effective.IsZero() || isOfSale && d.posted.IsKnown || isOfBefore {
		if effective = d.changed; d.noFact && at.Fact == "" {
			effective = latest(effective, w.At) // a parcel may be of later, or a decision
		}
	}
	if effective.Before(d.posted.Vested) {
		effective = d.posted.Vested
	}
	reason := w.Reason
	if reason == nil {
		reason = []byte(`{"credited_anew":true}`)
	}
	return Transfer{ID: shop.NewID(d.now), Kind: kind, Role: at.Role, Minor: minor, Order: d.order, Parcel: at.Parcel, Line: at.Line,
		Fact: at.Fact, Reason: reason, EffectiveAt: effective, PostedAt: d.now}
}

func latest(at ...time.Time) time.Time { return slices.MaxFunc(at, time.Time.Compare) }

func (d *draft) account(at cell) Account {
	kind := Pending
	if !d.posted.Vested.IsZero() {
		kind = Payable
	}
	return Account{kind, at.To, at.Currency}
}

func (k key) expense() Account { return Account{Kind: Expense, Currency: k.Currency} }
