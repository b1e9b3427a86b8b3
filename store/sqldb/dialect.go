package sqldb

import (
	"context"
	"database/sql"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// Dialect is what a database does in its own way.
type Dialect struct {
	// Explain turns an error of the driver into one with the code that says what a caller can do, and with the
	// store's own name for it where it has one. nil: it means no more than that something broke. What it says
	// must name columns and constraints only, never values.
	Explain func(err error, op string) *referent.Error
	// Along is the hint that a table is read along an index, to stand after the table's name.
	Along func(index string) string
	// Row is the column that tells a table's rows apart within one statement, whatever its key.
	Row string
	// Size is the expression of how many bytes the database takes up on the disk.
	Size string
	// Snapshot opens a transaction in which all reads see one state.
	Snapshot sql.TxOptions
	// PutPassage adds a passage, or puts it in the place of the one with its id: $1 to $8 are its id, meeting, what,
	// item, segment, starts, who and words, and the rest is what Lexemes gives.
	PutPassage string
	// Lexemes are the further arguments of PutPassage; nil: none.
	Lexemes func(who, words string) []any
	// Find gives the ids of the passages that are sought, falling from s.Most.
	Find func(ctx context.Context, q Queryer, s Sought) ([]int64, error)
	// Catalog is how it tells of its tables, for copies.
	Catalog Catalog
}

// Sought is what a search asks for: passages that hold all of Words and are by somebody whose name holds all of Names.
// One of these, or What, is not empty. Of the last word and the last name the beginning is enough, where Prefixed says so.
type Sought struct {
	Words []string // as WordsOf gives them
	Names []string
	What  []string // the letters of passages.what; none: all
	In    store.Choice
	Most  int64 // the greatest id
	Limit int
}
