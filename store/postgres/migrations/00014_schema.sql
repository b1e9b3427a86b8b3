-- The schema as SQLite's migrations leave it; from here on both have the same numbers. Times are whole microseconds
-- since 1970 in UTC, 0 for "none". JSON columns hold what encoding/json writes. Texts are compared by their bytes, as in
-- SQLite, whatever the database was made with.

-- +goose Up
CREATE TABLE meetings (
    id           TEXT COLLATE "C" PRIMARY KEY CHECK (id <> ''),
    owner        TEXT COLLATE "C" NOT NULL,
    department   TEXT COLLATE "C" NOT NULL DEFAULT '',
    title        TEXT COLLATE "C" NOT NULL,
    held         BIGINT NOT NULL,
    place        TEXT COLLATE "C" NOT NULL,
    body         TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    language     TEXT COLLATE "C" NOT NULL,
    participants TEXT COLLATE "C" NOT NULL, -- JSON
    agenda       TEXT COLLATE "C" NOT NULL, -- JSON
    options      TEXT COLLATE "C" NOT NULL, -- JSON
    state        TEXT COLLATE "C" NOT NULL,
    failure      TEXT COLLATE "C" NOT NULL, -- JSON
    progress     DOUBLE PRECISION NOT NULL,
    recording    TEXT COLLATE "C" NOT NULL, -- JSON
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    purpose      TEXT COLLATE "C" NOT NULL DEFAULT '',
    legal_basis  TEXT COLLATE "C" NOT NULL DEFAULT '',
    told         TEXT COLLATE "C" NOT NULL DEFAULT 'null', -- JSON
    number       BIGINT NOT NULL DEFAULT 0, -- counts meetings in the order that they were made in
    stale        BIGINT NOT NULL DEFAULT 0
);
-- One index for each combination of filters, so that every page is a walk along an index.
CREATE INDEX meetings_by_created ON meetings (created, id);
CREATE INDEX meetings_by_state ON meetings (state, created, id);
CREATE INDEX meetings_by_department ON meetings (department, created, id);
CREATE INDEX meetings_by_department_state ON meetings (department, state, created, id);
CREATE INDEX meetings_by_department_owner ON meetings (department, owner, created, id);
CREATE INDEX meetings_by_department_owner_state ON meetings (department, owner, state, created, id);
CREATE INDEX meetings_by_body ON meetings (body, created, id) WHERE body <> '';
CREATE UNIQUE INDEX meetings_by_number ON meetings (number);
CREATE INDEX meetings_stale ON meetings (id) WHERE stale = 1;

-- A table of its own: a backup must be able to leave the keys out, or it would bring erased meetings back.
CREATE TABLE meeting_keys (
    meeting TEXT COLLATE "C" PRIMARY KEY REFERENCES meetings (id) ON DELETE CASCADE,
    wrapped BYTEA NOT NULL
);

CREATE TABLE parts (
    meeting     TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    byte_offset BIGINT NOT NULL,
    size        BIGINT NOT NULL,
    blob        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (meeting, byte_offset)
);

CREATE TABLE artifacts (
    meeting TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    kind    TEXT COLLATE "C" NOT NULL,
    chunk   BIGINT NOT NULL,
    version BIGINT NOT NULL,
    blob    TEXT COLLATE "C" NOT NULL,
    size    BIGINT NOT NULL,
    author  TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    batch   TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (meeting, kind, chunk, version)
);

CREATE TABLE checkpoints (
    meeting TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    made_of TEXT COLLATE "C" NOT NULL,
    blob    TEXT COLLATE "C" NOT NULL,
    size    BIGINT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (meeting, made_of)
);

CREATE TABLE uploads (
    id          TEXT COLLATE "C" PRIMARY KEY CHECK (id <> ''),
    meeting     TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    owner       TEXT COLLATE "C" NOT NULL,
    size        BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    hash_state  BYTEA,
    expires     BIGINT NOT NULL,
    created     BIGINT NOT NULL
);
CREATE INDEX uploads_by_meeting ON uploads (meeting);
CREATE INDEX uploads_by_expiry ON uploads (expires, id);

CREATE TABLE jobs (
    id            TEXT COLLATE "C" PRIMARY KEY CHECK (id <> ''),
    meeting       TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    stage         TEXT COLLATE "C" NOT NULL,
    chunk         BIGINT NOT NULL,
    priority      TEXT COLLATE "C" NOT NULL CHECK (priority IN ('inter', 'bulk')),
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'leased', 'done', 'dead', 'cancelled')),
    epoch         BIGINT NOT NULL,
    attempt       BIGINT NOT NULL,
    worker        TEXT COLLATE "C" NOT NULL,
    lease_expires BIGINT NOT NULL,
    not_before    BIGINT NOT NULL,
    progress      DOUBLE PRECISION NOT NULL,
    code          TEXT COLLATE "C" NOT NULL,
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

