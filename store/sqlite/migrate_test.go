package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// A database from before there were departments keeps what it holds, seen by those who saw it.
func TestUpgradeToDepartments(t *testing.T) {
	ctx := t.Context()
	d := upgraded(t, 4,
		`INSERT INTO meetings VALUES ('m1', 'kari', 'Gammelt møte', 0, '', '', 'referat', 'nb', '[]', '[]', '{}', 'draft', 'null', 1, 'null', 1, 1)`,
		`INSERT INTO meetings VALUES ('m2', 'ola', 'Et annet', 0, '', '', 'referat', 'nb', '[]', '[]', '{}', 'draft', 'null', 1, 'null', 2, 2)`,
		`INSERT INTO events (meeting, owner, type, state, stage, progress, code, happened) VALUES ('m1', 'kari', 'state', 'draft', '', 1, '', 1), ('m2', 'ola', 'state', 'draft', '', 1, '', 2)`)
	for _, c := range []struct {
		who  string
		seen *store.Sight
		want []string
	}{
		{"the owner", &store.Sight{Owner: "kari"}, []string{"m1"}},
		{"an administrator", &store.Sight{Owner: "sjef", Unassigned: true}, []string{"m2", "m1"}},
		{"a member of some department", &store.Sight{Departments: []string{"d"}}, nil},
	} {
		page, _, err := d.Meetings(ctx, store.MeetingFilter{Seen: c.seen})
		if err != nil {
			t.Fatal(err)
		}
		events, err := d.EventsAfter(ctx, "", c.seen, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) != len(c.want) || len(events) != len(c.want) {
			t.Fatalf("%s sees %d meetings and %d events, want %v", c.who, len(page), len(events), c.want)
		}
		for i, m := range page {
			if m.ID != c.want[i] || m.Department != "" || m.Title == "" {
				t.Errorf("%s sees %+v, want %s", c.who, m, c.want[i])
			}
		}
	}
}

// A database from before searches knew speakers, decisions and tasks finds what it found, and says what is to be read
// anew.
func TestUpgradeToPassages(t *testing.T) {
	ctx := t.Context()
	d := upgraded(t, 6,
		`INSERT INTO meetings (id, owner, department, title, held, place, body, kind, language, participants, agenda, options, state, failure, progress, recording, created, updated)
			VALUES ('m2', 'kari', '', 'Eldst', 0, '', '', 'referat', 'nb', '[]', '[]', '{}', 'draft', 'null', 1, 'null', 1, 1),
				('m1', 'kari', '', 'Nyest', 0, '', '', 'referat', 'nb', '[]', '[]', '{}', 'draft', 'null', 1, 'null', 2, 2),
				('m3', 'kari', '', 'Tomt', 0, '', '', 'referat', 'nb', '[]', '[]', '{}', 'uploading', 'null', 0, 'null', 3, 3)`,
		`INSERT INTO segments (meeting, segment, starts, words) VALUES ('m1', 's1', 1, 'snøfreser en'), ('m2', 's1', 1, 'snøfreser to'), ('m1', 's2', 2, 'snøfreser tre')`,
		`INSERT INTO artifacts VALUES ('m1', 'transcript', 0, 1, 'b1', 1, '', 1), ('m2', 'transcript', 0, 1, 'b2', 1, '', 1)`)
	hits, _, err := d.Search(ctx, store.SearchQuery{Text: "snøfr"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, h := range hits {
		got += h.Meeting + h.Segment + " "
	}
	if got != "m1s1 m1s2 m2s1 " {
		t.Errorf("found: %s", got)
	}
	stale, err := d.StaleIndexes(ctx, "", 0)
	if err != nil || !slices.Equal(stale, []string{"m1", "m2"}) {
		t.Errorf("stale: %v, %v", stale, err)
	}
	err = d.Tx(ctx, func(tx store.Tx) error {
		if err := tx.IndexTranscript(ctx, "m1", &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1", Name: "Kari"}}, Segments: []referent.Segment{{ID: "s1", Start: 1, Speaker: "S1", Text: "snøfreser en"}}}); err != nil {
			return err
		}
		if err := tx.CreateMeeting(ctx, &referent.Meeting{ID: "m4"}, nil); err != nil {
			return err
		}
		return errors.Join(tx.IndexTranscript(ctx, "m4", &referent.Transcript{Segments: []referent.Segment{{ID: "s1", Text: "snøfreser"}}}), tx.MarkIndexed(ctx, "m1"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if hits, _, err := d.Search(ctx, store.SearchQuery{Text: "snøfreser"}); err != nil || len(hits) != 3 || hits[0].Meeting != "m4" || hits[1].Speaker != "Kari" {
		t.Errorf("found afterwards: %+v, %v", hits, err)
	}
	if stale, err := d.StaleIndexes(ctx, "", 0); err != nil || !slices.Equal(stale, []string{"m2"}) {
		t.Errorf("stale afterwards: %v, %v", stale, err)
	}
}

// upgraded is a database of an older release, with what the statements put there, opened by this one.
func upgraded(t *testing.T, version int64, statements ...string) *DB {
	t.Helper()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "old.db")
	old, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	upTo(t, ctx, old, version)
	for _, statement := range statements {
		if _, err := old.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// upTo makes the schema of an older release.
func upTo(t *testing.T, ctx context.Context, db *sql.DB, version int64) {
	t.Helper()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		t.Fatal(err)
	}
}

// Roles and people from before there were providers stay what they were: given by hand, and local.
func TestUpgradeToIdentities(t *testing.T) {
	ctx := t.Context()
	d := upgraded(t, 6,
		`INSERT INTO users VALUES ('u1', 'kari', 'kari', 'hash', 1, 'nn', 1)`,
		`INSERT INTO memberships VALUES ('u1', '*', 'auditor', 2)`,
		`INSERT INTO sessions VALUES ('h', 'u1', 1, 2)`)
	u, err := d.User(ctx, "u1")
	if err != nil || !u.Admin || u.AdminByClaim || u.Disabled || u.Issuer != "" || u.PasswordHash != "hash" || u.Locale != "nn" {
		t.Errorf("the user became %+v, %v", u, err)
	}
	roles, err := d.Memberships(ctx, "")
	if err != nil || len(roles) != 1 || roles[0].Role != "auditor" || roles[0].ByClaim || roles[0].Created.UnixMicro() != 2 {
		t.Errorf("the roles became %+v, %v", roles, err)
	}
	if v, err := d.Session(ctx, "h"); err != nil || v.Issuer != "" {
		t.Errorf("the session became %+v, %v", v, err)
	}
}
