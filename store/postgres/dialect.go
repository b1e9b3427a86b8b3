package postgres

import (
	"database/sql"

	"github.com/referent/referent/store/sqldb"
)

var dialect = sqldb.Dialect{
	Explain:  explain,
	Along:    func(string) string { return "" },
	Row:      "ctid",
	Size:     "pg_database_size(current_database())",
	Snapshot: sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	PutPassage: `INSERT INTO passages (id, meeting, what, item, segment, starts, who, words, found)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, array_to_tsvector($9::text[]))
		ON CONFLICT (id) DO UPDATE SET what = excluded.what, item = excluded.item, segment = excluded.segment,
			starts = excluded.starts, who = excluded.who, words = excluded.words, found = excluded.found`,
	Lexemes: func(who, words string) []any { return []any{lexemes(who, words)} },
	Find:    find,
	Catalog: catalog,
}
