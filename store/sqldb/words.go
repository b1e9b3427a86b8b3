package sqldb

import (
	"context"
	"strings"

	"github.com/referent/referent/store"
)

const wordLists = `SELECT department, body, words, changed_by, changed_at FROM word_lists`

func scanWordList(s scan, l *store.WordList) error {
	return s(&l.Department, &l.Body, column(&l.Words), &l.By, asTime{&l.Changed})
}

// bodyKey is what makes two bodies the same: beside what nameKey says, spaces that nobody sees do not count.
func bodyKey(body string) string { return nameKey(strings.Join(strings.Fields(body), " ")) }

// WordList implements store.Reader.
func (r reads) WordList(ctx context.Context, department, body string) (*store.WordList, error) {
	return one(r, r.q.QueryRowContext(ctx, wordLists+` WHERE department = $1 AND body_key = $2`, department, bodyKey(body)),
		scanWordList, "store: read word list")
}

// WordLists implements store.Reader.
func (r reads) WordLists(ctx context.Context) ([]store.WordList, error) {
	rows, err := r.q.QueryContext(ctx, wordLists+` ORDER BY department, body_key`)
	return list(r, rows, err, scanWordList, "store: list word lists")
}

// WordListsFor implements store.Reader.
func (r reads) WordListsFor(ctx context.Context, department, body string) ([]store.WordList, error) {
	rows, err := r.q.QueryContext(ctx, wordLists+` WHERE department IN ('', $1) AND body_key IN ('', $2)
		ORDER BY body_key = '', department = ''`, department, bodyKey(body))
	return list(r, rows, err, scanWordList, "store: list word lists of meeting")
}

// PutWordList implements store.Tx.
func (t *tx) PutWordList(ctx context.Context, l *store.WordList) error {
	const op = "store: put word list"
	if l.Changed.IsZero() {
		l.Changed = t.now()
	}
	if len(l.Words) == 0 {
		res, err := t.t.ExecContext(ctx, `DELETE FROM word_lists WHERE department = $1 AND body_key = $2`, l.Department, bodyKey(l.Body))
		return t.recordIf(ctx, res, err, op, store.AuditWords, map[string]any{"department": l.Department, "by": l.By})
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO word_lists (department, body, body_key, words, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (department, body_key) DO UPDATE SET body = excluded.body, words = excluded.words, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		l.Department, l.Body, bodyKey(l.Body), column(&l.Words), l.By, Micros(l.Changed))
	if err != nil {
		return t.wrap(err, op)
	}
	return t.record(ctx, store.AuditWords, "", 0, map[string]any{"department": l.Department, "by": l.By}) // not the body, which is a name
}
