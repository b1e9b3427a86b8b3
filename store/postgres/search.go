package postgres

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent/store/sqldb"
)

// Words are found as they are written, as in SQLite: in lower case, æ, ø and å letters of their own, no stems, the last
// one's beginning is enough. PostgreSQL's own parser would cut "12/25" and "PS-12" in other ways, and its dictionary for
// Norwegian takes endings off, so that what is marked in a hit would not be what was typed. So the program cuts the words
// itself, and the tsvector holds them behind a letter that tells those that were said from those of a name: one index
// answers both at once.
const (
	wordLetter = "w"
	nameLetter = "n"
)

// What a tsvector can hold is bounded: 2 KiB a lexeme, 1 MiB in all.
const (
	longestLexeme = 400 // bytes
	mostLexemes   = 512 << 10
)

// lexemes are the words of a passage and of the name with it.
func lexemes(who, words string) []string {
	all, size := []string{}, 0
	for _, c := range []struct{ letter, text string }{{nameLetter, who}, {wordLetter, words}} {
		for _, w := range sqldb.AllWords(c.text) {
			l := lexeme(c.letter, w)
			if size += len(l); size > mostLexemes {
				break
			}
			all = append(all, l)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lexeme is one word behind its letter. The end of a very long one does not count.
func lexeme(letter, word string) string {
	word = strings.ToLower(word)
	for len(word) > longestLexeme {
		_, size := utf8.DecodeLastRuneInString(word)
		word = word[:len(word)-size]
	}
	return letter + word
}

// query asks for every word, the last as a prefix. Words hold letters, digits and marks alone, and stand in quotation
// marks: nothing a person types is an operator.
func query(letter string, words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = "'" + lexeme(letter, w) + "'"
	}
	if len(words) > 0 && sqldb.Prefixed(words) {
		parts[len(parts)-1] += ":*"
	}
	return strings.Join(parts, " & ")
}

// newest is how many passages are looked through one by one before the index is asked.
const newest = 3000

// find gives the ids of passages. The index brings all that hold a word together before they are sorted, which is slow
// for words that are everywhere; those are among the newest passages too. So these are looked through first.
func find(ctx context.Context, q sqldb.Queryer, s sqldb.Sought) ([]int64, error) {
	args := sqldb.Args{s.Most, s.Limit}
	var conditions []string
	var asked []string
	for _, part := range []string{query(wordLetter, s.Words), query(nameLetter, s.Names)} {
		if part != "" {
			asked = append(asked, part)
		}
	}
	if len(asked) > 0 {
		conditions = append(conditions, "p.found @@ "+args.Arg(strings.Join(asked, " & "))+"::tsquery")
	}
	if len(s.What) > 0 {
		conditions = append(conditions, "p.what IN ('"+strings.Join(s.What, "', '")+"')") // letters of ours
		if !slices.Contains(s.What, "s") {
			conditions = append(conditions, "p.what <> 's'") // as its index has it
		}
	}
	if c := sqldb.Chosen(s.In, "", &args); c != "" {
		conditions = append(conditions, "p.meeting IN (SELECT id FROM meetings WHERE "+c+")")
	}
	where, order := " WHERE "+strings.Join(conditions, " AND "), " ORDER BY p.id DESC LIMIT $2"
	near := `SELECT p.id FROM (SELECT id, meeting, what, found FROM passages WHERE id <= $1 ORDER BY id DESC LIMIT ` + args.Arg(newest) + `) AS p` + where + order
	ids, err := read(ctx, q, near, args)
	if err != nil || len(ids) >= s.Limit {
		return ids, err
	}
	return read(ctx, q, `SELECT p.id FROM passages p`+where+" AND p.id <= $1"+order, args[:len(args)-1])
}

func read(ctx context.Context, q sqldb.Queryer, query string, args []any) (ids []int64, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
