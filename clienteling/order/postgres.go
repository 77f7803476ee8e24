package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// meetNames makes or finds the names of orders, in the sequence given, and holds them until the transaction ends: whoever
// speaks of one of these orders waits here. A name that is new, or that nobody has placed yet, gets the id proposed for it;
// an id that stays zero is an order that has not come. With them comes what waits for these orders.
func meetNames(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source string, names []string, proposed []shop.ID) (map[string]shop.ID, []waitingRow, error) {
	found := make(map[string]shop.ID, len(names))
	var waiting []waitingRow
	b := &pgx.Batch{}
	// DO UPDATE also where nothing changes, since it is what locks the row.
	b.Queue(`
		INSERT INTO fact_key (brand_id, source, kind, external_id, sequence, subject_id)
		SELECT $1, $2, 'order', n.name, 0, n.id
		FROM unnest($3::text[], $4::uuid[]) WITH ORDINALITY AS n (name, id, place) ORDER BY n.place
		ON CONFLICT ON CONSTRAINT fact_key_claimed_once
		DO UPDATE SET subject_id = COALESCE(fact_key.subject_id, EXCLUDED.subject_id)
		RETURNING external_id, subject_id`, brand, source, names, proposed).Query(func(rows pgx.Rows) error {
		var name string
		var id shop.ID
		_, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error {
			found[name] = id
			return nil
		})
		return err
	})
	// A statement of its own: it must see what those have committed for whom the one above has waited.
	b.Queue(`
		SELECT order_external_id, kind, external_id, sequence, fact, message_id, recorded_at
		FROM waiting_fact WHERE brand_id = $1 AND source = $2 AND order_external_id = ANY($3)`, brand, source, names).Query(func(rows pgx.Rows) (err error) {
		waiting, err = pgx.CollectRows(rows, pgx.RowToStructByPos[waitingRow])
		return err
	})
	err := tx.SendBatch(ctx, b).Close()
	return found, waiting, err
}

// insertWaiting keeps facts until their order comes and says which of them were not kept before.
func insertWaiting(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source string, rows []waitingRow) (map[key]bool, error) {
	var c struct {
		orders, kinds, names []string
		sequences            []int64
		facts                []string
		messages             []shop.ID
	}
	for _, r := range rows {
		c.orders, c.kinds, c.names = append(c.orders, r.OrderExternalID), append(c.kinds, r.Kind), append(c.names, r.ExternalID)
		c.sequences, c.facts, c.messages = append(c.sequences, r.Sequence), append(c.facts, string(r.Fact)), append(c.messages, r.MessageID)
	}
	kept, err := tx.Query(ctx, `
		INSERT INTO waiting_fact (brand_id, source, order_external_id, kind, external_id, sequence, fact, message_id, recorded_at)
		SELECT $1, $2, w.order_external_id, w.kind, w.external_id, w.sequence, w.fact::jsonb, w.message_id, $3
		FROM unnest($4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::uuid[])
			AS w (order_external_id, kind, external_id, sequence, fact, message_id)
		ON CONFLICT ON CONSTRAINT waiting_fact_once DO NOTHING
		RETURNING kind, external_id, sequence`,
		brand, source, rows[0].RecordedAt, c.orders, c.kinds, c.names, c.sequences, c.facts, c.messages)
	if err != nil {
		return nil, err
	}
	return collectKeys(kept)
}

// claimFacts claims each key for its order and says which of them nobody had claimed, and for which order they are now.
func claimFacts(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source string, keys []key, subjects []shop.ID) (map[key]shop.ID, error) {
	kinds, names, sequences := keyColumns(keys)
	won, err := tx.Query(ctx, `
		INSERT INTO fact_key (brand_id, source, kind, external_id, sequence, subject_id)
		SELECT $1, $2, k.kind, k.external_id, k.sequence, k.subject_id
		FROM unnest($3::text[], $4::text[], $5::bigint[], $6::uuid[]) AS k (kind, external_id, sequence, subject_id)
		ORDER BY k.kind, k.external_id, k.sequence
		ON CONFLICT ON CONSTRAINT fact_key_claimed_once DO NOTHING
		RETURNING kind, external_id, sequence, subject_id`, brand, source, kinds, names, sequences, subjects)
	if err != nil {
		return nil, err
	}
	return collectHolders(won)
}

// holdersOf are the orders for which keys are claimed; a key that is not is left out.
func holdersOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source string, keys []key) (map[key]shop.ID, error) {
	kinds, names, sequences := keyColumns(keys)
	rows, err := tx.Query(ctx, `
		SELECT f.kind, f.external_id, f.sequence, f.subject_id
		FROM unnest($3::text[], $4::text[], $5::bigint[]) AS k (kind, external_id, sequence)
		CROSS JOIN LATERAL ( -- each by its key: joined, all facts of the source would be read for each batch
			SELECT * FROM fact_key
			WHERE brand_id = $1 AND source = $2 AND kind = k.kind AND external_id = k.external_id AND sequence = k.sequence OFFSET 0
		) AS f
		WHERE f.subject_id IS NOT NULL`, brand, source, kinds, names, sequences)
	if err != nil {
		return nil, err
	}
	return collectHolders(rows)
}

func keyColumns(keys []key) (kinds, names []string, sequences []int64) {
	for _, k := range keys {
		kinds, names, sequences = append(kinds, k.kind), append(names, k.name), append(sequences, k.sequence)
	}
	return kinds, names, sequences
}

func collectHolders(rows pgx.Rows) (map[key]shop.ID, error) {
	holders := map[key]shop.ID{}
	var k key
	var order shop.ID
	_, err := pgx.ForEachRow(rows, []any{&k.kind, &k.name, &k.sequence, &order}, func() error {
		holders[k] = order
		return nil
	})
	return holders, err
}

func collectKeys(rows pgx.Rows) (map[key]bool, error) {
	keys := map[key]bool{}
	var k key
	_, err := pgx.ForEachRow(rows, []any{&k.kind, &k.name, &k.sequence}, func() error {
		keys[k] = true
		return nil
	})
	return keys, err
}

// buyersOf are the customers of orders, by order; an order without one is left out.
func buyersOf(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) (map[shop.ID]shop.ID, error) {
	buyers := map[shop.ID]shop.ID{}
	if len(orders) == 0 {
		return buyers, nil
	}
	first, last := span(orders)
	rows, err := db.Query(ctx, `
		SELECT w.order_id, f.customer_id FROM unnest($2::uuid[]) AS w (order_id) CROSS JOIN LATERAL (
			SELECT customer_id FROM sales_order
			WHERE brand_id = $1 AND id = w.order_id AND id BETWEEN $3 AND $4 AND customer_id IS NOT NULL OFFSET 0) AS f`, brand, orders, first, last)
	if err != nil {
		return nil, err
	}
	var id, buyer shop.ID
	_, err = pgx.ForEachRow(rows, []any{&id, &buyer}, func() error {
		buyers[id] = buyer
		return nil
	})
	return buyers, err
}
