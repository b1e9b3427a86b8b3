package postgres_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
)

func TestOpenRefuses(t *testing.T) {
	server := pgtest.Shared(t)
	address := database(t)
	name := strings.TrimPrefix(address[:strings.Index(address, "?")], "postgres://"+pgtest.Role+"@/")
	if err := server.Exec(t.Context(), "postgres", "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C' OWNER "+pgtest.Role,
		"CREATE DATABASE foreign_one TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'", "CREATE DATABASE careless OWNER "+pgtest.Role,
		"ALTER DATABASE careless SET synchronous_commit = off"); err != nil {
		t.Fatal(err)
	}
	tcp := server.TCP(address)
	localhost := strings.Replace(tcp, "127.0.0.1", "localhost", 1)
	foreign := filepath.Join(t.TempDir(), "foreign.crt")
	another, err := pgtest.Certify("localhost")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(foreign, another, 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(database string) string { return strings.Replace(address, "/"+name, "/"+database, 1) }
	for what, c := range map[string]struct {
		url, password string
		code          referent.Code
		says          string
	}{
		"good":                                  {address, "", "", ""},
		"good, by TCP with a password":          {tcp, pgtest.Password, "", ""},
		"good, encrypted":                       {localhost + "?sslmode=verify-full&sslrootcert=" + server.Certificate(), pgtest.Password, "", ""},
		"a wrong password":                      {tcp, "noe annet hemmelig", referent.CodeConfig, "password authentication failed"},
		"no password":                           {tcp, "", referent.CodeConfig, ""},
		"a certificate for another host":        {tcp + "?sslmode=verify-full&sslrootcert=" + server.Certificate(), pgtest.Password, referent.CodeConfig, "certificate"},
		"a certificate signed by somebody":      {localhost + "?sslmode=verify-full&sslrootcert=" + foreign, pgtest.Password, referent.CodeConfig, "certificate"},
		"no such database":                      {at("nowhere"), "", referent.CodeConfig, "CREATE DATABASE"},
		"another encoding":                      {at("ascii"), "", referent.CodeConfig, "UTF8"},
		"somebody else's database":              {at("foreign_one"), "", referent.CodeConfig, "must own"},
		"one whose commits may be lost":         {at("careless"), "", "", ""}, // not ours
		"perhaps encrypted, here":               {tcp + "?sslmode=prefer", pgtest.Password, referent.CodeConfig, "sslmode=prefer"},
		"nobody there":                          {"postgres://x@127.0.0.1:1/x", "", referent.CodeUnavailable, "does not answer"},
		"a password in the address":             {"postgres://x:hemmelig@db.example.no/x", "", referent.CodeConfig, "password"},
		"a password behind it":                  {"postgres://x@db.example.no/x?password=hemmelig", "", referent.CodeConfig, "password"},
		"not an address":                        {"referent.db", "", referent.CodeConfig, "postgres://"},
		"unencrypted, elsewhere":                {"postgres://x@db.example.no/x?sslmode=disable", "", referent.CodeConfig, "unencrypted"},
		"perhaps encrypted, elsewhere":          {"postgres://x@db.example.no/x?sslmode=prefer", "", referent.CodeConfig, "unencrypted"},
		"elsewhere, behind one on this machine": {"postgres://x@localhost,db.example.no/x?sslmode=disable&target_session_attrs=read-write", "", referent.CodeConfig, "unencrypted"},
		"several without saying which writes":   {"postgres://x@a.example.no,b.example.no/x", "", referent.CodeConfig, "target_session_attrs"},
		"a certificate that is not there":       {"postgres://x@db.example.no/x?sslrootcert=/nowhere/hemmelig.crt", "", referent.CodeConfig, "cannot be read"},
	} {
		t.Run(what, func(t *testing.T) {
			d, err := postgres.Open(t.Context(), postgres.Config{URL: c.url, Password: c.password}, postgres.WithPatience(200*time.Millisecond))
			if err == nil {
				err = d.Ping(t.Context())
				if closed := d.Close(); closed != nil {
					t.Error(closed)
				}
			}
			if referent.CodeOf(err) != c.code || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v (code %q), want code %q and %q", err, referent.CodeOf(err), c.code, c.says)
			}
			if err != nil && (strings.Contains(err.Error(), "hemmelig") || referent.HintOf(err) == "") {
				t.Errorf("it says what it must not, or nothing that helps: %v", err)
			}
		})
	}
}

func TestOpenRefusesNewerSchema(t *testing.T) {
	address := pgtest.Empty(t)
	d, err := postgres.Open(t.Context(), postgres.Config{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := other(t, address).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`); err != nil {
		t.Fatal(err)
	}
	_, err = postgres.Open(t.Context(), postgres.Config{URL: address})
	if referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		t.Errorf("Open: %v, want CodeConfig with a hint", err)
	}
}

// Servers that start at once over an empty database make its schema once.
func TestOpenAtOnce(t *testing.T) {
	address := pgtest.Empty(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			d, err := postgres.Open(t.Context(), postgres.Config{URL: address})
			if err != nil {
				t.Error(err)
				return
			}
			if err := d.Tx(t.Context(), func(tx store.Tx) error { return tx.PutSetting(t.Context(), "k", "v") }); err != nil {
				t.Error(err)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestClock(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	d := open(t, database(t), postgres.WithClock(func() time.Time { return now }))
	m := &referent.Meeting{ID: "m"}
	if err := d.Tx(t.Context(), func(tx store.Tx) error { return tx.CreateMeeting(t.Context(), m, nil) }); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Meeting(t.Context(), "m"); err != nil || !got.Created.Equal(now) {
		t.Errorf("the meeting is %+v, %v", got, err)
	}
}
