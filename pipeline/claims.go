package pipeline

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// codeForm keeps what a worker calls a failure to what can be the key of a sentence.
var codeForm = regexp.MustCompile(`^[a-z_]{1,64}$`)

const (
	maxWorkerName = 200 // bytes in the name of a worker
	maxLogged     = 200 // bytes of what a worker says of a failure that go into the log
)

// token is the secret of one claim, and good only from the worker with the public key that claimed. It follows from the
// installation's secret, so that a lease outlives a restart of the server without being stored.
func (p *Pipeline) token(job string, epoch int64, key string) string {
	mac := hmac.New(sha256.New, p.secret)
	fmt.Fprintf(mac, "%s:%d:%s", job, epoch, key)
	return hex.EncodeToString(mac.Sum(nil))
}

func leaseLost(op string) error { return referent.E(referent.CodeLeaseLost, op, store.ErrFenced) }

func refused(op, why string) error { return referent.E(referent.CodeConflict, op, errors.New(why)) }

// claim leases a job to a worker. Epoch and attempt have grown in the database before the worker hears
// of it, so that a crash right after counts.
func (p *Pipeline) claim(ctx context.Context, req protocol.ClaimRequest) (*protocol.ClaimReply, error) {
	const op = "pipeline: claim job"
	if req.Worker == "" || len(req.Worker) > maxWorkerName {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("a worker has a name of 1 to 200 bytes"))
	}
	failpoint.Hit("claim.asked")
	name := nameOf(ctx, req.Worker)
	job, rest, err := p.fitting(ctx, req.Job, name)
	if err != nil {
		return nil, err
	}
	if rest {
		return &protocol.ClaimReply{Rest: true}, nil
	}
	j, m, err := p.lease(ctx, job, name, false)
	if job != req.Job && referent.CodeOf(err) == referent.CodeConflict {
		return &protocol.ClaimReply{Rest: true}, nil // somebody was faster; the job that was asked for waits
	}
	if err != nil {
		return nil, err
	}
	failpoint.Hit("claim.leased")
	p.kept.forget(job)
	if job != req.Job {
		// Nobody has taken its message, and whoever did would find it leased.
		if err := p.cfg.Queue.Remove(ctx, message(j)); err != nil {
			p.cfg.Log.Warn("message not removed", "job", job, "error", err)
		}
	}
	task, err := p.task(ctx, j, m)
	if err != nil {
		// The attempt counts, unless the disk is full: a job that cannot be described must not be tried for ever.
		if ferr := p.giveBack(ctx, j.ID, j.Epoch, referent.CodeOf(err)); ferr != nil {
			return nil, ferr
		}
		p.cfg.Log.Warn("job cannot be described to a worker", "job", j.ID, "error", err)
		return nil, referent.E(referent.CodeConflict, op, err)
	}
	p.pace.begin(j.ID, rateOf(j.Stage, m.Options), audioOf(task, m), p.now())
	return &protocol.ClaimReply{Lease: p.leaseOf(ctx, j), Task: *task, Server: p.cfg.Server}, nil
}

// audioOf is how many seconds of audio a task is about; 0: that is not known yet.
func audioOf(t *protocol.Task, m *referent.Meeting) float64 {
	switch {
	case t.Stage == referent.StageTranscribe && len(t.Recognition.Windows) > 0:
		from, to := hull(&referent.Chunk{Windows: t.Recognition.Windows})
		return float64(to-from) / referent.SampleRate
	case t.Stage == referent.StageMinutes && m.Recording != nil:
		return m.Recording.Duration
	}
	return 0
}

func (p *Pipeline) leaseOf(ctx context.Context, j *referent.Job) protocol.Lease {
	return protocol.Lease{Job: j.ID, Epoch: j.Epoch, Token: p.token(j.ID, j.Epoch, askedBy(ctx))}
}

