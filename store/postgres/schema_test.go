package postgres_test

import (
	"database/sql"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqlite"
)

// columns lists "table.column" as a query gives them, without what only one of the two has.
func columns(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		if table != "goose_db_version" && !strings.Contains(table, "_fts") && !strings.HasPrefix(table, "sqlite_") && table+"."+column != "passages.found" {
			all = append(all, table+"."+column)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// Both databases have the same schema under the same number, so that what is written for one runs on the other.
func TestSchemaIsThatOfSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	small, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	large := other(t, database(t))
	want := columns(t, small, `SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`)
	got := columns(t, large, `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'`)
	if !slices.Equal(got, want) {
		t.Errorf("the columns are\n%v\nthose of SQLite\n%v", got, want)
	}
	if len(want) < 150 {
		t.Errorf("only %d columns were compared", len(want))
	}
	var a, b int
	const newest = `SELECT MAX(version_id) FROM goose_db_version`
	if err := small.QueryRow(newest).Scan(&a); err != nil {
		t.Fatal(err)
	}
	if err := large.QueryRow(newest).Scan(&b); err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Errorf("the newest migration is %d, SQLite's %d", b, a)
	}
}

// Texts are compared by their bytes, whatever the database was made with: the tests' own is Norwegian.
func TestCollations(t *testing.T) {
	db := other(t, database(t))
	var wrong int
	err := db.QueryRow(`SELECT COUNT(*) FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'goose_db_version' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`).Scan(&wrong)
	if err != nil || wrong != 0 {
		t.Errorf("%d columns are not of the collation C, %v", wrong, err)
	}
	var norwegian bool
	if err := db.QueryRow(`SELECT 'Ås' > 'Øl'`).Scan(&norwegian); err != nil || !norwegian {
		t.Errorf("the database of the tests sorts as if it were C, so that they would prove nothing; %v", err)
	}
}

// What the planner samples lies where Scrub does not go, so it must hold nothing that is anybody's.
func TestSamplesHoldNoText(t *testing.T) {
	address := database(t)
	d, secret := open(t, address), "Xanadu"
	err := d.Tx(t.Context(), func(tx store.Tx) error {
		for i := range 30 {
			m := &referent.Meeting{ID: fmt.Sprint("m", i), Title: fmt.Sprint(secret, i), Place: fmt.Sprint(secret, i), Purpose: fmt.Sprint(secret, i), LegalBasis: fmt.Sprint(secret, i),
				Participants: []referent.Participant{{Name: fmt.Sprint(secret, i)}}, Agenda: []referent.AgendaItem{{Title: fmt.Sprint(secret, i)}}}
			if err := tx.CreateMeeting(t.Context(), m, fmt.Append(nil, secret, i)); err != nil {
				return err
			}
			if err := tx.IndexTranscript(t.Context(), m.ID, &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1", Name: secret}}, Segments: []referent.Segment{{ID: "s", Speaker: "S1", Text: secret}}}); err != nil {
				return err
			}
			if err := tx.IndexMinutes(t.Context(), m.ID, []store.Statement{{Text: secret}}, []store.Task{{ID: "t", Text: secret, Owner: secret, Status: secret}}); err != nil {
				return err
			}
			if err := tx.CreateUpload(t.Context(), &store.Upload{ID: fmt.Sprint("u", i), Meeting: m.ID, HashState: []byte(secret)}); err != nil {
				return err
			}
			if err := tx.PutUser(t.Context(), &store.User{ID: fmt.Sprint("u", i), Name: fmt.Sprint(secret, i), DisplayName: secret, PasswordHash: secret, Subject: secret}); err != nil {
				return err
			}
			if err := tx.PutWordList(t.Context(), &store.WordList{Department: fmt.Sprint("d", i), Words: []string{secret}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	db := other(t, address)
	if _, err := db.Exec(`ANALYZE`); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(`SELECT tablename, attname, COALESCE(most_common_vals::text, '') || COALESCE(histogram_bounds::text, '') || COALESCE(most_common_elems::text, '')
		FROM pg_stats WHERE schemaname = 'public'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	sampled := map[string]bool{}
	for rows.Next() {
		var table, column, held string
		if err := rows.Scan(&table, &column, &held); err != nil {
			t.Fatal(err)
		}
		sampled[table+"."+column] = true
		if strings.Contains(strings.ToLower(held), strings.ToLower(secret)) || strings.Contains(held, fmt.Sprintf("%x", secret)) {
			t.Errorf("%s.%s is sampled", table, column)
		}
	}
	if !sampled["meetings.department"] || !sampled["passages.meeting"] {
		t.Errorf("only these are sampled: %v", slices.Sorted(maps.Keys(sampled)))
	}
}

// Scrub goes to every table but those that hold ids only, and none of which rows are deleted or changed.
func TestScrubGoesEverywhere(t *testing.T) {
	address := database(t)
	db := other(t, address)
	files := func() map[string]int64 {
		t.Helper()
		rows, err := db.Query(`SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		all := map[string]int64{}
		for rows.Next() {
			var name string
			var file int64
			if err := rows.Scan(&name, &file); err != nil {
				t.Fatal(err)
			}
			all[name] = file
		}
		return all
	}
	before := files()
	if err := open(t, address).Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := files()
	var same []string
	for name, file := range before {
		if after[name] == file {
			same = append(same, name)
		}
	}
	slices.Sort(same)
	if want := []string{"duties", "goose_db_version", "pings", "receipts", "servers"}; !slices.Equal(same, want) {
		t.Errorf("not written anew are %v, want %v", same, want)
	}
}
