-- What a search finds: what was said, with who said it, and the decisions and tasks of the minutes that are shown.
-- The tasks stand by themselves too, for the list of what is to be done. They are filled from the sealed results,
-- which the database cannot read: until the program has done that, a meeting is stale.

-- +goose Up
-- number counts meetings in the order that they were made in.
ALTER TABLE meetings ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE meetings ADD COLUMN stale BIGINT NOT NULL DEFAULT 0;
UPDATE meetings SET number = n.number
    FROM (SELECT id, row_number() OVER (ORDER BY created, id) AS number FROM meetings) AS n WHERE n.id = meetings.id;
UPDATE meetings SET stale = 1 WHERE id IN (SELECT meeting FROM artifacts WHERE kind = 'transcript');
CREATE UNIQUE INDEX meetings_by_number ON meetings (number);
-- All that meetings are chosen by in a search, so that their rows need not be read.
CREATE INDEX meetings_to_search ON meetings (number, department, owner, state, kind, body, held, created);
CREATE INDEX meetings_stale ON meetings (id) WHERE stale = 1;

-- id is the meeting's number * 2^20 and above that its place, counted from the end: falling ids are the newest
-- meeting first, and what it holds in order. Places below 2^16 are the minutes'.
CREATE TABLE passages (
    id      INTEGER PRIMARY KEY,
    meeting TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    what    TEXT NOT NULL, -- s: said; d: decided; t: to do
    item    TEXT NOT NULL, -- of tasks: see there
    segment TEXT NOT NULL, -- of the minutes: where it was heard first; may be empty
    starts  DOUBLE PRECISION NOT NULL, -- of what was said
    who     TEXT NOT NULL, -- who said it, or is to do it
    words   TEXT NOT NULL
);
CREATE INDEX passages_by_segment ON passages (meeting, segment, what);

DROP TRIGGER segments_added;
DROP TRIGGER segments_removed;
DROP TABLE segments_fts;
INSERT INTO passages (id, meeting, what, item, segment, starts, who, words)
    SELECT m.number * 1048576 + 1048575 - 65536 - (row_number() OVER (PARTITION BY s.meeting ORDER BY s.id) - 1),
        s.meeting, 's', '', s.segment, s.starts, '', s.words
    FROM segments s JOIN meetings m ON m.id = s.meeting;
DROP TABLE segments;

CREATE TABLE tasks (
    meeting   TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    item      TEXT NOT NULL,
    number    BIGINT NOT NULL, -- of the meeting
    place     BIGINT NOT NULL, -- in the minutes; -1: they no longer have it, but may again
    words     TEXT NOT NULL,
    owner     TEXT NOT NULL,
    owner_key TEXT NOT NULL, -- in lower case, made by the program
    until     TEXT NOT NULL, -- the deadline's day; 9999: none
    status    TEXT NOT NULL,
    segment   TEXT NOT NULL, -- where it was heard first; may be empty
    evidence  TEXT NOT NULL, -- JSON
    done      BIGINT NOT NULL,
    done_by   TEXT NOT NULL,
    done_at   BIGINT NOT NULL,
    PRIMARY KEY (meeting, item)
);
CREATE INDEX tasks_by_deadline ON tasks (done, until, meeting, place, number, owner_key, owner) WHERE place >= 0;

-- Full-text search, SQLite only, as it was made first: see 00002. The beginnings of words have an index of their own
-- where they are so short that many words begin so.
--
-- Names have a table of their own: a speaker of a thousand passages is renamed in one step, which must not take their
-- words out and put them in again. It has no secure-delete: that looks each passage up among all that the same person
-- ever said, 1 to 3 ms for each, while everything else waits. A name that was put right stays in the index until this
-- is merged. What is erased leaves both when the database is scrubbed, which merges each into one: see scrub.go.
CREATE VIRTUAL TABLE passages_fts USING fts5 (
    words, what,
    content = 'passages',
    content_rowid = 'id',
    prefix = '2 3 4',
    tokenize = 'unicode61 remove_diacritics 0'
);
CREATE VIRTUAL TABLE names_fts USING fts5 (
    who, what,
    content = 'passages',
    content_rowid = 'id',
    prefix = '2 3 4',
    tokenize = 'unicode61 remove_diacritics 0'
);
INSERT INTO passages_fts (passages_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO passages_fts (passages_fts) VALUES ('rebuild');
INSERT INTO names_fts (names_fts) VALUES ('rebuild');

-- +goose StatementBegin
CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
    INSERT INTO passages_fts (rowid, words, what) VALUES (new.id, new.words, new.what);
    INSERT INTO names_fts (rowid, who, what) VALUES (new.id, new.who, new.what);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, words, what) VALUES ('delete', old.id, old.words, old.what);
    INSERT INTO names_fts (names_fts, rowid, who, what) VALUES ('delete', old.id, old.who, old.what);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER passages_reworded AFTER UPDATE ON passages WHEN old.words <> new.words OR old.what <> new.what BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, words, what) VALUES ('delete', old.id, old.words, old.what);
    INSERT INTO passages_fts (rowid, words, what) VALUES (new.id, new.words, new.what);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER passages_renamed AFTER UPDATE ON passages WHEN old.who <> new.who OR old.what <> new.what BEGIN
    INSERT INTO names_fts (names_fts, rowid, who, what) VALUES ('delete', old.id, old.who, old.what);
    INSERT INTO names_fts (rowid, who, what) VALUES (new.id, new.who, new.what);
END;
-- +goose StatementEnd
