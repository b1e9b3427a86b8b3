-- What several servers over one database must agree on: which of them live, who does what one alone does, who has
-- tried too many passwords, and which upload a creation has made.

-- +goose Up

-- beats counts up for as long as the server lives. No clock is compared: who looks sees that it stands still.
CREATE TABLE servers (
    id    TEXT COLLATE "C" PRIMARY KEY,
    beats BIGINT NOT NULL
);

CREATE TABLE duties (
    name   TEXT COLLATE "C" PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,   -- a server; one that is not in servers holds nothing
    epoch  BIGINT NOT NULL  -- grows when the holder changes
);

-- id is a hash of a name or an address.
CREATE TABLE failed_signins (
    id      TEXT COLLATE "C" PRIMARY KEY,
    failed  BIGINT NOT NULL,  -- times
    last_at BIGINT NOT NULL,
    until   BIGINT NOT NULL   -- nobody may try before; 0: at any time
);
CREATE INDEX failed_signins_last ON failed_signins (last_at);

-- id is a hash of the user and of the key of their own that a client sent.
CREATE TABLE creations (
    id      TEXT COLLATE "C" PRIMARY KEY,
    upload  TEXT COLLATE "C" NOT NULL,
    made_at BIGINT NOT NULL
);
