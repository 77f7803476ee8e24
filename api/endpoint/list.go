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
	Limit  int    `query:"limit"`
}

// Page is what the paging asks for, or shop.ErrBadCursor.
func (p Paging) Page() (shop.Page, error) { return shop.NewPage(p.Cursor, p.Limit) }
