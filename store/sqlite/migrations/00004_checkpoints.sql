-- What jobs have done so far, so that another attempt need not do it again. The bytes are sealed blobs.

-- +goose Up
CREATE TABLE checkpoints (
    meeting   TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    made_of   TEXT NOT NULL,
    blob      TEXT NOT NULL,
    size      BIGINT NOT NULL,
    created   BIGINT NOT NULL,
    PRIMARY KEY (meeting, made_of)
);
