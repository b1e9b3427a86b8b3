package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqlite"
	"github.com/referent/referent/store/storetest"
)

// open opens a database that the end of the test closes.
func open(t *testing.T, path string, opts ...sqlite.Option) *sqlite.DB {
	t.Helper()
	d, err := sqlite.Open(t.Context(), path, opts...)
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

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return open(t, filepath.Join(t.TempDir(), "møter 100%?#.db"))
	})
}

var _ = context.Background
