package pipeline

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/sqlite"
)

// deaf commits, and sometimes does not hear that it did.
type deaf struct {
	store.Store
	now atomic.Bool
}

func (d *deaf) Tx(ctx context.Context, fn func(store.Tx) error) error {
	err := d.Store.Tx(ctx, fn)
	if err == nil && d.now.Load() {
		return referent.E(referent.CodeUnavailable, "store: commit", store.ErrUnknown)
	}
	return err
}

// What may have been committed keeps its bytes.
func TestUnknownCommitKeepsRecording(t *testing.T) {
	d := new(deaf)
	dir := t.TempDir()
	r := newRigOver(t, func(now func() time.Time) (store.Store, error) {
		db, err := sqlite.Open(context.Background(), filepath.Join(dir, "x.db"), sqlite.WithClock(now))
		d.Store = db
		return d, err
	}, nil)
	data := noise(100_000)
	m, u := r.begin(int64(len(data)))
	d.now.Store(true)
	if _, err := r.p.Append(t.Context(), u.ID, 0, bytes.NewReader(data), nil); !errors.Is(err, store.ErrUnknown) {
		t.Fatalf("Append: %v", err)
	}
	d.now.Store(false)
	rec, err := r.p.Recording(t.Context(), m.ID)
	ok(t, err)
	got := make([]byte, len(data))
	if _, err := rec.ReadAt(got, 0); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the recording that was committed cannot be read: %v", err)
	}
	ok(t, rec.Close())
	for _, cause := range []error{store.ErrUnknown, store.ErrConflict} {
		key, err := r.p.key(t.Context(), m.ID)
		ok(t, err)
		name, err := seal(t.Context(), r.vault, m.ID, key, []byte("noe"))
		ok(t, err)
		if err := r.p.dropBlobs(t.Context(), cause, name); !errors.Is(err, cause) {
			t.Error(err)
		}
		b, err := r.vault.Open(t.Context(), name, key)
		if (err == nil) != (cause == store.ErrUnknown) {
			t.Errorf("after %v: %v", cause, err)
		}
		if err == nil {
			ok(t, b.Close())
		}
	}
}
