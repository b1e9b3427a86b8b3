-- What the queue should hold, and what waits for a time, is looked at often, and is little beside all that waits.

-- +goose Up
CREATE INDEX jobs_published ON jobs (state, published, stage, id, priority) WHERE state = 'queued' AND published = 1;
CREATE INDEX jobs_paused ON jobs (state, not_before) WHERE state = 'queued' AND not_before > 0;
