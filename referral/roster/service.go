package roster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/binding"
)

// Service reads lists.
type Service struct {
	pool     *postgres.Pool
	now      func() time.Time
	bindings *binding.Service
}

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time, bindings *binding.Service) *Service {
	return &Service{pool: pool, now: now, bindings: bindings}
}

// How much is read at once. A batch is a transaction, in which each customer is locked until its end.
const (
	batchRows = 100
	mostRows  = 1_000_000
)

// Reading says how a file is to be read.
type Reading struct {
	Rehearsal bool // say what would become of each row, and leave no trace
	MostRows  int  // 0: a million
}

// Import reads a file and says of each row what became of it, in the sequence of the file. The rows of a batch are recorded
// before they are told, so a reading that was broken off may be repeated. ErrFile and ErrTooLong can come back, and the sum of
// what was read before.
func (s *Service) Import(ctx context.Context, actor shop.Actor, file io.Reader, how Reading, tell func(Verdict) error) (Sum, error) {
	var sum Sum
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return sum, err
	}
	if how.MostRows == 0 {
		how.MostRows = mostRows
	}
	rows, err := newReader(file)
	if err != nil {
		return sum, fmt.Errorf("import list: %w", err)
	}
	l := &list{Service: s, actor: actor, how: how, stores: map[string]shop.ID{}, people: map[string]shop.ID{}, won: map[shop.ID]place{}}
	for {
		batch, more, err := takeBatch(rows)
		if err != nil {
			return sum, fmt.Errorf("import list: %w", err)
		}
		if sum.Rows+len(batch) > how.MostRows {
			return sum, fmt.Errorf("import list: %w", ErrTooLong.Saying("At most %d rows are read at once. Split the file.", how.MostRows))
		}
		verdicts, err := l.record(ctx, batch)
		if err != nil {
			return sum, fmt.Errorf("import list: %w", err)
		}
		for _, v := range verdicts {
			sum.add(v)
			if err := tell(v); err != nil {
				return sum, fmt.Errorf("tell of row %d: %w", v.Row, err)
			}
		}
		if !more {
			return sum, nil
		}
	}
}

func takeBatch(rows *reader) (batch []row, more bool, err error) {
	for len(batch) < batchRows {
		one, err := rows.next()
		if errors.Is(err, io.EOF) {
			return batch, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		batch = append(batch, one)
	}
	return batch, true, nil
}

// place is a store and perhaps a person.
type place struct{ store, staff shop.ID }

// list is one reading of a file.
type list struct {
	*Service
	actor  shop.Actor
	how    Reading
	stores map[string]shop.ID // by code, known and unknown
	people map[string]shop.ID
	won    map[shop.ID]place // in a rehearsal: by rows of batches before, of which no trace is left
}

// errRehearsed ends the transaction of a rehearsal.
var errRehearsed = errors.New("only rehearsed")

// entry is a row with what it names.
type entry struct {
	row
	who    shop.ID
	place  place
	listed string
}

func (l *list) record(ctx context.Context, batch []row) ([]Verdict, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	now := shop.Millis(l.now())
	var verdicts []Verdict
	var won map[shop.ID]place
	err := l.pool.Brand(ctx, l.actor.Brand, func(tx pgx.Tx) (err error) {
		verdicts, won, err = l.decide(ctx, tx, batch, now)
		if err == nil && l.how.Rehearsal {
			err = errRehearsed
		}
		return err
	})
	if errors.Is(err, errRehearsed) {
		for who, at := range won {
			l.won[who] = at
		}
		err = nil
	}
	return verdicts, err
}

// decide finds out whom the rows name, locks them all, and claims one after the other.
func (l *list) decide(ctx context.Context, tx pgx.Tx, batch []row, now time.Time) ([]Verdict, map[shop.ID]place, error) {
	brand, err := team.LoadBrand(ctx, tx, l.actor.Brand)
	if err != nil {
		return nil, nil, err
	}
	entries := make([]entry, len(batch))
	var ids []shop.ID
	for i, one := range batch {
		if entries[i], err = l.understand(ctx, tx, brand, one, now); err != nil {
			return nil, nil, fmt.Errorf("row %d: %w", one.number, err)
		}
		if entries[i].wrong == nil {
			ids = append(ids, entries[i].who)
		}
	}
	if err := customer.LockAll(ctx, tx, brand.ID, ids); err != nil {
		return nil, nil, err
	}
	verdicts, won := make([]Verdict, len(batch)), map[shop.ID]place{}
	for i, e := range entries {
		v := Verdict{}
		if e.wrong != nil {
			v = *e.wrong
		} else if v, err = l.claim(ctx, tx, e, now); err != nil {
			return nil, nil, fmt.Errorf("row %d: %w", e.number, err)
		}
		if verdicts[i] = v.of(e.number); v.Outcome == RowNew {
			won[e.who] = e.place
		}
	}
	if len(won) > 0 && !l.how.Rehearsal {
		err = audit.Note(ctx, tx, l.actor, now, audit.Entry{Act: "referrers_imported", Detail: map[string]any{"customers": len(won)}})
	}
	return verdicts, won, err
}

func (l *list) claim(ctx context.Context, tx pgx.Tx, e entry, now time.Time) (Verdict, error) {
	if at, isWon := l.won[e.who]; isWon {
		if at == e.place {
			return Verdict{Outcome: RowKnown}, nil
		}
		return refusedBy(binding.ErrAlreadyBound), nil
	}
	said, err := l.isSaid(ctx, tx, e, now)
	if err != nil || said {
		return Verdict{Outcome: RowKnown}, err
	}
	out, err := l.bindings.ClaimTx(ctx, tx, l.actor, binding.Attempt{
		Customer: e.who, Store: e.place.store, Staff: e.place.staff, Source: binding.FromImport, ListedSince: e.listed,
	}, now)
	if err != nil {
		return Verdict{}, err
	}
	if out.Bound {
		return Verdict{Outcome: RowNew}, nil
	}
	return refusedBy(out.Refusal), nil
}

func refusedBy(r *shop.Refusal) Verdict {
	return Verdict{Outcome: RowRefused, Code: r.Code, Hint: r.Message}
}

// isSaid says whether she is theirs already, or a list has claimed her for them before, whatever came of it.
func (l *list) isSaid(ctx context.Context, tx pgx.Tx, e entry, now time.Time) (bool, error) {
	h, err := binding.HolderAt(ctx, tx, l.actor.Brand, e.who, now)
	if err != nil || h.Bound && h.Store == e.place.store && h.Staff == e.place.staff {
		return true, err
	}
	claims, err := binding.Claims(ctx, tx, l.actor.Brand, e.who)
	return slices.ContainsFunc(claims, func(c binding.Claim) bool {
		return c.Source == binding.FromImport && c.Store == e.place.store && c.Staff == e.place.staff
	}), err
}
