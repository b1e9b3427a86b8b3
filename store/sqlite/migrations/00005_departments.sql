-- Departments, who has which role in them, and which department a meeting belongs to. '' is none: what there
-- was before belongs to its owner alone, as it did.

-- +goose Up
CREATE TABLE departments (
    id       TEXT PRIMARY KEY CHECK (id <> '' AND id <> '*'),
    name     TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE, -- as in users
    health   BIGINT NOT NULL,
    created  BIGINT NOT NULL
);

-- department is '*' where a role holds for all, and so no reference.
CREATE TABLE memberships (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    department TEXT NOT NULL,
    role       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    PRIMARY KEY (user_id, department, role)
);

ALTER TABLE meetings ADD COLUMN department TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN department TEXT NOT NULL DEFAULT '';

-- Owners see by being owners only what is in no department, so the indexes of owners begin with it.
DROP INDEX meetings_by_owner;
DROP INDEX meetings_by_owner_state;
DROP INDEX events_by_owner;
CREATE INDEX meetings_by_department ON meetings (department, created, id);
CREATE INDEX meetings_by_department_state ON meetings (department, state, created, id);
CREATE INDEX meetings_by_department_owner ON meetings (department, owner, created, id);
CREATE INDEX meetings_by_department_owner_state ON meetings (department, owner, state, created, id);
CREATE INDEX events_by_department ON events (department, id);
CREATE INDEX events_by_department_owner ON events (department, owner, id);
