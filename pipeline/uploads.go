package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// A part of a recording is a blob of its own. It ends at partSize bytes, or at the first byte that comes
// partAge after its own first: so much, and no more than a moment's, is what a crash of the server takes
// from an upload, and what arrives slowly can be heard while it does.
const (
	partSize = 16 << 20
	partAge  = time.Second
)

// ErrLocked says that the upload is being written to by somebody else just now.
var ErrLocked = errors.New("the upload is in use")

// ErrOffset says that the bytes do not follow those already stored.
var ErrOffset = errors.New("the offset is not the upload's")

// uploadLocks lets one Append at a time into each upload.
type uploadLocks struct {
	mu   sync.Mutex
	held map[string]bool
}

func (l *uploadLocks) lock(id string) (unlock func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[id] {
		return nil, false
	}
	l.held[id] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, id)
	}, true
}

// BeginUpload makes room for a recording of size bytes, or of store.UnknownSize: one that is being recorded,
// whose length [Pipeline.DeclareLength] tells when it ends. An empty one fails its meeting at once with
// CodeAudioEmpty. CodeConflict: the meeting has a recording, or part of one.
func (p *Pipeline) BeginUpload(ctx context.Context, meeting, owner string, size int64) (*store.Upload, error) {
	const op = "pipeline: begin upload"
	if size < 0 && size != store.UnknownSize {
		return nil, invalid(op, "the size is negative")
	}
	if p.cfg.MaxUpload > 0 && size > p.cfg.MaxUpload {
		return nil, referent.E(referent.CodeTooLarge, op, errors.New("the recording is larger than this server accepts"))
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	state, err := marshalHash(sha256.New())
	if err != nil {
		return nil, err
	}
	var u *store.Upload
	err = p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		parts, err := s.Parts(ctx, meeting)
		if err != nil {
			return err
		}
		if m.Recording != nil || len(parts) > 0 {
			return refused(op, "the meeting has a recording")
		}
		if m.State != referent.StateUploading {
			m.Failure = nil
			if err := s.move(ctx, m, referent.StateUploading); err != nil {
				return err
			}
		}
		u = &store.Upload{ID: id, Meeting: meeting, Owner: owner, Size: size, HashState: state,
			Created: s.now, Expires: s.now.Add(p.cfg.UploadTTL)}
		if err := s.CreateUpload(ctx, u); err != nil {
			return err
		}
		if size != 0 {
			return nil
		}
		return s.failMeeting(ctx, m, referent.StagePrepare, referent.CodeAudioEmpty)
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// Append stores what r gives at offset, which must be the upload's, and returns the new offset, also
// beside an error: what was stored before a connection broke counts. With sum nothing counts until all
// of r has come and matches ([ErrChecksum]). With the last byte the recording is sealed and its
// processing begins.
//
// CodeConflict: wrong offset ([ErrOffset]), or another Append is at it ([ErrLocked]). CodeTooLarge: r has
// more than the upload declared. CodeDiskFull: try again later from the returned offset.
func (p *Pipeline) Append(ctx context.Context, upload string, offset int64, r io.Reader, sum *Checksum) (int64, error) {
	const op = "pipeline: append to upload"
	unlock, ok := p.uploads.lock(upload)
	if !ok {
		return 0, referent.E(referent.CodeConflict, op, ErrLocked)
	}
	defer unlock()
	u, err := p.cfg.Store.Upload(ctx, upload)
	if err != nil {
		return 0, err
	}
	if !p.now().Before(u.Expires) && !u.Complete() {
		return u.Offset, referent.E(referent.CodeNotFound, op, errors.New("the upload has expired"))
	}
	if offset != u.Offset {
		return u.Offset, referent.E(referent.CodeConflict, op, ErrOffset)
	}
	key, err := p.key(ctx, u.Meeting)
	if err != nil {
		return u.Offset, err
	}
	a, err := p.newAppend(u, key, r, sum)
	if err != nil {
		return u.Offset, err
	}
	err = a.run(ctx)
	return a.stored, err
}

// AbortUpload ends an upload before its end. The meeting is cancelled, unless its bytes came by
// another upload; what came stays until the meeting is deleted, and Retry takes it as it is.
func (p *Pipeline) AbortUpload(ctx context.Context, upload string) error {
	unlock, ok := p.uploads.lock(upload)
	if !ok {
		return referent.E(referent.CodeConflict, "pipeline: abort upload", ErrLocked)
	}
	defer unlock()
	return p.do(ctx, func(ctx context.Context, s *step) error {
		u, err := s.Upload(ctx, upload)
		if err != nil {
			return err
		}
		m, err := s.Meeting(ctx, u.Meeting)
		if err != nil {
			return err
		}
		orphan, err := s.orphan(ctx, u)
		if err != nil {
			return err
		}
		if err := s.DeleteUpload(ctx, upload); err != nil || orphan || m.State != referent.StateUploading {
			return err
		}
		if err := s.cancelJobs(ctx, m.ID); err != nil {
			return err
		}
		return s.move(ctx, m, referent.StateCancelled)
	})
}

// orphan reports whether the meeting's bytes came by another upload, so that this one can never go on and
// its end is not the meeting's. A client that did not hear of its first upload begins a second.
func (s *step) orphan(ctx context.Context, u *store.Upload) (bool, error) {
	parts, err := s.Parts(ctx, u.Meeting)
	return endOf(parts) != u.Offset, err
}

// expireUpload ends an upload that was left. A finished one only loses its row; what came of a recording whose
// length nobody has told is the recording.
func (p *Pipeline) expireUpload(ctx context.Context, upload string) error {
	unlock, ok := p.uploads.lock(upload)
	if !ok {
		return nil // bytes are coming in
	}
	defer unlock()
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		u, err := s.Upload(ctx, upload)
		if err != nil {
			return err
		}
		if s.now.Before(u.Expires) {
			return nil
		}
		m, err := s.Meeting(ctx, u.Meeting)
		if err != nil {
			return err
		}
		orphan, err := s.orphan(ctx, u)
		if err != nil {
			return err
		}
		if u.Size == store.UnknownSize && u.Offset > 0 && !orphan && m.State == referent.StateUploading {
			return s.finish(ctx, m, u) // nobody knows of more: what came is the recording
		}
		if err := s.DeleteUpload(ctx, upload); err != nil || orphan || m.State != referent.StateUploading {
			return err
		}
		if err := s.cancelJobs(ctx, m.ID); err != nil {
			return err
		}
		return s.failMeeting(ctx, m, referent.StagePrepare, referent.CodeTimeout)
	})
	return ignoreGone(err)
}

