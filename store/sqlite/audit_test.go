package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent/audit"
	"github.com/referent/referent/store"
)

// logged is a database with links of every log, closed, and its head.
func logged(t *testing.T) (path string, noted audit.Head) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "x.db")
	d, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for i := range 5 {
		err := d.Tx(ctx, func(tx store.Tx) error {
			id := fmt.Sprint("m", i)
			if err := tx.AddReceipt(ctx, store.Receipt{Meeting: id, By: "u1", Blobs: i, At: time.Now()}); err != nil {
				return err
			}
			if err := tx.AddReading(ctx, &store.Reading{User: "u1", Meeting: id, What: store.ReadMinutes, First: time.Now(), Last: time.Now(), Times: 1}); err != nil {
				return err
			}
			return tx.AddAct(ctx, &store.Act{What: store.ActRoleGiven, By: "u1", User: "u2", Role: "admin"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if noted, err = d.AuditHead(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path, noted
}

// tamper runs statements as somebody does who has the file.
func tamper(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
}

// rehash computes the chain anew from a link on, as somebody does who can write the database and knows how.
func rehash(t *testing.T, path string, from int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	head := audit.Head{Seq: from - 1}
	if err := db.QueryRow(`SELECT hash FROM audit WHERE seq = $1`, head.Seq).Scan(&head.Hash); err != nil {
		t.Fatal(err)
	}
	for {
		var text string
		if db.QueryRow(`SELECT entry FROM audit WHERE seq = $1`, head.Seq+1).Scan(&text) != nil {
			return
		}
		e, err := audit.Link{Entry: []byte(text)}.Parse()
		if err != nil {
			t.Fatal(err)
		}
		l, err := audit.Next(head, e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`UPDATE audit SET prev = $1, hash = $2, entry = $3 WHERE seq = $4`, l.Prev, l.Hash, string(l.Entry), l.Seq); err != nil {
			t.Fatal(err)
		}
		head = audit.Head{Seq: l.Seq, Hash: l.Hash}
	}
}

// verified opens the file, and checks it with the head and, exported, without the logs.
func verified(t *testing.T, path string, noted *audit.Head) (inPlace, exported string) {
	t.Helper()
	ctx := context.Background()
	d, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r, err := d.VerifyAudit(ctx, noted)
	if err != nil {
		t.Fatal(err)
	}
	links, err := d.AuditLinks(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var file []byte
	for _, l := range links {
		if file, err = l.AppendLine(file); err != nil {
			t.Fatal(err)
		}
	}
	f, err := audit.VerifyFile(bytes.NewReader(file), noted)
	if err != nil {
		t.Fatal(err)
	}
	return faults(r), faults(f)
}

func faults(r *audit.Report) string {
	var all []string
	for _, p := range r.Findings {
		s := fmt.Sprint(p.Fault, " ", p.Seq)
		if p.Table != "" {
			s += fmt.Sprint(" ", p.Table, " ", p.Row)
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

// all changes every log, and others is what is found of it.
var all = []string{`UPDATE administration SET role = 'x' WHERE id = 1`, `UPDATE readings SET user_id = 'u7' WHERE id = 2`, `DELETE FROM receipts WHERE id = 3`}

const others = "row_other 4 administration 1, row_other 6 readings 2, row_gone 8 receipts 3"

// hides says of every log that no link tells of its rows up to an id.
func hides(through int64) map[string]audit.Past {
	p := audit.Past{Through: through}
	return map[string]audit.Past{"administration": p, "receipts": p, "readings": p, "history": p}
}

// forge appends a link that says what the chain stands on. The hash "of 15" stands for what that link's was.
func forge(t *testing.T, path, kind string, base audit.Base) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var head audit.Head
	if err := db.QueryRow(`SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&head.Seq, &head.Hash); err != nil {
		t.Fatal(err)
	}
	if base.Hash != "" {
		if err := db.QueryRow(`SELECT prev FROM audit ORDER BY seq LIMIT 1`).Scan(&base.Hash); err != nil {
			t.Fatal(err)
		}
	}
	facts, err := json.Marshal(base)
	if err != nil {
		t.Fatal(err)
	}
	l, err := audit.Next(head, audit.Entry{At: time.Now(), Kind: kind, Facts: facts})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO audit (seq, prev, hash, entry) VALUES ($1, $2, $3, $4)`, l.Seq, l.Prev, l.Hash, string(l.Entry)); err != nil {
		t.Fatal(err)
	}
}

// Whatever somebody does to the file is found. The first link is the beginning; then, five times, come a receipt, a
// reading and an act.
func TestTampering(t *testing.T) {
	for name, c := range map[string]struct {
		do       []string
		forge    string // a link of this kind is appended
		base     audit.Base
		rehash   int64 // from this link on; 0: not
		noted    bool
		database string
		file     string
	}{
		"nothing":                       {noted: true},
		"a link's entry":                {do: []string{`UPDATE audit SET entry = replace(entry, '"u2"', '"u3"') WHERE seq = 7`}, database: "changed 7, row_other 7 administration 2", file: "changed 7"},
		"a link's entry, no JSON":       {do: []string{`UPDATE audit SET entry = 'x' || char(10) || 'y' WHERE seq = 7`}, database: "changed 7, row_stray 0 administration 2", file: "changed 7"},
		"a link's entry and its hash":   {do: []string{`UPDATE audit SET entry = replace(entry, '"u2"', '"u3"'), hash = 'ff' WHERE seq = 7`}, database: "changed 7, row_other 7 administration 2, parted 8", file: "changed 7, parted 8"},
		"a link in the middle":          {do: []string{`DELETE FROM audit WHERE seq = 7`}, database: "removed 8, row_stray 0 administration 2", file: "removed 8"},
		"two links swapped":             {do: []string{`UPDATE audit SET seq = -1 WHERE seq = 6`, `UPDATE audit SET seq = 6 WHERE seq = 9`, `UPDATE audit SET seq = 9 WHERE seq = -1`}, database: "changed 6, parted 6, row_stray 0 readings 2, parted 7, changed 9, parted 9, parted 10", file: "removed 9, misplaced 7, misplaced 6, removed 10"},
		"the newest, head not noted":    {do: []string{`DELETE FROM audit WHERE seq = 16`}, database: "row_stray 0 administration 5"},
		"the newest and its row":        {do: []string{`DELETE FROM audit WHERE seq = 16`, `DELETE FROM administration WHERE id = 5`}},
		"the newest, head noted":        {do: []string{`DELETE FROM audit WHERE seq = 16`, `DELETE FROM administration WHERE id = 5`}, noted: true, database: "truncated 15", file: "truncated 15"},
		"the oldest":                    {do: []string{`DELETE FROM audit WHERE seq <= 4`}, database: "row_stray 0 receipts 1, row_stray 0 readings 1, row_stray 0 administration 1, beheaded 5"},
		"all computed anew":             {do: []string{`UPDATE audit SET entry = replace(entry, '"u2"', '"u3"') WHERE seq = 7`, `UPDATE administration SET on_user = 'u3' WHERE id = 2`}, rehash: 7},
		"all computed anew, head noted": {do: []string{`UPDATE audit SET entry = replace(entry, '"u2"', '"u3"') WHERE seq = 7`, `UPDATE administration SET on_user = 'u3' WHERE id = 2`}, rehash: 7, noted: true, database: "rewritten 16", file: "rewritten 16"},
		"an act":                        {do: []string{`UPDATE administration SET role = 'auditor' WHERE id = 3`}, database: "row_other 10 administration 3"},
		"an act is gone":                {do: []string{`DELETE FROM administration WHERE id = 3`}, database: "row_gone 10 administration 3"},
		"a receipt is made up":          {do: []string{`INSERT INTO receipts (id, meeting, what, erased_by, erased, blobs, bytes, key_gone) VALUES (9, 'm9', 'meeting', 'u1', 1, 1, 1, 1)`}, database: "row_stray 0 receipts 9"},
		"one before all others":         {do: []string{`INSERT INTO receipts (id, meeting, what, erased_by, erased, blobs, bytes, key_gone) VALUES (-1, 'm9', 'meeting', 'u1', 1, 1, 1, 1)`, `UPDATE readings SET id = 0 WHERE id = 3`}, database: "row_stray 0 readings 0, past_other 0 receipts 0"},
		"who read":                      {do: []string{`UPDATE readings SET user_id = 'u7' WHERE id = 4`}, database: "row_other 12 readings 4"},
		"how long somebody read":        {do: []string{`UPDATE readings SET last_at = last_at + 1, times = 9 WHERE id = 4`}}, // is not proved
		"all links":                     {do: []string{`DELETE FROM audit`}, noted: true, database: "truncated 1", file: "truncated 1"},
		"a second beginning":            {do: all, forge: audit.Began, base: audit.Base{Tables: hides(1 << 40)}, noted: true, database: others + ", baseless 17", file: "baseless 17"},
		"a pruning of nothing":          {do: all, forge: audit.Pruned, base: audit.Base{At: time.Now(), Tables: hides(1 << 40)}, noted: true, database: others + ", baseless 17", file: "baseless 17"},
		"a pruning of what is there":    {do: all, forge: audit.Pruned, base: audit.Base{Through: 3, At: time.Now(), Tables: hides(1 << 40)}, noted: true, database: others + ", baseless 17", file: "baseless 17"},
		"a pruning of what is to come":  {do: all, forge: audit.Pruned, base: audit.Base{Through: 40, At: time.Now(), Tables: hides(1 << 40)}, noted: true, database: others + ", baseless 17", file: "baseless 17"},
		"a pruning that hides rows":     {do: []string{`DELETE FROM audit WHERE seq < 16`}, forge: audit.Pruned, base: audit.Base{Through: 15, Hash: "of 15", At: time.Now(), Tables: hides(5)}, database: "past_other 0 administration 0, past_other 0 receipts 0, baseless 16 administration 5", file: ""},
	} {
		t.Run(name, func(t *testing.T) {
			path, noted := logged(t)
			tamper(t, path, c.do...)
			if c.forge != "" {
				forge(t, path, c.forge, c.base)
			}
			if c.rehash > 0 {
				rehash(t, path, c.rehash)
			}
			head := &noted
			if !c.noted {
				head = nil
			}
			if database, file := verified(t, path, head); database != c.database || file != c.file {
				t.Errorf("in the database:\n got %q\nwant %q\nin the file:\n got %q\nwant %q", database, c.database, file, c.file)
			}
		})
	}
}

// The chain of a database from before it begins with what the logs held, which cannot be changed since either.
func TestUpgradeToAudit(t *testing.T) {
	d := upgraded(t, 15,
		`INSERT INTO administration (what, done_by, on_user, department, role, done_at) VALUES ('user_made', 'u1', 'u2', '', '', 1), ('role_given', 'u1', 'u2', 'd', 'r', 2)`,
		`INSERT INTO receipts (meeting, what, erased_by, erased, blobs, bytes, key_gone) VALUES ('m1', 'meeting', 'u1', 1, 2, 3, 1)`)
	links, err := d.AuditLinks(t.Context(), 0, 0)
	if err != nil || len(links) != 1 {
		t.Fatal(links, err)
	}
	e, err := links[0].Parse()
	if err != nil || e.Kind != audit.Began {
		t.Fatal(e, err)
	}
	var base audit.Base
	if err := json.Unmarshal(e.Facts, &base); err != nil || base.Tables["administration"].Rows != 2 || base.Tables["administration"].Through != 2 || base.Tables["receipts"].Rows != 1 {
		t.Errorf("it begins with %+v, %v", base, err)
	}
	verify := func(want string) {
		t.Helper()
		if r, err := d.VerifyAudit(t.Context(), nil); err != nil || faults(r) != want {
			t.Errorf("%v, %v, want %q", r, err, want)
		}
	}
	verify("")
	if _, err := d.writer.Exec(`UPDATE administration SET role = 'x' WHERE id = 2`); err != nil {
		t.Fatal(err)
	}
	verify("past_other 0 administration 0")
}

// What had its time does not go where somebody was at it: it would take the proof of that with it. Readings go all the
// same.
func TestPruneTampered(t *testing.T) {
	for name, c := range map[string]struct {
		do   string
		want error
	}{
		"nothing":              {},
		"no links":             {do: `DELETE FROM audit`},
		"the first is no JSON": {do: `UPDATE audit SET entry = 'x' WHERE seq = 1`, want: audit.ErrFaulty},
		"another is no JSON":   {do: `UPDATE audit SET entry = 'x' WHERE seq = 5`, want: audit.ErrFaulty},
		"a link":               {do: `UPDATE audit SET entry = replace(entry, '"u2"', '"u3"') WHERE seq = 7`, want: audit.ErrFaulty},
		"a link is gone":       {do: `DELETE FROM audit WHERE seq = 7`, want: audit.ErrFaulty},
		"the oldest are gone":  {do: `DELETE FROM audit WHERE seq <= 4`, want: audit.ErrFaulty},
		"an act":               {do: `UPDATE administration SET role = 'x' WHERE id = 2`, want: audit.ErrFaulty},
		"a receipt is gone":    {do: `DELETE FROM receipts WHERE id = 2`, want: audit.ErrFaulty},
		"a receipt is made up": {do: `INSERT INTO receipts (id, meeting, what, erased_by, erased, blobs, bytes, key_gone) VALUES (-1, 'm9', 'meeting', 'u1', 1, 1, 1, 1)`, want: audit.ErrFaulty},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := logged(t)
			d, err := Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if _, err := d.writer.Exec(c.do); err != nil {
				t.Fatal(err)
			}
			before := count(t, d)
			err = d.Tx(t.Context(), func(tx store.Tx) error {
				_, err := tx.PruneAudit(t.Context(), time.Now().AddDate(0, 0, 2))
				return err
			})
			if !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("%v, want %v", err, c.want)
			}
			if after := count(t, d); c.want != nil && after != before {
				t.Errorf("%d links, there were %d", after, before)
			}
		})
	}
}

func count(t *testing.T, d *DB) (n int) {
	t.Helper()
	if err := d.writer.QueryRow(`SELECT COUNT(*) FROM audit`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Rows of before the oldest link that were changed keep the rest where it is.
func TestPruneAfterPast(t *testing.T) {
	path, _ := logged(t)
	now := time.Now()
	d, err := Open(t.Context(), path, WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	prune := func() error {
		return d.Tx(t.Context(), func(tx store.Tx) error { _, err := tx.PruneAudit(t.Context(), now.AddDate(0, 0, -1)); return err })
	}
	now = now.AddDate(0, 0, 3)
	if err := prune(); err != nil || count(t, d) != 1 {
		t.Fatal(err, count(t, d))
	}
	r, err := d.VerifyAudit(t.Context(), nil)
	if err != nil || !r.OK() || len(r.Prunings) != 1 || r.Prunings[0].Through != 16 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r.Hold(48 * time.Hour); !r.OK() {
		t.Errorf("links that had their time: %s", faults(r))
	}
	if r.Hold(96 * time.Hour); faults(r) != "early 17" {
		t.Errorf("links that were young: %s", faults(r))
	}
	if _, err := d.writer.Exec(`UPDATE administration SET role = 'x' WHERE id = 2`); err != nil {
		t.Fatal(err)
	}
	now = now.AddDate(0, 0, 3)
	if err := prune(); !errors.Is(err, audit.ErrFaulty) || count(t, d) != 1 {
		t.Errorf("%v, %d links", err, count(t, d))
	}
}

// A clock that was wrong for a while keeps nothing from going, and takes nothing that is young.
func TestPruneWithWrongClock(t *testing.T) {
	now := time.Now().AddDate(-3, 0, 0)
	d, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	act := func() {
		t.Helper()
		if err := d.Tx(t.Context(), func(tx store.Tx) error { return tx.AddAct(t.Context(), &store.Act{What: store.ActUserMade}) }); err != nil {
			t.Fatal(err)
		}
	}
	now = now.AddDate(30, 0, 0)
	act() // 2
	now = now.AddDate(-30, 0, 0)
	act() // 3
	now = now.Add(-time.Minute)
	act() // 4, stamped as 3
	now = time.Now()
	act() // 5
	now = time.Now().AddDate(-20, 0, 0)
	act() // 6
	now = time.Now()
	if err := d.Tx(t.Context(), func(tx store.Tx) error { _, err := tx.PruneAudit(t.Context(), now.AddDate(0, 0, -30)); return err }); err != nil {
		t.Fatal(err)
	}
	r, err := d.VerifyAudit(t.Context(), nil)
	if err != nil || !r.OK() || r.First != 5 || r.Head.Seq != 7 || r.Back != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}
