-- Which worker was let in or shut out.

-- +goose Up
ALTER TABLE administration ADD COLUMN worker TEXT NOT NULL DEFAULT '';
