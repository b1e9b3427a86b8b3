-- A legal hold keeps a meeting from being erased, by anybody and by the calendar, until it is lifted.

-- +goose Up
CREATE TABLE holds (
    meeting TEXT PRIMARY KEY REFERENCES meetings (id),
    reason  TEXT NOT NULL,
    set_by  TEXT NOT NULL,
    set_at  BIGINT NOT NULL
);
CREATE INDEX history_by_what ON history (meeting, what, done_at);
