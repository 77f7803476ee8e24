package period

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// Difference is what a closed month is due somebody beyond its orders and the book does not say of it.
type Difference struct {
	Month    string              `json:"month"` // of the orders: 2026-03
	Kind     ledger.TransferKind `json:"kind"`
	Role     plan.Role           `json:"role"` // empty: in no role
	ToKind   string              `json:"beneficiary_kind"`
	To       shop.ID             `json:"beneficiary"`
	Pool     shop.ID             `json:"pool"` // the store whose pool is divided; zero: none is
	Currency shop.Currency       `json:"currency"`
	Due      int64               `json:"due_minor"`
	Posted   int64               `json:"posted_minor"`
}

func (d Difference) String() string {
	of := fmt.Sprintf("month %s, %s of %s:%s", d.Month, d.Kind, d.ToKind, d.To)
	if d.Role != "" {
		of += " as " + string(d.Role)
	}
	if !d.Pool.IsZero() {
		of += fmt.Sprintf(" from the pool of store:%s", d.Pool)
	}
	return fmt.Sprintf("%s: %d %s are in the book and %d are due", of, d.Posted, d.Currency, d.Due)
}

// Comparison is what came of comparing closed months.
type Comparison struct {
	Months      int          `json:"months"`  // compared
	Waiting     int          `json:"waiting"` // something became known of them since the last close: the next one posts it
	Dues        int          `json:"dues"`    // figures that were compared
	Differences []Difference `json:"differences"`
}

// Compare works out once more what each closed month from one on (zero: all) is due beyond its orders, in plain SQL that shares
// nothing with a close: tiers, targets, the least and the most of a month, the most that refunds may take, and how pools are divided.
// It compares that with the sums of the book's transfers; what a close keeps beside them (true_up, pool_month) it does not read.
//
// Compared are the months up to the last whose statements are made, by what is known now, and not by what was known at each close:
// later facts change what a month is due, and what was due at an instant cannot be had exactly, since an order is one row that edits
// rewrite. So a month of which something became known since the last close (an order of it was credited anew, a refund in it, a target,
// hours) is left out and counted as waiting: the next close works it out anew, and then it is compared again. All others have had
// nothing new since they were last worked out, and what is due now is what was due then. Whether a month waits is the book's own
// note: one that should and is not noted would never be trued up, and is a difference.
//
// It begins from the credits, their volumes and what refunds took late, each of which ledger.Compare judges by the facts of its
// order, and from what became payable to pools; names of people are as they are now.
func Compare(ctx context.Context, tx pgx.Tx, brand shop.BrandID, from time.Time) (Comparison, error) {
	c, err := compare(ctx, tx, brand, from)
	if err != nil {
		return Comparison{}, fmt.Errorf("compare closed months with what they are due: %w", err)
	}
	return c, nil
}
