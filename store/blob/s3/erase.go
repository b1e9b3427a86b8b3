package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"iter"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
)

// rounds is how often DeleteAll looks for what writers put meanwhile.
const rounds = 10

// Delete implements blob.Bucket. Where the store keeps versions, all of them go.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	const op = "s3: delete byte string"
	key, err := b.key(op, name)
	if err != nil {
		return err
	}
	// Else a part of a meeting could be called erased while a second copy of it, that nobody knows the name of, lies there.
	meeting, _, _ := strings.Cut(name, "/")
	if err := b.clear(ctx, b.folder(meeting)); err != nil {
		return wireError(ctx, op, err)
	}
	found, err := b.remove(ctx, key)
	if err != nil {
		return wireError(ctx, op, err)
	}
	if !found {
		return notFound(op)
	}
	return nil
}

// remove removes the object at a key, and reports whether there was one. Versions that an earlier deletion by somebody
// else left go without being one.
func (b *Bucket) remove(ctx context.Context, key string) (found bool, err error) {
	ctx, cancel := limited(ctx)
	defer cancel()
	versions, err := b.keepsVersions(ctx, versioningKnown)
	if err != nil {
		return false, err
	}
	if !versions {
		_, err := b.client.StatObject(ctx, b.cfg.Bucket, key, minio.StatObjectOptions{})
		if err == nil {
			err = b.client.RemoveObject(ctx, b.cfg.Bucket, key, minio.RemoveObjectOptions{})
		}
		if absent(err) {
			return false, nil
		}
		return err == nil, err
	}
	_, _, err = b.removeAll(ctx, key, true, func(o minio.ObjectInfo) bool {
		found = found || o.Key == key && o.IsLatest && !o.IsDeleteMarker
		return o.Key == key
	})
	return found, err
}

// removeAll removes what the keys with the prefix hold and which says yes to, a thousand with a request, and tells how
// many byte strings that was and how long they were. versions says that the store may keep more than one of each.
func (b *Bucket) removeAll(ctx context.Context, prefix string, versions bool, which func(minio.ObjectInfo) bool) (count int, bytes int64, err error) {
	var errs []error
	listed := func(yield func(minio.ObjectInfo) bool) {
		for o := range b.client.ListObjectsIter(ctx, b.cfg.Bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, WithVersions: versions}) {
			if o.Err != nil {
				errs = append(errs, o.Err)
				return
			}
			if !which(o) {
				continue
			}
			if !o.IsDeleteMarker {
				count, bytes = count+1, bytes+o.Size
			}
			if !yield(minio.ObjectInfo{Key: o.Key, VersionID: o.VersionID}) {
				return
			}
		}
	}
	results, err := b.client.RemoveObjectsWithIter(ctx, b.cfg.Bucket, iter.Seq[minio.ObjectInfo](listed), minio.RemoveObjectsOptions{})
	if err != nil {
		return 0, 0, err
	}
	for r := range results {
		if r.Err != nil && len(errs) < 3 { // each of a thousand has the same
			errs = append(errs, r.Err)
		}
	}
	return count, bytes, errors.Join(append(errs, ctx.Err())...)
}

// DeleteAll implements blob.Bucket. Where the store keeps versions, all of them go, and each counts. A meeting that has
// nothing is no error. A writer that is at work on the meeting, in whichever process, fails when it commits.
func (b *Bucket) DeleteAll(ctx context.Context, meeting string) (count int, bytes int64, err error) {
	const op = "s3: delete meeting's byte strings"
	if err := blob.CheckMeeting(op, meeting); err != nil {
		return 0, 0, err
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	count, bytes, err = b.deleteAll(within, meeting)
	return count, bytes, wireError(ctx, op, err)
}

func (b *Bucket) deleteAll(ctx context.Context, meeting string) (count int, bytes int64, err error) {
	if err := b.setMark(ctx, meeting); err != nil {
		return 0, 0, err
	}
	if err := b.clear(ctx, b.folder(meeting)); err != nil { // uploads too, which not every store lists
		return 0, 0, err
	}
	versions, err := b.keepsVersions(ctx, 0)
	if err != nil {
		return 0, 0, err
	}
	for range rounds {
		uploads, err := b.abortAll(ctx, func(u minio.ObjectMultipartInfo) bool { return strings.HasPrefix(u.Key, b.folder(meeting)) })
		if err != nil {
			return count, bytes, err
		}
		n, size, err := b.removeAll(ctx, b.folder(meeting), versions, func(minio.ObjectInfo) bool { return true })
		count, bytes = count+n, bytes+size
		if err != nil {
			return count, bytes, err
		}
		if n == 0 && uploads == 0 {
			return count, bytes, nil
		}
	}
	return count, bytes, referent.E(referent.CodeConflict, "s3: delete meeting's byte strings", errors.New("byte strings keep coming")).
		WithHint("see whether the key may delete versions, and whether something copies objects back")
}

// abortAll gives up the unfinished uploads that which says yes to. It asks for those of the whole bucket: MinIO takes a
// prefix for a whole key.
func (b *Bucket) abortAll(ctx context.Context, which func(minio.ObjectMultipartInfo) bool) (count int, err error) {
	var all []minio.ObjectMultipartInfo
	for u := range b.client.ListIncompleteUploads(ctx, b.cfg.Bucket, "", true) { // to its end, else it never ends
		if u.Err != nil {
			err = u.Err
		} else if which(u) {
			all = append(all, u)
		}
	}
	if err != nil && !absent(err) && !unknown(err) {
		return 0, err
	}
	for _, u := range all {
		if err := b.abort(ctx, u.Key, u.UploadID); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// abort gives up an upload. That it is gone already is as well.
func (b *Bucket) abort(ctx context.Context, key, id string) error {
	ctx, cancel := limited(ctx)
	defer cancel()
	err := b.client.AbortMultipartUpload(ctx, b.cfg.Bucket, key, id)
	if absent(err) {
		return nil
	}
	return err
}

// mark tells one erasure of the meeting from another; "": it was not erased these two days.
func (b *Bucket) mark(ctx context.Context, meeting string) (string, error) {
	ctx, cancel := limited(ctx)
	defer cancel()
	info, err := b.client.StatObject(ctx, b.cfg.Bucket, b.cfg.Prefix+marks+meeting, minio.StatObjectOptions{})
	if absent(err) {
		return "", nil
	}
	return info.ETag, err
}

// setMark says that the meeting is erased now.
func (b *Bucket) setMark(ctx context.Context, meeting string) error {
	ctx, cancel := limited(ctx)
	defer cancel()
	text := rand.Text() // so that each mark has an ETag of its own
	_, err := b.client.Client.PutObject(ctx, b.cfg.Bucket, b.cfg.Prefix+marks+meeting, strings.NewReader(text), int64(len(text)), minio.PutObjectOptions{})
	return err
}
