package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	audio "github.com/referent/referent/transcribe/decode"
	"github.com/referent/referent/worker/protocol"
)

func TestWholeLife(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1 << 20)
	h := r.hand("far/1")
	done := h.until(m.ID, referent.StateDraft)
	if done.Progress != 1 || done.Failure != nil {
		t.Errorf("progress %v, failure %v", done.Progress, done.Failure)
	}
	if want := 3 * 8000.0 / referent.SampleRate; done.Recording.Duration != want {
		t.Errorf("duration = %v, want %v", done.Recording.Duration, want)
	}
	ctx := t.Context()
	tr, err := r.p.Transcript(ctx, m.ID)
	ok(t, err)
	if len(tr.Segments) != 3 || tr.Segments[2].Text != secretSentence+", del 2" {
		t.Errorf("transcript: %+v", tr.Segments)
	}
	mi, err := r.p.Minutes(ctx, m.ID, 0)
	ok(t, err)
	if mi.Label != referent.DraftLabel || mi.Schema != referent.MinutesSchema || len(mi.Items) != 3 {
		t.Errorf("minutes: %+v", mi)
	}
	hits, _, err := r.db.Search(ctx, store.SearchQuery{Text: "kirsebærtreet", In: store.Choice{Seen: &store.Sight{Owner: m.Owner}}})
	ok(t, err)
	if len(hits) != 3 {
		t.Errorf("search finds %d segments, want 3", len(hits))
	}
	rec, err := r.p.Recording(ctx, m.ID)
	ok(t, err)
	got, err := io.ReadAll(io.NewSectionReader(rec, 0, rec.Size()))
	ok(t, errors.Join(err, rec.Close()))
	if !bytes.Equal(got, noise(1<<20)) {
		t.Error("the recording is not what was uploaded")
	}
	pcm, channels, err := r.p.Audio(ctx, m.ID)
	ok(t, err)
	if pcm.Size() != 3*8000*bytesPerSample || channels != 1 {
		t.Errorf("audio has %d bytes in %d channels", pcm.Size(), channels)
	}
	ok(t, pcm.Close())

	events, err := r.db.EventsAfter(ctx, m.ID, nil, 0, 0)
	ok(t, err)
	var states []referent.State
	progress := 0.0
	for _, e := range events {
		if e.Type == "state" {
			states = append(states, e.State)
		}
		if e.Progress < progress {
			t.Errorf("progress went back from %v to %v", progress, e.Progress)
		}
		progress = e.Progress
	}
	want := []referent.State{referent.StateUploading, referent.StateReceived, referent.StatePrepared,
		referent.StateTranscribed, referent.StateDraft}
	if !slices.Equal(states, want) {
		t.Errorf("states told: %v, want %v", states, want)
	}
	r.eventually("empty queue", func() bool {
		empty, err := r.queue.Empty(ctx)
		return err == nil && empty
	})
}

func TestTranscriptUploadSkipsRecognition(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	_, c := h.take()
	data, err := json.Marshal(&referent.PrepareResult{Duration: 61, Transcript: &referent.Transcript{
		Language: "no", Segments: []referent.Segment{{ID: "s1", Text: "Saken er " + secretSentence}}}})
	ok(t, err)
	ok(t, h.writeAll(c.Lease, protocol.StreamResult, data))
	ok(t, h.commit(c.Lease))
	if st := r.meeting(m.ID).State; st != referent.StateTranscribed {
		t.Fatalf("state = %s", st)
	}
	tr, err := r.p.Transcript(t.Context(), m.ID)
	ok(t, err)
	if tr.Schema != referent.TranscriptSchema || tr.Recording.SHA256 != r.meeting(m.ID).Recording.SHA256 || tr.Recording.Duration != 61 {
		t.Errorf("transcript: %+v", tr)
	}
	if _, known := r.p.pace.estimate(rate(referent.StagePrepare), 60); known || len(r.p.pace.Sizes) != 0 {
		t.Errorf("a transcript counts as a recording: %+v", r.p.pace)
	}
	h.until(m.ID, referent.StateDraft)
	for _, j := range r.jobs(m.ID) {
		if j.Stage == referent.StageTranscribe || j.Stage == referent.StageAssemble {
			t.Errorf("a transcript was given to %s", j.Stage)
		}
	}
}