// lease is the transaction of a claim. server is true for the jobs that the server does itself, and
// only for them.
func (p *Pipeline) lease(ctx context.Context, job, worker string, server bool) (*referent.Job, *referent.Meeting, error) {
	const op = "pipeline: claim job"
	var j *referent.Job
	var m *referent.Meeting
	var spent bool
	err := p.do(ctx, func(ctx context.Context, s *step) (err error) {
		spent = false
		if err := stillIn(ctx, s); err != nil {
			return err
		}
		if j, err = s.Job(ctx, job); errors.Is(err, store.ErrNotFound) {
			return refused(op, "there is no such job any more")
		} else if err != nil {
			return err
		}
		if server != (j.Stage == referent.StageAssemble) {
			return refused(op, "the job is somebody else's kind")
		}
		if err := mayDo(ctx, j.Stage); err != nil {
			return err
		}
		expired := j.State == referent.JobLeased && !s.now.Before(j.LeaseExpires)
		switch {
		case j.State == referent.JobQueued && s.now.Before(j.NotBefore):
			return refused(op, "the job waits after a failure")
		case j.State != referent.JobQueued && !expired:
			return refused(op, "the job is taken or over")
		}
		if m, err = s.Meeting(ctx, j.Meeting); err != nil {
			return err
		}
		if m.State.Final() {
			return refused(op, "the meeting is over")
		}
		if tooLate(m, j) {
			return refused(op, "the recording is whole")
		}
		if p.elsewhere(j, m.Options, worker, p.Workers()) {
			return errFarModel
		}
		if expired {
			s.count(func(x *metrics) { x.leasesExpired.Inc() })
			s.ended(j)
			j.Code = referent.CodeWorkerLost
		}
		if j.Attempt >= referent.MaxAttempts {
			spent, s.taken = true, true
			return s.bury(ctx, m, j)
		}
		s.taken = !server
		fence := j.Epoch
		j.Epoch++
		j.Attempt++
		j.State, j.Worker, j.Progress = referent.JobLeased, worker, 0
		until := s.now.Add(protocol.LeaseTTL)
		if server {
			until = s.now.Add(serverLease)
		}
		j.LeaseExpires, j.NotBefore, j.Updated = until, time.Time{}, s.now
		return s.UpdateJob(ctx, j, fence)
	})
	if err == nil && spent {
		err = refused(op, "the job has no attempts left")
	}
	if err != nil {
		return nil, nil, err
	}
	return j, m, nil
}

// task says what a worker needs to know, and no more: only the writer of the minutes learns title and
// names; the recogniser gets them as bare vocabulary.
func (p *Pipeline) task(ctx context.Context, j *referent.Job, m *referent.Meeting) (*protocol.Task, error) {
	t := &protocol.Task{Stage: j.Stage, Meeting: referent.Meeting{ID: m.ID, Kind: baseOf(p.cfg.Templates, m.Kind), Language: m.Language,
		Options: m.Options, State: m.State, Recording: m.Recording}}
	switch j.Stage {
	case referent.StagePrepare:
		t.Preparation = &referent.Preparation{MaxDuration: p.cfg.MaxDuration, Language: p.spoken(m), Model: p.cfg.Model}
	case referent.StageTranscribe:
		prep, err := p.plan(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		chunk, err := chunkOf(prep, j.Chunk)
		if err != nil {
			return nil, err
		}
		names, listed, err := p.vocabulary(ctx, m)
		if err != nil {
			return nil, err
		}
		t.Recognition = &referent.Recognition{Chunk: j.Chunk, Windows: chunk.Windows, Channels: prep.Plan.Channels,
			Model: p.cfg.Model, Language: p.spoken(m), Mode: m.Options.Mode, Names: names, Vocabulary: listed, Priority: j.Priority}
		if count, err := referent.ParseSpeakerCount(m.Options.Speakers); err == nil && !count.Off {
			t.Recognition.Voices = chunk.Voices
		}
		if prep.Plan.Language != "" {
			t.Recognition.Language = prep.Plan.Language // found, where it was to be
		}
		orDefault(&t.Recognition.Mode, referent.ModeFast)
	case referent.StageLive:
		names, listed, err := p.vocabulary(ctx, m)
		if err != nil {
			return nil, err
		}
		// A person watches, whatever the meeting's own priority.
		t.Recognition = &referent.Recognition{Model: p.cfg.Model, Language: p.spoken(m), Mode: referent.ModeFast,
			Names: names, Vocabulary: listed, Priority: referent.PriorityInteractive}
		t.Heard = p.partials.heard(m.ID)
	case referent.StageMinutes:
		t.Meeting = *m
		if !slices.Contains(referent.Kinds, m.Kind) {
			tpl, err := p.cfg.Templates.Choose(m.Kind, m.Language)
			if err != nil { // the folder has changed since; the meeting can be retried once it is back
				return nil, referent.E(referent.CodeConfig, "pipeline: describe job", err).WithHint("the template of these minutes is gone or lacks their language form")
			}
			t.Template, t.Meeting.Kind = tpl, tpl.Base
		}
		switch {
		case m.Options.Writer == WriterBuiltin:
		case p.cfg.Endpoint != nil:
			e := *p.cfg.Endpoint
			t.Endpoint = &e
		case m.Options.Writer == WriterLLM:
			return nil, noEndpoint("pipeline: describe job")
		}
	}
	return t, nil
}

// spoken is the meeting's spoken language as Whisper's code, or that it is to be found.
func (p *Pipeline) spoken(m *referent.Meeting) string {
	if m.Options.Spoken == "" {
		return p.cfg.Spoken
	}
	return m.Options.Spoken
}

// held returns the job if the lease is its latest one, whatever has become of the job under it.
func (p *Pipeline) held(ctx context.Context, r store.Reader, l protocol.Lease, op string) (*referent.Job, error) {
	if !hmac.Equal([]byte(l.Token), []byte(p.token(l.Job, l.Epoch, askedBy(ctx)))) {
		return nil, referent.E(referent.CodeForbidden, op, errors.New("the lease's token is wrong"))
	}
	if err := stillIn(ctx, r); err != nil {
		return nil, err
	}
	j, err := r.Job(ctx, l.Job)
	if errors.Is(err, store.ErrNotFound) {
		return nil, leaseLost(op)
	}
	if err != nil {
		return nil, err
	}
	if j.Epoch != l.Epoch {
		return nil, leaseLost(op)
	}
	return j, nil
}

// leased is held for a job that is still being worked on. A lease that has run out, but was given to
// nobody else yet, is still good.
func (p *Pipeline) leased(ctx context.Context, r store.Reader, l protocol.Lease, op string) (*referent.Job, error) {
	j, err := p.held(ctx, r, l, op)
	if err == nil && j.State != referent.JobLeased {
		return nil, leaseLost(op)
	}
	return j, err
}

// extend keeps a lease alive and shows how far the job is.
func (p *Pipeline) extend(ctx context.Context, req protocol.ExtendRequest) (*protocol.ExtendReply, error) {
	const op = "pipeline: extend lease"
	reply := &protocol.ExtendReply{}
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		*reply = protocol.ExtendReply{}
		j, err := p.held(ctx, s, req.Lease, op)
		if err != nil {
			return err
		}
		if j.State == referent.JobCancelled {
			reply.Cancelled = true
			return nil
		}
		if j.State != referent.JobLeased {
			return leaseLost(op)
		}
		if req.Progress >= 0 && req.Progress <= 1 {
			j.Progress = req.Progress
		}
		j.LeaseExpires, j.Updated = s.now.Add(protocol.LeaseTTL), s.now
		if err := s.UpdateJob(ctx, j, j.Epoch); err != nil {
			return err
		}
		m, err := s.Meeting(ctx, j.Meeting)
		if err != nil {
			return err
		}
		jobs, err := s.JobsOf(ctx, m.ID)
		if err != nil {
			return err
		}
		return s.showProgress(ctx, m, jobs)
	})
	if err != nil {
		return nil, err
	}
	return reply, nil
}

