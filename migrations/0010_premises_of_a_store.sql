-- +goose Up
-- What a store is like as a place: when it is open, from which addresses its own network comes, how large its floor is.
ALTER TABLE store
  ADD COLUMN hours           jsonb  NOT NULL DEFAULT '{}', -- {"mon": [{"opens": "11:00", "closes": "21:30"}], …}; empty: unknown
  ADD COLUMN networks        cidr[] NOT NULL DEFAULT '{}', -- 203.0.113.8/29
  ADD COLUMN area_tenth_ping int    NOT NULL DEFAULT 0,    -- tenths of a 坪 (3.306 m²); 0: unknown
  ADD CONSTRAINT store_area_in_range CHECK (area_tenth_ping BETWEEN 0 AND 1000000);
