package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// maxWords bounds the work of one search. Nobody types more; a pasted page would.
const maxWords = 32

// IndexTranscript implements store.Tx.
func (t *tx) IndexTranscript(ctx context.Context, meeting string, segments []referent.Segment) error {
	const op = "store: index transcript"
	if _, err := t.t.ExecContext(ctx, `DELETE FROM segments WHERE meeting = $1`, meeting); err != nil {
		return wrap(err, op)
	}
	insert, err := t.t.PrepareContext(ctx, `INSERT INTO segments (meeting, segment, starts, words) VALUES ($1, $2, $3, $4)`)
	if err != nil {
		return wrap(err, op)
	}
	defer insert.Close()
	for _, s := range segments {
		if _, err := insert.ExecContext(ctx, meeting, s.ID, s.Start, norm.NFC.String(s.Text)); err != nil {
			return wrap(err, op)
		}
	}
	return nil
}

// Search implements store.Reader: the best matches first.
func (r reads) Search(ctx context.Context, q store.SearchQuery) ([]store.Hit, error) {
	match := matchAll(q.Text)
	if match == "" {
		return nil, nil
	}
	query := `SELECT s.meeting, s.segment, s.starts, s.words
		FROM segments_fts JOIN segments s ON s.id = segments_fts.rowid`
	args := numbered{match, limit(q.Limit, 50)}
	if q.Seen != nil {
		seen := visible(q.Seen, "m.", &args)
		if len(q.Approved) > 0 {
			seen = fmt.Sprintf("(%s OR m.department IN %s AND m.state IN (%s, %s))", seen, args.list(q.Approved),
				args.arg(referent.StateApproved), args.arg(referent.StateExported))
		}
		query += ` JOIN meetings m ON m.id = s.meeting AND ` + seen
	}
	rows, err := r.q.QueryContext(ctx, query+` WHERE segments_fts MATCH $1 ORDER BY segments_fts.rank LIMIT $2`, args...)
	return list(rows, err, func(s scan, h *store.Hit) error {
		return s(&h.Meeting, &h.Segment, &h.Start, &h.Text)
	}, "store: search transcripts")
}

// matchAll makes of a person's text the FTS5 expression that wants every word, the last as a prefix;
// "" when there are no words. Words are runs of letters and digits, with their marks, as the tokenizer
// cuts them, and each stands in quotation marks: nothing a person types is an operator.
func matchAll(text string) string {
	letter := func(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.Co) }
	words := strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool { return !letter(r) && !unicode.Is(unicode.M, r) })
	words = slices.DeleteFunc(words, func(w string) bool { return !strings.ContainsFunc(w, letter) })
	if len(words) == 0 {
		return ""
	}
	words = words[:min(len(words), maxWords)]
	return `"` + strings.Join(words, `" "`) + `"*`
}
