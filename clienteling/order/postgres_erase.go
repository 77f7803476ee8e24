package order

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func insertToldOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, message shop.ID, orders []shop.ID) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO inbox_order (brand_id, order_id, message_id) SELECT $1, o.id, $3 FROM unnest($2::uuid[]) AS o (id)
		ON CONFLICT (brand_id, order_id, message_id) DO NOTHING`, brand, orders, message)
	return err
}

// erasePayments: whoever is not her and paid with the same is somebody else.
func erasePayments(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, orders []shop.ID) error {
	_, err := tx.Exec(ctx, `
		UPDATE order_payment p SET payment = sha256(uuid_send(gen_random_uuid()))
		WHERE p.brand_id = $1 AND p.order_id = ANY ($3)
			AND NOT EXISTS (SELECT FROM order_payment o WHERE o.brand_id = $1 AND o.payment = p.payment AND o.customer_id <> $2)`, brand, who, orders)
	return err
}

// nothingLeft empties a message. One that nobody understood is not replayed any more; one that waits for its order has its facts
// beside it.
const nothingLeft = `
		UPDATE inbox i SET body = '', note = 'erased', state = CASE state WHEN 'set_aside' THEN 'ignored' ELSE state END, handled_at = coalesce(handled_at, $3)
		WHERE i.brand_id = $1 AND i.state <> 'received'`

func eraseMessagesOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID, now time.Time) error {
	_, err := tx.Exec(ctx, nothingLeft+`
			AND i.id IN (SELECT message_id FROM inbox_order WHERE brand_id = $1 AND order_id = ANY ($2))`, brand, orders, now)
	return err
}

// eraseMessagesNaming goes through the messages that told of no order: those that nobody understood, that had nothing to book, that
// wait, or that came before it was noted of which orders they told.
func eraseMessagesNaming(ctx context.Context, tx pgx.Tx, brand shop.BrandID, w words, now time.Time) error {
	_, err := tx.Exec(ctx, nothingLeft+`
			AND NOT EXISTS (SELECT FROM inbox_order o WHERE o.brand_id = $1 AND o.message_id = i.id)
			AND (EXISTS (SELECT FROM unnest($2::text[]) AS t (word) WHERE position(t.word IN lower(encode(i.body, 'escape'))) > 0)
				OR EXISTS (SELECT FROM unnest($4::text[]) AS d (word) WHERE position(d.word IN regexp_replace(encode(i.body, 'escape'), '[^0-9]', '', 'g')) > 0))`,
		brand, w.texts, now, w.digits)
	return err
}
