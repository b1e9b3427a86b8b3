-- The keys that connect as workers, and the tokens with which one more may.

-- +goose Up
CREATE TABLE workers (
    id         TEXT PRIMARY KEY,
    public_key TEXT NOT NULL UNIQUE,
    label      TEXT NOT NULL,
    own        BIGINT NOT NULL, -- of the workers on a server's own machine
    stages     TEXT NOT NULL, -- JSON; none: every stage
    made_by    TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    revoked_by TEXT NOT NULL
);

CREATE TABLE enrolments (
    token_hash TEXT PRIMARY KEY,
    label      TEXT NOT NULL,
    stages     TEXT NOT NULL, -- JSON
    made_by    TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
