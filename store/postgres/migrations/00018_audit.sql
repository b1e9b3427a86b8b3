-- The chain that proves the logs: package audit says what its links are. One transaction writes at a time, so seq has no gap.

-- +goose Up
CREATE TABLE audit (
    seq   BIGINT PRIMARY KEY,
    prev  TEXT COLLATE "C" NOT NULL,
    hash  TEXT COLLATE "C" NOT NULL,
    entry TEXT COLLATE "C" NOT NULL -- JSON, byte by byte as it was hashed
);
