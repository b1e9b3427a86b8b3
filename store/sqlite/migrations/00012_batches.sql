-- The name that a client gave the edits a version came of, so that the same ones sent again are known. No word of it
-- is anybody's: programs make it of chance.

-- +goose Up
ALTER TABLE artifacts ADD COLUMN batch TEXT NOT NULL DEFAULT '';
