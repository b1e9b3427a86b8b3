-- The chain that proves the logs: package audit says what its links are. One transaction writes at a time, so seq has no gap.

-- +goose Up
CREATE TABLE audit (
    seq   INTEGER PRIMARY KEY,
    prev  TEXT NOT NULL,
    hash  TEXT NOT NULL,
    entry TEXT NOT NULL -- JSON, byte by byte as it was hashed
);