-- No reference to meetings: the event that tells of a meeting's deletion outlives the meeting. Ids are given under the
-- writer's lock, so nobody sees one before all that are less.
CREATE TABLE events (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting    TEXT COLLATE "C" NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL DEFAULT '',
    type       TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    stage      TEXT COLLATE "C" NOT NULL,
    progress   DOUBLE PRECISION NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    happened   BIGINT NOT NULL
);
CREATE INDEX events_by_meeting ON events (meeting, id);
CREATE INDEX events_by_department ON events (department, id);
CREATE INDEX events_by_department_owner ON events (department, owner, id);
CREATE INDEX events_by_time ON events (happened);

CREATE TABLE receipts (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting   TEXT COLLATE "C" NOT NULL,
    erased_by TEXT COLLATE "C" NOT NULL,
    erased    BIGINT NOT NULL,
    blobs     BIGINT NOT NULL,
    bytes     BIGINT NOT NULL,
    key_gone  BIGINT NOT NULL,
    what      TEXT COLLATE "C" NOT NULL DEFAULT 'meeting'
);

CREATE TABLE history (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting   TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    what      TEXT COLLATE "C" NOT NULL,
    part      TEXT COLLATE "C" NOT NULL,
    version   BIGINT NOT NULL,
    made_from BIGINT NOT NULL,
    done_by   TEXT COLLATE "C" NOT NULL,
    done_at   BIGINT NOT NULL
);
CREATE INDEX history_by_meeting ON history (meeting, id);
CREATE INDEX history_by_what ON history (meeting, what, done_at);

CREATE TABLE holds (
    meeting TEXT COLLATE "C" PRIMARY KEY REFERENCES meetings (id),
    reason  TEXT COLLATE "C" NOT NULL,
    set_by  TEXT COLLATE "C" NOT NULL,
    set_at  BIGINT NOT NULL
);

