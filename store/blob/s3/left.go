package s3

import (
	"context"
	"strings"
	"time"
)

// remain is what a commit that failed may have left: a request whose answer was lost may have been done, or be done
// yet. Nothing else knows the object's name, so that nobody else would delete it.
type remain struct {
	key    string
	upload string // "": it was put whole
}

const (
	// undoing is how long a commit that fails may take to remove what it put, when its caller waits no longer.
	undoing = 10 * time.Second
	// settled is how long after it failed a commit's last request can no longer be done.
	settled = 15 * time.Minute
	// clearEvery is how often it is tried to remove what could not be at once.
	clearEvery = 5 * time.Minute
)

// undo removes what a commit that failed may have left. When that fails too, clear tries again. No other byte string
// has the key: sealed bytes are never equal.
func (b *Bucket) undo(ctx context.Context, r remain) {
	b.mu.Lock()
	b.left[r] = time.Now()
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoing)
	defer cancel()
	if err := b.clearOne(ctx, r); err != nil {
		b.cfg.Log.Warn("what a failed commit may have left is removed later", "error", wireError(ctx, "s3: undo commit", err))
	}
}

// wanted says that what lies at a key has been committed after all.
func (b *Bucket) wanted(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for r := range b.left {
		if r.key == key {
			delete(b.left, r)
		}
	}
}

// clear removes what failed commits may have left under keys that begin with prefix, and forgets what can no longer
// come. An error says that something may still be there.
func (b *Bucket) clear(ctx context.Context, prefix string) error {
	b.mu.Lock()
	var all []remain
	for r := range b.left {
		if strings.HasPrefix(r.key, prefix) {
			all = append(all, r)
		}
	}
	b.mu.Unlock()
	for _, r := range all {
		if err := b.clearOne(ctx, r); err != nil {
			return err // the next would fail in the same way
		}
	}
	return nil
}

func (b *Bucket) clearOne(ctx context.Context, r remain) error {
	if r.upload != "" {
		if err := b.abort(ctx, r.key, r.upload); err != nil {
			return err
		}
	}
	if _, err := b.remove(ctx, r.key); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if failed, ok := b.left[r]; ok && time.Since(failed) > settled {
		delete(b.left, r)
	}
	return nil
}

// doubts is how many failed commits may have left something.
func (b *Bucket) doubts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.left)
}
