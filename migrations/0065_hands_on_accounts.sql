-- +goose Up
-- Nobody approves her own, and an account whose way in somebody gave or took is not another person than she.

-- owner: clienteling/team
-- Who may be behind an account beside its person: whoever made it, set its password or took its second factor away, and whoever
-- could have acted in her place then. The operator's hand leaves none, and takes away what others left.
CREATE TABLE account_hand (
  brand_id int         NOT NULL,
  staff_id uuid        NOT NULL,
  by_id    uuid        NOT NULL,
  since    timestamptz NOT NULL,
  CONSTRAINT account_hand_pkey PRIMARY KEY (brand_id, staff_id, by_id),
  CONSTRAINT account_hand_staff_fkey FOREIGN KEY (brand_id, staff_id) REFERENCES staff (brand_id, id),
  CONSTRAINT account_hand_by_fkey FOREIGN KEY (brand_id, by_id) REFERENCES staff (brand_id, id),
  CONSTRAINT account_hand_of_somebody_else CHECK (by_id <> staff_id)
);

-- What the audit tells of the accounts that are there already, in whichever sequence: rather too many hands than one too few.
-- +goose StatementBegin
DO $$
DECLARE b record;
BEGIN
  FOR b IN SELECT brand_id FROM brand LOOP
    PERFORM set_config('app.brand', b.brand_id::text, true);
    INSERT INTO account_hand (brand_id, staff_id, by_id, since)
    WITH RECURSIVE told AS (
      SELECT a.subject_id AS staff_id, p.id AS by_id, min(a.recorded_at) AS since
      FROM audit a JOIN staff p ON p.brand_id = b.brand_id AND a.actor IN ('hq:' || p.id, 'finance:' || p.id)
      WHERE a.brand_id = b.brand_id AND a.act IN ('staff_added', 'password_set', 'totp_dropped')
      GROUP BY 1, 2
    ), hand AS (
      SELECT staff_id, by_id, since FROM told
      UNION
      SELECT h.staff_id, t.by_id, h.since FROM hand h JOIN told t ON t.staff_id = h.by_id
    )
    SELECT b.brand_id, h.staff_id, h.by_id, min(h.since) FROM hand h JOIN staff p ON p.brand_id = b.brand_id AND p.id = h.staff_id
    WHERE h.by_id <> h.staff_id GROUP BY h.staff_id, h.by_id;
  END LOOP;
  PERFORM set_config('app.brand', '', true);
END $$;
-- +goose StatementEnd

CALL secure_brand_tables();
