package pipeline

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"hash"
	"io"
	"math"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// ErrChecksum says that the bytes are not those that the sender summed up.
var ErrChecksum = errors.New("the checksum does not match")

// ChecksumAlgorithms are those that a Checksum may name, as in tus' Tus-Checksum-Algorithm.
var ChecksumAlgorithms = []string{"sha1", "sha256", "md5"}

// Checksum is what all bytes of one Append must sum up to. It guards against broken transfers, not
// against attackers, so that the old algorithms of the tus protocol will do.
type Checksum struct {
	Algorithm string
	Sum       []byte
}

func (c *Checksum) hash() (hash.Hash, error) {
	switch c.Algorithm {
	case "sha1":
		return sha1.New(), nil
	case "sha256":
		return sha256.New(), nil
	case "md5":
		return md5.New(), nil
	}
	return nil, invalid("pipeline: check checksum", "the algorithm is not one of sha1, sha256, md5")
}

// appending is one Append under way.
type appending struct {
	p       *Pipeline
	u       *store.Upload // as last committed
	stored  int64         // its offset
	key     *blob.Key
	r       io.Reader
	whole   hash.Hash // of the recording so far
	sum     *Checksum
	sumHash hash.Hash
	waiting []store.Part // with sum: sealed, not yet verified
	at      int64        // where the next part goes
	buf     []byte
}

func (p *Pipeline) newAppend(u *store.Upload, key *blob.Key, r io.Reader, sum *Checksum) (*appending, error) {
	a := &appending{p: p, u: u, stored: u.Offset, at: u.Offset, key: key, r: r, sum: sum, buf: make([]byte, 256<<10)}
	var err error
	if a.whole, err = unmarshalHash(u.HashState); err != nil {
		return nil, err
	}
	if sum != nil {
		if a.sumHash, err = sum.hash(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// run stores part after part until r ends. Blobs that never became parts are deleted.
func (a *appending) run(ctx context.Context) (err error) {
	const op = "pipeline: append to upload"
	defer func() {
		if len(a.waiting) > 0 {
			err = a.discard(ctx, err)
		}
	}()
	for {
		part, last, readErr := a.part(ctx)
		if part == nil && readErr != nil {
			return readErr
		}
		if part != nil {
			a.waiting = append(a.waiting, *part)
			a.at += part.Size
		}
		if a.sum != nil {
			if readErr != nil {
				return readErr
			}
			if last && subtle.ConstantTimeCompare(a.sumHash.Sum(nil), a.sum.Sum) != 1 {
				return referent.E(referent.CodeInvalid, op, ErrChecksum)
			}
			if !last {
				continue
			}
		}
		if len(a.waiting) > 0 {
			// What came before the connection broke is kept, and ctx has ended with the connection.
			if err := a.p.commitParts(context.WithoutCancel(ctx), a.u, a.waiting, a.whole); err != nil {
				return errors.Join(err, readErr)
			}
			a.stored, a.waiting = a.u.Offset, nil
		}
		if last || readErr != nil {
			return readErr
		}
	}
}

// discard deletes what waits in vain, because of cause.
func (a *appending) discard(ctx context.Context, cause error) error {
	var names []string
	for _, p := range a.waiting {
		names = append(names, p.Blob)
	}
	return a.p.dropBlobs(ctx, cause, names...)
}

// part reads and seals the next part. last says that r has ended well. When r breaks, what it gave
// before is sealed and returned beside the error; when the disk does, nothing is. part is nil when it
// would be empty.
func (a *appending) part(ctx context.Context) (part *store.Part, last bool, err error) {
	const op = "pipeline: append to upload"
	left := a.left()
	limit := min(partSize, left)
	var w blob.Writer
	var n int64
	var readErr error
	var began time.Time
	// With a checksum nothing counts before all of it has come: shorter parts would show nothing sooner.
	full := func() bool { return n >= limit || n > 0 && a.sum == nil && a.p.now().Sub(began) >= partAge }
	for !full() && readErr == nil && !last {
		var got int
		got, readErr = a.r.Read(a.buf[:min(int64(len(a.buf)), limit-n)])
		if errors.Is(readErr, io.EOF) {
			readErr, last = nil, true
		}
		if got == 0 {
			continue
		}
		if w == nil {
			began = a.p.now()
			// The request's context ends with the connection, and what came before must still be kept.
			if w, err = a.p.cfg.Vault.Create(context.WithoutCancel(ctx), a.u.Meeting, a.key); err != nil {
				return nil, false, err
			}
		}
		if _, err := w.Write(a.buf[:got]); err != nil {
			return nil, false, referent.E(referent.CodeOf(err), op, errors.Join(err, w.Abort()))
		}
		a.whole.Write(a.buf[:got])
		if a.sumHash != nil {
			a.sumHash.Write(a.buf[:got])
		}
		n += int64(got)
	}
	if readErr == nil && !last && n == left {
		if last, readErr = a.atEnd(); readErr == nil && !last {
			err := error(referent.E(referent.CodeTooLarge, op, errors.New("more bytes came than were declared")))
			if w != nil {
				err = errors.Join(err, w.Abort())
			}
			return nil, false, err
		}
	}
	if readErr != nil {
		readErr = referent.E(referent.CodeUnavailable, op, readErr).WithHint("the connection broke; go on from the offset that is stored")
	}
	if w == nil {
		return nil, last, readErr
	}
	failpoint.Hit("upload.part.written")
	name, err := w.Commit()
	if err != nil {
		return nil, false, referent.E(referent.CodeOf(err), op, err)
	}
	failpoint.Hit("upload.part.sealed")
	return &store.Part{Meeting: a.u.Meeting, Offset: a.at, Size: n, Blob: name}, last, readErr
}

// left is how many bytes more the upload takes.
func (a *appending) left() int64 {
	switch {
	case a.u.Size != store.UnknownSize:
		return a.u.Size - a.at
	case a.p.cfg.MaxUpload > 0:
		return max(a.p.cfg.MaxUpload-a.at, 0)
	}
	return math.MaxInt64
}

// atEnd reports whether r has nothing more.
func (a *appending) atEnd() (bool, error) {
	var one [1]byte
	for range 100 {
		n, err := a.r.Read(one[:])
		switch {
		case n > 0:
			return false, nil
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, err
		}
	}
	return false, io.ErrNoProgress
}