func TestSilenceGivesAnEmptyTranscript(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	h.chunks = 0
	done := h.until(m.ID, referent.StateDraft)
	if done.Failure == nil || done.Failure.Code != referent.CodeNoSpeech {
		t.Errorf("failure = %+v, want %s", done.Failure, referent.CodeNoSpeech)
	}
	tr, err := r.p.Transcript(t.Context(), m.ID)
	ok(t, err)
	if len(tr.Segments) != 0 {
		t.Errorf("segments: %v", tr.Segments)
	}
}

func TestLeaseExpiresAndZombieIsRefused(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	zombie, other := r.hand("far/zombie"), r.hand("far/other")
	_, first := zombie.take()
	zombie.do(first)
	r.clock.advance(protocol.LeaseTTL + time.Second)
	ok(t, r.p.reconcile(t.Context()))
	d, second := other.take()
	if second.Lease.Job != first.Lease.Job || second.Lease.Epoch <= first.Lease.Epoch {
		t.Fatalf("leases: %+v then %+v", first.Lease, second.Lease)
	}
	wantCode(t, zombie.commit(first.Lease), referent.CodeLeaseLost)
	wantCode(t, zombie.write(first.Lease, protocol.StreamResult, 0, []byte("{}")), referent.CodeLeaseLost)
	_, _, err := zombie.read(first.Lease, protocol.SourceRecording, 0, 10)
	wantCode(t, err, referent.CodeLeaseLost)
	_, err = zombie.extend(first.Lease, 0.5)
	wantCode(t, err, referent.CodeLeaseLost)
	wantCode(t, zombie.fail(first.Lease, referent.CodeInternal), referent.CodeLeaseLost)
	other.do(second)
	ok(t, other.commit(second.Lease))
	ok(t, d.Ack(t.Context()))
	if j := r.job(m.ID, referent.StagePrepare, 0); j.Attempt != 2 || j.State != referent.JobDone {
		t.Errorf("job: %+v", j)
	}
	other.until(m.ID, referent.StateDraft)
	// What the zombie had made is gone with its session.
	names, err := r.folder.List(t.Context(), m.ID)
	ok(t, err)
	arts, err := r.db.Artifacts(t.Context(), m.ID)
	ok(t, err)
	parts, err := r.db.Parts(t.Context(), m.ID)
	ok(t, err)
	if len(names) != len(arts)+len(parts) {
		t.Errorf("%d blobs for %d artifacts and %d parts", len(names), len(arts), len(parts))
	}
}

func TestExtendKeepsTheLease(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	_, c := h.take()
	for i := range 5 {
		r.clock.advance(protocol.LeaseTTL - time.Second)
		rep, err := h.extend(c.Lease, float64(i)/5)
		ok(t, err)
		if rep.Cancelled {
			t.Fatal("cancelled")
		}
		ok(t, r.p.reconcile(t.Context()))
	}
	if got := r.meeting(m.ID).Progress; got < 0.8*sharePrepare-1e-9 {
		t.Errorf("progress = %v", got)
	}
	h.do(c)
	ok(t, h.commit(c.Lease))
	ok(t, h.commit(c.Lease)) // its reply may have been lost
}

func TestProgressIsToldAtMostOnceASecond(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	_, c := h.take()
	before, err := r.db.EventsAfter(t.Context(), m.ID, nil, 0, 0)
	ok(t, err)
	r.clock.advance(2 * time.Second)
	for i := range 50 {
		_, err := h.extend(c.Lease, float64(i+1)/100)
		ok(t, err)
	}
	after, err := r.db.EventsAfter(t.Context(), m.ID, nil, before[len(before)-1].ID, 0)
	ok(t, err)
	if len(after) != 1 {
		t.Errorf("%d progress events within one second, want 1", len(after))
	}
}