// fail takes a job back from its worker. [referent.CodeCancelled] from a worker means that it leaves
// and did nothing wrong: the attempt does not count.
func (p *Pipeline) fail(ctx context.Context, req protocol.FailRequest) error {
	const op = "pipeline: take job back"
	j, err := p.leased(ctx, p.cfg.Store, req.Lease, op)
	if err != nil {
		return err
	}
	if !codeForm.MatchString(string(req.Code)) {
		req.Code = referent.CodeInternal
	}
	p.cfg.Log.Info("job failed", "job", j.ID, "stage", j.Stage, "attempt", j.Attempt, "code", req.Code, "detail", printable(req.Detail, maxLogged))
	return p.giveBack(ctx, j.ID, j.Epoch, req.Code)
}

func clip(s string, n int) string { return s[:min(len(s), n)] }

// printable makes one line of what a stranger wrote, of at most n bytes and without control characters,
// so that nothing in it can pass for a line or a colour of the log.
func printable(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, clip(s, 4*n)) // no more is looked at, however little of it is kept
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

func (p *Pipeline) giveBack(ctx context.Context, job string, epoch int64, code referent.Code) error {
	const op = "pipeline: take job back"
	return p.do(ctx, func(ctx context.Context, s *step) error {
		j, err := s.Job(ctx, job)
		if err != nil {
			return err
		}
		if j.State != referent.JobLeased || j.Epoch != epoch {
			return leaseLost(op)
		}
		m, err := s.Meeting(ctx, j.Meeting)
		if err != nil {
			return err
		}
		if code == referent.CodeCancelled {
			s.ended(j)
			s.count(func(x *metrics) { x.jobs.WithLabelValues(string(j.Stage), "returned").Inc() })
			j.State, j.Worker, j.Progress, j.LeaseExpires = referent.JobQueued, "", 0, time.Time{}
			j.Attempt--
			if tooLate(m, j) {
				return s.cancelJob(ctx, j)
			}
			return s.requeue(ctx, j, j.Epoch)
		}
		if (code == referent.CodeDiskFull || code == referent.CodeUnavailable) && !tooLate(m, j) {
			return s.postpone(ctx, j, code)
		}
		return s.retryOrBury(ctx, m, j, code, true)
	})
}
