// Package pgtest runs a PostgreSQL server for the tests of a package: Debian's or Ubuntu's own, as an unprivileged user,
// in a temporary folder that goes with it. Each test gets a database of its own.
//
// A machine without PostgreSQL fails the tests: `make system-test` installs it.
package pgtest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Role is the ordinary user who owns the databases. It may do what the documentation tells an administrator to allow.
const Role = "referent"

// Password is Role's, which the server asks for on its TCP port only.
const Password = "et passord med æøå, 'anførsel' og %mellomrom"

// Main wraps a package's tests, so that the server ends with them: goleak.VerifyTestMain(pgtest.Main(m)).
func Main(m *testing.M) *Tests { return &Tests{m} }

// Tests are a package's tests.
type Tests struct{ m *testing.M }

// Run runs them, and ends the server if one of them needed it.
func (t *Tests) Run() int {
	code := t.m.Run()
	if shared.server != nil {
		if err := shared.server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	return code
}

// Own starts a server for a test that stops or crashes it, with an empty database "referent". It ends with the test.
func Own(t testing.TB) *Server {
	t.Helper()
	server, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := server.Create(t.Context(), "referent"); err != nil {
		t.Fatal(err)
	}
	return server
}

// shared is the server of the process.
var shared struct {
	sync.Mutex
	server *Server
	err    error
	count  int
	made   map[string]string   // the templates, by what they hold
	idle   map[string][]string // copies of them that are empty again
}

// Shared is the server of this process. The first call starts it.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = Start()
		shared.made, shared.idle = map[string]string{}, map[string][]string{}
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// Empty is the address of a new database with nothing in it.
func Empty(t testing.TB) string {
	t.Helper()
	s := Shared(t)
	shared.Lock()
	defer shared.Unlock()
	name, err := s.next(t.Context(), "template0")
	if err != nil {
		t.Fatal(err)
	}
	return s.Address(name)
}

// Copy is the address of a database with the tables that prepare made in its own, and no rows but those of goose's.
// prepare is called once for each name.
func Copy(t testing.TB, name string, prepare func(ctx context.Context, address string) error) string {
	t.Helper()
	s := Shared(t)
	shared.Lock()
	defer shared.Unlock()
	database, err := s.copy(t.Context(), name, prepare)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// To make a database, and to remove it, writes so much that emptying it is much faster.
		if err := s.Exec(ctx, database, empty); err != nil {
			t.Error(err)
			return
		}
		shared.Lock()
		defer shared.Unlock()
		shared.idle[name] = append(shared.idle[name], database)
	})
	return s.Address(database)
}

// empty deletes all rows, whatever refers to what.
const empty = `SET session_replication_role = replica;
	DO $$ DECLARE t text; BEGIN
		FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'goose_db_version' LOOP
			EXECUTE format('DELETE FROM %I', t);
		END LOOP;
	END $$`

func (s *Server) copy(ctx context.Context, name string, prepare func(ctx context.Context, address string) error) (string, error) {
	if idle := shared.idle[name]; len(idle) > 0 {
		shared.idle[name] = idle[:len(idle)-1]
		return idle[len(idle)-1], nil
	}
	template, made := shared.made[name]
	if !made {
		var err error
		if template, err = s.next(ctx, "template0"); err != nil {
			return "", err
		}
		if err := prepare(ctx, s.Address(template)); err != nil {
			return "", err
		}
		shared.made[name] = template
	}
	return s.next(ctx, template)
}

// next makes one more database, a copy of another.
func (s *Server) next(ctx context.Context, template string) (name string, err error) {
	shared.count++
	name = fmt.Sprint("test", shared.count)
	return name, s.create(ctx, name, template)
}

// Create makes a database that Role owns.
func (s *Server) Create(ctx context.Context, name string) error {
	return s.create(ctx, name, "template0")
}

// create makes a database, its default collation unlike that of bytes.
func (s *Server) create(ctx context.Context, name, template string) error {
	how := ""
	if template == "template0" {
		how = " ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'nb-NO' LOCALE 'C.UTF-8'"
	}
	if err := s.Exec(ctx, "postgres", "CREATE DATABASE "+name+" OWNER "+Role+" TEMPLATE "+template+how); err != nil {
		return err
	}
	return s.Exec(ctx, name, "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO "+Role)
}

// Address is that of a database, by the server's socket, for Role.
func (s *Server) Address(database string) string { return s.address(Role, database) }

func (s *Server) address(user, database string) string {
	q := url.Values{"host": {s.socket}, "port": {strconv.Itoa(s.Port)}}
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}

// TCP is the address of the same database by TCP, on 127.0.0.1, where Role must give the Password.
func (s *Server) TCP(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return "postgres://" + Role + "@" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) + u.Path
}

// Exec runs statements in a database, each of its own, as the server's administrator.
func (s *Server) Exec(ctx context.Context, database string, statements ...string) error {
	c, err := pgx.Connect(ctx, s.address(superuser, database)+"&sslmode=disable")
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, statement := range statements {
		if _, err := c.Exec(ctx, statement); err != nil {
			return fmt.Errorf("pgtest: %s: %w", statement, err)
		}
	}
	return nil
}

// Data is the folder with all that the server writes.
func (s *Server) Data() string { return filepath.Join(s.dir, "data") }

// Certificate is the file with the server's own certificate, made out to localhost.
func (s *Server) Certificate() string { return filepath.Join(s.dir, "server.crt") }