// An ffmpeg that is ended at each try (unconfined, or it could not end itself) is not started for ever: what the decoding says of it is counted.
func TestDecoderThatEndsItselfIsBuried(t *testing.T) {
	program := filepath.Join(t.TempDir(), "ffmpeg")
	ok(t, os.WriteFile(program, []byte("#!/bin/sh\n[ \"$1\" = -version ] || kill -KILL $$\n"), 0o755))
	b := bytes.Repeat([]byte("no WAV file"), 100)
	_, err := audio.Decode(t.Context(), bytes.NewReader(b), int64(len(b)), audio.Options{FFmpeg: program, Confine: "off"}, func([]int16) error { return nil })
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	for i := range referent.MaxAttempts {
		_, c := h.take()
		ok(t, h.fail(c.Lease, referent.CodeOf(err)))
		if i < len(backoff) {
			r.clock.advance(backoff[i])
			ok(t, r.p.dispatch(t.Context()))
		}
	}
	dead := r.waitState(m.ID, referent.StateFailed)
	if dead.Failure == nil || dead.Failure.Code != referent.CodeWorkerLost {
		t.Errorf("%v: failure = %+v", err, dead.Failure)
	}
}

func TestAttemptsEndInADeadLetterAndRetryStartsAfresh(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	for i := range referent.MaxAttempts {
		_, c := h.take()
		if j := r.job(m.ID, referent.StagePrepare, 0); j.Attempt != i+1 {
			t.Fatalf("attempt = %d before the work, want %d", j.Attempt, i+1)
		}
		r.clock.advance(protocol.LeaseTTL + time.Second)
		ok(t, r.p.reconcile(t.Context()))
		_ = c
	}
	dead := r.waitState(m.ID, referent.StateFailed)
	if dead.Failure == nil || dead.Failure.Code != referent.CodeWorkerLost || dead.Failure.Stage != referent.StagePrepare {
		t.Errorf("failure = %+v", dead.Failure)
	}
	letters, err := r.db.DeadJobs(t.Context(), 10)
	ok(t, err)
	if len(letters) != 1 {
		t.Fatalf("%d dead letters, want 1", len(letters))
	}
	ok(t, r.p.Retry(t.Context(), m.ID, RetryOptions{}))
	if letters, err = r.db.DeadJobs(t.Context(), 10); err != nil || len(letters) != 0 {
		t.Errorf("dead letters after retry: %v, %v", letters, err)
	}
	if done := h.until(m.ID, referent.StateDraft); done.Failure != nil {
		t.Errorf("failure = %+v", done.Failure)
	}
}

func TestFailureWaitsBeforeTheNextAttempt(t *testing.T) {
	r := newRig(t, nil)
	m := r.create(1000)
	r.run()
	h := r.hand("far/1")
	for _, pause := range backoff {
		_, c := h.take()
		ok(t, h.fail(c.Lease, referent.CodeFFmpegMissing))
		_, err := h.claim(c.Lease.Job)
		wantCode(t, err, referent.CodeConflict)
		r.clock.advance(pause - time.Millisecond)
		_, err = h.claim(c.Lease.Job)
		wantCode(t, err, referent.CodeConflict)
		r.clock.advance(time.Millisecond)
		ok(t, r.p.dispatch(t.Context()))
	}
	_, c := h.take()
	ok(t, h.fail(c.Lease, referent.CodeFFmpegMissing))
	if f := r.waitState(m.ID, referent.StateFailed).Failure; f.Code != referent.CodeFFmpegMissing {
		t.Errorf("failure = %+v", f)
	}
}

func TestPermanentFailureIsNotTriedAgain(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	_, c := h.take()
	ok(t, h.fail(c.Lease, referent.CodeAudioUnreadable))
	if f := r.meeting(m.ID).Failure; f == nil || f.Code != referent.CodeAudioUnreadable {
		t.Errorf("failure = %+v", f)
	}
	if j := r.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobDead || j.Attempt != 1 {
		t.Errorf("job: %+v", j)
	}
}

func TestLeavingWorkerGivesBackWithoutBlame(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	for range 2 * referent.MaxAttempts {
		_, c := h.take()
		ok(t, h.fail(c.Lease, referent.CodeCancelled))
	}
	if j := r.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobQueued || j.Attempt != 0 {
		t.Errorf("job: %+v", j)
	}
	h.until(m.ID, referent.StateDraft)
}

