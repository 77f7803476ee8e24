package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// hers are the canaries of a member who has done all that leaves something behind.
type hers struct {
	castActor
	canaries []string
}

// liveIn lets her join, buy and be told of, with words that nobody else has.
func (c *cast) liveIn(t *testing.T, p *castStore) hers {
	t.Helper()
	word := func(what string) string { return "kanari" + strings.ToLower(rand.Text()) + what }
	sub, name, mail, account, token := word("sub"), "Wang "+word("name"), word("@example.test"), word("account"), word("token")
	digits := fmt.Sprintf("9%08d", time.Now().UnixNano()%100_000_000)
	issuer := localIssuer(c.cfg).Issuer
	her := hers{canaries: []string{sub, name[5:], mail, account, token, digits}}
	her.castActor = c.signIn(t, p, "customer", map[string]any{"brand": p.slug, "provider": "oidc", "id_token": c.idToken(t, sub), "device_secret": rand.Text() + rand.Text()})
	as := func(who castActor, method, path string, body any) {
		t.Helper()
		a := c.ask(t, request{method: method, url: c.cfg.PublicURL + path, token: who.token, body: body, header: http.Header{"Idempotency-Key": {rand.Text()}}})
		if a.status >= http.StatusBadRequest {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
	}
	as(her.castActor, http.MethodPost, "/v1/member", map[string]any{"name": name, "phone": "0" + digits, "language": "en", "consents": map[string]any{"push": true}})
	as(her.castActor, http.MethodPut, "/v1/member/devices", map[string]any{"target": token, "platform": "ios", "language": "en"})
	as(her.castActor, http.MethodPost, "/v1/member/code", nil)
	as(c.who("integration key"), http.MethodPost, "/v1/integrations/orders", map[string]any{
		"order": fmt.Sprint("E-", c.next()), "placed_at": time.Now().UTC().Format(time.RFC3339), "channel": "till", "store": p.code, "payment_hash": word("card"),
		"customer": map[string]any{"identities": []any{
			map[string]any{"kind": "oidc", "value": issuer + ":" + sub}, map[string]any{"kind": "email", "value": mail, "verified": true}, map[string]any{"kind": "web_shop", "value": "shopify:" + account},
		}},
		"lines": []any{map[string]any{"line": 1, "external_id": "1", "sku": "LAMP-PAPER", "name": "lamp", "category": "lamp", "kind": "merchandise", "quantity": 1, "unit_price_minor": 4200}},
	})
	c.receive(t, p, `{"customer": {"email": "`+mail+`"}}`)
	return her
}

// receive is a message that nobody understands.
func (c *cast) receive(t *testing.T, p *castStore, body string) {
	t.Helper()
	name := fmt.Sprintf("M-%d", c.next())
	if _, err := c.house.inbox.Receive(t.Context(), order.Message{Brand: p.brand, Source: "shopify", ExternalID: name, Topic: "orders/create", Body: []byte(body), Key: shop.NewID(time.Now())}); err != nil {
		t.Fatal(err)
	}
	until(t, "the message is set aside", func() bool {
		backlogs, err := c.house.inbox.Backlogs(t.Context(), p.brand)
		return err == nil && len(backlogs) == 1 && backlogs[0].State == order.MessageSetAside
	})
}

// keptIn are the tables of the brand in which one of the words stands, as text or in bytes.
func (c *cast) keptIn(t *testing.T, p *castStore, canaries []string) (tables map[string]int) {
	t.Helper()
	tables = map[string]int{}
	err := c.house.pool.Read(t.Context(), p.brand, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `
SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'brand_id'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT IN ('brand', 'tag_directory', 'integration_directory')`)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, table := range all {
			var n int
			err := tx.QueryRow(t.Context(), `SELECT count(*) FROM `+pgx.Identifier{table}.Sanitize()+` r, unnest($2::text[]) AS w (word)
WHERE r.brand_id = $1 AND (position(w.word IN lower(r::text)) > 0 OR position(encode(convert_to(w.word, 'UTF8'), 'hex') IN r::text) > 0)`, p.brand, canaries).Scan(&n)
			if err != nil {
				return err
			}
			if n > 0 {
				tables[table] = n
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// A10: after erasure no canary is anywhere in the database, and everything that counts is what it was.
func TestA10AfterErasureNoCanaryIsAnywhereAndTheBookIsAsItWas(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	her := c.liveIn(t, c.xinyi)
	before := c.keptIn(t, c.xinyi, her.canaries)
	for _, table := range []string{"customer", "identity", "inbox", "push_device"} {
		if before[table] == 0 {
			t.Errorf("nothing of hers was in %s: %v", table, before)
		}
	}
	answers := func() (n int) {
		err := c.house.pool.Read(t.Context(), c.xinyi.brand, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM idempotency_key WHERE brand_id = $1 AND actor_id = $2`, c.xinyi.brand, her.id).Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	count := func() (n [4]int64) {
		err := c.house.pool.Read(t.Context(), c.xinyi.brand, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM sales_order WHERE brand_id = $1), (SELECT count(*) FROM ledger_transfer WHERE brand_id = $1),
				(SELECT coalesce(sum(debit_minor), 0)::bigint FROM account_day WHERE brand_id = $1), (SELECT orders FROM customer_profile WHERE brand_id = $1 AND customer_id = $2)`,
				c.xinyi.brand, her.id).Scan(&n[0], &n[1], &n[2], &n[3])
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	book := count()
	if book[3] != 1 || answers() == 0 {
		t.Errorf("she has bought %d times, and %d answers to her are kept", book[3], answers())
	}
	a := c.ask(t, request{method: http.MethodPost, url: c.cfg.PublicURL + "/v1/manager/customers/" + her.id.String() + "/erase", token: c.who("hq").token, body: map[string]any{"reason": "She asked for it."}})
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if after := c.keptIn(t, c.xinyi, her.canaries); len(after) > 0 {
		t.Errorf("she is still in %v", after)
	}
	if n := answers(); n != 0 {
		t.Errorf("%d answers to her are kept", n)
	}
	if after := count(); after != book {
		t.Errorf("orders, transfers, their sum and hers were %v and are %v", book, after)
	}
	until(t, "her session ends", func() bool { return c.get(t, "/v1/member", her.token).status == http.StatusUnauthorized })
}
