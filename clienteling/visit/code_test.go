package visit

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
)

func TestMemberCodeOpensHerHistoryOnceForTwoHours(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code, err := b.IssueMemberCode(t.Context(), b.her())
	if err != nil || code.ExpiresAt.Sub(noon) > 5*time.Minute {
		t.Fatalf("%+v, %v", code, err)
	}
	v, err := b.ShowMemberCode(t.Context(), b.amy(), shop.ID{}, strings.ToLower(code.Code[:4]+"-"+code.Code[4:]))
	if err != nil || v.Customer != b.lin || v.Store != b.S1 || v.Staff != b.Amy {
		t.Fatalf("%+v, %v", v, err)
	}
	b.sees("the person to whom it was shown", b.amy(), Full)
	colleague := b.amy()
	colleague.ID = shop.NewID(noon)
	b.sees("a colleague in the same store", colleague, MemberOnly)
	if _, err := b.ShowMemberCode(t.Context(), b.ben(), shop.ID{}, code.Code); !errors.Is(err, ErrCode) {
		t.Errorf("row 34: a photograph of the screen worked again: %v", err)
	}
	*b.clock = noon.Add(Lasts - time.Second)
	b.sees("just under two hours", b.amy(), Full)
	*b.clock = noon.Add(Lasts)
	b.sees("after two hours", b.amy(), MemberOnly)
}

func TestMemberCodesEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	issue := func() string {
		c, err := b.IssueMemberCode(t.Context(), b.her())
		if err != nil {
			t.Fatal(err)
		}
		return c.Code
	}
	old := issue()
	fresh := issue()
	if _, err := b.ShowMemberCode(t.Context(), b.amy(), shop.ID{}, old); !errors.Is(err, ErrCode) {
		t.Errorf("an earlier code still works: %v", err)
	}
	*b.clock = noon.Add(codeLife)
	if _, err := b.ShowMemberCode(t.Context(), b.amy(), shop.ID{}, fresh); !errors.Is(err, ErrCode) {
		t.Errorf("an outdated code still works: %v", err)
	}
	last := issue()
	for why, tc := range map[string]struct {
		actor shop.Actor
		code  string
		want  error
	}{
		"a guess":                   {b.amy(), "00000000", ErrCode},
		"no code":                   {b.amy(), "' OR 1=1", ErrCode},
		"another brand's staff":     {shop.Actor{Brand: postgrestest.Brand(t, b.pool).Brand, Role: shop.RoleStaff, ID: b.Amy, Store: b.S1}, last, ErrCode},
		"a manager without a place": {shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: b.Amy, Stores: []shop.ID{b.S1, b.S2}}, last, ErrPlace},
		"head office":               {shop.Actor{Brand: b.Brand, Role: shop.RoleHQ}, last, shop.ErrForbidden},
		"a customer":                {b.her(), last, shop.ErrForbidden},
		"nothing":                   {b.amy(), "", ErrCode},
	} {
		if _, err := b.ShowMemberCode(t.Context(), tc.actor, shop.ID{}, tc.code); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", why, err, tc.want)
		}
	}
	if _, err := b.IssueMemberCode(t.Context(), b.amy()); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("staff made a code for themselves: %v", err)
	}
	b.do(func(tx pgx.Tx) error {
		var refused, plain int
		err := tx.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE act = 'member_code_refused') FROM audit WHERE brand_id = $1`, b.Brand).Scan(&refused)
		if err != nil || refused != 5 {
			t.Errorf("%d refused codes in the audit: %v", refused, err)
		}
		err = tx.QueryRow(t.Context(), `SELECT count(*) FROM member_code WHERE brand_id = $1 AND code_hash = $2`, b.Brand, []byte(last)).Scan(&plain)
		if plain != 0 {
			t.Error("a code is stored as it is shown")
		}
		return err
	})
}

func TestSixteenWhoReadOneCodeMakeOneVisit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code, err := b.IssueMemberCode(t.Context(), b.her())
	if err != nil {
		t.Fatal(err)
	}
	var visits atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := b.ShowMemberCode(t.Context(), b.amy(), shop.ID{}, code.Code); err == nil {
				visits.Add(1)
			} else if !errors.Is(err, ErrCode) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if visits.Load() != 1 {
		t.Errorf("%d visits by one code", visits.Load())
	}
}