// A full disk, or a part that is away, is no fault of the job: it waits and is tried for as long as it takes.
func TestFailureOfTheMachineIsNotCounted(t *testing.T) {
	for _, code := range []referent.Code{referent.CodeDiskFull, referent.CodeUnavailable} {
		t.Run(string(code), func(t *testing.T) {
			r := newRig(t, nil)
			r.run()
			m := r.create(1000)
			h := r.hand("far/1")
			for range 2 * referent.MaxAttempts {
				_, c := h.take()
				ok(t, h.fail(c.Lease, code))
				_, err := h.claim(c.Lease.Job)
				wantCode(t, err, referent.CodeConflict)
				j := r.job(m.ID, referent.StagePrepare, 0)
				if j.State != referent.JobQueued || j.Attempt != 0 || j.Code != code || !j.NotBefore.Equal(r.clock.now().Add(30*time.Second)) {
					t.Fatalf("job: %+v", j)
				}
				r.clock.advance(30 * time.Second)
				ok(t, r.p.dispatch(t.Context()))
			}
			h.until(m.ID, referent.StateDraft)
		})
	}
}

func TestDetailOfAFailureIsOneShortLineOfTheLog(t *testing.T) {
	for _, x := range []struct{ in, want string }{
		{"worker: run stage: timeout", "worker: run stage: timeout"},
		{"a\nlevel=ERROR\tb\r\x1b[31m\u202ec\xff", "a level=ERROR b [31mc"},
		{strings.Repeat("å", 150), strings.Repeat("å", 100)},
		{strings.Repeat("x", 199) + "å", strings.Repeat("x", 199)},
	} {
		if got := printable(x.in, maxLogged); got != x.want {
			t.Errorf("%q becomes %q, want %q", x.in, got, x.want)
		}
	}
}

func TestCancelAndRetryKeepsChunks(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	h.one() // prepare
	h.one() // a chunk
	_, c := h.take()
	stopped, err := h.nc.SubscribeSync(queue.SubjectCancelPrefix + "*")
	ok(t, err)
	ok(t, h.nc.Flush())
	ok(t, r.p.Cancel(t.Context(), m.ID))
	told := map[string]bool{}
	for range 2 {
		msg, err := stopped.NextMsg(patience)
		ok(t, err)
		told[msg.Subject] = true
	}
	if !told[queue.SubjectCancelPrefix+c.Lease.Job] {
		t.Errorf("worker was not told: %v", told)
	}
	if rep, err := h.extend(c.Lease, 0.5); err != nil || !rep.Cancelled {
		t.Errorf("extend: %+v, %v", rep, err)
	}
	wantCode(t, h.commit(c.Lease), referent.CodeLeaseLost)
	wantCode(t, r.p.Cancel(t.Context(), m.ID), referent.CodeConflict)
	ok(t, r.p.reconcile(t.Context()))
	if empty, err := r.queue.Empty(t.Context()); err != nil || !empty {
		t.Errorf("queue empty: %v, %v", empty, err)
	}
	if st := r.meeting(m.ID).State; st != referent.StateCancelled {
		t.Fatalf("state = %s", st)
	}

	ok(t, r.p.Retry(t.Context(), m.ID, RetryOptions{}))
	before := r.jobs(m.ID)
	h.until(m.ID, referent.StateDraft)
	for _, j := range before {
		now := r.job(m.ID, j.Stage, j.Chunk)
		if j.State == referent.JobDone && now.Epoch != j.Epoch {
			t.Errorf("%s %d was done and was done again", j.Stage, j.Chunk)
		}
	}
	r.onceEach(m.ID)
}

// onceEach holds that no result was made twice.
func (r *rig) onceEach(meeting string) {
	r.t.Helper()
	arts, err := r.db.Artifacts(context.Background(), meeting)
	ok(r.t, err)
	for _, a := range arts {
		if a.Version != 1 {
			r.t.Errorf("%s %d has version %d", a.Kind, a.Chunk, a.Version)
		}
	}
}

