package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// maxWords bounds the work of one search. Nobody types more; a pasted page would.
const maxWords = 32

// Search implements store.Reader.
func (r reads) Search(ctx context.Context, q store.SearchQuery) (page []store.Hit, next string, err error) {
	const op = "store: search meetings"
	sought, something := soughtBy(q)
	if !something {
		return nil, "", nil
	}
	err = r.snapshot(ctx, func(s reads) error {
		n := limit(q.Limit, 50)
		if sought.Most, err = s.mostAfter(ctx, q.After); err != nil {
			return err
		}
		sought.Limit = n + 1
		ids, err := s.d.Find(ctx, s.q, sought)
		if err != nil || len(ids) == 0 {
			return err
		}
		more := len(ids) > n
		if page, err = s.hits(ctx, ids[:min(n, len(ids))], sought.Words); err == nil && more {
			last := page[len(page)-1]
			next = cursorAt(Micros(last.Created), last.Meeting, ids[n-1]&(mostPlaces-1))
		}
		return err
	})
	if errors.Is(err, errCursor) {
		return nil, "", referent.E(referent.CodeInvalid, op, err)
	}
	return page, next, r.wrap(err, op)
}

// snapshot runs fn on one state of the database.
func (r reads) snapshot(ctx context.Context, fn func(reads) error) error {
	pool, ok := r.q.(interface {
		BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error)
	})
	if !ok {
		return fn(r) // a transaction already
	}
	options := r.d.Snapshot
	t, err := pool.BeginTx(ctx, &options)
	if err != nil {
		return err
	}
	defer t.Rollback() // nothing was written
	return fn(reads{t, r.d})
}

// soughtBy is what a query asks for; false: it asks for nothing.
func soughtBy(q store.SearchQuery) (Sought, bool) {
	s := Sought{Words: WordsOf(q.Text), Names: WordsOf(q.Speaker), In: q.In}
	for f, letter := range letters {
		if slices.Contains(q.What, f) {
			s.What = append(s.What, letter)
		}
	}
	slices.Sort(s.What)
	if len(s.What) == len(letters) {
		s.What = nil
	}
	if len(s.Words)+len(s.Names) == 0 && (strings.TrimSpace(q.Text) != "" || s.What == nil || slices.Contains(q.What, store.FoundSaid)) {
		return s, false // all that was ever said is no answer, nor is anything to signs that are no words
	}
	return s, true
}

// plain is a text as it is searched in: composed, and without what PostgreSQL keeps in no text, NUL and bytes that are no
// UTF-8. They come with files that people bring.
func plain(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(norm.NFC.String(text), "\uFFFD"), "\x00", " ")
}

// WordsOf cuts what was typed into words, of which the first maxWords count.
func WordsOf(text string) []string {
	words := AllWords(text)
	return words[:min(len(words), maxWords)]
}

// AllWords cuts a text into words: runs of letters and digits, with their marks, as SQLite's tokenizer cuts them.
func AllWords(text string) []string {
	words := strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool { return !letter(r) && !unicode.Is(unicode.M, r) })
	return slices.DeleteFunc(words, func(w string) bool { return !strings.ContainsFunc(w, letter) })
}

func letter(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.Co) }

// Prefixed reports whether the last word may be the beginning of one: a single letter is not.
func Prefixed(words []string) bool { return utf8.RuneCountInString(words[len(words)-1]) > 1 }

