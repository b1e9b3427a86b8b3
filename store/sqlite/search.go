package sqlite

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

// Search implements store.Reader. Lists fall from the newest meeting to the oldest: the passages that hold the words,
// those of the speaker, and the meetings that are chosen. Each is read only as far as the others go on, so neither
// words that are in every meeting nor a person who sees few of them make a search long.
func (r reads) Search(ctx context.Context, q store.SearchQuery) (page []store.Hit, next string, err error) {
	const op = "store: search meetings"
	asked := matches(q)
	if len(asked) == 0 {
		return nil, "", nil
	}
	err = r.snapshot(ctx, func(s reads) error {
		most, err := s.mostAfter(ctx, q.After)
		if err != nil {
			return err
		}
		n := limit(q.Limit, 50)
		ids, err := s.meet(ctx, asked, q.In, most, n+1)
		if err != nil || len(ids) == 0 {
			return err
		}
		more := len(ids) > n
		if page, err = s.hits(ctx, ids[:min(n, len(ids))], wordsOf(q.Text)); err == nil && more {
			last := page[len(page)-1]
			next = cursorAt(micros(last.Created), last.Meeting, ids[n-1]&(mostPlaces-1))
		}
		return err
	})
	if errors.Is(err, errCursor) {
		return nil, "", referent.E(referent.CodeInvalid, op, err)
	}
	return page, next, wrap(err, op)
}

// snapshot runs fn on one state of the database and one connection: a search has several lists open at once, and would
// otherwise wait for a second connection while others wait for its first.
func (r reads) snapshot(ctx context.Context, fn func(reads) error) error {
	pool, ok := r.q.(*cachedPool)
	if !ok {
		return fn(r) // a transaction already
	}
	t, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer t.Rollback() // nothing was written
	return fn(reads{t})
}

// match is a list of passages that one full-text table gives.
type match struct {
	table, expression string
	patience          int // see descent
}

// matches are the lists that a query asks for what is in all of; none: it asks for nothing.
func matches(q store.SearchQuery) []match {
	words, names := wordsOf(q.Text), wordsOf(q.Speaker)
	var what []string
	for f, letter := range letters {
		if slices.Contains(q.What, f) {
			what = append(what, `"`+letter+`"`)
		}
	}
	some := len(what) > 0 && len(what) < len(letters)
	if len(words)+len(names) == 0 && (strings.TrimSpace(q.Text) != "" || !some || slices.Contains(q.What, store.FoundSaid)) {
		return nil // all that was ever said is no answer, nor is anything to signs that are no words
	}
	var all []match
	add := func(table, column string, words []string) {
		var parts []string
		if len(words) > 0 {
			parts = append(parts, expression(column, words))
		}
		if some && len(all) == 0 { // one list may say it for all
			parts = append(parts, "what : ("+strings.Join(what, " OR ")+")")
		}
		all = append(all, match{table, strings.Join(parts, " AND "), patienceOf(words)})
	}
	if len(words) > 0 || len(names) == 0 {
		add("passages_fts", "words", words)
	}
	if len(names) > 0 {
		add("names_fts", "who", names)
	}
	return all
}

// expression asks FTS5 for every word, the last as a prefix. Each word stands in quotation marks: nothing a person
// types is an operator.
func expression(column string, words []string) string {
	prefix := ""
	if prefixed(words) {
		prefix = "*"
	}
	return fmt.Sprintf(`%s : ("%s"%s)`, column, strings.Join(words, `" "`), prefix)
}

// wordsOf cuts a text into words: runs of letters and digits, with their marks, as the tokenizer cuts them.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool { return !letter(r) && !unicode.Is(unicode.M, r) })
	words = slices.DeleteFunc(words, func(w string) bool { return !strings.ContainsFunc(w, letter) })
	return words[:min(len(words), maxWords)]
}

func letter(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.Co) }

// prefixed reports whether the last word may be the beginning of one: a single letter is not.
func prefixed(words []string) bool { return utf8.RuneCountInString(words[len(words)-1]) > 1 }

