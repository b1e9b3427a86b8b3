package sqlite

import (
	"database/sql"

	"github.com/referent/referent/store/sqldb"
)

var dialect = sqldb.Dialect{
	Explain:  explain,
	Along:    func(index string) string { return "INDEXED BY " + index },
	Row:      "rowid",
	Size:     "(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())",
	Snapshot: sql.TxOptions{ReadOnly: true},
	PutPassage: `INSERT INTO passages (id, meeting, what, item, segment, starts, who, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET what = excluded.what, item = excluded.item, segment = excluded.segment,
			starts = excluded.starts, who = excluded.who, words = excluded.words`,
	Find:    find,
	Catalog: catalog,
}
