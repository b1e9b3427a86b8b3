-- Full-text search, SQLite only (FTS5). The index holds no copy of the text and follows the table segments
-- by triggers, which SQLite runs for cascading deletes too.

-- +goose Up
-- remove_diacritics 0: æ, ø and å are letters, not a and o with something on top.
CREATE VIRTUAL TABLE segments_fts USING fts5 (
    words,
    content = 'segments',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 0'
);

-- Without this FTS5 keeps the words of deleted rows until it happens to merge its segments.
INSERT INTO segments_fts (segments_fts, rank) VALUES ('secure-delete', 1);

-- +goose StatementBegin
CREATE TRIGGER segments_added AFTER INSERT ON segments BEGIN
    INSERT INTO segments_fts (rowid, words) VALUES (new.id, new.words);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER segments_removed AFTER DELETE ON segments BEGIN
    INSERT INTO segments_fts (segments_fts, rowid, words) VALUES ('delete', old.id, old.words);
END;
-- +goose StatementEnd
