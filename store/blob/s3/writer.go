package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/sethvargo/go-retry"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
)

// writer keeps a byte string in a local file until its digest, and so its name, is known. The file has no name: it
// ends with the process. The first error ends the writer, and every later call returns it.
type writer struct {
	ctx     context.Context
	b       *Bucket
	meeting string
	mark    string    // of an earlier erasure, as it was when the writer began
	began   time.Time // by the wall clock: the other one stops while a machine sleeps
	file    *os.File
	size    int64
	whole   hash.Hash
	parts   []part // full ones
	last    hash.Hash
	end     error // why no more can be written; nil while it can
}

// part is a stretch of the file that one request puts.
type part struct {
	off, size int64
	digest    string // SHA-256 as it was written, not as the file holds it
}

var errEnded = errors.New("the writer has ended")

// Create implements blob.Bucket.
func (b *Bucket) Create(ctx context.Context, meeting string) (blob.Writer, error) {
	const op = "s3: create byte string"
	if err := blob.CheckMeeting(op, meeting); err != nil {
		return nil, err
	}
	mark, err := b.mark(ctx, meeting)
	if err != nil {
		return nil, wireError(ctx, op, err)
	}
	file, err := os.CreateTemp(b.cfg.Spool, "blob-")
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(blob.DiskError(op, err), file.Close())
	}
	return &writer{ctx: ctx, b: b, meeting: meeting, mark: mark, began: time.Now().Round(0), file: file, whole: sha256.New(), last: sha256.New()}, nil
}

func (w *writer) Write(p []byte) (n int, err error) {
	const op = "s3: write byte string"
	if w.end != nil {
		return 0, w.end
	}
	if err := w.ctx.Err(); err != nil {
		return 0, w.fail(blob.DiskError(op, err))
	}
	for n < len(p) {
		if w.size-w.offset() == partSize {
			w.parts = append(w.parts, w.lastPart())
			w.last.Reset()
		}
		piece := p[n:min(int64(len(p)), int64(n)+partSize-(w.size-w.offset()))]
		m, err := w.file.Write(piece)
		w.whole.Write(piece[:m])
		w.last.Write(piece[:m])
		n, w.size = n+m, w.size+int64(m)
		if err != nil {
			return n, w.fail(blob.DiskError(op, err))
		}
	}
	return n, nil
}

// offset is where the last part begins.
func (w *writer) offset() int64 { return int64(len(w.parts)) * partSize }

func (w *writer) lastPart() part {
	return part{w.offset(), w.size - w.offset(), hex.EncodeToString(w.last.Sum(nil))}
}

// Commit puts the bytes and looks then, not before, whether the meeting was erased in the meantime: an erasure marks
// first and deletes then, so that one of the two finds the object.
func (w *writer) Commit() (string, error) {
	const op = "s3: commit byte string"
	if w.end != nil {
		return "", w.end
	}
	if err := w.ctx.Err(); err != nil {
		return "", w.fail(blob.DiskError(op, err))
	}
	if time.Since(w.began) > writerLife {
		return "", w.fail(referent.E(referent.CodeTimeout, op, errors.New("it was begun a day ago")))
	}
	name := w.meeting + "/" + hex.EncodeToString(w.whole.Sum(nil))
	key, err := w.b.key(op, name)
	if err != nil {
		return "", w.fail(err)
	}
	left := remain{key: key}
	if err := w.send(&left); err != nil {
		w.b.undo(w.ctx, left)
		return "", w.fail(wireError(w.ctx, op, err))
	}
	// From here on what the caller thinks of it does not count: the object is there.
	ctx := context.WithoutCancel(w.ctx)
	switch mark, err := w.b.mark(ctx, w.meeting); {
	case err != nil:
		w.b.undo(w.ctx, left)
		return "", w.fail(wireError(ctx, op, err))
	case mark != "" && mark != w.mark: // one that is gone was swept
		w.b.undo(w.ctx, left)
		return "", w.fail(notFound(op))
	}
	w.b.wanted(key)
	w.end = referent.E(referent.CodeInternal, op, errEnded)
	// The file has no name and its bytes are stored: that it does not close well changes nothing.
	if err := w.file.Close(); err != nil {
		w.b.cfg.Log.Warn("a spooled file does not close", "error", blob.DiskError(op, err))
	}
	return name, nil
}

