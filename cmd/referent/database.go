package main

import (
	"context"
	"errors"
	"os"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
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

// settingKeyring holds the mark of the keyring that the database's recordings are sealed with.
const settingKeyring = "keyring"

// openKeyring opens the folder's keyring. The database must be that keyring's: with another, or a new one, nothing in it
// could be read, all of it would seem to be lost, and the next copy of the keys would be without the right one.
func openKeyring(ctx context.Context, dir dataDir, st store.Store) (*blob.Keyring, error) {
	foreign := referent.E(referent.CodeConfig, "referent: open keyring", errors.New("the database belongs to another keyring")).
		WithHint("data_dir must be the folder that the database was used with; or put its keys folder back from the backup (referent restore keys)")
	known, err := st.Setting(ctx, settingKeyring)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if _, missing := os.Stat(dir.keyring()); known != "" && errors.Is(missing, os.ErrNotExist) {
		return nil, foreign // and none is made
	}
	keyring, err := blob.OpenKeyring(dir.keyring())
	if err != nil {
		return nil, err
	}
	marks, err := keyring.Marks()
	if err != nil {
		return nil, err
	}
	err = st.Tx(ctx, func(tx store.Tx) error {
		known, err := tx.Setting(ctx, settingKeyring)
		switch {
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return err
		case known != "" && !slices.Contains(marks, known):
			return foreign
		case known == marks[0]:
			return nil
		}
		return tx.PutSetting(ctx, settingKeyring, marks[0])
	})
	if err != nil {
		return nil, err
	}
	return keyring, nil
}

// takeDatabase keeps servers off a database that they could reach and must not use beside this one: all of them, or of
// several those that are alone. The channel tells that it was lost to one; nil: nobody can.
func takeDatabase(ctx context.Context, st store.Store, several bool) (<-chan error, error) {
	d, ok := st.(interface {
		Serve(ctx context.Context) (<-chan error, error)
		ServeAmong(ctx context.Context) (<-chan error, error)
	})
	switch {
	case !ok:
		return nil, nil
	case several:
		return d.ServeAmong(ctx)
	}
	return d.Serve(ctx)
}

// notNil keeps a store that could not be opened from being one that is nil and not.
func notNil[S store.Store](s S, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
