-- The keys that connect as workers, and the tokens with which one more may.

-- +goose Up
CREATE TABLE workers (
    id         TEXT COLLATE "C" PRIMARY KEY,
    public_key TEXT COLLATE "C" NOT NULL UNIQUE,
    label      TEXT COLLATE "C" NOT NULL,
    own        BIGINT NOT NULL, -- of the workers on a server's own machine
    stages     TEXT COLLATE "C" NOT NULL, -- JSON; none: every stage
    made_by    TEXT COLLATE "C" NOT NULL,
    made_at    BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    revoked_by TEXT COLLATE "C" NOT NULL
);

CREATE TABLE enrolments (
    token_hash TEXT COLLATE "C" PRIMARY KEY,
    label      TEXT COLLATE "C" NOT NULL,
    stages     TEXT COLLATE "C" NOT NULL, -- JSON
    made_by    TEXT COLLATE "C" NOT NULL,
    made_at    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
