-- +goose Up
-- A plan is written by one person and approved by another.

-- owner: referral/plan
CREATE TABLE plan_draft (
  brand_id     int         NOT NULL,
  id           uuid        NOT NULL,
  revision     int         NOT NULL, -- 1 as written; each replacement is one more
  rules        jsonb       NOT NULL, -- the whole plan as the API takes it
  says_leaver  boolean     NOT NULL, -- what becomes of a leaver's share was said, not left to its default
  state        text        NOT NULL,
  written_by   uuid        NOT NULL, -- who wrote this revision
  drafted_at   timestamptz NOT NULL,
  changed_at   timestamptz NOT NULL,
  ended_by     uuid,                 -- who approved or withdrew it
  ended_at     timestamptz,
  plan_id      uuid,                 -- the version that it became
  acknowledged text[]      NOT NULL, -- codes of the warnings that whoever approved it had read
  CONSTRAINT plan_draft_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT plan_draft_plan_fkey FOREIGN KEY (brand_id, plan_id) REFERENCES plan (brand_id, id),
  CONSTRAINT plan_draft_state_known CHECK (state IN ('draft', 'approved', 'withdrawn')),
  CONSTRAINT plan_draft_ended_by_somebody CHECK ((state = 'draft') = (ended_at IS NULL) AND (ended_by IS NULL) = (ended_at IS NULL)),
  CONSTRAINT plan_draft_becomes_a_version CHECK ((state = 'approved') = (plan_id IS NOT NULL)),
  CONSTRAINT plan_draft_approved_by_another CHECK (state <> 'approved' OR ended_by <> written_by)
);

-- NULL: a version that Homestore itself made, from a seed or a story.
ALTER TABLE plan ADD COLUMN approved_by uuid,
  ADD CONSTRAINT plan_approved_by_another CHECK (approved_by <> created_by);

CALL secure_brand_tables();
REVOKE DELETE ON plan_draft FROM homestore_app;