// send puts the bytes at left.key, and notes there what else it makes.
func (w *writer) send(left *remain) error {
	if len(w.parts) == 0 {
		return w.put(left.key)
	}
	ctx, cancel := limited(w.ctx)
	defer cancel()
	id, err := w.b.client.NewMultipartUpload(ctx, w.b.cfg.Bucket, left.key, putOptions)
	if err != nil {
		return err
	}
	left.upload = id
	return w.putParts(left.key, id)
}

// put puts the bytes with one request. The store refuses them if they do not have the digest that the request is
// signed with.
func (w *writer) put(key string) error {
	return w.sendPart(w.lastPart(), func(ctx context.Context, r io.Reader, p part) error {
		_, err := w.b.client.PutObject(ctx, w.b.cfg.Bucket, key, r, p.size, "", p.digest, putOptions)
		return err
	})
}

// sendPart has do send a part, and again when that may help. Each time it is another reader: a connection that breaks may
// go on reading for a moment. The library would use the same again, if it could seek in it.
func (w *writer) sendPart(p part, do func(ctx context.Context, r io.Reader, p part) error) error {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	pauses := retry.WithMaxRetries(tries-1, retry.WithCappedDuration(minio.DefaultRetryCap, retry.NewExponential(minio.DefaultRetryUnit)))
	return retry.Do(ctx, pauses, func(ctx context.Context) error {
		err := do(ctx, struct{ io.Reader }{io.NewSectionReader(w.file, p.off, p.size)}, p)
		if referent.CodeOf(wireError(ctx, "", err)) == referent.CodeUnavailable {
			return retry.RetryableError(err)
		}
		return err
	})
}

// What the library calls disabled are checksums in the midst of the bytes, in the place of one before them.
var putOptions = minio.PutObjectOptions{DisableContentSha256: true}

// putParts puts the bytes in parts, and joins them.
func (w *writer) putParts(key, id string) error {
	var done []minio.CompletePart
	for i, p := range append(w.parts, w.lastPart()) {
		var put minio.ObjectPart
		err := w.sendPart(p, func(ctx context.Context, r io.Reader, p part) (err error) {
			put, err = w.b.client.PutObjectPart(ctx, w.b.cfg.Bucket, key, id, i+1, r, p.size, minio.PutObjectPartOptions{Sha256Hex: p.digest, DisableContentSha256: true})
			return err
		})
		if err != nil {
			return err
		}
		done = append(done, minio.CompletePart{PartNumber: i + 1, ETag: put.ETag})
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	_, err := w.b.client.CompleteMultipartUpload(ctx, w.b.cfg.Bucket, key, id, done, minio.PutObjectOptions{})
	// When the answer was lost on its way, the repetition is told that there is no such upload: what counts is the object.
	if r, ok := errors.AsType[minio.ErrorResponse](err); err != nil && !(ok && r.StatusCode == http.StatusNotFound) {
		return err
	}
	ctx, cancel = limited(w.ctx)
	defer cancel()
	info, statErr := w.b.client.StatObject(ctx, w.b.cfg.Bucket, key, minio.StatObjectOptions{})
	if statErr != nil {
		return errors.Join(err, statErr)
	}
	if info.Size != w.size {
		return referent.E(referent.CodeUnavailable, "s3: commit byte string", errors.New("the object has another length than its parts"))
	}
	return nil
}

func (w *writer) Abort() error {
	if w.end != nil {
		return nil
	}
	const op = "s3: abort byte string"
	w.end = referent.E(referent.CodeInternal, op, errEnded)
	if err := w.file.Close(); err != nil {
		return blob.DiskError(op, err)
	}
	return nil
}

// fail ends the writer with err.
func (w *writer) fail(err error) error {
	w.end = errors.Join(err, w.file.Close())
	return w.end
}
