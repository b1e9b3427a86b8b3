-- The version that a deed took something from, beside the one that it was made from: of what was taken over in part, or
-- gone back to.

-- +goose Up
ALTER TABLE history ADD COLUMN taken_from BIGINT NOT NULL DEFAULT 0;
