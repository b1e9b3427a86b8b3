-- A receipt says what was erased: a meeting, or its audio alone.

-- +goose Up
ALTER TABLE receipts ADD COLUMN what TEXT NOT NULL DEFAULT 'meeting';
