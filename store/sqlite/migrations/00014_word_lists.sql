-- Names and words that recordings are likely to hold: for all meetings, for those of a department ('' is of all), for
-- those of a body.

-- +goose Up
CREATE TABLE word_lists (
    department TEXT NOT NULL,
    body       TEXT NOT NULL,
    body_key   TEXT NOT NULL, -- as users.name_key, with single spaces
    words      TEXT NOT NULL, -- JSON
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (department, body_key)
);
