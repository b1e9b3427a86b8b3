package s3

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/referent/referent/store/blob"
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
	var old []minio.ObjectInfo
	for mark := range b.client.ListObjectsIter(ctx, b.cfg.Bucket, minio.ListObjectsOptions{Prefix: b.cfg.Prefix + marks, Recursive: true}) {
		if mark.Err != nil {
			return wireError(op, mark.Err)
		}
		if mark.LastModified.Before(dead.Add(-life)) {
			old = append(old, mark)
		}
	}
	for _, mark := range old {
		if err := b.sweepMark(ctx, mark, life, versions); err != nil {
			return wireError(op, err)
		}
	}
	return nil
}

// sweepMark removes the mark of an erasure, and before it what a writer put that the erasure overtook and that died
// before it could see that. What was put under the meeting's id by writers that began after the erasure stays.
func (b *Bucket) sweepMark(ctx context.Context, mark minio.ObjectInfo, life time.Duration, versions bool) error {
	meeting := strings.TrimPrefix(mark.Key, b.cfg.Prefix+marks)
	if blob.CheckMeeting("", meeting) != nil {
		return nil
	}
	var failed error
	_, _, err := b.removeAll(ctx, b.folder(meeting), versions, func(o minio.ObjectInfo) bool {
		if o.IsDeleteMarker {
			return true
		}
		if o.LastModified.After(mark.LastModified.Add(life)) {
			return false
		}
		info, err := b.client.StatObject(ctx, b.cfg.Bucket, o.Key, minio.StatObjectOptions{VersionID: o.VersionID})
		if err != nil {
			failed = err
			return false
		}
		return info.UserMetadata[afterMark] != mark.ETag
	})
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	_, err = b.remove(ctx, mark.Key)
	return err
}
