package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"

	"github.com/referent/referent"
)

// Scrub implements store.Store. With secure_delete SQLite overwrites a row where it lies when it is
// deleted. Three copies escape that, each found by searching the files for deleted words:
//
//   - the full-text indexes keep some words (scrubIndex),
//   - a page that was rebuilt while it was balanced keeps, in the gap between its cell pointers and its
//     cells, what had been there before (scrubGaps),
//   - the write-ahead log keeps older versions of pages, and the file too until the log is copied back
//     (the checkpoint).
//
// The index, which takes longest, is merged a little at a time, and others write meanwhile. To look through the pages
// holds the writer, about a second at 300,000 segments (make bench-web): while somebody wrote, pages could change places
// and one of them be missed.
//
// One that was cut off is made up for by the next: what it left of the index is merged again.
func (d *DB) Scrub(ctx context.Context) error {
	const op = "store: scrub database"
	for _, index := range []struct{ table, column string }{{"passages_fts", "words"}, {"names_fts", "who"}} {
		if err := d.scrubIndex(ctx, index.table, index.column); err != nil {
			return dialect.Wrap(err, op)
		}
	}
	if err := d.inWriter(ctx, scrubGaps); err != nil {
		return dialect.Wrap(err, op)
	}
	var busy, frames, moved int
	err := d.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved)
	if err != nil {
		return dialect.Wrap(err, op)
	}
	if busy != 0 {
		return referent.E(referent.CodeUnavailable, op, nil).WithHint("a long read keeps the write-ahead log; try again")
	}
	return nil
}

// inWriter runs fn in a transaction of the writer.
func (d *DB) inWriter(ctx context.Context, fn func(context.Context, *sql.Tx) error) error {
	t, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() // after Commit it does nothing
	if err := fn(ctx, t); err != nil {
		return err
	}
	return t.Commit()
}

// mergedPages is how many pages of an index are merged at a time. What takes the writer meanwhile waits for these.
const mergedPages = 256

// scrubIndex makes the words of deleted passages unreadable. FTS5's secure-delete takes them out of its
// leaves, but not out of the tree above these, which keeps the first word of every leaf (measured: 16 of
// some 30,000 deleted words stayed); the index of names has no secure-delete, and keeps them all. Merging
// the whole index into one new tree drops them. FTS5 does not merge an index that is one tree already, so
// a row that is no passage's makes a second one first.
//
// A negative number of pages begins to merge all there is, a positive one goes on with it, and when fewer than two rows
// change nothing is left to merge (https://www.sqlite.org/fts5.html#the_merge_command). What others write meanwhile
// makes trees of its own, and holds nothing of what was deleted before.
func (d *DB) scrubIndex(ctx context.Context, table, column string) error {
	row := func(command string) error {
		return d.inWriter(ctx, func(ctx context.Context, t *sql.Tx) error { _, err := t.ExecContext(ctx, command); return err })
	}
	if err := row(`INSERT INTO ` + table + ` (rowid, ` + column + `) VALUES (-1, 'x')`); err != nil {
		return err
	}
	for pages, done := -mergedPages, false; !done; pages = mergedPages {
		err := d.inWriter(ctx, func(ctx context.Context, t *sql.Tx) error {
			var before, after int64
			const changes = `SELECT total_changes()`
			if err := t.QueryRowContext(ctx, changes).Scan(&before); err != nil {
				return err
			}
			if _, err := t.ExecContext(ctx, `INSERT INTO `+table+` (`+table+`, rank) VALUES ('merge', $1)`, pages); err != nil {
				return err
			}
			err := t.QueryRowContext(ctx, changes).Scan(&after)
			done = after-before < 2
			return err
		})
		if err != nil {
			return err
		}
	}
	return row(`INSERT INTO ` + table + ` (` + table + `, rowid, ` + column + `) VALUES ('delete', -1, 'x')`)
}

// scrubGaps writes zeros into the gap of every b-tree page. The file format says that nobody reads what
// is there. VACUUM would rebuild the pages as well, but takes 15 times as long and holds the whole
// database in memory.
func scrubGaps(ctx context.Context, t *sql.Tx) error {
	rows, err := t.QueryContext(ctx, `SELECT pgno, data FROM sqlite_dbpage`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var dirty []int64
	for rows.Next() {
		var number int64
		var page sql.RawBytes
		if err := rows.Scan(&number, &page); err != nil {
			return err
		}
		gap, err := gapOf(page, number)
		if err != nil {
			return err
		}
		if !allZero(gap) {
			dirty = append(dirty, number)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, number := range dirty {
		if err := scrubGap(ctx, t, number); err != nil {
			return err
		}
	}
	return nil
}

func scrubGap(ctx context.Context, t *sql.Tx, number int64) error {
	var page []byte
	if err := t.QueryRowContext(ctx, `SELECT data FROM sqlite_dbpage WHERE pgno = $1`, number).Scan(&page); err != nil {
		return err
	}
	gap, err := gapOf(page, number)
	if err != nil {
		return err
	}
	clear(gap)
	_, err = t.ExecContext(ctx, `UPDATE sqlite_dbpage SET data = $1 WHERE pgno = $2`, page, number)
	return err
}

var errDamagedPage = errors.New("a damaged b-tree page")

// gapOf returns the part of a page that holds nothing: in a b-tree page, what lies between the cell
// pointers and the first cell (https://www.sqlite.org/fileformat2.html#b_tree_pages); none in others.
//
// The first byte tells b-tree pages from the rest. Overflow and free-list pages begin with the number
// of another page, whose highest byte is 0 in files below 2^24 pages, 64 GiB.
func gapOf(page []byte, number int64) ([]byte, error) {
	if number >= 1<<24 {
		return nil, errors.New("the database is too large to be scrubbed")
	}
	header := page
	if number == 1 {
		if len(page) < 100 {
			return nil, errDamagedPage
		}
		header = page[100:] // after the file's own header
	}
	if len(header) < 12 {
		return nil, errDamagedPage
	}
	pointers := 8
	switch header[0] {
	case 2, 5: // interior pages of indexes and tables have one field more
		pointers = 12
	case 10, 13: // leaves
	default:
		return nil, nil
	}
	cells := int(binary.BigEndian.Uint16(header[3:]))
	start := len(page) - len(header) + pointers + 2*cells
	end := int(binary.BigEndian.Uint16(header[5:]))
	if end == 0 {
		end = 1 << 16
	}
	if start > end || end > len(page) {
		return nil, errDamagedPage
	}
	return page[start:end], nil
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
