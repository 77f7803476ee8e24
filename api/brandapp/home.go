package brandapp

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
)

// homeStore is whose she is. Bound without a store: she chose nobody.
type homeStore struct {
	Bound  bool           `json:"bound"`
	Store  *storeRef      `json:"store,omitempty"`
	Staff  string         `json:"staff,omitempty"` // the name of the person who won her
	Source binding.Source `json:"source,omitempty"`
	Since  time.Time      `json:"since,omitzero"`
}

func (f *Face) home(ctx context.Context, _ endpoint.None) (homeStore, error) {
	var holder binding.Holder
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) (err error) {
		holder, err = binding.HolderAt(ctx, tx, actor.Brand, actor.ID, f.Now())
		return err
	})
	if err != nil {
		return homeStore{}, err
	}
	return f.homeOf(ctx, holder)
}

// homeOf puts names to a holder.
func (f *Face) homeOf(ctx context.Context, h binding.Holder) (homeStore, error) {
	out := homeStore{Bound: h.Bound, Source: h.Source, Since: h.Since.UTC()}
	if h.Store.IsZero() {
		return out, nil
	}
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		all, err := placesOf(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		out.Store = all.find(h.Store)
		if h.Staff.IsZero() {
			return nil
		}
		person, err := team.StaffByID(ctx, tx, actor.Brand, h.Staff)
		out.Staff = person.Name
		return err
	})
	return out, err
}

// choice is a store or, by null, nobody. An absent field is no choice, so that an empty body chooses nobody for nobody.
type choice struct {
	Given bool
	Text  *string
}

// UnmarshalJSON is called for null too.
func (c *choice) UnmarshalJSON(b []byte) error {
	c.Given = true
	return json.Unmarshal(b, &c.Text)
}

type chooseRequest struct {
	Store choice `json:"store"`
	store shop.ID
}

func (r *chooseRequest) Validate() error {
	var c shop.Check
	c.That(r.Store.Given, "store", "required", "Name a store, or null for none.")
	if r.Store.Text != nil {
		var err error
		r.store, err = shop.ParseID(*r.Store.Text)
		c.That(err == nil && !r.store.IsZero(), "store", shop.ErrBadID.Code, shop.ErrBadID.Message)
	}
	return c.Err()
}

func (f *Face) choose(ctx context.Context, in chooseRequest) (homeStore, error) {
	b, err := f.Bindings.Choose(ctx, endpoint.Actor(ctx), in.store)
	if errors.Is(err, team.ErrStoreUnknown) {
		return homeStore{}, onField(err, team.ErrStoreUnknown, "store")
	}
	if err != nil {
		return homeStore{}, err
	}
	return f.homeOf(ctx, binding.Holder{Bound: true, Store: b.Store, Source: b.Source, Since: b.From})
}
