package endpoint

import (
	"encoding/json"

	"homestore/clienteling/shop"
)

// List is the answer of every list: one page, and the cursor that leads to the next.
type List[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty"` // empty on the last page
}

// MarshalJSON writes an empty list as [], never null: generated clients hold items to be required.
func (l List[T]) MarshalJSON() ([]byte, error) {
	type plain List[T]
	if l.Items == nil {
		l.Items = []T{}
	}
	return json.Marshal(plain(l))
}

// Paging is embedded in the input of a list.
type Paging struct {
	Cursor string `query:"cursor"`
	Limit  *int   `query:"limit"`
}

// Page is what the paging asks for, or shop.ErrBadCursor, or ErrParameters for a page of nothing.
func (p Paging) Page() (shop.Page, error) {
	if p.Limit == nil {
		return shop.NewPage(p.Cursor, shop.DefaultLimit)
	}
	if *p.Limit < 1 {
		return shop.Page{}, ErrParameters.With(shop.Field{Name: "limit", Code: "out_of_range", Hint: "Ask for 1 item or more."})
	}
	return shop.NewPage(p.Cursor, *p.Limit)
}
