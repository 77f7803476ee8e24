package brandapp_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/team"
)

// Somebody has left, and her cards lie in drawers and hang in chats. Whoever scans one is the store's, and nobody else's.
func TestAbuse30ALeaversCardRoutesToTheStore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	card, err := b.tags.IssueCard(t.Context(), b.actors["amy"], b.S1)
	if err != nil {
		t.Fatal(err)
	}
	err = b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		return team.Leave(t.Context(), tx, b.Brand, b.Amy, noon, noon)
	})
	if err != nil {
		t.Fatal(err)
	}
	scanned := b.ask("mei", http.MethodPost, "/v1/member/scans", fmt.Sprintf(`{"code":%q}`, card.Code))
	scanned.is(t, "it still leads on", 201, `"leads":"destination"`, `"click":"`)
	scanned.hides(t, "it claims her for nobody", `"claim"`)
	joined := b.ask("mei", http.MethodPost, "/v1/member", fmt.Sprintf(`{"name":"王美玲","clicks":[%q]}`, scanned.field(t, "click")))
	joined.is(t, "joined by it", 201, `"bound":true`, `"code":"S1"`, `"source":"scan"`)
	joined.hides(t, "the store's alone", `"staff"`)

	kept := 0
	err = b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM scan WHERE brand_id = $1 AND store_id = $2 AND staff_id IS NULL) +
			       (SELECT count(*) FROM customer_scan WHERE brand_id = $1 AND store_id = $2 AND staff_id IS NULL)`, b.Brand, b.S1).Scan(&kept)
	})
	if err != nil || kept != 2 {
		t.Errorf("the scan and her copy of it name a person: %d name none, %v", kept, err)
	}
}
