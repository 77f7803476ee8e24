package order

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func insertMessage(ctx context.Context, tx pgx.Tx, m Message) (isNew bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO inbox (brand_id, id, source, external_id, topic, body, state, note, key_id, attempts, received_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'received', '', $7, 0, $8)
		ON CONFLICT ON CONSTRAINT inbox_message_once DO NOTHING`,
		m.Brand, m.ID, m.Source, m.ExternalID, m.Topic, m.Body, m.Key, m.ReceivedAt)
	return tag.RowsAffected() == 1, err
}

// lockMessage reads a message with its body and holds it, so that one worker at a time is at it.
func lockMessage(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Message, error) {
	m := Message{Brand: brand, ID: id}
	var handled *time.Time
	err := tx.QueryRow(ctx, `
		SELECT source, external_id, topic, body, state, note, key_id, attempts, received_at, handled_at
		FROM inbox WHERE brand_id = $1 AND id = $2 FOR UPDATE`, brand, id).
		Scan(&m.Source, &m.ExternalID, &m.Topic, &m.Body, &m.State, &m.Note, &m.Key, &m.Attempts, &m.ReceivedAt, &handled)
	if errors.Is(err, pgx.ErrNoRows) {
		return m, shop.ErrNotFound
	}
	m.ReceivedAt, m.HandledAt = m.ReceivedAt.UTC(), orZero(handled)
	return m, err
}

func updateMessage(ctx context.Context, tx pgx.Tx, m Message) error {
	_, err := tx.Exec(ctx, `
		UPDATE inbox SET state = $3, note = $4, attempts = $5, handled_at = $6 WHERE brand_id = $1 AND id = $2`,
		m.Brand, m.ID, m.State, m.Note, m.Attempts, orNil(m.HandledAt))
	return err
}

// noteAttempt counts an attempt that failed; the message stays where it is.
func noteAttempt(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) error {
	_, err := tx.Exec(ctx, `UPDATE inbox SET attempts = attempts + 1 WHERE brand_id = $1 AND id = $2 AND state = 'received'`, brand, id)
	return err
}

// pageOfMessages reads one more than the page has.
func pageOfMessages(ctx context.Context, db postgres.DB, brand shop.BrandID, state MessageState, page shop.Page) ([]Message, error) {
	rows, err := db.Query(ctx, `
		SELECT id, source, external_id, topic, state, note, key_id, attempts, received_at, handled_at
		FROM inbox WHERE brand_id = $1 AND ($2 = '' OR state = $2) AND ($3::uuid IS NULL OR id < $3)
		ORDER BY id DESC LIMIT $4`, brand, state, page.After, page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Message, error) {
		m := Message{Brand: brand}
		var handled *time.Time
		err := row.Scan(&m.ID, &m.Source, &m.ExternalID, &m.Topic, &m.State, &m.Note, &m.Key, &m.Attempts, &m.ReceivedAt, &handled)
		m.ReceivedAt, m.HandledAt = m.ReceivedAt.UTC(), orZero(handled)
		return m, err
	})
}

func backlogsOf(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]Backlog, error) {
	rows, err := db.Query(ctx, `
		SELECT state, count(*), min(received_at)
		FROM inbox WHERE brand_id = $1 AND state IN ('received', 'waiting', 'set_aside') -- never the history: it only grows
		GROUP BY state ORDER BY state`, brand)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Backlog])
}
