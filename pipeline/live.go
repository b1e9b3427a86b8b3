package pipeline

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// The live stage hears a recording while it is uploaded. No meeting waits for it, fails with it or keeps
// anything of it: its text is provisional, lives in memory, and goes when the transcript comes, when
// the meeting's work ends, or with the server.

const (
	// liveAfter is how long an upload that nobody waits for has lasted before it is listened to: most are
	// files on their way, whole before it is worth while.
	liveAfter = 2 * time.Second
	// livePause is how long nothing has come when what comes then is listened to anew, should the worker
	// have given up waiting. One that gave up for another reason would do so again.
	livePause = time.Minute
)

// hearLive sees to it that somebody listens to a recording of which a part has come; before is when the
// part before it did.
func (s *step) hearLive(ctx context.Context, m *referent.Meeting, u *store.Upload, before time.Time) error {
	if !baseOf(s.kinds, m.Kind).Interactive() && s.now.Sub(u.Created) < liveAfter {
		return nil
	}
	jobs, err := s.JobsOf(ctx, m.ID)
	if err != nil {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(j referent.Job) bool { return !isLive(j) })
	if openJobs(jobs) || len(jobs) > 0 && s.now.Sub(before) < livePause {
		return nil
	}
	return s.add(ctx, m, referent.StageLive, 0)
}

func isLive(j referent.Job) bool { return j.Stage == referent.StageLive }

// endWaitingLive ends a live job that no worker has begun. One that is begun hears the end of the
// recording, which is what whoever dictates waits for.
func (s *step) endWaitingLive(ctx context.Context, meeting string) error {
	return s.endLive(ctx, meeting, func(j *referent.Job) bool { return j.State == referent.JobQueued })
}

// forgetLive ends what is left of listening: the transcript is there.
func (s *step) forgetLive(ctx context.Context, meeting string) error {
	s.forgetHeard(meeting)
	return s.endLive(ctx, meeting, func(*referent.Job) bool { return true })
}

func (s *step) forgetHeard(meeting string) {
	s.partials.forget(meeting)
	s.forgotten = append(s.forgotten, meeting)
}

