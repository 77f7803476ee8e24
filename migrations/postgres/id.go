package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgtype"

	"homestore/clienteling/shop"
)

// registerID teaches a connection that a shop.ID is a uuid, in binary, and that the zero ID is NULL.
func registerID(m *pgtype.Map) {
	m.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{wrapIDForEncode}, m.TryWrapEncodePlanFuncs...)
	m.TryWrapScanPlanFuncs = append([]pgtype.TryWrapScanPlanFunc{wrapIDForScan}, m.TryWrapScanPlanFuncs...)
}

type pgID shop.ID

// UUIDValue and ScanUUID are what pgx's codec for uuid asks of a type.
func (id pgID) UUIDValue() (pgtype.UUID, error) {
	return pgtype.UUID{Bytes: id, Valid: !shop.ID(id).IsZero()}, nil
}

func (id *pgID) ScanUUID(v pgtype.UUID) error {
	if id == nil {
		return errors.New("cannot scan into a nil id")
	}
	*id = pgID{}
	if v.Valid {
		*id = pgID(v.Bytes)
	}
	return nil
}

type idEncodePlan struct{ next pgtype.EncodePlan }

func (p *idEncodePlan) SetNext(next pgtype.EncodePlan) { p.next = next }
func (p *idEncodePlan) Encode(value any, buf []byte) ([]byte, error) {
	return p.next.Encode(pgID(value.(shop.ID)), buf)
}

func wrapIDForEncode(value any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
	id, ok := value.(shop.ID)
	if !ok {
		return nil, nil, false
	}
	return &idEncodePlan{}, pgID(id), true
}

type idScanPlan struct{ next pgtype.ScanPlan }

func (p *idScanPlan) SetNext(next pgtype.ScanPlan) { p.next = next }
func (p *idScanPlan) Scan(src []byte, dst any) error {
	return p.next.Scan(src, (*pgID)(dst.(*shop.ID)))
}

func wrapIDForScan(target any) (pgtype.WrappedScanPlanNextSetter, any, bool) {
	id, ok := target.(*shop.ID)
	if !ok {
		return nil, nil, false
	}
	return &idScanPlan{}, (*pgID)(id), true
}
