package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
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

// Whatever somebody does to the file is found. The first link is the beginning; then, five times, come a receipt, a
// reading and an act.
func TestTampering(t *testing.T) {
	for name, c := range map[string]struct {
		do       []string
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
		"who read":                      {do: []string{`UPDATE readings SET user_id = 'u7' WHERE id = 4`}, database: "row_other 12 readings 4"},
		"how long somebody read":        {do: []string{`UPDATE readings SET last_at = last_at + 1, times = 9 WHERE id = 4`}}, // is not proved
		"all links":                     {do: []string{`DELETE FROM audit`}, noted: true, database: "truncated 1", file: "truncated 1"},
	} {
		t.Run(name, func(t *testing.T) {
			path, noted := logged(t)
			tamper(t, path, c.do...)
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
