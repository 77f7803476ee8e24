package attribution

import (
	"bytes"
	"cmp"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// Kind is what sort of account a beneficiary has.
type Kind string

const (
	ToStore Kind = "store"
	ToStaff Kind = "staff"
	ToPool  Kind = "pool" // 團獎 of a store, divided at the month's close
)

// Beneficiary is who earns. The zero Beneficiary is nobody.
type Beneficiary struct {
	Kind Kind
	ID   shop.ID // of the store for ToStore and ToPool, of the person for ToStaff
}

// StoreOf, StaffOf and PoolOf name a beneficiary; the zero ID names nobody.
func StoreOf(id shop.ID) Beneficiary { return named(ToStore, id) }

// StaffOf is a person.
func StaffOf(id shop.ID) Beneficiary { return named(ToStaff, id) }

// PoolOf is the pool of a store.
func PoolOf(store shop.ID) Beneficiary { return named(ToPool, store) }

func named(kind Kind, id shop.ID) Beneficiary {
	if id.IsZero() {
		return Beneficiary{}
	}
	return Beneficiary{Kind: kind, ID: id}
}

// IsNobody says that there is no beneficiary.
func (b Beneficiary) IsNobody() bool { return b.ID.IsZero() }

// String is kind:id.
func (b Beneficiary) String() string { return string(b.Kind) + ":" + b.ID.String() }

// earlier orders claims as ties are broken: by role, then by the beneficiary's written name ("staff:amy") in byte order. The
// name is the code that people use, not the id, which depends on when a row was made; ids decide only between equal names.
func (in *Input) earlier(roleA plan.Role, a Beneficiary, roleB plan.Role, b Beneficiary) int {
	if roleA != roleB {
		return cmp.Compare(roleA.Place(), roleB.Place())
	}
	if a == b {
		return 0
	}
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(in.code(a), in.code(b)), bytes.Compare(a.ID[:], b.ID[:]))
}

func (in *Input) code(b Beneficiary) string {
	if b.Kind == ToStaff {
		return in.StaffCodes[b.ID]
	}
	return in.Stores[b.ID].Code
}
