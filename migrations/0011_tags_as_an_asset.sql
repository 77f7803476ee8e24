-- +goose Up
-- What a tag points at, destinations that many tags share, rules of where else a tag leads, its gift, and who changed what.

-- owner: referral/tag
-- A destination that many tags share: to change it is to change where all of them lead. Never deleted.
CREATE TABLE tag_template (
  brand_id   int         NOT NULL,
  name       text        NOT NULL,
  address    text        NOT NULL, -- URL template
  changed_at timestamptz NOT NULL,
  CONSTRAINT tag_template_pkey PRIMARY KEY (brand_id, name)
);

-- Columns that may be NULL are so in tags that a Homestore before this one made, or makes while this migration runs: such a tag
-- points at the article that its sku names, or at nothing.
ALTER TABLE tag
  ADD COLUMN kind          text,
  ADD COLUMN reference     text,                        -- what it points at, by its kind; sku is the same for articles
  ADD COLUMN template      text,                        -- NULL: destination is its own
  ADD COLUMN rules         jsonb NOT NULL DEFAULT '[]', -- see tag.Rule
  ADD COLUMN gift_offer_id uuid,
  ADD CONSTRAINT tag_kind_known CHECK (kind IN ('product', 'variant', 'collection', 'offer', 'free')),
  ADD CONSTRAINT tag_template_fkey FOREIGN KEY (brand_id, template) REFERENCES tag_template (brand_id, name),
  ADD CONSTRAINT tag_gift_fkey FOREIGN KEY (brand_id, gift_offer_id) REFERENCES offer (brand_id, id);

-- owner: referral/tag
-- Everything that was ever changed of a tag or a template, one row a field.
CREATE TABLE tag_change (
  brand_id   int         NOT NULL,
  id         uuid        NOT NULL,
  tag_id     uuid,
  template   text,
  field      text        NOT NULL,
  was        text        NOT NULL, -- empty: it had none
  became     text        NOT NULL,
  changed_by text        NOT NULL, -- shop.Actor.Pseudonym
  changed_at timestamptz NOT NULL,
  CONSTRAINT tag_change_pkey PRIMARY KEY (brand_id, id),
  CONSTRAINT tag_change_tag_fkey FOREIGN KEY (brand_id, tag_id) REFERENCES tag (brand_id, id),
  CONSTRAINT tag_change_template_fkey FOREIGN KEY (brand_id, template) REFERENCES tag_template (brand_id, name),
  CONSTRAINT tag_change_is_of_one CHECK ((tag_id IS NULL) <> (template IS NULL))
);
CREATE INDEX tag_change_by_tag ON tag_change (brand_id, tag_id, id DESC);
CREATE INDEX tag_change_by_template ON tag_change (brand_id, template, id DESC) WHERE template IS NOT NULL;

CALL secure_brand_tables();
REVOKE UPDATE, DELETE ON tag_change FROM homestore_app;
REVOKE DELETE ON tag_template FROM homestore_app;