// meet gives the ids of the first n passages that match and whose meetings are chosen, from most on downwards.
func (r reads) meet(ctx context.Context, asked []match, in store.Choice, most int64, n int) (ids []int64, err error) {
	var found []*descent
	for _, m := range asked {
		query := `SELECT rowid FROM ` + m.table + ` WHERE ` + m.table + ` MATCH $1 AND rowid <= $2 ORDER BY rowid DESC`
		d := &descent{patience: m.patience, open: func(most int64) (*sql.Rows, error) {
			return r.q.QueryContext(ctx, query, m.expression, most)
		}}
		defer func() { err = errors.Join(err, d.close()) }()
		found = append(found, d)
	}
	var args numbered
	args.arg(nil)
	var meetings *descent
	if c := chosen(in, "", &args); c != "" {
		query := `SELECT number FROM meetings INDEXED BY meetings_to_search WHERE number <= $1 AND ` + c + ` ORDER BY number DESC`
		meetings = &descent{patience: 256, open: func(most int64) (*sql.Rows, error) {
			args[0] = most
			return r.q.QueryContext(ctx, query, args...)
		}}
		defer func() { err = errors.Join(err, meetings.close()) }()
	}
	for len(ids) < n {
		at, ok, err := together(found, most)
		if !ok {
			return ids, err
		}
		if meetings != nil {
			number := at >> placeBits
			if ok, err := meetings.to(number); !ok {
				return ids, err
			}
			if meetings.at < number {
				most = passageID(meetings.at, 0)
				continue
			}
		}
		ids, most = append(ids, at), at-1
	}
	return ids, nil
}

// together goes on to the first number that is at most most and in all lists; false: there is none, or it failed.
func together(lists []*descent, most int64) (int64, bool, error) {
	for agreed := 0; agreed < len(lists); {
		agreed = 0
		for _, d := range lists {
			if ok, err := d.to(most); !ok {
				return 0, false, err
			}
			if d.at == most {
				agreed++
			}
			most = d.at
		}
	}
	return most, true, nil
}

// patienceOf is how many passages are stepped over before the list is opened anew further down. Opening it costs as
// much as some hundred steps; but where the passages of a prefix that has no index must be brought together first, more
// than any steps.
func patienceOf(words []string) int {
	if len(words) > 0 && utf8.RuneCountInString(words[len(words)-1]) > 4 {
		return 20_000
	}
	return 100
}

// descent reads a list of falling numbers, and jumps in it.
type descent struct {
	open     func(most int64) (*sql.Rows, error)
	patience int // how many numbers it steps over before it jumps
	rows     *sql.Rows
	at       int64
}

// to goes on to the first number that is at most most; false: there is none, or it failed.
func (d *descent) to(most int64) (bool, error) {
	if d.rows != nil && d.at <= most {
		return true, nil
	}
	for steps := 0; d.rows != nil && steps < d.patience; steps++ {
		if ok, err := d.step(); !ok || d.at <= most {
			return ok, err
		}
	}
	if err := d.close(); err != nil {
		return false, err
	}
	var err error
	if d.rows, err = d.open(most); err != nil {
		return false, err
	}
	return d.step()
}

func (d *descent) step() (bool, error) {
	if !d.rows.Next() {
		return false, d.rows.Err()
	}
	return true, d.rows.Scan(&d.at)
}

func (d *descent) close() error {
	if d.rows == nil {
		return nil
	}
	err := d.rows.Close()
	d.rows = nil
	return err
}

// hits reads the passages of ids, in the order of these.
func (r reads) hits(ctx context.Context, ids []int64, words []string) ([]store.Hit, error) {
	var args numbered
	places := make([]string, len(ids))
	for i, id := range ids {
		places[i] = args.arg(id)
	}
	rows, err := r.q.QueryContext(ctx, `SELECT p.id, p.meeting, m.title, m.held, m.created, m.state, p.what, p.segment,
			CASE WHEN p.what = 's' THEN p.starts ELSE COALESCE(e.starts, 0) END,
			CASE WHEN p.what = 's' THEN p.who ELSE COALESCE(e.who, '') END, p.words,
			p.item, COALESCE(k.place, 0), p.who, COALESCE(k.until, ''), COALESCE(k.status, ''), COALESCE(k.evidence, 'null'), COALESCE(k.done_by, ''), COALESCE(k.done_at, 0)
		FROM passages p JOIN meetings m ON m.id = p.meeting
			LEFT JOIN passages e ON p.what <> 's' AND e.meeting = p.meeting AND e.segment = p.segment AND e.what = 's'
			LEFT JOIN tasks k ON p.what = 't' AND k.meeting = p.meeting AND k.item = p.item
		WHERE p.id IN (`+strings.Join(places, ", ")+`) ORDER BY p.id DESC`, args...)
	return list(rows, err, func(s scan, h *store.Hit) error {
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
	if prefixed(words) {
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
		return passageID(number, 0), nil
	}
	return number<<placeBits | place - 1, nil
}