func TestFailedMinutesLeaveTheTranscript(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Endpoint = &referent.Endpoint{BaseURL: "http://127.0.0.1:1/v1"} })
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	for range 1 + h.chunks { // prepare and the chunks
		h.one()
	}
	_, c := h.take()
	if c.Task.Stage != referent.StageMinutes || c.Task.Endpoint == nil {
		t.Fatal("no endpoint in the task")
	}
	ok(t, h.fail(c.Lease, referent.CodeLLMForbidden))
	if st := r.meeting(m.ID).State; st != referent.StateFailed {
		t.Fatalf("state = %s", st)
	}
	_, err := r.p.Transcript(t.Context(), m.ID)
	ok(t, err)
	_, err = r.p.Minutes(t.Context(), m.ID, 0)
	wantCode(t, err, referent.CodeNotFound)
	ok(t, r.p.Retry(t.Context(), m.ID, RetryOptions{Writer: WriterBuiltin}))
	_, c = h.take()
	if c.Task.Endpoint != nil {
		t.Error("the built-in writer was asked for")
	}
	h.do(c)
	ok(t, h.commit(c.Lease))
	if st := r.meeting(m.ID).State; st != referent.StateDraft {
		t.Fatalf("state = %s", st)
	}
}

func TestMinutesOfAPersonStayOnTop(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	ctx := t.Context()
	m := r.create(1000)
	h := r.hand("far/1")
	wantCode(t, saved(r.p.SaveMinutes(ctx, m.ID, somebody, 0, &referent.Minutes{Title: "for tidlig"})), referent.CodeConflict)
	h.until(m.ID, referent.StateDraft)
	mine, err := r.p.Minutes(ctx, m.ID, 0)
	ok(t, err)
	mine.Title = "Rettet av et menneske"
	ok(t, saved(r.p.SaveMinutes(ctx, m.ID, somebody, 0, mine)))
	if st := r.meeting(m.ID).State; st != referent.StateReviewed {
		t.Fatalf("state = %s", st)
	}
	ok(t, r.p.Remake(ctx, m.ID))
	wantCode(t, r.p.Remake(ctx, m.ID), referent.CodeConflict)
	h.until(m.ID, referent.StateReviewed)
	for version, title := range []string{mine.Title, secretTitle, mine.Title, secretTitle} {
		got, err := r.p.Minutes(ctx, m.ID, version)
		ok(t, err)
		if got.Title != title {
			t.Errorf("version %d: %q, want %q", version, got.Title, title)
		}
	}

	ok(t, r.p.Remake(ctx, m.ID))
	ok(t, r.p.Cancel(ctx, m.ID))
	if st := r.meeting(m.ID).State; st != referent.StateReviewed {
		t.Errorf("after a cancelled remake: %s", st)
	}
	ok(t, r.p.Remake(ctx, m.ID))
	_, c := h.take()
	ok(t, h.fail(c.Lease, referent.CodeInvalid))
	if got := r.meeting(m.ID); got.State != referent.StateReviewed || got.Failure == nil {
		t.Errorf("after a failed remake: %s, %+v", got.State, got.Failure)
	}
	ok(t, r.p.Retry(ctx, m.ID, RetryOptions{}))
	if got := h.until(m.ID, referent.StateReviewed); got.Failure != nil {
		t.Errorf("failure = %+v", got.Failure)
	}
}

func TestMinutesWrittenByHandAfterAFailure(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h := r.hand("far/1")
	for range 1 + h.chunks {
		h.one()
	}
	_, c := h.take()
	ok(t, h.fail(c.Lease, referent.CodeInvalid))
	ok(t, saved(r.p.SaveMinutes(t.Context(), m.ID, somebody, 0, &referent.Minutes{Title: "For hånd"})))
	if got := r.meeting(m.ID); got.State != referent.StateReviewed || got.Failure != nil {
		t.Errorf("state %s, failure %+v", got.State, got.Failure)
	}
	mi, err := r.p.Minutes(t.Context(), m.ID, 0)
	ok(t, err)
	if mi.Title != "For hånd" || mi.Label != referent.DraftLabel {
		t.Errorf("minutes: %+v", mi)
	}
}