CREATE TABLE users (
    id             TEXT COLLATE "C" PRIMARY KEY CHECK (id <> ''),
    name           TEXT COLLATE "C" NOT NULL,
    name_key       TEXT COLLATE "C" NOT NULL UNIQUE, -- the name in lower case, made by the program
    password_hash  TEXT COLLATE "C" NOT NULL,
    admin          BIGINT NOT NULL,
    locale         TEXT COLLATE "C" NOT NULL,
    created        BIGINT NOT NULL,
    display_name   TEXT COLLATE "C" NOT NULL DEFAULT '',
    disabled       BIGINT NOT NULL DEFAULT 0,
    last_sign_in   BIGINT NOT NULL DEFAULT 0,
    issuer         TEXT COLLATE "C" NOT NULL DEFAULT '', -- '' for a local user
    subject        TEXT COLLATE "C" NOT NULL DEFAULT '', -- who they are to the issuer
    admin_by_claim BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX users_by_subject ON users (issuer, subject) WHERE issuer <> '';

CREATE TABLE sessions (
    token_hash TEXT COLLATE "C" PRIMARY KEY,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    issuer     TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE TABLE tokens (
    id         TEXT COLLATE "C" PRIMARY KEY CHECK (id <> ''),
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT COLLATE "C" NOT NULL,
    scopes     TEXT COLLATE "C" NOT NULL, -- JSON
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX tokens_by_user ON tokens (user_id, created, id);

CREATE TABLE invitations (
    user_id    TEXT COLLATE "C" PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    expires    BIGINT NOT NULL
);

CREATE TABLE departments (
    id       TEXT COLLATE "C" PRIMARY KEY CHECK (id <> '' AND id <> '*'),
    name     TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL UNIQUE, -- as in users
    health   BIGINT NOT NULL,
    created  BIGINT NOT NULL
);

-- department is '*' where a role holds for all, and so no reference.
CREATE TABLE memberships (
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    department TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,
    by_claim   BIGINT NOT NULL DEFAULT 0,
    created    BIGINT NOT NULL,
    PRIMARY KEY (user_id, department, role, by_claim)
);

-- Ids only, and no references: the log outlives who stands in it.
CREATE TABLE administration (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what       TEXT COLLATE "C" NOT NULL,
    done_by    TEXT COLLATE "C" NOT NULL,
    on_user    TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,
    done_at    BIGINT NOT NULL,
    meeting    TEXT COLLATE "C" NOT NULL DEFAULT '',
    until      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX administration_by_doer ON administration (what, done_by, on_user, meeting, id);

CREATE TABLE readings (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    TEXT COLLATE "C" NOT NULL,
    meeting    TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL, -- the meeting's when it was read; '' for none
    own        BIGINT NOT NULL,           -- whoever read it had made the meeting
    what       TEXT COLLATE "C" NOT NULL,
    format     TEXT COLLATE "C" NOT NULL, -- of what was taken out; else ''
    ground     TEXT COLLATE "C" NOT NULL, -- why it was allowed
    token      BIGINT NOT NULL,           -- with an API token, not signed in
    first_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    times      BIGINT NOT NULL
);
CREATE INDEX readings_by_meeting ON readings (meeting, first_at, id);
CREATE INDEX readings_by_user ON readings (user_id, first_at, id);
CREATE INDEX readings_by_department ON readings (department, first_at, id);
CREATE INDEX readings_by_time ON readings (first_at, id);
CREATE INDEX readings_by_age ON readings (last_at);

CREATE TABLE settings (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE word_lists (
    department TEXT COLLATE "C" NOT NULL,
    body       TEXT COLLATE "C" NOT NULL,
    body_key   TEXT COLLATE "C" NOT NULL, -- as users.name_key, with single spaces
    words      TEXT COLLATE "C" NOT NULL, -- JSON
    changed_by TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (department, body_key)
);

-- Written by Ping, to learn whether the database can be written.
CREATE TABLE pings (
    id     BIGINT PRIMARY KEY,
    pinged BIGINT NOT NULL
);

-- What a search finds. id is the meeting's number * 2^20 and above that its place, counted from the end: falling ids are
-- the newest meeting first, and what it holds in order. Places below 2^16 are the minutes'.
CREATE TABLE passages (
    id      BIGINT PRIMARY KEY,
    meeting TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    what    TEXT COLLATE "C" NOT NULL, -- s: said; d: decided; t: to do
    item    TEXT COLLATE "C" NOT NULL, -- of tasks: see there
    segment TEXT COLLATE "C" NOT NULL, -- of the minutes: where it was heard first; may be empty
    starts  DOUBLE PRECISION NOT NULL, -- of what was said
    who     TEXT COLLATE "C" NOT NULL, -- who said it, or is to do it
    words   TEXT COLLATE "C" NOT NULL,
    found   TSVECTOR NOT NULL -- made by the program of who and words: see search.go
);
CREATE INDEX passages_by_segment ON passages (meeting, segment, what);
CREATE INDEX passages_written ON passages (id) WHERE what <> 's';
CREATE INDEX passages_found ON passages USING gin (found) WITH (fastupdate = off);

CREATE TABLE tasks (
    meeting   TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    item      TEXT COLLATE "C" NOT NULL,
    number    BIGINT NOT NULL, -- of the meeting
    place     BIGINT NOT NULL, -- in the minutes; -1: they no longer have it, but may again
    words     TEXT COLLATE "C" NOT NULL,
    owner     TEXT COLLATE "C" NOT NULL,
    owner_key TEXT COLLATE "C" NOT NULL, -- in lower case, made by the program
    until     TEXT COLLATE "C" NOT NULL, -- the deadline's day; 9999: none
    status    TEXT COLLATE "C" NOT NULL,
    segment   TEXT COLLATE "C" NOT NULL, -- where it was heard first; may be empty
    evidence  TEXT COLLATE "C" NOT NULL, -- JSON
    done      BIGINT NOT NULL,
    done_by   TEXT COLLATE "C" NOT NULL,
    done_at   BIGINT NOT NULL,
    PRIMARY KEY (meeting, item)
);
CREATE INDEX tasks_by_deadline ON tasks (done, until, meeting, place) WHERE place >= 0;

-- The planner samples what columns hold, and keeps it where no erasure reaches: not of these.
ALTER TABLE meetings
    ALTER title SET STATISTICS 0, ALTER body SET STATISTICS 0, ALTER place SET STATISTICS 0, ALTER participants SET STATISTICS 0,
    ALTER agenda SET STATISTICS 0, ALTER recording SET STATISTICS 0, ALTER failure SET STATISTICS 0,
    ALTER purpose SET STATISTICS 0, ALTER legal_basis SET STATISTICS 0, ALTER told SET STATISTICS 0;
ALTER TABLE meeting_keys ALTER wrapped SET STATISTICS 0;
ALTER TABLE uploads ALTER hash_state SET STATISTICS 0;
ALTER TABLE holds ALTER reason SET STATISTICS 0;
ALTER TABLE users
    ALTER name SET STATISTICS 0, ALTER name_key SET STATISTICS 0, ALTER password_hash SET STATISTICS 0,
    ALTER display_name SET STATISTICS 0, ALTER subject SET STATISTICS 0;
ALTER TABLE sessions ALTER token_hash SET STATISTICS 0;
ALTER TABLE tokens ALTER token_hash SET STATISTICS 0, ALTER name SET STATISTICS 0;
ALTER TABLE invitations ALTER token_hash SET STATISTICS 0;
ALTER TABLE settings ALTER value SET STATISTICS 0;
ALTER TABLE word_lists
    ALTER body SET STATISTICS 0, ALTER body_key SET STATISTICS 0, ALTER words SET STATISTICS 0;
ALTER TABLE departments ALTER name SET STATISTICS 0, ALTER name_key SET STATISTICS 0;
ALTER TABLE passages ALTER who SET STATISTICS 0, ALTER words SET STATISTICS 0, ALTER found SET STATISTICS 0;
ALTER TABLE tasks
    ALTER words SET STATISTICS 0, ALTER owner SET STATISTICS 0, ALTER owner_key SET STATISTICS 0,
    ALTER status SET STATISTICS 0, ALTER evidence SET STATISTICS 0;