func (s *step) endLive(ctx context.Context, meeting string, which func(*referent.Job) bool) error {
	jobs, err := s.JobsOf(ctx, meeting)
	if err != nil {
		return err
	}
	for i := range jobs {
		if j := &jobs[i]; isLive(*j) && openJobs(jobs[i:i+1]) && which(j) {
			if err := s.cancelJob(ctx, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// tooLate reports whether it is no use any more to begin with the job: all of the recording has come, and
// its transcript is on the way.
func tooLate(m *referent.Meeting, j *referent.Job) bool {
	return isLive(*j) && m.State != referent.StateUploading
}

// grow lets a source reach as far as the recording has come, and reports whether that is all of it.
func (p *Pipeline) grow(ctx context.Context, meeting string, src *source) (whole bool, err error) {
	m, err := p.cfg.Store.Meeting(ctx, meeting) // before the parts: when it is whole, they are
	if err != nil {
		return false, err
	}
	parts, err := p.cfg.Store.Parts(ctx, meeting)
	if err != nil {
		return false, err
	}
	r, ok := src.r.(*recording)
	if !ok {
		return false, referent.E(referent.CodeInternal, "pipeline: read recording", errors.New("the source cannot grow"))
	}
	if err := r.grow(parts); err != nil {
		return false, err
	}
	src.to = r.Size()
	return m.State != referent.StateUploading, nil
}

// onPartial takes what was heard. The event that tells of it carries no text.
func (p *Pipeline) onPartial(ctx context.Context, req protocol.PartialRequest) (*none, error) {
	const op = "pipeline: take partial text"
	if err := checkPartial(&req.Partial); err != nil {
		return nil, err
	}
	return nil, p.do(ctx, func(ctx context.Context, s *step) error {
		j, err := p.leased(ctx, s, req.Lease, op)
		if err != nil {
			return err
		}
		if !isLive(*j) {
			return referent.E(referent.CodeForbidden, op, errors.New("the job hears nothing live"))
		}
		m, err := s.Meeting(ctx, j.Meeting)
		if err != nil {
			return err
		}
		if !s.partials.add(j, req) {
			return nil
		}
		if err := p.passOn(j, req); err != nil { // before the event, which makes people ask for it
			return err
		}
		return s.tell(ctx, m, store.Event{Type: "partial", Stage: referent.StageLive})
	})
}

// The bounds of provisional text, in bytes.
const (
	maxPartialSegment = 8 << 10
	maxPartialMeeting = 1 << 20 // a day of speech
	maxPartials       = 64 << 20
	partialOverhead   = 64 // of a segment, beside its text
)

func checkPartial(p *referent.Partial) error {
	const op = "pipeline: take partial text"
	sane := func(t float64) bool { return t >= 0 && !math.IsInf(t, 0) }
	if !sane(p.Heard) {
		return invalid(op, "a time is out of range")
	}
	open := false
	for _, s := range p.Segments {
		switch {
		case !sane(s.Start) || !sane(s.End) || s.End < s.Start:
			return invalid(op, "a time is out of range")
		case len(s.Text) > maxPartialSegment || !utf8.ValidString(s.Text):
			return invalid(op, "a text is too long or not UTF-8")
		case open && !s.Open:
			return invalid(op, "open segments come last")
		}
		open = s.Open
	}
	return nil
}

// partials is what has been heard of recordings whose transcript is not there yet.
type partials struct {
	mu   sync.Mutex
	of   map[string]*partial // by meeting
	size int
	tick int64
}

type partial struct {
	referent.Partial
	job   string
	epoch int64 // the lease that told the last of it
	seq   int64
	size  int
	used  int64 // tick of the last addition
}

// add takes a request in, and reports whether it was new.
func (p *partials) add(j *referent.Job, req protocol.PartialRequest) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.of[j.Meeting]
	if t == nil {
		t = &partial{}
		p.of[j.Meeting] = t
	}
	if t.job == j.ID && (j.Epoch < t.epoch || j.Epoch == t.epoch && req.Seq <= t.seq) {
		return false
	}
	t.job, t.epoch, t.seq = j.ID, j.Epoch, req.Seq
	before := t.size
	t.Segments = append(slices.DeleteFunc(t.Segments, func(s referent.PartialSegment) bool {
		if s.Open {
			t.size -= cost(s)
		}
		return s.Open
	}), req.Partial.Segments...)
	for _, s := range req.Partial.Segments {
		t.size += cost(s)
	}
	for t.size > maxPartialMeeting {
		t.size -= cost(t.Segments[0])
		t.Segments = t.Segments[1:]
	}
	t.Heard = max(t.Heard, req.Partial.Heard)
	p.size += t.size - before
	p.tick++
	t.used = p.tick
	for p.size > maxPartials {
		p.dropOldest()
	}
	return true
}

func cost(s referent.PartialSegment) int { return partialOverhead + len(s.Text) }

// dropOldest forgets the meeting that nothing was added to for longest. mu is held.
func (p *partials) dropOldest() {
	oldest, used := "", int64(math.MaxInt64)
	for meeting, t := range p.of {
		if t.used < used {
			oldest, used = meeting, t.used
		}
	}
	p.drop(oldest)
}

func (p *partials) drop(meeting string) {
	if t := p.of[meeting]; t != nil {
		p.size -= t.size
		delete(p.of, meeting)
	}
}

func (p *partials) forget(meeting string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(meeting)
}

// heard is up to where a meeting's recording needs no more listening.
func (p *partials) heard(meeting string) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.of[meeting]; t != nil {
		return t.Heard
	}
	return 0
}

// meetings are those of which something has been heard.
func (p *partials) meetings() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.of))
}

// prunePartials forgets text that should be gone: another server's word that it is may have been lost.
func (p *Pipeline) prunePartials(ctx context.Context) error {
	for _, meeting := range p.partials.meetings() {
		over, err := p.nothingProvisional(ctx, meeting)
		if err != nil {
			return err
		}
		if over {
			p.partials.forget(meeting)
		}
	}
	return nil
}

// nothingProvisional reports whether no provisional text of the meeting should be anywhere.
func (p *Pipeline) nothingProvisional(ctx context.Context, meeting string) (bool, error) {
	m, err := p.cfg.Store.Meeting(ctx, meeting)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if m.State == referent.StatePurged || m.State == referent.StateCancelled {
		return true, nil
	}
	jobs, err := p.cfg.Store.JobsOf(ctx, meeting)
	if err != nil {
		return false, err
	}
	if openJobs(slices.DeleteFunc(jobs, func(j referent.Job) bool { return !isLive(j) })) {
		return false, nil
	}
	_, err = p.cfg.Store.Artifact(ctx, meeting, store.ArtifactTranscript, 0)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (p *partials) get(meeting string) *referent.Partial {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := &referent.Partial{Segments: []referent.PartialSegment{}}
	if t := p.of[meeting]; t != nil {
		out.Heard = t.Heard
		out.Segments = append(out.Segments, t.Segments...)
	}
	return out
}

// Partial is what has been heard of the meeting's recording so far: provisional, and nothing once its
// transcript is there. It is empty for a meeting that nobody listens to.
func (p *Pipeline) Partial(_ context.Context, meeting string) (*referent.Partial, error) {
	return p.partials.get(meeting), nil
}
