-- The first schema. Times are whole microseconds since 1970 in UTC, 0 for "none". JSON columns hold what
-- encoding/json writes. Names avoid the words that PostgreSQL reserves.

-- +goose Up
CREATE TABLE meetings (
    id           TEXT PRIMARY KEY CHECK (id <> ''),
    owner        TEXT NOT NULL,
    title        TEXT NOT NULL,
    held         BIGINT NOT NULL,
    place        TEXT NOT NULL,
    body         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    language     TEXT NOT NULL,
    participants TEXT NOT NULL, -- JSON
    agenda       TEXT NOT NULL, -- JSON
    options      TEXT NOT NULL, -- JSON
    state        TEXT NOT NULL,
    failure      TEXT NOT NULL, -- JSON
    progress     DOUBLE PRECISION NOT NULL,
    recording    TEXT NOT NULL, -- JSON
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL
);
-- One index for each combination of filters, so that every page is a walk along an index.
CREATE INDEX meetings_by_created ON meetings (created, id);
CREATE INDEX meetings_by_owner ON meetings (owner, created, id);
CREATE INDEX meetings_by_state ON meetings (state, created, id);
CREATE INDEX meetings_by_owner_state ON meetings (owner, state, created, id);

-- A table of its own: a backup must be able to leave the keys out, or it would bring erased meetings back.
CREATE TABLE meeting_keys (
    meeting TEXT PRIMARY KEY REFERENCES meetings (id) ON DELETE CASCADE,
    wrapped BLOB NOT NULL
);

CREATE TABLE parts (
    meeting     TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    byte_offset BIGINT NOT NULL,
    size        BIGINT NOT NULL,
    blob        TEXT NOT NULL,
    PRIMARY KEY (meeting, byte_offset)
);

CREATE TABLE artifacts (
    meeting TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    kind    TEXT NOT NULL,
    chunk   BIGINT NOT NULL,
    version BIGINT NOT NULL,
    blob    TEXT NOT NULL,
    size    BIGINT NOT NULL,
    author  TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (meeting, kind, chunk, version)
);

CREATE TABLE uploads (
    id          TEXT PRIMARY KEY CHECK (id <> ''),
    meeting     TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    owner       TEXT NOT NULL,
    size        BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    hash_state  BLOB,
    expires     BIGINT NOT NULL,
    created     BIGINT NOT NULL
);
CREATE INDEX uploads_by_meeting ON uploads (meeting);
CREATE INDEX uploads_by_expiry ON uploads (expires, id);

CREATE TABLE jobs (
    id            TEXT PRIMARY KEY CHECK (id <> ''),
    meeting       TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    stage         TEXT NOT NULL,
    chunk         BIGINT NOT NULL,
    priority      TEXT NOT NULL CHECK (priority IN ('inter', 'bulk')),
    state         TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'done', 'dead', 'cancelled')),
    epoch         BIGINT NOT NULL,
    attempt       BIGINT NOT NULL,
    worker        TEXT NOT NULL,
    lease_expires BIGINT NOT NULL,
    not_before    BIGINT NOT NULL,
    progress      DOUBLE PRECISION NOT NULL,
    code          TEXT NOT NULL,
    created       BIGINT NOT NULL,
    updated       BIGINT NOT NULL,
    published     BIGINT NOT NULL -- 1 when the queue is known to hold the message of this epoch
);
CREATE INDEX jobs_by_meeting ON jobs (meeting);
CREATE INDEX jobs_by_state ON jobs (state, stage);
-- A piece of work is waiting or running at most once.
CREATE UNIQUE INDEX jobs_alive ON jobs (meeting, stage, chunk) WHERE state IN ('queued', 'leased');
CREATE INDEX jobs_unpublished ON jobs (priority, created, chunk, id) WHERE state = 'queued' AND published = 0;
CREATE INDEX jobs_leased ON jobs (state, lease_expires, id) WHERE state = 'leased';
CREATE INDEX jobs_dead ON jobs (state, updated, id) WHERE state = 'dead';

-- No reference to meetings: the event that tells of a meeting's deletion outlives the meeting.
CREATE TABLE events (
    id       INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, also after trimming
    meeting  TEXT NOT NULL,
    owner    TEXT NOT NULL,
    type     TEXT NOT NULL,
    state    TEXT NOT NULL,
    stage    TEXT NOT NULL,
    progress DOUBLE PRECISION NOT NULL,
    code     TEXT NOT NULL,
    happened BIGINT NOT NULL
);
CREATE INDEX events_by_meeting ON events (meeting, id);
CREATE INDEX events_by_owner ON events (owner, id);
CREATE INDEX events_by_time ON events (happened);

CREATE TABLE receipts (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    meeting   TEXT NOT NULL,
    erased_by TEXT NOT NULL,
    erased    BIGINT NOT NULL,
    blobs     BIGINT NOT NULL,
    bytes     BIGINT NOT NULL,
    key_gone  BIGINT NOT NULL
);

CREATE TABLE users (
    id            TEXT PRIMARY KEY CHECK (id <> ''),
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL UNIQUE, -- the name in lower case, made by the program: SQL's lower() knows no Ø
    password_hash TEXT NOT NULL,
    admin         BIGINT NOT NULL,
    locale        TEXT NOT NULL,
    created       BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE TABLE tokens (
    id         TEXT PRIMARY KEY CHECK (id <> ''),
    token_hash TEXT NOT NULL UNIQUE,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    scopes     TEXT NOT NULL, -- JSON
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX tokens_by_user ON tokens (user_id, created, id);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Written by Ping, to learn whether the database can be written.
CREATE TABLE pings (
    id     BIGINT PRIMARY KEY,
    pinged BIGINT NOT NULL
);

-- What Search finds. The words are indexed by the next migration.
CREATE TABLE segments (
    id      INTEGER PRIMARY KEY,
    meeting TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    segment TEXT NOT NULL,
    starts  DOUBLE PRECISION NOT NULL,
    words   TEXT NOT NULL
);
CREATE INDEX segments_by_meeting ON segments (meeting);
