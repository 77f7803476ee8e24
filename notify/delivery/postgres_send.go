package delivery

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// dueIDs are the next messages that may go, with their customers.
func dueIDs(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) (ids, customers []shop.ID, err error) {
	rows, _ := tx.Query(ctx, `
		SELECT id, customer_id FROM delivery
		WHERE brand_id = $1 AND id >= $2 AND state IN ('intended', 'later') AND next_at <= $3
		ORDER BY next_at LIMIT $4`, brand, shop.FloorID(now.Add(-kept)), now, chunkSize)
	var id, customer shop.ID
	_, err = pgx.ForEachRow(rows, []any{&id, &customer}, func() error {
		ids, customers = append(ids, id), append(customers, customer)
		return nil
	})
	return ids, customers, err
}

// lockDue is what is still due of these, now that nobody else can claim it.
func lockDue(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID, now time.Time) ([]Delivery, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+` FROM delivery
		WHERE brand_id = $1 AND id = ANY ($2) AND state IN ('intended', 'later') AND next_at <= $3
		ORDER BY id FOR UPDATE`, brand, ids, now)
	return pgx.CollectRows(rows, scan)
}

// updateInterrupted fences the dead sender's result by the epoch, should it come after all.
func updateInterrupted(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE delivery SET state = 'unknown', why = $4, epoch = epoch + 1, next_at = NULL
		WHERE brand_id = $1 AND id >= $2 AND state = 'sending' AND next_at <= $3`,
		brand, shop.FloorID(now.Add(-kept)), now, Interrupted)
	return err
}

// changes are updates of single messages, written in one round trip.
type changes struct {
	brand shop.BrandID
	batch pgx.Batch
}

func (c *changes) add(sql string, args ...any) {
	c.batch.Queue(sql, append([]any{c.brand}, args...)...)
}

func (c *changes) write(ctx context.Context, tx pgx.Tx) error {
	if c.batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &c.batch).Close()
}

// markSending takes the counted attempt and the new epoch from the delivery.
func (c *changes) markSending(d Delivery, leaseEnds time.Time) {
	c.add(`
		UPDATE delivery SET state = 'sending', why = '', attempts = $3, epoch = $4, tried_at = $5, next_at = $6
		WHERE brand_id = $1 AND id = $2`, d.ID, d.Attempts, d.epoch, d.TriedAt, leaseEnds)
}

// putOff makes it a message that was not tried yet: it holds no place in the week while she sleeps, and has its hour again.
func (c *changes) putOff(d Delivery, until time.Time) {
	c.add(`
		UPDATE delivery SET state = 'intended', why = '', tried_at = NULL, next_at = $3
		WHERE brand_id = $1 AND id = $2`, d.ID, until)
}

func (c *changes) end(d Delivery, state State, why Why) {
	c.add(`
		UPDATE delivery SET state = $3, why = $4, next_at = NULL
		WHERE brand_id = $1 AND id = $2`, d.ID, state, why)
}

// settle writes a result if the message is still under way in this sender's name.
func (c *changes) settle(d Delivery, r result, now time.Time) {
	var next, sent *time.Time
	if r.state == Later {
		next = &r.next
	}
	if r.state == Sent {
		sent = &now
	}
	c.add(`
		UPDATE delivery SET state = $4, why = $5, message_id = NULLIF($6, ''), next_at = $7, sent_at = $8
		WHERE brand_id = $1 AND id = $2 AND epoch = $3 AND state = 'sending'`,
		d.ID, d.epoch, r.state, r.why, r.messageID, next, sent)
}
