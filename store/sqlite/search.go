package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent/store/sqldb"
)

// match is a list of passages that one full-text table gives.
type match struct {
	table, expression string
	patience          int // see descent
}

// matches are the lists whose common passages are sought.
func matches(s sqldb.Sought) []match {
	var what []string
	for _, letter := range s.What {
		what = append(what, `"`+letter+`"`)
	}
	var all []match
	add := func(table, column string, words []string) {
		var parts []string
		if len(words) > 0 {
			parts = append(parts, expression(column, words))
		}
		if len(what) > 0 && len(all) == 0 { // one list may say it for all
			parts = append(parts, "what : ("+strings.Join(what, " OR ")+")")
		}
		all = append(all, match{table, strings.Join(parts, " AND "), patienceOf(words)})
	}
	if len(s.Words) > 0 || len(s.Names) == 0 {
		add("passages_fts", "words", s.Words)
	}
	if len(s.Names) > 0 {
		add("names_fts", "who", s.Names)
	}
	return all
}

// expression asks FTS5 for every word, the last as a prefix. Each word stands in quotation marks: nothing a person
// types is an operator.
func expression(column string, words []string) string {
	prefix := ""
	if sqldb.Prefixed(words) {
		prefix = "*"
	}
	return fmt.Sprintf(`%s : ("%s"%s)`, column, strings.Join(words, `" "`), prefix)
}

// find gives the ids of passages. Lists fall from the newest meeting to the oldest: the passages that hold the words,
// those of the speaker, and the meetings that are chosen. Each is read only as far as the others go on, so neither
// words that are in every meeting nor a person who sees few of them make a search long.
//
// q is one connection, or else the lists, which are open at once, would wait for a second one while others wait for
// the first.
func find(ctx context.Context, q sqldb.Queryer, s sqldb.Sought) (ids []int64, err error) {
	most := s.Most
	var found []*descent
	for _, m := range matches(s) {
		query := `SELECT rowid FROM ` + m.table + ` WHERE ` + m.table + ` MATCH $1 AND rowid <= $2 ORDER BY rowid DESC`
		d := &descent{patience: m.patience, open: func(most int64) (*sql.Rows, error) {
			return q.QueryContext(ctx, query, m.expression, most)
		}}
		defer func() { err = errors.Join(err, d.close()) }()
		found = append(found, d)
	}
	var args sqldb.Args
	args.Arg(nil)
	var meetings *descent
	if c := sqldb.Chosen(s.In, "", &args); c != "" {
		query := `SELECT number FROM meetings INDEXED BY meetings_to_search WHERE number <= $1 AND ` + c + ` ORDER BY number DESC`
		meetings = &descent{patience: 256, open: func(most int64) (*sql.Rows, error) {
			args[0] = most
			return q.QueryContext(ctx, query, args...)
		}}
		defer func() { err = errors.Join(err, meetings.close()) }()
	}
	for len(ids) < s.Limit {
		at, ok, err := together(found, most)
		if !ok {
			return ids, err
		}
		if meetings != nil {
			number := at >> sqldb.PlaceBits
			if ok, err := meetings.to(number); !ok {
				return ids, err
			}
			if meetings.at < number {
				most = sqldb.PassageID(meetings.at, 0)
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
