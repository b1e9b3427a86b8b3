package configs

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/referent/referent"
)

// Database is where the truth is kept: without URL in an SQLite file in the data folder.
type Database struct {
	URL          string `koanf:"url"`           // postgres://user@host:port/database?sslmode=verify-full, without a password
	Password     string `koanf:"password"`      // better given by the file or REFERENT_DATABASE_PASSWORD
	PasswordFile string `koanf:"password_file"` // holds the password and nothing else
}

// Enabled reports whether it is PostgreSQL.
func (d *Database) Enabled() bool { return d.URL != "" }

// Secret is the password. CodeConfig: the file cannot be read.
func (d *Database) Secret() (string, error) {
	if d.PasswordFile == "" {
		return d.Password, nil
	}
	data, err := os.ReadFile(d.PasswordFile)
	if err != nil {
		return "", referent.E(referent.CodeConfig, "configs: read the database's password", err).WithHint("database.password_file must be a file that the server can read")
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

// holdsPassword reports whether the address has a place for a password that is used, or cannot be read.
func (d *Database) holdsPassword() bool {
	u, err := url.Parse(d.URL)
	if err != nil {
		return true
	}
	_, has := u.User.Password()
	return has || u.Query().Has("password") || u.Query().Has("sslpassword")
}

// What the address says of hosts and TLS is read by whoever connects: package store/postgres.
func (d *Database) validate() (wrong []error) {
	if !d.Enabled() {
		if d.Password != "" || d.PasswordFile != "" {
			wrong = append(wrong, errors.New("database.password is of no use without database.url"))
		}
		return wrong
	}
	// The address is not repeated here: it may hold a password.
	u, err := url.Parse(d.URL)
	switch {
	case err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || strings.Trim(u.Path, "/") == "":
		wrong = append(wrong, errors.New("database.url must be as postgres://user@host/database"))
	case d.holdsPassword():
		wrong = append(wrong, errors.New("database.url must hold no password: give it by database.password_file or REFERENT_DATABASE_PASSWORD"))
	}
	if d.Password != "" && d.PasswordFile != "" {
		wrong = append(wrong, errors.New("database.password and database.password_file: give one of them"))
	}
	if d.PasswordFile != "" {
		if _, err := os.Stat(d.PasswordFile); err != nil {
			wrong = append(wrong, fmt.Errorf("database.password_file %q cannot be read", d.PasswordFile))
		}
	}
	return wrong
}
