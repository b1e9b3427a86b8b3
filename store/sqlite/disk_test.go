package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqlite"
	"github.com/referent/referent/store/storetest"
)

func TestStoreOnDisk(t *testing.T) {
	storetest.RunOnDisk(t, func(ctx context.Context, dir string) (store.Store, error) {
		return sqlite.Open(ctx, filepath.Join(dir, "referent.db"))
	})
}
