package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/referent/referent"
)

// Config is where a database is.
//
// Off this machine the connection is encrypted: an address that does not say how (sslmode) means verify-full, which asks
// for a certificate that is made out to the host and signed by whom the system, or sslrootcert, trusts. verify-ca and
// require must be asked for; less than that is refused.
type Config struct {
	// URL is as libpq writes addresses: postgres://user@host:port/database?sslmode=verify-full. Several hosts, with
	// target_session_attrs=read-write, are tried in order. It holds no password.
	URL      string
	Password string // "": none is needed, or PGPASSWORD or ~/.pgpass has it
}

// silence is how long a host may be silent before its connections are given up.
const silence = 25 * time.Second

// oldest is the first version of PostgreSQL that will do: of those that are looked after, and the first with the role
// pg_checkpoint (see Scrub).
const oldest = 15

// parse makes the settings of every connection. What is wrong is told without the address, which may hold a password.
func (c Config) parse() (*pgx.ConnConfig, error) {
	const op = "store: read the database's address"
	bad := func(format string, args ...any) error {
		return referent.E(referent.CodeConfig, op, fmt.Errorf(format, args...)).
			WithHint("database.url is as postgres://referent@db.example.no/referent?sslmode=verify-full")
	}
	u, err := url.Parse(c.URL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, bad("not an address that begins with postgres://")
	}
	if _, has := u.User.Password(); has || u.Query().Has("password") {
		return nil, bad("it holds a password: give it by a file or the environment")
	}
	q := u.Query()
	if !q.Has("sslmode") {
		q.Set("sslmode", "verify-full")
		if local(u) {
			q.Set("sslmode", "disable")
		}
		u.RawQuery = q.Encode()
	}
	if mode := q.Get("sslmode"); local(u) && (mode == "prefer" || mode == "allow") {
		return nil, bad("sslmode=%s does not say whether it is encrypted: on this machine disable will do, else verify-full", mode)
	}
	config, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, bad("it, or what it refers to, cannot be read")
	}
	hosts := []string{config.Host}
	plain := config.TLSConfig == nil && !loopback(config.Host)
	for _, f := range config.Fallbacks {
		hosts = append(hosts, f.Host)
		plain = plain || f.TLSConfig == nil && !loopback(f.Host)
	}
	if plain {
		return nil, bad("sslmode=%s lets meetings cross the network unencrypted", q.Get("sslmode"))
	}
	if len(hosts) > 1 && config.ValidateConnect == nil {
		return nil, bad("several hosts need target_session_attrs=read-write, or one that only reads is taken for the first")
	}
	if c.Password != "" {
		config.Password = c.Password
	}
	config.ConnectTimeout = 5 * time.Second
	dialer := net.Dialer{Timeout: config.ConnectTimeout, Control: giveUp,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silence - 10*time.Second, Interval: 5 * time.Second, Count: 2}}
	config.DialFunc = dialer.DialContext
	config.RuntimeParams["application_name"] = "referent"
	return config, nil
}

// local reports whether all hosts of an address are this machine.
func local(u *url.URL) bool {
	hosts := strings.Split(u.Host, ",")
	if q := u.Query(); q.Has("host") {
		hosts = strings.Split(q.Get("host"), ",")
	}
	for _, h := range hosts {
		host := (&url.URL{Host: h}).Hostname()
		if h != "" && !loopback(host) && !loopback(h) {
			return false
		}
	}
	return true
}

// loopback reports whether a host is this machine by its very name, or the folder of a socket.
func loopback(host string) bool {
	return host == "" || strings.HasPrefix(host, "/") || referent.Loopback(host)
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(max(1, d.Milliseconds()), 10) }

// check looks at what only the administrator of the server can set.
func check(ctx context.Context, db *sql.DB) error {
	var version int
	var encoding, fsync, commit string
	err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
		current_setting('fsync'), current_setting('synchronous_commit')`).Scan(&version, &encoding, &fsync, &commit)
	if err != nil {
		return err
	}
	const op = "store: look at the database's settings"
	switch {
	case version < oldest*10_000:
		return referent.E(referent.CodeConfig, op, fmt.Errorf("version %d", version/10_000)).WithHint("PostgreSQL %d or newer is needed", oldest)
	case encoding != "UTF8":
		return referent.E(referent.CodeConfig, op, errors.New("encoding "+encoding)).WithHint("make the database with ENCODING 'UTF8' TEMPLATE template0")
	case fsync != "on" || commit == "off":
		return referent.E(referent.CodeConfig, op, errors.New("a commit may be lost")).WithHint("set fsync = on, and synchronous_commit = on")
	}
	return nil
}
