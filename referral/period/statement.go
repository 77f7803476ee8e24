package period

import (
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// Statement is what one beneficiary's accounts did in a closed month, in minor units of one currency. It never changes. It adds up:
//
//	PendingOpening + Opening + Movement = PendingClosing + Stated + Carried
type Statement struct {
	ID       shop.ID   // of those of a month they ascend as Statements lists them
	Month    time.Time // its first day, midnight UTC of that date
	To       attribution.Beneficiary
	Currency shop.Currency

	PendingOpening int64 // earned while goods may still come back, when the month began
	Opening        int64 // payable when the month began: what was carried, and for a pool what was not divided
	Movement       int64 // all that is dated in the month: credits, corrections, refunds, true-ups, divisions, adjustments
	PendingClosing int64
	Stated         int64 // to be paid; never below zero
	Carried        int64 // stays payable: what is below zero lowers future commission only, and what a pool was not divided of
}

// sums are what the accounts of one beneficiary did in the days since the close before.
type sums struct {
	PendingBefore int64 // dated in months that nobody closed on their own
	PayableBefore int64
	Pending       int64 // dated in the month itself
	Payable       int64
	Movement      int64 // of the two, all but what moves between a beneficiary's own accounts
}

// holder is whose statement it is.
type holder struct {
	To       attribution.Beneficiary
	Currency shop.Currency
}

// state makes the statement of a month from the one before and what happened since. Of what is payable all above zero is stated;
// a pool's is not, since it is divided and never paid out itself.
func state(first time.Time, who holder, before Statement, s sums) Statement {
	st := Statement{
		Month: first, To: who.To, Currency: who.Currency, Movement: s.Movement,
		PendingOpening: before.PendingClosing + s.PendingBefore, Opening: before.Carried + s.PayableBefore,
	}
	st.PendingClosing = st.PendingOpening + s.Pending
	st.Carried = st.Opening + s.Payable
	if st.Carried > 0 && who.To.Kind != attribution.ToPool {
		st.Stated, st.Carried = st.Carried, 0
	}
	return st
}

// IsEmpty says that nothing was and nothing happened.
func (s Statement) IsEmpty() bool {
	return s.PendingOpening == 0 && s.Opening == 0 && s.Movement == 0 && s.PendingClosing == 0 && s.Stated == 0 && s.Carried == 0
}

// transfer moves what is stated out of what is payable.
func (s Statement) transfer(at, now time.Time) ledger.Transfer {
	return ledger.Transfer{
		ID: shop.NewID(now), Kind: ledger.ToState, Minor: s.Stated, Fact: fact(ledger.ToState, s.Month),
		Debit: ledger.Account{Kind: ledger.Payable, Holder: s.To, Currency: s.Currency}, Credit: ledger.Account{Kind: ledger.Stated, Holder: s.To, Currency: s.Currency},
		Reason: []byte(`{"month":"` + s.Month.Format("2006-01") + `"}`), EffectiveAt: at, PostedAt: now,
	}
}

// fact names what a transfer that stands on no order stands on.
func fact(kind ledger.TransferKind, month time.Time) string {
	return string(kind) + ":" + month.Format("2006-01")
}
