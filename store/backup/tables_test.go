package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/store/sqldb"
	"github.com/referent/referent/store/sqlite"
)

// awkward is what a text may hold. PostgreSQL holds no NUL, and no text that is not UTF-8.
const awkward = "æøå \"'\\ <&> \u2028 \n🙂"

// values fills a row of any table, so that those which later migrations bring are tried too.
func values(t *sqldb.Table, n int, wrapped []byte) []any {
	row := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		switch c.Kind {
		case sqldb.KindText:
			row[i] = fmt.Sprint(awkward, c.Name, n)
		case sqldb.KindInteger:
			row[i] = int64(math.MaxInt64) - int64(n) - int64(i)<<8
		case sqldb.KindReal:
			row[i] = 1.0 / 3 * float64(n+1)
		case sqldb.KindBytes:
			row[i] = []byte{0, 255, byte(n), '"'}
		}
		switch t.Name + "." + c.Name {
		case "jobs.priority":
			row[i] = "bulk"
		case "jobs.state":
			row[i] = []any{"queued", "leased", "done"}[n%3]
		case "receipts.erased", "receipts.key_gone":
			row[i] = int64(n % 2)
		case "jobs.epoch", "jobs.attempt", "jobs.published", "uploads.expires":
			row[i] = int64(n)
		case "meeting_keys.wrapped":
			row[i] = wrapped
		case "uploads.hash_state":
			if n == 0 {
				row[i] = nil
			}
		case "meetings.stale":
			row[i] = int64(0)
		}
		switch {
		case c.Name == "blob":
			row[i] = fmt.Sprintf("m%d/%064x", n, n) // which is nowhere
		case c.Name == t.Meeting:
			row[i] = fmt.Sprint("m", n)
		case c.Name == "user_id" || t.Name == "users" && c.Name == "id":
			row[i] = fmt.Sprint("u", n)
		case c.Name == "id" && c.Kind == sqldb.KindInteger:
			row[i] = int64(n) + 1000
		}
	}
	return row
}

// whole reads all rows of a database that are copied, those of a table in the order of their print.
func whole(t *testing.T, from func(context.Context) (*sqldb.Snapshot, error)) map[string][]string {
	t.Helper()
	snap, err := from(t.Context())
	ok(t, err)
	defer snap.Close()
	all := map[string][]string{}
	for _, table := range snap.Tables {
		slices.SortFunc(table.Columns, func(a, b sqldb.Column) int { return strings.Compare(a.Name, b.Name) })
		ok(t, snap.Rows(t.Context(), &table, "", "~", func(row []any) error {
			line := ""
			for i, c := range table.Columns {
				line += fmt.Sprintf("%s=%#v ", c.Name, row[i])
			}
			all[table.Name] = append(all[table.Name], line)
			return nil
		}))
		slices.Sort(all[table.Name])
	}
	return all
}

// renewed are the tables of which not every value comes back.
var renewed = append([]string{"jobs", "meetings", "uploads", "settings", "meeting_keys"}, elsewhere...)

// elsewhere are the tables, some of a schema that is yet to come, whose rows must not come back.
var elsewhere = []string{"sessions", "invitations", "enrolments", "servers", "duties", "failed_signins", "creations"}

