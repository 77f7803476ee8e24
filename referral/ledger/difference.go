package ledger

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

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

// wishes lays an attribution out by cell: each credit's share under the order itself, and each reversal under its event.
func wishes(r attribution.Result, placedAt time.Time) (map[cell]wish, error) {
	out := make(map[cell]wish, len(r.Credits)+len(r.Reversals))
	for _, c := range r.Credits {
		reason, err := encodeReason(c.Why)
		if err != nil {
			return nil, err
		}
		if c.Minor > 0 {
			out[cell{keyOf(c), ""}] = wish{c.Minor, placedAt, reason, !c.Since.IsZero()}
		}
	}
	for _, v := range r.Reversals {
		c := r.Credits[v.Credit]
		where, at := cell{keyOf(c), factOf(v)}, v.At
		if at.Before(c.Since) {
			at = c.Since // what went back before belongs to whoever had it then
		}
		reason := fmt.Appendf(nil, `{"event":%q,"kind":%q}`, v.Event, v.Kind)
		w := out[where] // two events of one name and kind would be one fact
		out[where] = wish{w.Minor - v.Minor, at, reason, false}
	}
	return out, nil
}

func keyOf(c attribution.Credit) key { return key{c.Role, c.To, c.Parcel, c.Line} }

func factOf(v attribution.Reversal) string { return string(v.Kind) + ":" + v.Event }

// posted is what the book holds of one order.
type posted struct {
	Transfers []Transfer
	Vested    time.Time // when its credits became payable; zero: they are pending
}

// difference is the transfers that make the book say what attribution says: none when it does already. Gifts come before
// takings, so that there is always an original to take from.
func difference(want map[cell]wish, have posted, order shop.ID, currency shop.Currency, now time.Time) []Transfer {
	sums := map[cell]int64{}
	originals := map[key][]Transfer{}
	left := map[shop.ID]int64{}
	for _, t := range have.Transfers {
		if t.Kind == Vested {
			continue
		}
		at := cell{key{t.Role, t.holder(), t.Parcel, t.Line}, t.Fact}
		if t.gives() {
			sums[at] += t.Minor
			originals[at.key] = append(originals[at.key], t)
			left[t.ID] += t.Minor
		} else {
			sums[at] -= t.Minor
			left[t.Reverses] -= t.Minor
		}
	}
	d := draft{order: order, currency: currency, now: shop.Millis(now), vested: have.Vested, originals: originals, left: left}
	for _, at := range cells(want, sums) {
		if more := want[at].Minor - sums[at]; more > 0 {
			d.give(at, want[at], more, sums)
		}
	}
	for _, at := range cells(want, sums) {
		if less := sums[at] - want[at].Minor; less > 0 {
			d.take(at, want[at], less)
		}
	}
	return d.transfers
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
			cmp.Compare(a.Parcel, b.Parcel), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Fact, b.Fact))
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
	currency  shop.Currency
	now       time.Time
	vested    time.Time
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
	t.Debit, t.Credit = d.expense(), d.account(at)
	d.originals[at.key] = append(d.originals[at.key], t)
	d.left[t.ID] = minor
	d.transfers = append(d.transfers, t)
}

// take goes through the originals of the key from the first, and takes from each what is left of it.
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
		t.Debit, t.Credit = d.account(at), d.expense()
		t.Reverses = original.ID
		d.transfers = append(d.transfers, t)
		d.left[original.ID] -= part
		minor -= part
	}
}

// transfer is dated when its fact happened; a correction, when it was found out. Nothing is dated before the credits of the
// order became payable once they have.
func (d *draft) transfer(at cell, kind TransferKind, w wish, minor int64) Transfer {
	effective := w.At
	if kind == Corrected || effective.IsZero() {
		effective = d.now
	}
	if effective.Before(d.vested) {
		effective = d.vested
	}
	reason := w.Reason
	if reason == nil {
		reason = []byte(`{"credited_anew":true}`)
	}
	return Transfer{ID: shop.NewID(d.now), Kind: kind, Role: at.Role, Minor: minor, Order: d.order, Parcel: at.Parcel, Line: at.Line,
		Fact: at.Fact, Reason: reason, EffectiveAt: effective, PostedAt: d.now}
}

func (d *draft) account(at cell) Account {
	kind := Pending
	if !d.vested.IsZero() {
		kind = Payable
	}
	return Account{kind, at.To, d.currency}
}

func (d *draft) expense() Account { return Account{Kind: Expense, Currency: d.currency} }
