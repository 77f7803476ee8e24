package onlineretail

import (
	"errors"
	"io"
	"strings"
	"testing"

	"homestore/clienteling/shop"
)

// A file without end in one field: the import ends all the same, and soon.
func TestARecordHasAnEnd(t *testing.T) {
	t.Parallel()
	for why, begins := range map[string]string{"an open quote": `536365,"`, "a line": "536365,"} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			file := &endless{}
			_, err := Import(t.Context(), nil, 1, shop.ID{}, io.MultiReader(strings.NewReader(strings.Join(header, ",")+"\n"+begins), file))
			if !errors.Is(err, ErrRecordTooLong) || file.read > 2<<20 {
				t.Errorf("%v after %d bytes", err, file.read)
			}
		})
	}
}

type endless struct{ read int }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	e.read += len(b)
	return len(b), nil
}
