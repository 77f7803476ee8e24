-- +goose Up
-- Who of the customers works here, and what such people bought, is looked for when it is said since when or until when they do.
CREATE INDEX customer_staff ON customer (brand_id, staff_id) WHERE staff_id IS NOT NULL;
CREATE INDEX order_credit_self_purchase ON order_credit (brand_id, order_id) WHERE reason = 'self_purchase';
