-- Who did what with a meeting's minutes, and when: kept as long as the meeting. It says no word of what the
-- minutes hold.

-- +goose Up
CREATE TABLE history (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting   TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    what      TEXT NOT NULL,
    part      TEXT NOT NULL,
    version   BIGINT NOT NULL,
    made_from BIGINT NOT NULL,
    done_by   TEXT NOT NULL,
    done_at   BIGINT NOT NULL
);
CREATE INDEX history_by_meeting ON history (meeting, id);