// Every table that there is comes back with every value, in either kind of database; but for what must not: who is signed
// in, and jobs that somebody was at. What comes from SQLite goes into PostgreSQL, and from there back.
func TestEveryTable(t *testing.T) {
	ctx, i := t.Context(), newInstallation(t)
	snap, err := sqlite.Snapshot(ctx, i.database())
	ok(t, err)
	tables, newest := snap.Tables, snap.Schema
	ok(t, snap.Close())
	if len(tables) < 20 {
		t.Fatalf("there are only %d tables", len(tables))
	}
	original := filepath.Join(t.TempDir(), "original.db")
	f, err := sqlite.Fill(ctx, original, newest)
	ok(t, err)
	vault := blob.NewVault(nil, i.keyring)
	for n := range 3 {
		_, wrapped, err := vault.NewKey()
		ok(t, err)
		for _, table := range tables {
			ok(t, f.Insert(ctx, table.Name, table.Columns, values(&table, n, wrapped)))
		}
	}
	ok(t, f.Commit())
	large, back := postgres.Config{URL: pgtest.Empty(t)}, filepath.Join(t.TempDir(), "back.db")
	fromFile := func(ctx context.Context) (*sqldb.Snapshot, error) { return sqlite.Snapshot(ctx, original) }
	fromServer := func(ctx context.Context) (*sqldb.Snapshot, error) { return postgres.Snapshot(ctx, large) }
	pass(t, i, fromFile, func(ctx context.Context, schema int64) (*sqldb.Filling, error) {
		return postgres.Fill(ctx, large, schema)
	})
	pass(t, i, fromServer, func(ctx context.Context, schema int64) (*sqldb.Filling, error) { return sqlite.Fill(ctx, back, schema) })

	before, after := whole(t, fromFile), whole(t, func(ctx context.Context) (*sqldb.Snapshot, error) { return sqlite.Snapshot(ctx, back) })
	between := whole(t, fromServer)
	for _, table := range tables {
		if slices.Contains(renewed, table.Name) {
			continue
		}
		if len(before[table.Name]) != 3 || !slices.Equal(before[table.Name], between[table.Name]) || !slices.Equal(before[table.Name], after[table.Name]) {
			t.Errorf("%s was\n%q, became\n%q and\n%q", table.Name, before[table.Name], between[table.Name], after[table.Name])
		}
	}
	for _, table := range elsewhere {
		there := slices.ContainsFunc(tables, func(t sqldb.Table) bool { return t.Name == table })
		if there != (len(before[table]) == 3) || len(between[table])+len(after[table]) != 0 {
			t.Errorf("%s were put back", table)
		}
	}
	for n, want := range []string{"attempt=0 ", "attempt=0 ", "attempt=2 "} {
		found := slices.ContainsFunc(between["jobs"], func(line string) bool {
			return strings.Contains(line, fmt.Sprintf("epoch=%d ", 1<<20+n)) && strings.Contains(line, want) && strings.Contains(line, "published=0 ") && !strings.Contains(line, `"leased"`)
		})
		if !found {
			t.Errorf("the jobs became\n%q", between["jobs"])
		}
	}
	if len(before["settings"]) != 3 || len(between["settings"]) != 2 || len(after["settings"]) != 2 {
		t.Errorf("the settings became %q", after["settings"])
	}
	if len(between["meeting_keys"]) != 3 || !slices.Equal(before["meeting_keys"], after["meeting_keys"]) {
		t.Error("the keys are not what they were")
	}

	// Both go on: numbers that were given are not given again.
	one, err := postgres.Open(ctx, large)
	ok(t, err)
	two, err := sqlite.Open(ctx, back)
	ok(t, err)
	for _, s := range []store.Store{one, two} {
		e := store.Event{Meeting: "m0"}
		ok(t, s.Tx(ctx, func(tx store.Tx) error { return tx.AddEvent(ctx, &e) }))
		if e.ID <= 1002+1<<20 {
			t.Errorf("the next event is number %d", e.ID)
		}
		ok(t, s.Close())
	}
	// Nothing is put over what is there.
	if f, err := postgres.Fill(ctx, large, newest); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("a full PostgreSQL database is taken: %v, %v", f, err)
	}
	if f, err := sqlite.Fill(ctx, back, newest); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("a full file is taken: %v, %v", f, err)
	}
}

// pass copies the rows of one database into another.
func pass(t *testing.T, i *installation, from func(context.Context) (*sqldb.Snapshot, error), to func(context.Context, int64) (*sqldb.Filling, error)) {
	t.Helper()
	src, c := i.source(), newCopies(t)
	src.Snapshot = from
	p := c.open(t)
	defer p.Close()
	m, err := p.Make(t.Context(), src, Options{KeysTo: c.keys, Keep: math.MaxInt64})
	ok(t, err)
	if m.Meetings != 3 || m.Missing == 0 {
		t.Errorf("the copy is %+v", m)
	}
	for n := range 3 { // a checkpoint whose blob is not there does not come back
		at := filepath.Join(c.data, dirBlobs, placeOf(t, fmt.Sprintf("m%d/%064x", n, n)))
		ok(t, os.MkdirAll(filepath.Dir(at), 0o700))
		ok(t, os.WriteFile(at, nil, 0o600))
	}
	k, err := ReadKeys(c.keys)
	ok(t, err)
	told, err := p.Rows(t.Context(), "", Target{Keys: k, Keyring: i.keyring, Fill: to, Forget: []string{awkward + "name0"}, Now: time.Unix(0, 0)})
	ok(t, err)
	if told.Meetings != 3 {
		t.Errorf("restored %+v", told)
	}
}

