package alarm

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/tag"
)

// morning is a day of which all tags were looked at.
type morning struct {
	day      time.Time
	tags     int
	raised   int
	lookedAt time.Time
}

// lastMorning is the latest day that was looked at; zero: none was.
func lastMorning(ctx context.Context, db postgres.DB, brand shop.BrandID) (time.Time, error) {
	var day *time.Time
	err := db.QueryRow(ctx, `SELECT max(day) FROM alarm_morning WHERE brand_id = $1`, brand).Scan(&day)
	if err != nil || day == nil {
		return time.Time{}, err
	}
	return *day, nil
}

func noteMorning(ctx context.Context, tx pgx.Tx, brand shop.BrandID, m morning) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO alarm_morning (brand_id, day, tags, raised, looked_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		brand, m.day, m.tags, m.raised, m.lookedAt)
	return err
}

// keepFigures stores what people did at tags on a day, and forgets of these tags what no rule looks back at.
func keepFigures(ctx context.Context, tx pgx.Tx, brand shop.BrandID, day time.Time, figures map[shop.ID]Figures) error {
	batch := &pgx.Batch{}
	for id, f := range figures {
		batch.Queue(`
			INSERT INTO alarm_figure (brand_id, tag_id, day, hours, at_store, elsewhere) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (brand_id, tag_id, day) DO UPDATE SET hours = excluded.hours, at_store = excluded.at_store, elsewhere = excluded.elsewhere`,
			brand, id, day, f.Hours[:], f.AtStore, f.Elsewhere)
		batch.Queue(`DELETE FROM alarm_figure WHERE brand_id = $1 AND tag_id = $2 AND day < $3`, brand, id, day.AddDate(0, 0, -usualDays))
	}
	return tx.SendBatch(ctx, batch).Close()
}

// figuresBefore are those of the days that rules look back at, by tag, the latest first.
func figuresBefore(ctx context.Context, db postgres.DB, brand shop.BrandID, tags []shop.ID, day time.Time) (map[shop.ID][]Figures, error) {
	rows, err := db.Query(ctx, `
		SELECT tag_id, day, hours, at_store, elsewhere FROM alarm_figure
		WHERE brand_id = $1 AND tag_id = ANY ($2) AND day < $3 AND day >= $4
		ORDER BY tag_id, day DESC`, brand, tags, day, day.AddDate(0, 0, -usualDays))
	if err != nil {
		return nil, err
	}
	all := map[shop.ID][]Figures{}
	var id shop.ID
	var f Figures
	var hours []int
	_, err = pgx.ForEachRow(rows, []any{&id, &f.Day, &hours, &f.AtStore, &f.Elsewhere}, func() error {
		copy(f.Hours[:], hours)
		all[id] = append(all[id], f)
		return nil
	})
	return all, err
}

// raise stores the alarms that are new and says how many that were. One that stands is carried on, with the figures of its
// last day; one of a kind that was dismissed since quiet is not raised.
func raise(ctx context.Context, tx pgx.Tx, brand shop.BrandID, alarms []Alarm, quiet time.Time) (raised int, err error) {
	batch := &pgx.Batch{}
	for _, a := range alarms {
		batch.Queue(`
			INSERT INTO tag_alarm (brand_id, id, tag_id, store_id, kind, state, evidence, first_day, last_day, raised_at, reason)
			SELECT $1, $2, $3, $4, $5, 'open', $6, $7, $7, $8, ''
			WHERE NOT EXISTS (
				SELECT FROM tag_alarm WHERE brand_id = $1 AND tag_id = $3 AND kind = $5 AND state = 'dismissed' AND decided_at > $9)
			ON CONFLICT (brand_id, tag_id, kind) WHERE state IN ('open', 'seen') DO UPDATE
			SET evidence = excluded.evidence, last_day = excluded.last_day
			WHERE tag_alarm.last_day <= excluded.last_day
			RETURNING id = $2`, brand, a.ID, a.Tag, a.Store, a.Kind, a.Evidence, a.FirstDay, a.RaisedAt, quiet).QueryRow(func(row pgx.Row) error {
			var isNew bool
			err := row.Scan(&isNew)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			if isNew {
				raised++
			}
			return err
		})
	}
	return raised, tx.SendBatch(ctx, batch).Close()
}

