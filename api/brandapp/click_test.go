package brandapp_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/scan"
)

func (b *bundle) joinWith(who, click string) answer {
	b.t.Helper()
	return b.ask(who, http.MethodPost, "/v1/member", fmt.Sprintf(`{"name":"x","clicks":[%q]}`, click))
}

func TestAbuse12AReplayedClickIDBindsOnePersonOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	click := b.click(b.issue(nil), time.Hour)
	const people = 16
	for i := range people {
		who := fmt.Sprint("replayer", i)
		b.actors[who] = shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: b.signedIn(b.Brand, who)}
	}
	var bound, used atomic.Int64
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			got := b.joinWith(fmt.Sprint("replayer", i), click)
			switch {
			case got.status != http.StatusCreated:
				t.Errorf("%d %s", got.status, got.body)
			case strings.Contains(got.body, `"bound":true`):
				bound.Add(1)
			case strings.Contains(got.body, `"click_used"`):
				used.Add(1)
			}
		})
	}
	all.Wait()
	if bound.Load() != 1 || used.Load() != people-1 {
		t.Errorf("%d were bound by one click id, %d were told that it is used", bound.Load(), used.Load())
	}
}

func TestAbuse13AForgedClickIDBindsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	click := b.click(b.issue(nil), time.Hour)
	_, id, err := b.keys.Verify(click)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := scan.NewKeys(1, map[byte][]byte{1: bytes.Repeat([]byte("x"), 32)})
	if err != nil {
		t.Fatal(err)
	}
	code := b.ask("lan", http.MethodPost, "/v1/member/code", "{}").field(t, "code")
	for _, tc := range []struct{ why, click string }{
		{"signed by somebody else", stranger.Sign(b.Brand, id)},
		{"of another brand", b.keys.Sign(b.actors["foreign"].Brand, id)},
		{"of another scan than it was signed for", click[:20] + b.keys.Sign(b.Brand, shop.NewID(noon))[20:]},
		{"cut off", click[:49]},
		{"the bare id of a scan", id.String()},
		{"signed for another purpose: a member code", code},
	} {
		if tc.click == "" {
			t.Fatalf("%s: there is none", tc.why)
		}
		b.joinWith("mei", tc.click).is(t, tc.why, 201, `"home":{"bound":false}`, `"refused":[{"code":"unknown_click"`)
	}
	b.joinWith("mei", b.keys.Sign(b.Brand, shop.NewID(noon))).is(t, "of a scan that never was", 201, `"home":{"bound":false}`, `"code":"unknown_click"`)
	b.joinWith("mei", click).is(t, "the true one", 201, `"bound":true`)
}

func TestAbuse14AClickIDIsDeadAfterThirtyDays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	shelf := b.issue(nil)
	b.joinWith("mei", b.click(shelf, scan.DefaultClickLife+time.Millisecond)).is(t, "a millisecond too late", 201, `"home":{"bound":false}`, `"click_expired"`)
	b.joinWith("lan", b.click(shelf, scan.DefaultClickLife)).is(t, "at the last moment", 201, `"bound":true`)
}

func TestAScanInTheAppIsTheMembersAtOnceAndHerSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(nil)
	b.ask("mei", http.MethodPost, "/v1/member/scans", fmt.Sprintf(`{"code":%q}`, made.Code)).is(t, "scanned", 201, `"click":"`)
	err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		var kind scan.Kind
		return tx.QueryRow(t.Context(), `
			SELECT kind FROM scan JOIN customer_scan c ON c.brand_id = scan.brand_id AND c.scan_id = scan.id AND c.customer_id = scan.customer_id
			WHERE scan.brand_id = $1 AND scan.tag_id = $2 AND scan.customer_id = $3 AND kind = $4`,
			b.Brand, made.ID, b.actors["mei"].ID, scan.App).Scan(&kind)
	})
	if err != nil {
		t.Error(err)
	}
	for _, who := range []string{"mei", "lan", "mei"} {
		b.ask(who, http.MethodPost, "/v1/member/scans", fmt.Sprintf(`{"code":%q}`, made.Code))
	}
	figures, err := b.shelf.Figures(t.Context(), b.Brand, []shop.ID{made.ID}, noon.Add(-time.Hour), noon.Add(time.Hour))
	if err != nil || len(figures) != 1 || figures[0].Scans != 4 || figures[0].Sessions != 2 {
		t.Errorf("%+v, %v; want four scans by two members", figures, err)
	}
}
