package pipeline

import (
	"context"
	"errors"
	"sync"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/worker/protocol"
)

// maxResult is the most bytes of JSON in a job's result. Ten hours of words fit many times.
const maxResult = 16 << 20

// sessions are the open files and unfinished streams of the jobs that workers are at. They live in
// memory: a restarted server opens files anew, and a worker whose stream is gone starts its job again.
type sessions struct {
	mu   sync.Mutex
	open map[string]*session // by job
}

// session belongs to one lease. mu is held during each read and write.
type session struct {
	job   referent.Job
	vault *blob.Vault
	key   *blob.Key

	mu      sync.Mutex
	closed  bool
	sources map[protocol.Source]*source
	audio   blob.Writer // StreamAudio as it grows
	length  int64       // bytes in audio
	result  []byte      // StreamResult
	sealed  string      // the blob that audio became
	loose   []string    // sealed blobs that no row names yet
}

// source is an open blob and the bytes of it that the lease may read.
type source struct {
	r        blob.ReadAtCloser
	from, to int64
}

// session returns the lease's session, making it when there is none. One of an earlier lease is closed.
func (p *Pipeline) session(ctx context.Context, j *referent.Job) (*session, error) {
	p.sessions.mu.Lock()
	s := p.sessions.open[j.ID]
	p.sessions.mu.Unlock()
	if s != nil && s.job.Epoch == j.Epoch {
		return s, nil
	}
	key, err := p.key(ctx, j.Meeting)
	if err != nil {
		return nil, err
	}
	p.sessions.mu.Lock()
	old := p.sessions.open[j.ID]
	if old != nil && old.job.Epoch >= j.Epoch {
		p.sessions.mu.Unlock()
		if old.job.Epoch > j.Epoch {
			return nil, leaseLost("pipeline: open session")
		}
		return old, nil // two requests of one lease came together
	}
	s = &session{job: *j, vault: p.cfg.Vault, key: key, sources: map[protocol.Source]*source{}}
	p.sessions.open[j.ID] = s
	p.sessions.mu.Unlock()
	if old != nil {
		p.closeSession(ctx, old)
	}
	return s, nil
}

// endSession closes the session of a lease that is over. Who has leased the job since keeps theirs: another server's word
// may come late.
func (p *Pipeline) endSession(ctx context.Context, e ended) {
	p.sessions.mu.Lock()
	s := p.sessions.open[e.Job]
	if s != nil && s.job.Epoch > e.Epoch {
		p.sessions.mu.Unlock()
		return
	}
	delete(p.sessions.open, e.Job)
	p.sessions.mu.Unlock()
	p.pace.forget(e.Job)
	if s != nil {
		p.closeSession(ctx, s)
	}
}

// closeSessions closes what is open when the server stops.
func (p *Pipeline) closeSessions() {
	p.sessions.mu.Lock()
	all := p.sessions.open
	p.sessions.open = map[string]*session{}
	p.sessions.mu.Unlock()
	for _, s := range all {
		p.closeSession(context.Background(), s)
	}
}

func (p *Pipeline) closeSession(ctx context.Context, s *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.close(context.WithoutCancel(ctx)); err != nil {
		p.cfg.Log.Warn("session not closed cleanly", "job", s.job.ID, "error", err)
	}
}

// close gives everything back; blobs that no row names are deleted. mu is held.
func (s *session) close(ctx context.Context) error {
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, src := range s.sources {
		errs = append(errs, src.r.Close())
	}
	if s.audio != nil {
		errs = append(errs, s.audio.Abort())
	}
	errs = append(errs, deleteBlobs(ctx, s.vault, s.loose))
	s.sources, s.audio, s.result, s.loose = nil, nil, nil, nil
	return errors.Join(errs...)
}

// pruneSessions closes sessions that a late request opened after its lease had ended.
func (p *Pipeline) pruneSessions(ctx context.Context) error {
	p.sessions.mu.Lock()
	all := make([]*session, 0, len(p.sessions.open))
	for _, s := range p.sessions.open {
		all = append(all, s)
	}
	p.sessions.mu.Unlock()
	for _, s := range all {
		j, err := p.cfg.Store.Job(ctx, s.job.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil && j.State == referent.JobLeased && j.Epoch == s.job.Epoch {
			continue
		}
		p.sessions.mu.Lock()
		if p.sessions.open[s.job.ID] == s {
			delete(p.sessions.open, s.job.ID)
		}
		p.sessions.mu.Unlock()
		p.closeSession(ctx, s)
	}
	return nil
}

// append adds a piece to a stream. What is already there is skipped; a gap is refused: the server was
// restarted and has lost the beginning, or the worker has lost its way.
func (s *session) append(ctx context.Context, st protocol.Stream, offset int64, piece []byte) error {
	const op = "pipeline: write stream"
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return leaseLost(op)
	}
	have := s.length
	switch {
	case st == protocol.StreamResult:
		have = int64(len(s.result))
	case st != protocol.StreamAudio || s.job.Stage != referent.StagePrepare:
		return referent.E(referent.CodeForbidden, op, errors.New("the job does not make this stream"))
	}
	if offset < 0 || offset > have {
		return referent.E(referent.CodeConflict, op, errors.New("the beginning of the stream is not here")).
			WithHint("give the job back; it is done again from its start")
	}
	if offset+int64(len(piece)) <= have {
		return nil
	}
	piece = piece[have-offset:]
	if st == protocol.StreamResult {
		if have+int64(len(piece)) > maxResult {
			return referent.E(referent.CodeTooLarge, op, errors.New("the result is too large"))
		}
		s.result = append(s.result, piece...)
		return nil
	}
	if s.sealed != "" {
		return referent.E(referent.CodeConflict, op, errors.New("the stream is sealed"))
	}
	if s.audio == nil {
		w, err := s.vault.Create(context.WithoutCancel(ctx), s.job.Meeting, s.key)
		if err != nil {
			return err
		}
		s.audio = w
	}
	failpoint.Hit("stream.write")
	n, err := s.audio.Write(piece)
	s.length += int64(n)
	if err != nil {
		return referent.E(referent.CodeOf(err), op, err)
	}
	return nil
}

// sealAudio makes the audio stream a blob; again gives the same blob. mu is held.
func (s *session) sealAudio() (name string, err error) {
	if s.sealed == "" && s.audio != nil {
		failpoint.Hit("audio.seal")
		if name, err = s.audio.Commit(); err != nil {
			return "", referent.E(referent.CodeOf(err), "pipeline: seal audio", err)
		}
		failpoint.Hit("audio.sealed")
		s.audio, s.sealed = nil, name
		s.loose = append(s.loose, name)
	}
	return s.sealed, nil
}
