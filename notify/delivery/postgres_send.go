package delivery

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// dueIDs are the next messages that may go, with their customers.
func dueIDs(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) (ids, customers []shop.ID, err error) {
	rows, _ := tx.Query(ctx, `
		SELECT id, customer_id FROM delivery
		WHERE brand_id = $1 AND id >= $2 AND id < $3 AND state IN ('intended', 'later') AND next_at <= $4
		ORDER BY next_at LIMIT $5`, brand, shop.FloorID(now.Add(-kept)), shop.FloorID(now.Add(clockSkew)), now, markSize)
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
		UPDATE delivery SET state = 'unknown', why = $5, epoch = epoch + 1, next_at = NULL
		WHERE brand_id = $1 AND id >= $2 AND id < $3 AND state = 'sending' AND next_at <= $4`,
		brand, shop.FloorID(now.Add(-kept)), shop.FloorID(now.Add(clockSkew)), now, Interrupted)
	return err
}

// changes are what becomes of messages that do not go now, written in one round trip.
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

// updateSending counts the attempt and fences it by the next epoch. The range is that of the ids, which keeps partitions out.
func updateSending(ctx context.Context, tx pgx.Tx, brand shop.BrandID, parcels []parcel, now time.Time) error {
	ids := make([]shop.ID, len(parcels))
	for i, p := range parcels {
		ids[i] = p.ID
	}
	first, last := rangeOf(ids)
	_, err := tx.Exec(ctx, `
		UPDATE delivery SET state = 'sending', why = '', attempts = attempts + 1, epoch = epoch + 1, tried_at = coalesce(tried_at, $5), next_at = $6
		WHERE brand_id = $1 AND id = ANY ($2) AND id >= $3 AND id <= $4`,
		brand, ids, first, last, now, now.Add(lease))
	return err
}

func rangeOf(ids []shop.ID) (first, last shop.ID) {
	compare := func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) }
	return slices.MinFunc(ids, compare), slices.MaxFunc(ids, compare)
}

// updateSettled writes results of messages that are still under way in this sender's name.
func updateSettled(ctx context.Context, tx pgx.Tx, brand shop.BrandID, parcels []parcel, results []result, now time.Time) error {
	n := len(parcels)
	ids, epochs, next, sent := make([]shop.ID, n), make([]int, n), make([]*time.Time, n), make([]*time.Time, n)
	states, whys, names := make([]string, n), make([]string, n), make([]string, n)
	for i, r := range results {
		ids[i], epochs[i], states[i], whys[i], names[i] = parcels[i].ID, parcels[i].epoch, string(r.state), string(r.why), r.messageID
		if r.state == Later {
			next[i] = &r.next
		}
		if r.state == Sent {
			sent[i] = &now
		}
	}
	first, last := rangeOf(ids)
	_, err := tx.Exec(ctx, `
		UPDATE delivery d SET state = q.state, why = q.why, message_id = NULLIF(q.name, ''), next_at = q.next_at, sent_at = q.sent_at
		FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[])
			AS q (id, epoch, state, why, name, next_at, sent_at)
		WHERE d.brand_id = $1 AND d.id = q.id AND d.id >= $9 AND d.id <= $10 AND d.epoch = q.epoch AND d.state = 'sending'`,
		brand, ids, epochs, states, whys, names, next, sent, first, last)
	return err
}
