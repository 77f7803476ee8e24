package tag

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/csvfile"
)

// ErrRows refuses a file of which rows are wrong: none of its tags was made. Its fields name the first of them; a rehearsal
// tells of all.
var ErrRows = shop.Refuse(shop.Unprocessable, "tag_csv_rows_wrong", "Nothing was made, since some rows are wrong. Mend them and send the file again.")

// errOvertaken: another file with the same rows came in between.
var errOvertaken = errors.New("another file made tags from the same rows")

// IssueFile makes the tags of a CSV file, all or none, and says of each row what became of it. A row that was sent before is
// the tag that it made then, so sending a file again changes nothing. A rehearsal makes nothing and refuses no row: it tells.
// ErrCSV, ErrCSVLong, ErrRows and ErrBatchRevoked can come back.
func (s *Service) IssueFile(ctx context.Context, actor shop.Actor, file []byte, isRehearsal bool) ([]Line, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return nil, err
	}
	rows, err := tagFile.Read(file)
	if err != nil {
		return nil, err
	}
	now := shop.Millis(s.now())
	var lines []Line
	act := func(tx pgx.Tx) (err error) {
		lines, err = issueRows(ctx, tx, actor, rows, now, isRehearsal)
		return err
	}
	if isRehearsal {
		err = s.pool.Read(ctx, actor.Brand, act)
	} else {
		err = s.pool.Brand(ctx, actor.Brand, act)
		if errors.Is(err, errOvertaken) {
			err = s.pool.Brand(ctx, actor.Brand, act) // its tags are there now, so nothing can come in between again
		}
	}
	if err != nil {
		return nil, fmt.Errorf("issue a file of %d tags: %w", len(rows), err)
	}
	return lines, nil
}

func issueRows(ctx context.Context, tx pgx.Tx, actor shop.Actor, written []csvfile.Row, now time.Time, isRehearsal bool) ([]Line, error) {
	rows := make([]row, len(written)) // the transaction may be run again, and notes what is wrong
	for i, r := range written {
		rows[i] = row{r.Clone()}
	}
	n, err := namesIn(ctx, tx, actor, rows)
	if err != nil {
		return nil, err
	}
	keys := keysOf(rows)
	made, err := tagsOfRows(ctx, tx, actor.Brand, keys)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(rows))
	var fresh []int
	var tags []Tag
	for i := range rows {
		lines[i] = rows[i].judge(actor, n, made[keys[i]], now)
		if lines[i].Verdict == RowNew {
			fresh, tags = append(fresh, i), append(tags, lines[i].Tag)
		}
	}
	if isRehearsal {
		for _, i := range fresh {
			lines[i].Tag = Tag{} // its code was drawn for nothing
		}
		return lines, nil
	}
	if err := wrongRows(lines); err != nil || len(fresh) == 0 {
		return lines, err
	}
	if err := joinBatches(ctx, tx, actor, tags, now); err != nil {
		return nil, err
	}
	if err := insertTags(ctx, tx, actor, tags, now); err != nil {
		return nil, err
	}
	kept := make([]madeRow, len(fresh))
	for j, i := range fresh {
		said := rows[i].said()
		kept[j] = madeRow{key: keys[i], said: said[:], tag: tags[j]}
	}
	slices.SortFunc(kept, func(a, b madeRow) int { return bytes.Compare([]byte(a.key), []byte(b.key)) }) // everybody in one order
	return lines, insertRows(ctx, tx, actor.Brand, kept)
}

// madeRow is a row from which a tag was made.
type madeRow struct {
	key  string
	said []byte
	tag  Tag
}

// judge says what becomes of a row; made is what was made from it before, if anything.
func (r *row) judge(actor shop.Actor, n names, made madeRow, now time.Time) Line {
	said := r.said()
	if len(r.Wrong) == 0 && bytes.Equal(made.said, said[:]) && actor.WorksAt(made.tag.Store) {
		return Line{Row: r.Number, Verdict: RowKnown, Tag: made.tag}
	}
	spec, address := r.spec(n)
	if made.said != nil && len(r.Wrong) == 0 {
		r.That(false, "key", "row_changed", "This row made a tag before and said something else. Change that tag, or give the row another key.")
	}
	if len(r.Wrong) > 0 {
		return Line{Row: r.Number, Verdict: RowWrong, Fields: r.Wrong}
	}
	t := drawn(actor, spec, now)
	t.Destination = address
	return Line{Row: r.Number, Verdict: RowNew, Tag: t}
}

// wrongRows is ErrRows with the first of the wrong rows, or nil.
func wrongRows(lines []Line) error {
	var c shop.Check
	for _, line := range lines {
		for _, f := range line.Fields {
			c.That(false, fmt.Sprintf("rows[%d].%s", line.Row, f.Name), f.Code, f.Hint)
		}
	}
	var wrong *shop.Refusal
	if errors.As(c.Err(), &wrong) {
		return ErrRows.With(wrong.Fields...)
	}
	return nil
}

// namesIn looks up what the rows name. Of the stores the actor's own are known; another's is answered as one that does not exist.
func namesIn(ctx context.Context, tx pgx.Tx, actor shop.Actor, rows []row) (names, error) {
	brand, err := team.LoadBrand(ctx, tx, actor.Brand)
	if err != nil {
		return names{}, err
	}
	n := names{zone: brand.Zone(), hosts: brand.AllowedHosts, stores: map[string]team.Store{}}
	if n.addresses, err = addressesOf(ctx, tx, actor.Brand); err != nil {
		return names{}, err
	}
	stores, err := team.Stores(ctx, tx, actor.Brand)
	if err != nil {
		return names{}, err
	}
	for _, store := range stores {
		if actor.WorksAt(store.ID) {
			n.stores[store.Code] = store
		}
	}
	var numbers []string
	for _, r := range rows {
		if no := r.Cells["staff"]; no != "" {
			numbers = append(numbers, no)
		}
	}
	n.staff, err = team.StaffByNumbers(ctx, tx, actor.Brand, numbers)
	return n, err
}
