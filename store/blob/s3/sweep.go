package s3

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/referent/referent/store/blob"
)

// sweepOn sweeps, now and then, until ctx ends.
func (b *Bucket) sweepOn(ctx context.Context) {
	sweeps, clears := time.NewTicker(sweepEvery), time.NewTicker(clearEvery)
	defer sweeps.Stop()
	defer clears.Stop()
	for do := b.sweepOld; ; {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			b.cfg.Log.Warn("the object store is not swept", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-sweeps.C:
			do = b.sweepOld
		case <-clears.C:
			do = b.clearAll
		}
	}
}

func (b *Bucket) sweepOld(ctx context.Context) error { return b.sweep(ctx, writerLife) }

func (b *Bucket) clearAll(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return wireError(ctx, "s3: remove what failed commits left", b.clear(within, ""))
}

// sweep removes what failed commits of this process may have left, gives up uploads in parts that were begun longer ago
// than life, whose process must have died, and removes marks of erasures twice as old, which no writer that had begun
// before can still meet. It touches no key that is not ours. What fails does not keep the rest from being done.
func (b *Bucket) sweep(ctx context.Context, life time.Duration) error {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dead := time.Now().Add(-life)
	_, err := b.abortAll(within, func(u minio.ObjectMultipartInfo) bool {
		_, ours := b.nameAt(u.Key)
		return ours && u.Initiated.Before(dead)
	})
	return errors.Join(b.clearAll(ctx), wireError(ctx, "s3: sweep unfinished uploads", err),
		wireError(ctx, "s3: sweep marks of erasures", b.sweepMarks(within, dead.Add(-life))))
}

func (b *Bucket) sweepMarks(ctx context.Context, dead time.Time) error {
	var old []string
	for mark := range b.client.ListObjectsIter(ctx, b.cfg.Bucket, minio.ListObjectsOptions{Prefix: b.cfg.Prefix + marks, Recursive: true}) {
		if mark.Err != nil {
			return mark.Err
		}
		if meeting := strings.TrimPrefix(mark.Key, b.cfg.Prefix+marks); mark.LastModified.Before(dead) && blob.CheckMeeting("", meeting) == nil {
			old = append(old, meeting)
		}
	}
	for _, meeting := range old {
		if err := b.sweepMark(ctx, meeting); err != nil {
			return err
		}
	}
	return nil
}

// sweepMark removes the mark of an erasure. What lies under the meeting's id is left alone: a writer may have put it
// that the erasure overtook and that died before it saw that, but the meeting may as well have been restored, by a
// client of the store that knows nothing of marks. So somebody is told.
func (b *Bucket) sweepMark(ctx context.Context, meeting string) error {
	names, err := b.List(ctx, meeting)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		b.cfg.Log.Warn("the object store holds byte strings of a meeting that was erased: restored, or left by a process that died", "count", len(names))
	}
	_, err = b.remove(ctx, b.cfg.Prefix+marks+meeting)
	return err
}
