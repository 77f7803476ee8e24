-- +goose Up
-- People are told apart by what they read a tag with, and pages that embed one from previews. The new rule allows all that the
-- old one did, so nothing that is stored need be read again.
ALTER TABLE scan DROP CONSTRAINT scan_kind_known;
ALTER TABLE scan ADD CONSTRAINT scan_kind_known
  CHECK (kind IN ('person', 'in_app', 'app', 'bot', 'preview', 'prefetch', 'embedded')) NOT VALID;

-- Whether somebody read the tag in the network of another of the brand's stores: false in its own store's, NULL where no store
-- is known by the network. All that is kept of an address beside a hash that nobody can repeat the next day.
ALTER TABLE scan ADD COLUMN elsewhere boolean;
