package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
)

// Only a server that has nothing of its own in its folder shares the database.
func TestSeveral(t *testing.T) {
	server := pgtest.Own(t)
	for _, c := range []struct {
		blobs, nats string
		shares      bool
	}{
		{"", "", false}, {"https://s3.example.no", "", false}, {"", "tls://nats.example.no", false},
		{"https://s3.example.no", "tls://nats.example.no", true},
	} {
		cfg := configs.Defaults()
		cfg.Database.URL, cfg.Blobs.Endpoint, cfg.NATS.URL = "postgres://db.example.no/referent", c.blobs, c.nats
		if got := several(cfg); got != c.shares {
			t.Errorf("%+v shares: %v", c, got)
		}
		beside, err := postgres.Open(t.Context(), postgres.Config{URL: server.Address("referent")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := takeDatabase(t.Context(), beside, true); err != nil {
			t.Fatal(err)
		}
		st, err := postgres.Open(t.Context(), postgres.Config{URL: server.Address("referent")}, postgres.WithPatience(0))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := takeDatabase(t.Context(), st, several(cfg)); err == nil != c.shares || err != nil && referent.CodeOf(err) != referent.CodeConflict {
			t.Errorf("%+v beside one that shares: %v", c, err)
		}
		for _, d := range []*postgres.DB{beside, st} {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	cfg := configs.Defaults()
	cfg.Blobs.Endpoint, cfg.NATS.URL = "https://s3.example.no", "tls://nats.example.no"
	if several(cfg) {
		t.Error("a server with an SQLite file shares it")
	}
}

func TestPlace(t *testing.T) {
	one, other := dataDir(t.TempDir()), dataDir(t.TempDir())
	name := func(d dataDir) string {
		t.Helper()
		p, err := d.place()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if first := name(one); first != name(one) || first == name(other) {
		t.Error("a folder's name is not its own")
	}
	if filepath.Dir(one.placeFile()) == one.keys() {
		t.Error("it goes along when the keys are copied")
	}
	if err := os.WriteFile(one.placeFile(), []byte("../x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := one.place(); referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
		t.Errorf("a malformed one: %v", err)
	}
}
