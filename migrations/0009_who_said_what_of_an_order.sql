-- +goose Up
-- Which version of an order said what of it as a whole, where that was not its highest: an edit says nothing of its store or
-- taxes, and a version that comes late overrules only what lower ones have said. NULL: its highest version said all of it.
ALTER TABLE sales_order ADD COLUMN said_by jsonb;