// endWhatIsOver ends the alarms of tags that are no longer so: those that somebody has seen, and dead ones that live.
func endWhatIsOver(ctx context.Context, tx pgx.Tx, brand shop.BrandID, tags []tag.Tag, still []Alarm, now time.Time) error {
	ids := make([]shop.ID, len(tags))
	for i, t := range tags {
		ids[i] = t.ID
	}
	stillTags, stillKinds := make([]shop.ID, len(still)), make([]string, len(still))
	for i, a := range still {
		stillTags[i], stillKinds[i] = a.Tag, string(a.Kind)
	}
	_, err := tx.Exec(ctx, `
		UPDATE tag_alarm a SET state = 'over', decided_at = $5
		WHERE a.brand_id = $1 AND a.tag_id = ANY ($2) AND (a.state = 'seen' OR a.state = 'open' AND a.kind = 'dead')
		  AND NOT EXISTS (SELECT FROM unnest($3::uuid[], $4::text[]) AS s (tag_id, kind) WHERE s.tag_id = a.tag_id AND s.kind = a.kind)`,
		brand, ids, stillTags, stillKinds, now)
	return err
}

// endOfTagsNotLive ends what stands against tags that somebody has paused or retired.
func endOfTagsNotLive(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) error {
	rows, err := tx.Query(ctx, `SELECT DISTINCT tag_id FROM tag_alarm WHERE brand_id = $1 AND state IN ('open', 'seen')`, brand)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[shop.ID])
	if err != nil {
		return err
	}
	tags, err := tag.ByIDs(ctx, tx, brand, ids)
	if err != nil {
		return err
	}
	var gone []shop.ID
	for _, t := range tags {
		if t.State != tag.Live {
			gone = append(gone, t.ID)
		}
	}
	_, err = tx.Exec(ctx, `
		UPDATE tag_alarm SET state = 'over', decided_at = $3
		WHERE brand_id = $1 AND tag_id = ANY ($2) AND state IN ('open', 'seen')`, brand, gone, now)
	return err
}

const alarmColumns = `id, tag_id, store_id, kind, state, evidence, first_day, last_day, raised_at, decided_by, decided_at, reason`

func scanAlarm(row pgx.CollectableRow) (Alarm, error) {
	var a Alarm
	var decided *time.Time
	err := row.Scan(&a.ID, &a.Tag, &a.Store, &a.Kind, &a.State, &a.Evidence, &a.FirstDay, &a.LastDay, &a.RaisedAt, &a.DecidedBy, &decided, &a.Reason)
	if decided != nil {
		a.DecidedAt = *decided
	}
	return a, err
}

type listQuery struct {
	Filter
	states []State
	stores []shop.ID // nil: all
	page   shop.Page
}

func listAlarms(ctx context.Context, db postgres.DB, brand shop.BrandID, q listQuery) ([]Alarm, error) {
	rows, err := db.Query(ctx, `
		SELECT `+alarmColumns+` FROM tag_alarm
		WHERE brand_id = $1
		  AND ($2::uuid IS NULL OR id < $2)
		  AND state = ANY ($3)
		  AND ($4::uuid[] IS NULL OR store_id = ANY ($4))
		  AND ($5::uuid IS NULL OR store_id = $5)
		  AND ($6 = '' OR kind = $6)
		ORDER BY id DESC
		LIMIT $7`, brand, q.page.After, q.states, q.stores, q.Store, string(q.Kind), q.page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanAlarm)
}

func lockAlarm(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Alarm, error) {
	rows, err := tx.Query(ctx, `SELECT `+alarmColumns+` FROM tag_alarm WHERE brand_id = $1 AND id = $2 FOR UPDATE`, brand, id)
	if err != nil {
		return Alarm{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAlarm)
	if errors.Is(err, pgx.ErrNoRows) {
		return Alarm{}, shop.ErrNotFound
	}
	return a, err
}

func updateAlarm(ctx context.Context, tx pgx.Tx, brand shop.BrandID, a Alarm) error {
	_, err := tx.Exec(ctx, `
		UPDATE tag_alarm SET state = $3, reason = $4, decided_by = $5, decided_at = $6 WHERE brand_id = $1 AND id = $2`,
		brand, a.ID, a.State, a.Reason, a.DecidedBy, a.DecidedAt)
	return err
}
