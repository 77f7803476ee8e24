package delivery

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// kept is how long a message can wait for anything: the sender looks into the months of it, and no further.
const kept = 31 * 24 * time.Hour

// clockSkew is how far another machine's clock may be ahead: the end of a range of ids, which keeps months to come out.
const clockSkew = time.Minute

const columns = `id, purpose_id, offer_id, customer_id, device_id, emergency, state, why, attempts, epoch, tried_at, sent_at, opened_at`

func scan(row pgx.CollectableRow) (Delivery, error) {
	var d Delivery
	var tried, sent, opened *time.Time
	err := row.Scan(&d.ID, &d.Purpose, &d.Offer, &d.Customer, &d.Device, &d.Emergency, &d.State, &d.Why, &d.Attempts, &d.epoch, &tried, &sent, &opened)
	d.TriedAt, d.SentAt, d.OpenedAt = orZero(tried), orZero(sent), orZero(opened)
	return d, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// keysOf are the customers who had something of this purpose.
func keysOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, purpose shop.ID, customers []shop.ID) (map[shop.ID]bool, error) {
	rows, _ := tx.Query(ctx, `
		SELECT customer_id FROM delivery_key WHERE brand_id = $1 AND purpose_id = $2 AND customer_id = ANY ($3)`, brand, purpose, customers)
	return collectSet(rows)
}

func collectSet(rows pgx.Rows) (map[shop.ID]bool, error) {
	ids, err := pgx.CollectRows(rows, pgx.RowTo[shop.ID])
	set := make(map[shop.ID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, err
}

// insertDeliveries claims the keys and writes the rows. A key that is there already is an error here: the caller holds the
// customers' locks and has looked.
func insertDeliveries(ctx context.Context, tx pgx.Tx, brand shop.BrandID, rows []planned, now time.Time) error {
	n := len(rows)
	ids, customers, devices := make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n)
	from := make([]time.Time, n)
	for i, r := range rows {
		ids[i], customers[i], devices[i], from[i] = r.ID, r.Customer, r.Device, r.from
	}
	what := rows[0].Delivery
	batch := &pgx.Batch{}
	batch.Queue(`
		INSERT INTO delivery_key (brand_id, purpose_id, customer_id, first_id)
		SELECT DISTINCT ON (q.customer_id) $1::int, $2::uuid, q.customer_id, q.id
		FROM unnest($3::uuid[], $4::uuid[]) AS q (customer_id, id) ORDER BY q.customer_id, q.id`,
		brand, what.Purpose, customers, ids)
	batch.Queue(`
		INSERT INTO delivery (brand_id, id, purpose_id, offer_id, customer_id, device_id, emergency, state, why, attempts, epoch, next_at, intended_at)
		SELECT $1, q.id, $2, $3, q.customer_id, q.device_id, $4, 'intended', '', 0, 0, q.next_at, $5
		FROM unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::timestamptz[]) AS q (id, customer_id, device_id, next_at)`,
		brand, what.Purpose, what.Offer, what.Emergency, now, ids, customers, devices, from)
	return postgres.RowAt(now, tx.SendBatch(ctx, batch).Close())
}

// message is one purpose of which a customer got, or is to get, something.
type message struct {
	Customer shop.ID
	Purpose  shop.ID
	IsTried  bool
}

// recent are the messages that fill the customers' week: what went out in it, what may have, and what is to go.
func recent(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID, now time.Time) ([]message, error) {
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT customer_id, purpose_id, tried_at IS NOT NULL FROM delivery
		WHERE brand_id = $1 AND customer_id = ANY ($2) AND id >= $3 AND id < $4
			AND state IN ('intended', 'later', 'sending', 'sent', 'unknown') AND (tried_at IS NULL OR tried_at > $5)`,
		brand, customers, shop.FloorID(now.Add(-kept-capPeriod)), shop.FloorID(now.Add(clockSkew)), now.Add(-capPeriod))
	return pgx.CollectRows(rows, pgx.RowToStructByPos[message])
}

func toldOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID) (map[shop.ID]bool, error) {
	rows, _ := tx.Query(ctx, `SELECT customer_id FROM refusal_told WHERE brand_id = $1 AND customer_id = ANY ($2)`, brand, customers)
	return collectSet(rows)
}

// insertTold goes by id, so that two senders that tell the same customers do not wait for each other in a circle.
func insertTold(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID, now time.Time) error {
	if len(customers) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO refusal_told (brand_id, customer_id, told_at)
		SELECT DISTINCT $1::int, q.id, $3::timestamptz FROM unnest($2::uuid[]) AS q (id) ORDER BY 2
		ON CONFLICT (brand_id, customer_id) DO NOTHING`, brand, customers, now)
	return err
}

// updateOpened is false when the message was not sent to her. Opening proves that it arrived.
func updateOpened(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer, id shop.ID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE delivery SET opened_at = coalesce(opened_at, $4),
			why = CASE WHEN state = 'unknown' THEN '' ELSE why END,
			sent_at = CASE WHEN state = 'unknown' THEN $4 ELSE sent_at END,
			state = CASE WHEN state = 'unknown' THEN 'sent' ELSE state END
		WHERE brand_id = $1 AND id = $2 AND customer_id = $3 AND state IN ('sending', 'sent', 'unknown')`,
		brand, id, customer, now)
	return tag.RowsAffected() == 1, err
}

func pageOfCustomer(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID, page shop.Page) ([]Delivery, error) {
	rows, _ := db.Query(ctx, `
		SELECT `+columns+` FROM delivery
		WHERE brand_id = $1 AND customer_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
		brand, customer, page.After, page.Limit+1)
	return pgx.CollectRows(rows, scan)
}

// updateWithdrawn finds the messages by the time at which they were intended, which their ids carry.
func updateWithdrawn(ctx context.Context, tx pgx.Tx, brand shop.BrandID, purpose shop.ID, from, until time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE delivery SET state = 'dropped', why = $5, next_at = NULL
		WHERE brand_id = $1 AND id >= $3 AND id < $4 AND purpose_id = $2 AND state IN ('intended', 'later')`,
		brand, purpose, shop.FloorID(from), shop.FloorID(until.Add(time.Millisecond)), Stopped)
	return err
}

// stateCount is one line of a funnel.
type stateCount struct {
	State    State
	Why      Why
	Messages int
	Opened   int
}

func countStates(ctx context.Context, db postgres.DB, brand shop.BrandID, purpose shop.ID, from, until time.Time) ([]stateCount, error) {
	rows, _ := db.Query(ctx, `
		SELECT state, why, count(*), count(opened_at) FROM delivery
		WHERE brand_id = $1 AND id >= $3 AND id < $4 AND purpose_id = $2 GROUP BY state, why`,
		brand, purpose, shop.FloorID(from), shop.FloorID(until.Add(time.Millisecond)))
	return pgx.CollectRows(rows, pgx.RowToStructByPos[stateCount])
}
