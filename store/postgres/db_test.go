package postgres_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Main(m)) }

// database is the address of a new database with the schema in it.
func database(t testing.TB) string {
	t.Helper()
	// Migrating is most of what opening an empty database costs; it is done once.
	return pgtest.Copy(t, "referent", func(ctx context.Context, address string) error {
		d, err := postgres.Open(ctx, postgres.Config{URL: address})
		if err != nil {
			return err
		}
		return d.Close()
	})
}

// open opens a database that the end of the test closes.
func open(t testing.TB, address string, opts ...postgres.Option) *postgres.DB {
	t.Helper()
	d, err := postgres.Open(t.Context(), postgres.Config{URL: address}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// put writes a setting.
func put(t testing.TB, d *postgres.DB, key, value string) error {
	t.Helper()
	return d.Tx(t.Context(), func(tx store.Tx) error { return tx.PutSetting(t.Context(), key, value) })
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, database(t)) })
}
