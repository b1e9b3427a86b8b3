package configs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
)

func TestDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passord")
	if err := os.WriteFile(file, []byte(" hemmelig æøå \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, yaml string
		env        string
		secret     string // when it is good
		wrong      string // else what the error names
	}{
		{"a file with the password", "url: postgres://referent@db.example.no/referent\n  password_file: " + file, "", " hemmelig æøå ", ""},
		{"the password in the environment", "url: postgresql://referent@db.example.no/referent", "REFERENT_DATABASE_PASSWORD=h", "h", ""},
		{"a socket", "url: postgres:///referent?host=/run/postgresql", "", "", ""},
		{"both", "url: postgres:///referent\n  password_file: " + file, "REFERENT_DATABASE_PASSWORD=h", "", "give one of them"},
		{"a password in the address", "url: postgres://referent:hemmelig@db.example.no/referent", "", "", "must hold no password"},
		{"a password behind the address", "url: postgres://db.example.no/referent?password=hemmelig", "", "", "must hold no password"},
		{"another database", "url: mysql://referent:hemmelig@db.example.no/referent", "", "", "must be as postgres://"},
		{"an address that cannot be read", "url: 'postgres://referent:hemmelig@[db/referent'", "", "", "must be as postgres://"},
		{"no database", "url: postgres://db.example.no", "", "", "must be as postgres://"},
		{"a file that is not there", "url: postgres:///referent\n  password_file: " + file + "x", "", "", "cannot be read"},
		{"a password for nothing", "url: ''", "REFERENT_DATABASE_PASSWORD=h", "", "of no use"},
	} {
		eff, err := configs.Load(write(t, "database:\n  "+c.yaml+"\n"), []string{c.env}, nil)
		if err != nil {
			t.Fatal(c.what, err)
		}
		for _, v := range eff.Values {
			if strings.Contains(fmt.Sprint(v.Value), "hemmelig") || v.Key == "database.password" && fmt.Sprint(v.Value) == "h" {
				t.Errorf("%s: %s shows the password", c.what, v.Key)
			}
		}
		err = eff.Validate()
		if c.wrong != "" {
			if referent.CodeOf(err) != referent.CodeConfig || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "hemmelig") {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		if secret, err2 := eff.Database.Secret(); err != nil || err2 != nil || secret != c.secret {
			t.Errorf("%s: the password is %q; %v, %v", c.what, secret, err, err2)
		}
	}
}
