package postgres

import (
	"context"
	"fmt"
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
// marks: nothing a person types is an operator. fast is what of it the index answers in little time: so many words begin
// with two or three letters that to bring together where they all are takes longer than to look through the passages.
func query(letter string, words []string) (all, fast []string) {
	for _, w := range words {
		all = append(all, "'"+lexeme(letter, w)+"'")
	}
	fast = all
	if last := len(all) - 1; last >= 0 && sqldb.Prefixed(words) {
		all[last] += ":*"
		if utf8.RuneCountInString(words[last]) < 4 {
			fast = all[:last]
		}
	}
	return all, fast
}

const (
	newest = 3000 // passages that are looked through one by one before the index is asked
	most   = 4000 // passages that the index may bring
)

// find gives the ids of passages. The index brings all that hold a word before they can be sorted, which is slow for words
// that are everywhere; the list of all passages, newest first, is slow for those that are rare. How common a word is
// nobody knows: the planner keeps no samples (see the schema). So the newest passages are looked through first, which
// is enough for the common words of somebody who sees much; then the index is asked, which gives up when it brings too
// many; then the list.
func find(ctx context.Context, q sqldb.Queryer, s sqldb.Sought) ([]int64, error) {
	args := sqldb.Args{s.Most, s.Limit}
	words, fastWords := query(wordLetter, s.Words)
	names, fastNames := query(nameLetter, s.Names)
	all, fast := slices.Concat(words, names), slices.Concat(fastWords, fastNames)
	conditions := []string{"true"}
	if len(all) > 0 {
		// The index cannot answer it in this form, and is asked apart from it.
		conditions = append(conditions, "(found @@ "+args.Arg(strings.Join(all, " & "))+"::tsquery) IS TRUE")
	}
	if len(s.What) > 0 {
		conditions = append(conditions, "what IN ('"+strings.Join(s.What, "', '")+"')") // letters of ours
		if !slices.Contains(s.What, "s") {
			conditions = append(conditions, "what <> 's'") // as its index has it
		}
	}
	if c := sqldb.Chosen(s.In, "", &args); c != "" {
		conditions = append(conditions, "meeting IN (SELECT id FROM meetings WHERE "+c+")")
	}
	chosen := strings.Join(conditions, " AND ")
	const falling = " ORDER BY id DESC LIMIT "
	if len(all) > 0 {
		ids, err := read(ctx, q, fmt.Sprintf(`SELECT id FROM (SELECT id, meeting, what, found FROM passages WHERE id <= $1%s%d) AS p WHERE %s%s$2`,
			falling, newest, chosen, falling), args)
		if err != nil || len(ids) >= s.Limit {
			return ids, err
		}
	}
	if len(fast) > 0 {
		few := args
		held := "found @@ " + few.Arg(strings.Join(fast, " & ")) + "::tsquery"
		ids, err := read(ctx, q, fmt.Sprintf(`WITH p AS MATERIALIZED (SELECT id, meeting, what, found FROM passages WHERE id <= $1 AND %s LIMIT %d)
			SELECT id FROM (SELECT id FROM p WHERE (SELECT COUNT(*) FROM p) <= %d AND %s
				UNION ALL SELECT -1 WHERE (SELECT COUNT(*) FROM p) > %[3]d) AS few%[5]s$2`, held, most+1, most, chosen, falling), few)
		if err != nil || len(ids) == 0 || ids[0] >= 0 {
			return ids, err
		}
	}
	return read(ctx, q, `SELECT id FROM passages WHERE id <= $1 AND `+chosen+falling+`$2`, args)
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
