-- Which worker was let in or shut out.

-- +goose Up
ALTER TABLE administration ADD COLUMN worker TEXT COLLATE "C" NOT NULL DEFAULT '';
