package postgres

import "time"

// History is what names a server's unbroken memory.
const History = history

// WithTimes sets how long a transaction, and how long its commit, may take.
func WithTimes(tx, commit time.Duration) Option {
	return func(d *DB) { d.txTime, d.commitTime = tx, commit }
}

// WithWatch sets how often the server's lock is looked after.
func WithWatch(every time.Duration) Option { return func(d *DB) { d.watchTime = every } }
