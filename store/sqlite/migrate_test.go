package sqlite

import (
	"context"
	"database/sql"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/referent/referent/store"
)

// A database from before there were departments keeps what it holds, seen by those who saw it.
func TestUpgradeToDepartments(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "old.db")
	old, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	upTo(t, ctx, old, 4)
	for _, statement := range []string{
		`INSERT INTO meetings VALUES ('m1', 'kari', 'Gammelt møte', 0, '', '', 'referat', 'nb', '[]', '[]', '{}', 'draft', 'null', 1, 'null', 1, 1)`,
		`INSERT INTO meetings VALUES ('m2', 'ola', 'Et annet', 0, '', '', 'referat', 'nb', '[]', '[]', '{}', 'draft', 'null', 1, 'null', 2, 2)`,
		`INSERT INTO events (meeting, owner, type, state, stage, progress, code, happened) VALUES ('m1', 'kari', 'state', 'draft', '', 1, '', 1), ('m2', 'ola', 'state', 'draft', '', 1, '', 2)`,
	} {
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
	defer d.Close()
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

// Roles and people from before there were providers stay what they were: given by hand, and local.
func TestUpgradeToIdentities(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "old.db")
	old, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	upTo(t, ctx, old, 6)
	for _, statement := range []string{
		`INSERT INTO users VALUES ('u1', 'kari', 'kari', 'hash', 1, 'nn', 1)`,
		`INSERT INTO memberships VALUES ('u1', '*', 'auditor', 2)`,
		`INSERT INTO sessions VALUES ('h', 'u1', 1, 2)`,
	} {
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
	defer d.Close()
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
