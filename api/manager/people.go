package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
)

// heirAnswer is one of those who take over, as it is asked for and answered.
type heirAnswer struct {
	Store  shop.ID        `json:"store,omitzero"` // absent: the home store stays
	Person binding.Person `json:"person"`
	Staff  shop.ID        `json:"staff,omitzero"`
	Share  int            `json:"share"`
}

type successionAnswer struct {
	ID         shop.ID                `json:"id"`
	Kind       binding.SuccessionKind `json:"kind"`
	Staff      shop.ID                `json:"staff,omitzero"` // whose customers; absent: everybody's of the store
	Store      shop.ID                `json:"store,omitzero"` // of which store; absent: of every store
	At         time.Time              `json:"at"`
	Heirs      []heirAnswer           `json:"heirs"`
	Note       string                 `json:"note,omitempty"`
	By         string                 `json:"by"`
	RecordedAt time.Time              `json:"recorded_at"`
}

func answerSuccession(_ context.Context, s binding.Succession) successionAnswer {
	answer := successionAnswer{
		ID: s.ID, Kind: s.Kind, Staff: s.Staff, Store: s.Store, At: s.At.UTC(), Heirs: []heirAnswer{}, Note: s.Note, By: s.By, RecordedAt: s.RecordedAt.UTC(),
	}
	for _, h := range s.Heirs {
		answer.Heirs = append(answer.Heirs, heirAnswer{h.Store, h.Person, h.Staff, h.Share})
	}
	return answer
}

// handoverAnswer is what an act does, or would do, to customers.
type handoverAnswer struct {
	Succession successionAnswer `json:"succession"`
	Preview    bool             `json:"preview"` // nothing was done
	Customers  int              `json:"customers"`
	IsPartial  bool             `json:"is_partial"` // there are more than were counted
	ByHeir     []int            `json:"by_heir"`    // of them, in the places of succession.heirs
}

func answerHandover(ctx context.Context, h binding.Handover, err error) (handoverAnswer, error) {
	if err != nil {
		return handoverAnswer{}, err
	}
	return handoverAnswer{answerSuccession(ctx, h.Succession), h.Preview, h.Customers, h.IsPartial, h.ByHeir}, nil
}

// termsRequest is what all three acts take.
type termsRequest struct {
	At      time.Time `json:"at"` // absent: now
	Note    string    `json:"note"`
	Preview bool      `json:"preview"`
}

func (r termsRequest) terms(ctx context.Context) binding.Terms {
	return binding.Terms{ID: endpoint.CreationID(ctx), At: r.At, Note: r.Note, Preview: r.Preview}
}

type staffLeavesRequest struct {
	byID
	termsRequest
	Heirs []struct {
		Staff shop.ID `json:"staff"` // absent: the pool
		Share int     `json:"share"`
	} `json:"heirs"`
}

func (f *Face) staffLeaves(ctx context.Context, in staffLeavesRequest) (handoverAnswer, error) {
	d := binding.Departure{Staff: in.ID, Terms: in.terms(ctx)}
	for _, h := range in.Heirs {
		heir := binding.Heir{Person: binding.Named, Staff: h.Staff, Share: h.Share}
		if h.Staff.IsZero() {
			heir.Person = binding.Pool
		}
		d.Heirs = append(d.Heirs, heir)
	}
	done, err := f.Bindings.StaffLeaves(ctx, endpoint.Actor(ctx), d)
	return answerHandover(ctx, done, err)
}

type staffMovesRequest struct {
	byID
	termsRequest
	From shop.ID   `json:"from_store"`
	To   shop.ID   `json:"to_store"`
	Move team.Move `json:"move"` // absent: as the policy says
}

func (f *Face) staffMoves(ctx context.Context, in staffMovesRequest) (handoverAnswer, error) {
	done, err := f.Bindings.StaffMoves(ctx, endpoint.Actor(ctx), binding.Relocation{
		Staff: in.ID, From: in.From, To: in.To, Move: in.Move, Terms: in.terms(ctx),
	})
	return answerHandover(ctx, done, err)
}

type storeClosesRequest struct {
	byID
	termsRequest
	Heirs []struct {
		Store shop.ID `json:"store"`
		Share int     `json:"share"`
	} `json:"heirs"`
}

func (f *Face) storeCloses(ctx context.Context, in storeClosesRequest) (handoverAnswer, error) {
	c := binding.Closure{Store: in.ID, Terms: in.terms(ctx)}
	for _, h := range in.Heirs {
		c.Heirs = append(c.Heirs, binding.Heir{Store: h.Store, Share: h.Share})
	}
	done, err := f.Bindings.StoreCloses(ctx, endpoint.Actor(ctx), c)
	return answerHandover(ctx, done, err)
}

func (f *Face) listSuccessions(ctx context.Context, in endpoint.Paging) (endpoint.List[successionAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[successionAnswer]{}, err
	}
	all, next, err := f.Bindings.Successions(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, all, next, answerSuccession), err
}

// holderAnswer is a store and who has the staff part there.
type holderAnswer struct {
	Store shop.ID `json:"store"`
	Staff shop.ID `json:"staff,omitzero"`
	Pool  bool    `json:"pool,omitempty"`
}

func answerHolder(h binding.Holder) holderAnswer { return holderAnswer{h.Store, h.Staff, h.Pool} }

// passageAnswer is a customer who passes from one to another.
type passageAnswer struct {
	Customer   shop.ID      `json:"customer"`
	Binding    shop.ID      `json:"binding"`
	Succession shop.ID      `json:"succession"`
	At         time.Time    `json:"at"`
	From       holderAnswer `json:"from"`
	To         holderAnswer `json:"to"`
}

func answerPassage(_ context.Context, p binding.Passage) passageAnswer {
	return passageAnswer{
		Customer: p.Customer, Binding: p.To.BindingID, Succession: p.To.Succession, At: p.At.UTC(), From: answerHolder(p.From), To: answerHolder(p.To),
	}
}

type listHandedOverRequest struct {
	byID
	endpoint.Paging
}

type handedOverAnswer struct {
	Succession successionAnswer `json:"succession"`
	Items      []passageAnswer  `json:"items"`
	NextCursor string           `json:"next_cursor,omitempty"`
}

func (f *Face) listHandedOver(ctx context.Context, in listHandedOverRequest) (handedOverAnswer, error) {
	page, err := in.Page()
	if err != nil {
		return handedOverAnswer{}, err
	}
	by, all, next, err := f.Bindings.HandedOver(ctx, endpoint.Actor(ctx), in.ID, page)
	if err != nil {
		return handedOverAnswer{}, err
	}
	return handedOverAnswer{answerSuccession(ctx, by), listOf(ctx, all, "", answerPassage).Items, next}, nil
}