// hits reads the passages of ids, in the order of these.
func (r reads) hits(ctx context.Context, ids []int64, words []string) ([]store.Hit, error) {
	var args Args
	places := make([]string, len(ids))
	for i, id := range ids {
		places[i] = args.Arg(id)
	}
	rows, err := r.q.QueryContext(ctx, `SELECT p.id, p.meeting, m.title, m.held, m.created, m.state, p.what, p.segment,
			CASE WHEN p.what = 's' THEN p.starts ELSE COALESCE(e.starts, 0) END,
			CASE WHEN p.what = 's' THEN p.who ELSE COALESCE(e.who, '') END, p.words,
			p.item, COALESCE(k.place, 0), p.who, COALESCE(k.until, ''), COALESCE(k.status, ''), COALESCE(k.evidence, 'null'), COALESCE(k.done_by, ''), COALESCE(k.done_at, 0)
		FROM passages p JOIN meetings m ON m.id = p.meeting
			LEFT JOIN passages e ON p.what <> 's' AND e.meeting = p.meeting AND e.segment = p.segment AND e.what = 's'
			LEFT JOIN tasks k ON p.what = 't' AND k.meeting = p.meeting AND k.item = p.item
		WHERE p.id IN (`+strings.Join(places, ", ")+`) ORDER BY p.id DESC`, args...)
	return list(r, rows, err, func(s scan, h *store.Hit) error {
		var id int64
		var what string
		var k store.Task
		err := s(&id, &h.Meeting, &h.Title, asTime{&h.Held}, asTime{&h.Created}, &h.State, &what, &h.Segment, &h.Start, &h.Speaker, &h.Text,
			&k.ID, &k.Place, &k.Owner, asDue{&k.Due}, &k.Status, column(&k.Evidence), &k.DoneBy, asTime{&k.DoneAt})
		h.What, h.Marks = foundBy(what), marks(h.Text, words)
		switch h.What {
		case store.FoundDecision:
			h.Place = int(mostPlaces - 1 - id&(mostPlaces-1))
		case store.FoundTask:
			k.Meeting, k.Text = h.Meeting, h.Text
			h.Task = &k
		}
		return err
	}, "store: search meetings")
}

// marks finds the words in a text, as the index found them.
func marks(text string, words []string) []store.Mark {
	if len(words) == 0 {
		return nil
	}
	wanted := map[string]bool{}
	for _, w := range words {
		wanted[strings.ToLower(w)] = true
	}
	last := ""
	if Prefixed(words) {
		last = strings.ToLower(words[len(words)-1])
	}
	var out []store.Mark
	for from := 0; from < len(text); {
		r, size := utf8.DecodeRuneInString(text[from:])
		if !letter(r) {
			from += size
			continue
		}
		to := from
		for to < len(text) {
			r, size := utf8.DecodeRuneInString(text[to:])
			if !letter(r) && !unicode.Is(unicode.M, r) {
				break
			}
			to += size
		}
		if word := strings.ToLower(text[from:to]); wanted[word] || last != "" && strings.HasPrefix(word, last) {
			out = append(out, store.Mark{From: from, To: to})
		}
		from = to
	}
	return out
}

var errCursor = errors.New("not a cursor of this list")

// cursorAt is the place in a search after a passage. It says nothing of how many meetings there are, and stays good
// when its own is erased.
func cursorAt(created int64, meeting string, place int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %d %s", created, place, meeting))
}

// mostAfter is the greatest id that a passage after the cursor can have.
func (r reads) mostAfter(ctx context.Context, cursor string) (int64, error) {
	if cursor == "" {
		return 1<<63 - 1, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.SplitN(string(b), " ", 3)
	if err != nil || len(parts) != 3 {
		return 0, errCursor
	}
	created, err := strconv.ParseInt(parts[0], 10, 64)
	place, err2 := strconv.ParseInt(parts[1], 10, 64)
	if err := cmp.Or(err, err2); err != nil || place < 0 || place >= mostPlaces {
		return 0, errCursor
	}
	var number int64
	var id string
	err = r.q.QueryRowContext(ctx, `SELECT number, id FROM meetings WHERE (created, id) <= ($1, $2) ORDER BY created DESC, id DESC LIMIT 1`,
		created, parts[2]).Scan(&number, &id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, err
	case id != parts[2]:
		return PassageID(number, 0), nil
	}
	return number<<PlaceBits | place - 1, nil
}
