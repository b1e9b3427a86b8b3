-- Who read what of which meeting. Ids only, and no references: the log outlives the meetings and the people that it
-- tells of, until its own time is over.

-- +goose Up
CREATE TABLE readings (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT NOT NULL,
    meeting    TEXT NOT NULL,
    department TEXT NOT NULL,   -- the meeting's when it was read; '' for none
    own        BIGINT NOT NULL, -- whoever read it had made the meeting
    what       TEXT NOT NULL,
    format     TEXT NOT NULL,   -- of what was taken out; else ''
    ground     TEXT NOT NULL,   -- why it was allowed
    token      BIGINT NOT NULL, -- with an API token, not signed in
    first_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    times      BIGINT NOT NULL
);
CREATE INDEX readings_by_meeting ON readings (meeting, first_at, id);
CREATE INDEX readings_by_user ON readings (user_id, first_at, id);
CREATE INDEX readings_by_department ON readings (department, first_at, id);
CREATE INDEX readings_by_time ON readings (first_at, id);
CREATE INDEX readings_by_age ON readings (last_at);

-- Whose readings somebody looked at, and up to when they say that they went through them.
ALTER TABLE administration ADD COLUMN meeting TEXT NOT NULL DEFAULT '';
ALTER TABLE administration ADD COLUMN until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX administration_by_doer ON administration (what, done_by, on_user, meeting, id);
