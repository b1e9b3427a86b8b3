package pipeline

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
)

// What is recorded while it is uploaded has no length before it ends. Two ways lead to one: whoever records
// declares it, or somebody finishes the recording with what has come, since a tab was closed or a machine died.

// DeclareLength tells how long an upload of unknown length is. When so many bytes have come, the recording is
// sealed and its processing begins. Telling the same again is no error.
//
// CodeInvalid: fewer bytes than have come, or another length than was told. CodeTooLarge: more than this
// server accepts. CodeConflict: the meeting waits for no recording, or bytes are coming just now ([ErrLocked]).
func (p *Pipeline) DeclareLength(ctx context.Context, upload string, size int64) error {
	const op = "pipeline: declare length"
	if p.cfg.MaxUpload > 0 && size > p.cfg.MaxUpload {
		return referent.E(referent.CodeTooLarge, op, errors.New("the recording is larger than this server accepts"))
	}
	unlock, ok := p.uploads.lock(upload)
	if !ok {
		return referent.E(referent.CodeConflict, op, ErrLocked)
	}
	defer unlock()
	return p.do(ctx, func(ctx context.Context, s *step) error {
		u, err := s.Upload(ctx, upload)
		if err != nil {
			return err
		}
		switch {
		case u.Size == size:
			return nil
		case u.Size != store.UnknownSize:
			return invalid(op, "the length was told before, and was another")
		case size < u.Offset:
			return invalid(op, "more bytes than that have come")
		case !s.now.Before(u.Expires):
			return referent.E(referent.CodeNotFound, op, errors.New("the upload has expired"))
		}
		m, err := s.waiting(ctx, u, op)
		if err != nil {
			return err
		}
		u.Size = size
		if err := s.UpdateUpload(ctx, u); err != nil {
			return err
		}
		switch {
		case size == 0:
			return s.failMeeting(ctx, m, referent.StagePrepare, referent.CodeAudioEmpty)
		case u.Complete():
			return s.whole(ctx, m, u)
		}
		return nil
	})
}

// Finish takes what has come of a meeting's recording for all of it, whatever length was declared, and begins
// its processing. What is sent to the upload afterwards is refused. CodeLiveUpload: bytes came less than
// Config.FinishAfter ago, so that somebody is still recording. CodeConflict: the meeting waits for no recording,
// nothing has come, or bytes are coming just now ([ErrLocked]).
func (p *Pipeline) Finish(ctx context.Context, meeting string) error {
	const op = "pipeline: finish recording"
	uploads, err := p.cfg.Store.UploadsOf(ctx, meeting)
	if err != nil {
		return err
	}
	for _, u := range uploads {
		unlock, ok := p.uploads.lock(u.ID)
		if !ok {
			return referent.E(referent.CodeConflict, op, ErrLocked)
		}
		defer unlock()
	}
	return p.do(ctx, func(ctx context.Context, s *step) error {
		uploads, err := s.UploadsOf(ctx, meeting)
		if err != nil {
			return err
		}
		for i := range uploads {
			u := &uploads[i]
			if orphan, err := s.orphan(ctx, u); err != nil || orphan || u.Offset == 0 {
				if err != nil {
					return err
				}
				continue
			}
			m, err := s.waiting(ctx, u, op)
			if err != nil {
				return err
			}
			if last := u.Expires.Add(-p.cfg.UploadTTL); s.now.Sub(last) < p.cfg.FinishAfter {
				return referent.E(referent.CodeLiveUpload, op, errors.New("bytes came a moment ago"))
			}
			return s.finish(ctx, m, u)
		}
		if _, err := s.Meeting(ctx, meeting); err != nil {
			return err
		}
		return refused(op, "nothing has come")
	})
}

// finish makes what has come of an upload all of it.
func (s *step) finish(ctx context.Context, m *referent.Meeting, u *store.Upload) error {
	u.Size = u.Offset
	if err := s.UpdateUpload(ctx, u); err != nil {
		return err
	}
	return s.whole(ctx, m, u)
}

// waiting is the meeting that the upload brings the recording of.
func (s *step) waiting(ctx context.Context, u *store.Upload, op string) (*referent.Meeting, error) {
	m, err := s.Meeting(ctx, u.Meeting)
	if err != nil {
		return nil, err
	}
	if m.State != referent.StateUploading {
		return nil, refused(op, "the meeting waits for no recording")
	}
	orphan, err := s.orphan(ctx, u)
	if err == nil && orphan {
		err = referent.E(referent.CodeConflict, op, ErrOffset)
	}
	return m, err
}

// whole seals the recording that has come by a complete upload, and begins its processing.
func (s *step) whole(ctx context.Context, m *referent.Meeting, u *store.Upload) error {
	if err := s.endWaitingLive(ctx, m.ID); err != nil {
		return err
	}
	h, err := unmarshalHash(u.HashState)
	if err != nil {
		return err
	}
	m.Recording = &referent.Recording{SHA256: hex.EncodeToString(h.Sum(nil)), Size: u.Size}
	if err := s.move(ctx, m, referent.StateReceived); err != nil {
		return err
	}
	failpoint.Hit("meeting.received")
	return s.add(ctx, m, referent.StagePrepare, 0)
}
