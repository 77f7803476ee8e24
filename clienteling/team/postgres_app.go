package team

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// mostOnApp bounds what one shared tablet makes others read.
const mostOnApp = 1000

func onSameApp(ctx context.Context, tx pgx.Tx, brand shop.BrandID, session shop.ID) (AppUsers, error) {
	rows, err := tx.Query(ctx, `
SELECT DISTINCT s.subject, s.subject_id FROM sign_in_session here
JOIN sign_in_session s ON s.brand_id = $1 AND s.device_hash = here.device_hash
WHERE here.brand_id = $1 AND here.id = $2
LIMIT $3`, brand, session, mostOnApp)
	if err != nil {
		return AppUsers{}, err
	}
	var users AppUsers
	var subject Subject
	var id shop.ID
	_, err = pgx.ForEachRow(rows, []any{&subject, &id}, func() error {
		if subject == SubjectStaff {
			users.Staff = append(users.Staff, id)
		} else {
			users.Customers = append(users.Customers, id)
		}
		return nil
	})
	return users, err
}

func onAppsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customers []shop.ID) (map[shop.ID]AppUsers, error) {
	rows, err := tx.Query(ctx, `
SELECT w.id, s.subject, s.subject_id FROM unnest($2::uuid[]) AS w (id)
CROSS JOIN LATERAL (
  SELECT DISTINCT o.subject, o.subject_id FROM sign_in_session here
  JOIN sign_in_session o ON o.brand_id = $1 AND o.device_hash = here.device_hash
  WHERE here.brand_id = $1 AND here.subject_id = w.id
  LIMIT $3) AS s`, brand, customers, mostOnApp)
	if err != nil {
		return nil, err
	}
	users := map[shop.ID]AppUsers{}
	var who, id shop.ID
	var subject Subject
	_, err = pgx.ForEachRow(rows, []any{&who, &subject, &id}, func() error {
		on := users[who]
		if subject == SubjectStaff {
			on.Staff = append(on.Staff, id)
		} else {
			on.Customers = append(on.Customers, id)
		}
		users[who] = on
		return nil
	})
	return users, err
}
