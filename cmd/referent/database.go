package main

import (
	"context"
	"errors"
	"os"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/sqlite"
)

// openStore opens the database that the configuration names. A folder whose meetings are in its own file does not serve
// another database: nothing would be lost, but all would seem to be.
func openStore(ctx context.Context, cfg configs.Config, dir dataDir) (store.Store, error) {
	if !cfg.Database.Enabled() {
		return notNil(sqlite.Open(ctx, dir.database()))
	}
	if _, err := os.Stat(dir.database()); err == nil {
		return nil, referent.E(referent.CodeConfig, "referent: open database", errors.New("the data folder has a database of its own")).
			WithHint("take database.url away, or use another --data-dir; or move referent.db out of the folder if what it holds is not wanted")
	}
	password, err := cfg.Database.Secret()
	if err != nil {
		return nil, err
	}
	return notNil(postgres.Open(ctx, postgres.Config{URL: cfg.Database.URL, Password: password}))
}

// notNil keeps a store that could not be opened from being one that is nil and not.
func notNil[S store.Store](s S, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