// Copies know blobs by the column's name: one of another name would be left out, unseen.
func TestBlobsAreNamedSo(t *testing.T) {
	snap, err := sqlite.Snapshot(t.Context(), newInstallation(t).database())
	ok(t, err)
	defer snap.Close()
	for _, table := range snap.Tables {
		for _, c := range table.Columns {
			if c.Kind == sqldb.KindText && c.Name != "blob" && (strings.Contains(c.Name, "blob") || strings.Contains(c.Name, "digest")) {
				t.Errorf("%s.%s would not be copied", table.Name, c.Name)
			}
			if c.Name == "blob" && table.Meeting == "" {
				t.Errorf("the blobs of %s go with no meeting", table.Name)
			}
		}
	}
}

// A table whose rows would outlive their meeting in the copies keeps copies from being made.
func TestTablesThatHideMeetings(t *testing.T) {
	for name, table := range map[string]string{
		"indirectly": `CREATE TABLE more (part TEXT REFERENCES jobs (id))`,
		"twice":      `CREATE TABLE more (one TEXT REFERENCES meetings (id), other TEXT REFERENCES meetings (id))`,
	} {
		i := newInstallation(t)
		db, err := sql.Open("sqlite", i.database())
		ok(t, err)
		_, err = db.ExecContext(t.Context(), table)
		ok(t, errors.Join(err, db.Close()))
		if s, err := sqlite.Snapshot(t.Context(), i.database()); referent.CodeOf(err) != referent.CodeInternal {
			t.Errorf("a table that goes with meetings %s is copied: %v, %v", name, s, err)
		}
	}
}

// A copy of every schema that there was can be put back, and opened.
func TestEverySchema(t *testing.T) {
	newest := int64(0)
	for schema := int64(1); schema == 1 || schema <= newest; schema++ {
		i, c := newInstallation(t), newCopies(t)
		snap, err := sqlite.Snapshot(t.Context(), i.database())
		ok(t, err)
		newest = snap.Schema
		ok(t, snap.Close())
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(i.database() + suffix); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
		f, err := sqlite.Fill(t.Context(), i.database(), schema)
		ok(t, err)
		receipt := []any{"z", "u", int64(1), int64(2), int64(3), int64(1)}
		ok(t, f.Insert(t.Context(), "receipts", []sqldb.Column{{Name: "meeting", Kind: sqldb.KindText}, {Name: "erased_by", Kind: sqldb.KindText}, {Name: "erased", Kind: sqldb.KindInteger},
			{Name: "blobs", Kind: sqldb.KindInteger}, {Name: "bytes", Kind: sqldb.KindInteger}, {Name: "key_gone", Kind: sqldb.KindInteger}}, receipt))
		ok(t, f.Commit())
		c.must(i)
		back, _, err := c.restore(t, "")
		if err != nil {
			t.Errorf("schema %d: %v", schema, err)
			continue
		}
		back.do(func(tx store.Tx) error {
			all, err := tx.Receipts(t.Context(), 0)
			if len(all) != 1 || all[0].Meeting != "z" || all[0].What != store.ErasedMeeting || all[0].Bytes != 3 {
				t.Errorf("schema %d: the receipts are %+v", schema, all)
			}
			return err
		})
	}
	if newest < 15 {
		t.Errorf("the newest schema is %d", newest)
	}
}

// A restore into PostgreSQL that was refused leaves a database that the next can use.
func TestRefusedRestoreLeavesRoom(t *testing.T) {
	i, c, old := keysOf(t)
	large := postgres.Config{URL: pgtest.Empty(t)}
	newer, err := ReadKeys(c.keys)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(c.keys, fileKeys), old, 0o600))
	older, err := ReadKeys(c.keys)
	ok(t, err)
	p := c.open(t)
	defer p.Close()
	filled := 0
	rows := func(k *Keys, now time.Time) error {
		_, err := p.Rows(t.Context(), "", Target{Keys: k, Keyring: i.keyring, Now: now, Fill: func(ctx context.Context, schema int64) (*sqldb.Filling, error) {
			filled++
			return postgres.Fill(ctx, large, schema)
		}})
		return err
	}
	if err := rows(older, i.now); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" || filled != 0 {
		t.Errorf("with older keys: %v, after %d tables were made", err, filled)
	}
	// One that fails when the tables are there.
	f, err := postgres.Fill(t.Context(), large, 14)
	ok(t, err)
	ok(t, f.Abort())
	if err := rows(newer, i.now); err != nil {
		t.Errorf("with the right keys: %v", err)
	}
	if err := rows(newer, i.now); referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("over what is there: %v", err)
	}
}
