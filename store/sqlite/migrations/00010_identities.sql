-- People who come by an OpenID provider, what they are called, who is locked out, where a role comes from, and
-- the log of what administrators do.

-- +goose Up
ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN last_sign_in BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN issuer TEXT NOT NULL DEFAULT '';  -- '' for a local user
ALTER TABLE users ADD COLUMN subject TEXT NOT NULL DEFAULT ''; -- who they are to the issuer
ALTER TABLE users ADD COLUMN admin_by_claim BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX users_by_subject ON users (issuer, subject) WHERE issuer <> '';

ALTER TABLE sessions ADD COLUMN issuer TEXT NOT NULL DEFAULT '';

-- A role can be held by hand and by claim at once, and each can be taken without the other.
CREATE TABLE memberships_new (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    department TEXT NOT NULL,
    role       TEXT NOT NULL,
    by_claim   BIGINT NOT NULL DEFAULT 0,
    created    BIGINT NOT NULL,
    PRIMARY KEY (user_id, department, role, by_claim)
);
INSERT INTO memberships_new (user_id, department, role, created) SELECT user_id, department, role, created FROM memberships;
DROP TABLE memberships;
ALTER TABLE memberships_new RENAME TO memberships;

-- Ids only, and no references: the log outlives who stands in it.
CREATE TABLE administration (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    what       TEXT NOT NULL,
    done_by    TEXT NOT NULL,
    on_user    TEXT NOT NULL,
    department TEXT NOT NULL,
    role       TEXT NOT NULL,
    done_at    BIGINT NOT NULL
);

-- One link for each user at most, with which they choose a password.
CREATE TABLE invitations (
    user_id    TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    expires    BIGINT NOT NULL
);
