-- +goose Up
-- How many customers a store has is known elsewhere, as of now; nothing ever wrote it here.
ALTER TABLE adoption_week DROP COLUMN bound;
