-- +goose Up
-- By which campaign an order came, and whether it was sold at the price for the brand's own people: plans may pay either
-- otherwise. Orders from before say neither.
ALTER TABLE sales_order
  ADD COLUMN campaign          text    NOT NULL DEFAULT '', -- its code, as it came
  ADD COLUMN employee_discount boolean NOT NULL DEFAULT false;
