package s3

import (
	"context"
	"time"

	"github.com/minio/minio-go/v7"
)

// sweepOn sweeps until ctx ends.
func (b *Bucket) sweepOn(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := b.sweep(ctx, writerLife); err != nil && ctx.Err() == nil {
				b.cfg.Log.Warn("unfinished uploads not swept", "error", err)
			}
		}
	}
}

// sweep gives up uploads in parts that were begun longer ago than life, whose process must have died, and removes marks
// of erasures twice as old, which no writer that had begun before can still meet. It touches no key that is not ours.
func (b *Bucket) sweep(ctx context.Context, life time.Duration) error {
	const op = "s3: sweep unfinished uploads"
	dead := time.Now().Add(-life)
	_, err := b.abortAll(ctx, b.cfg.Prefix, func(u minio.ObjectMultipartInfo) bool {
		_, ours := b.nameAt(u.Key)
		return ours && u.Initiated.Before(dead)
	})
	if err != nil {
		return wireError(op, err)
	}
	versions, err := b.keepsVersions(ctx, 0)
	if err != nil {
		return err
	}
	if _, _, err := b.removeAll(ctx, b.cfg.Prefix+marks, versions, func(o minio.ObjectInfo) bool {
		return o.LastModified.Before(dead.Add(-life))
	}); err != nil {
		return wireError(op, err)
	}
	return nil
}