// commitParts makes stored blobs parts of the recording and moves the upload on; the last byte starts
// the meeting's work in the same transaction.
func (p *Pipeline) commitParts(ctx context.Context, u *store.Upload, parts []store.Part, h hash.Hash) error {
	const op = "pipeline: append to upload"
	var next store.Upload
	state, err := marshalHash(h)
	if err != nil {
		return err
	}
	err = p.do(ctx, func(ctx context.Context, s *step) error {
		now, err := s.Upload(ctx, u.ID)
		if err != nil {
			return err
		}
		m, err := s.Meeting(ctx, u.Meeting)
		if err != nil {
			return err
		}
		if m.State != referent.StateUploading {
			return refused(op, "the meeting waits for no recording")
		}
		stored, err := s.Parts(ctx, u.Meeting)
		if err != nil {
			return err
		}
		if now.Offset != u.Offset || endOf(stored) != u.Offset {
			return referent.E(referent.CodeConflict, op, ErrOffset)
		}
		next = *now // another server may have been told how long it is
		for _, part := range parts {
			if err := s.AddPart(ctx, part); err != nil {
				return err
			}
			next.Offset += part.Size
		}
		if next.Size != store.UnknownSize && next.Offset > next.Size {
			return referent.E(referent.CodeTooLarge, op, errors.New("more came than the upload has"))
		}
		next.HashState, next.Expires = state, s.now.Add(p.cfg.UploadTTL)
		if err := s.UpdateUpload(ctx, &next); err != nil {
			return err
		}
		s.count(func(x *metrics) { x.uploadedBytes.Add(float64(next.Offset - u.Offset)) })
		if !next.Complete() {
			return s.hearLive(ctx, m, u, now.Expires.Add(-p.cfg.UploadTTL))
		}
		return s.whole(ctx, m, &next)
	})
	if err == nil {
		failpoint.Hit("upload.committed")
		*u = next
	}
	return err
}

func endOf(parts []store.Part) int64 {
	if len(parts) == 0 {
		return 0
	}
	last := parts[len(parts)-1]
	return last.Offset + last.Size
}

// measure describes what came of an upload that never ended. nil: nothing came.
func (p *Pipeline) measure(ctx context.Context, meeting string) (*referent.Recording, error) {
	r, err := p.Recording(ctx, meeting)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	_, err = io.Copy(h, blob.WithContext(ctx, io.NewSectionReader(r, 0, r.Size())))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, referent.E(referent.CodeOf(err), "pipeline: measure recording", err)
	}
	return &referent.Recording{SHA256: hex.EncodeToString(h.Sum(nil)), Size: r.Size()}, nil
}

func marshalHash(h hash.Hash) ([]byte, error) {
	state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "pipeline: save hash", err)
	}
	return state, nil
}

func unmarshalHash(state []byte) (hash.Hash, error) {
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		return nil, referent.E(referent.CodeInternal, "pipeline: restore hash", err)
	}
	return h, nil
}

var _ blob.ReadAtCloser = (*recording)(nil)
