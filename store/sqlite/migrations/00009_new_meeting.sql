-- What is said of a meeting's recording: what it is for, on which basis in law, and who says that those present were
-- told. Bodies are found by name, to offer whom they had at the table the last time.

-- +goose Up
ALTER TABLE meetings ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN legal_basis TEXT NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN told TEXT NOT NULL DEFAULT 'null'; -- JSON
CREATE INDEX meetings_by_body ON meetings (body, created, id) WHERE body <> '';
