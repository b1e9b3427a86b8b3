package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// arriving is a recording that a test uploads piece by piece.
type arriving struct {
	r    *rig
	m    *referent.Meeting
	u    *store.Upload
	data []byte
	came int64
}

// arrive begins one of so many bytes.
func (r *rig) arrive(kind referent.Kind, size int) *arriving {
	r.t.Helper()
	m := newMeeting()
	m.Kind = kind
	ok(r.t, r.p.Create(r.t.Context(), m))
	u, err := r.p.BeginUpload(r.t.Context(), m.ID, m.Owner, int64(size))
	ok(r.t, err)
	return &arriving{r: r, m: m, u: u, data: noise(size)}
}

func (a *arriving) bring(n int) {
	a.r.t.Helper()
	off, err := a.r.p.Append(a.r.t.Context(), a.u.ID, a.came, bytes.NewReader(a.data[a.came:a.came+int64(n)]), nil)
	ok(a.r.t, err)
	a.came = off
}

func (a *arriving) live() (jobs []referent.Job) {
	a.r.t.Helper()
	return slices.DeleteFunc(a.r.jobs(a.m.ID), func(j referent.Job) bool { return !isLive(j) })
}

func TestWhatArrivesSlowlyIsHeard(t *testing.T) {
	r := newRig(t, nil)
	for _, tt := range []struct {
		name string
		kind referent.Kind
		wait time.Duration // before the second piece
		jobs int           // after the first, the second and the third
	}{
		{"dictation", referent.KindDictate, 0, 111},
		{"note", referent.KindCareNote, time.Minute, 111},
		{"meeting, quickly", referent.KindReferat, liveAfter - time.Millisecond, 1},
		{"meeting, slowly", referent.KindReferat, liveAfter, 11},
	} {
		a := r.arrive(tt.kind, 4000)
		jobs := 0
		for _, wait := range []time.Duration{0, tt.wait, time.Second} {
			r.clock.advance(wait)
			a.bring(1000)
			jobs = 10*jobs + len(a.live())
		}
		if jobs != tt.jobs {
			t.Errorf("%s: jobs %03d, want %03d", tt.name, jobs, tt.jobs)
		}
		a.bring(1000)
		for _, j := range a.live() {
			if j.State != referent.JobCancelled {
				t.Errorf("%s: nobody began to listen and the job is %s", tt.name, j.State)
			}
		}
		if m := r.meeting(a.m.ID); m.State != referent.StateReceived {
			t.Errorf("%s: %s", tt.name, m.State)
		}
	}
	if m := r.create(100); len(r.jobs(m.ID)) != 1 {
		t.Errorf("a file that came at once has jobs %v", r.jobs(m.ID))
	}
}

// An upload's part ends after a moment, however long the connection lasts, so that what came can be heard.
func TestPartsOfASlowConnection(t *testing.T) {
	r := newRig(t, nil)
	a := r.arrive(referent.KindDictate, 50)
	n := 0
	slow := readerFunc(func(b []byte) (int, error) {
		if n == 50 {
			return 0, io.EOF
		}
		r.clock.advance(partAge / 4)
		n += 5
		return copy(b, a.data[n-5:n]), nil
	})
	off, err := r.p.Append(t.Context(), a.u.ID, 0, slow, nil)
	ok(t, err)
	parts, err := r.db.Parts(t.Context(), a.m.ID)
	ok(t, err)
	if off != 50 || len(parts) != 2 || parts[0].Size != 25 {
		t.Errorf("offset %d, parts %+v", off, parts)
	}
	r.complete(a.m.ID, a.data)
}

// listen claims the meeting's live job.
func (h *hand) listen() *protocol.ClaimReply {
	h.t.Helper()
	_, c := h.take()
	if c.Task.Stage != referent.StageLive {
		h.t.Fatalf("took %s", c.Task.Stage)
	}
	return c
}

// hear reads what there is from an offset on, and whether it is the end.
func (h *hand) hear(l protocol.Lease, off int) (data []byte, whole bool, err error) {
	h.t.Helper()
	body, err := json.Marshal(protocol.ReadRequest{Lease: l, Source: protocol.SourceRecording, Offset: int64(off), Length: protocol.MaxPiece})
	ok(h.t, err)
	reply, err := h.ask(&nats.Msg{Subject: protocol.SubjectRead, Data: body})
	if err != nil {
		return nil, false, err
	}
	whole, err = strconv.ParseBool(reply.Header.Get(protocol.HeaderWhole))
	ok(h.t, err)
	return reply.Data, whole, nil
}

func (h *hand) say(l protocol.Lease, seq int64, heard float64, segments ...referent.PartialSegment) error {
	h.t.Helper()
	return h.askJSON(protocol.SubjectPartial, protocol.PartialRequest{Lease: l, Seq: seq,
		Partial: referent.Partial{Heard: heard, Segments: segments}}, nil)
}

func settled(text string) referent.PartialSegment { return referent.PartialSegment{End: 1, Text: text} }
func open(text string) referent.PartialSegment {
	return referent.PartialSegment{End: 1, Text: text, Open: true}
}

func (r *rig) partial(meeting string) string {
	r.t.Helper()
	p, err := r.p.Partial(r.t.Context(), meeting)
	ok(r.t, err)
	var texts []string
	for _, s := range p.Segments {
		texts = append(texts, s.Text)
	}
	return fmt.Sprint(p.Heard, texts)
}

// The whole way of a recording that is heard while it arrives.
func TestLiveFromFirstByteToTranscript(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	a := r.arrive(referent.KindDictate, 3000)
	a.bring(1000)
	c := h.listen()
	rec := c.Task.Recognition
	if rec == nil || rec.Priority != referent.PriorityInteractive || rec.Model == "" || len(rec.Windows) != 0 || c.Task.Meeting.Title != "" {
		t.Errorf("task %+v", c.Task)
	}

	data, whole, err := h.hear(c.Lease, 0)
	ok(t, err)
	if !bytes.Equal(data, a.data[:1000]) || whole {
		t.Errorf("%d bytes at first, whole %v", len(data), whole)
	}
	if data, whole, err = h.hear(c.Lease, 1000); err != nil || len(data) != 0 || whole {
		t.Errorf("nothing more yet: %d bytes, whole %v, %v", len(data), whole, err)
	}
	a.bring(1500)
	if data, whole, err = h.hear(c.Lease, 1000); err != nil || !bytes.Equal(data, a.data[1000:2500]) || whole {
		t.Errorf("then: %d bytes, whole %v, %v", len(data), whole, err)
	}
	if _, _, err = h.hear(c.Lease, 2501); referent.CodeOf(err) != referent.CodeForbidden {
		t.Errorf("beyond the end: %v", err)
	}

	ok(t, h.say(c.Lease, 1, 1, settled("en"), open("to")))
	ok(t, h.say(c.Lease, 2, 2, settled("to"), open(secretSentence)))
	ok(t, h.say(c.Lease, 2, 2, settled("to"), open("sagt to ganger")))
	if got := r.partial(a.m.ID); got != "2 [en to "+secretSentence+"]" {
		t.Errorf("heard %s", got)
	}
	events, err := r.db.EventsAfter(t.Context(), a.m.ID, nil, 0, 100)
	ok(t, err)
	told := 0
	for _, e := range events {
		if e.Type == "partial" {
			told++
		}
	}
	if told != 2 {
		t.Errorf("%d events of 2 in %+v", told, events)
	}
	if at := r.find(secretSentence); len(at) != 0 || strings.Contains(r.log.String(), secretSentence) {
		t.Errorf("provisional text is kept in %v", at)
	}

	// The end comes while somebody listens: it is heard beside the ordinary work.
	a.bring(500)
	if data, whole, err = h.hear(c.Lease, 2500); err != nil || len(data) != 500 || !whole {
		t.Errorf("at last: %d bytes, whole %v, %v", len(data), whole, err)
	}
	ok(t, h.say(c.Lease, 3, 3))
	if got := r.partial(a.m.ID); got != "3 [en to]" {
		t.Errorf("in the end heard %s", got)
	}
	ok(t, h.write(c.Lease, protocol.StreamResult, 0, []byte("null")))
	ok(t, h.commit(c.Lease))
	if got := r.partial(a.m.ID); got != "3 [en to]" {
		t.Errorf("before there is a transcript, %s", got)
	}
	h.until(a.m.ID, referent.StateDraft)
	if got := r.partial(a.m.ID); got != "0 []" {
		t.Errorf("beside the transcript, %s", got)
	}
	if j := a.live()[0]; j.State != referent.JobDone {
		t.Errorf("the job is %s", j.State)
	}
	r.noStrayBlobs(a.m.ID)
}

// Whoever still listens when the transcript comes is stopped.
func TestTranscriptEndsListening(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	a := r.arrive(referent.KindDictate, 2000)
	a.bring(1000)
	c := h.listen()
	ok(t, h.say(c.Lease, 1, 1, settled("en")))
	a.bring(1000)
	h.until(a.m.ID, referent.StateDraft)
	if reply, err := h.extend(c.Lease, 0); err != nil || !reply.Cancelled {
		t.Errorf("%+v, %v", reply, err)
	}
	wantCode(t, h.say(c.Lease, 2, 2, settled("to")), referent.CodeLeaseLost)
	if got := r.partial(a.m.ID); got != "0 []" {
		t.Errorf("beside the transcript, %s", got)
	}
}

// Whatever becomes of the listening, the meeting does not hear of it.
func TestLiveFailsAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		codes []referent.Code
		whole bool // before the first failure
		state referent.JobState
	}{
		"for good":            {[]referent.Code{referent.CodeAudioUnreadable}, false, referent.JobCancelled},
		"three times":         {[]referent.Code{referent.CodeRecognition, referent.CodeRecognition, referent.CodeRecognition}, false, referent.JobCancelled},
		"once":                {[]referent.Code{referent.CodeRecognition}, false, referent.JobQueued},
		"given back":          {[]referent.Code{referent.CodeCancelled}, false, referent.JobQueued},
		"once, at the end":    {[]referent.Code{referent.CodeRecognition}, true, referent.JobCancelled},
		"given back, the end": {[]referent.Code{referent.CodeCancelled}, true, referent.JobCancelled},
		"away, at the end":    {[]referent.Code{referent.CodeUnavailable}, true, referent.JobCancelled},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			r.run()
			h := r.hand("far/1")
			a := r.arrive(referent.KindDictate, 2000)
			a.bring(1000)
			for i, code := range tt.codes {
				c := h.listen()
				if i == 0 && tt.whole {
					a.bring(1000)
				}
				ok(t, h.fail(c.Lease, code))
				r.clock.advance(backoff[len(backoff)-1])
			}
			if j := a.live()[0]; j.State != tt.state {
				t.Errorf("the job is %s, want %s", j.State, tt.state)
			}
			if letters, err := r.db.DeadJobs(t.Context(), 10); err != nil || len(letters) != 0 {
				t.Errorf("dead letters %v, %v", letters, err)
			}
			if !tt.whole {
				a.bring(1000)
			}
			if m := h.until(a.m.ID, referent.StateDraft); m.Failure != nil {
				t.Errorf("failure %+v", m.Failure)
			}
		})
	}
}

// Whoever dictates may pause for long: the worker gives up waiting, and what comes then is heard from there.
func TestLiveGoesOnAfterAPause(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	a := r.arrive(referent.KindDictate, 4000)
	a.bring(1000)
	c := h.listen()
	ok(t, h.say(c.Lease, 1, 7.5, settled("en")))
	ok(t, h.write(c.Lease, protocol.StreamResult, 0, []byte("null")))
	ok(t, h.commit(c.Lease))
	r.clock.advance(livePause - time.Second)
	a.bring(1000)
	if n := len(a.live()); n != 1 {
		t.Errorf("%d jobs without a pause", n)
	}
	r.clock.advance(livePause)
	a.bring(1000)
	if c = h.listen(); c.Task.Heard != 7.5 {
		t.Errorf("goes on from %v", c.Task.Heard)
	}
	ok(t, h.say(c.Lease, 1, 9, settled("to")))
	if got := r.partial(a.m.ID); got != "9 [en to]" {
		t.Errorf("heard %s", got)
	}
}

// Another worker goes on from what was heard.
func TestLiveOutlivesItsWorker(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	a := r.arrive(referent.KindDictate, 2000)
	a.bring(1000)
	first := h.listen()
	ok(t, h.say(first.Lease, 1, 7.5, settled("en"), open("og")))
	ok(t, r.p.ReleaseWorker(t.Context(), "far/"))
	second := h.listen()
	if second.Task.Heard != 7.5 {
		t.Errorf("goes on from %v", second.Task.Heard)
	}
	wantCode(t, h.say(first.Lease, 2, 9, settled("fra de døde")), referent.CodeLeaseLost)
	ok(t, h.say(second.Lease, 1, 9, settled("to")))
	if got := r.partial(a.m.ID); got != "9 [en to]" {
		t.Errorf("heard %s", got)
	}
}

func TestLiveEndsWithItsMeeting(t *testing.T) {
	for name, end := range map[string]func(a *arriving) error{
		"aborted":   func(a *arriving) error { return a.r.p.AbortUpload(a.r.t.Context(), a.u.ID) },
		"cancelled": func(a *arriving) error { return a.r.p.Cancel(a.r.t.Context(), a.m.ID) },
		"expired": func(a *arriving) error {
			a.r.clock.advance(25 * time.Hour)
			return a.r.p.expireUploads(a.r.t.Context())
		},
		"deleted": func(a *arriving) error {
			_, err := a.r.p.Delete(a.r.t.Context(), a.m.ID, "user-1")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			r.run()
			h := r.hand("far/1")
			a := r.arrive(referent.KindDictate, 2000)
			a.bring(1000)
			c := h.listen()
			ok(t, h.say(c.Lease, 1, 1, settled("en")))
			ok(t, end(a))
			for _, j := range a.live() {
				if j.State != referent.JobCancelled {
					t.Errorf("the job is %s", j.State)
				}
			}
			_, _, err := h.hear(c.Lease, 0)
			wantCode(t, err, referent.CodeLeaseLost)
			wantCode(t, h.say(c.Lease, 2, 2, settled("to")), referent.CodeLeaseLost)
			if got := r.partial(a.m.ID); got != "0 []" {
				t.Errorf("left is %s", got)
			}
		})
	}
}

func TestPartialTextIsChecked(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	r.create(1000)
	_, other := h.take()
	wantCode(t, h.say(other.Lease, 1, 1, settled("en")), referent.CodeForbidden)

	a := r.arrive(referent.KindDictate, 2000)
	a.bring(1000)
	c := h.listen()
	_, err := h.claim(c.Lease.Job)
	wantCode(t, err, referent.CodeConflict)
	for name, s := range map[string][]referent.PartialSegment{
		"backwards":        {{Start: 2, End: 1}},
		"before the start": {{Start: -1, End: 1}},
		"too long":         {settled(strings.Repeat("x", maxPartialSegment+1))},
		"open before it":   {open("og"), settled("en")},
	} {
		if err := h.say(c.Lease, 1, 1, s...); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, p := range map[string]referent.Partial{
		"endless":   {Heard: math.Inf(1)},
		"no number": {Heard: math.NaN()},
		"not UTF-8": {Segments: []referent.PartialSegment{settled("\xff")}},
	} {
		if err := checkPartial(&p); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := r.partial(a.m.ID); got != "0 []" {
		t.Errorf("kept %s", got)
	}
}

// Provisional text is bounded, for a meeting and for all: what is oldest goes first.
func TestPartialTextIsBounded(t *testing.T) {
	p := partials{of: map[string]*partial{}}
	seq := int64(0)
	add := func(meeting, text string) {
		seq++
		p.add(&referent.Job{ID: meeting, Meeting: meeting}, protocol.PartialRequest{Seq: seq,
			Partial: referent.Partial{Segments: []referent.PartialSegment{settled(text)}}})
	}
	long := strings.Repeat("x", maxPartialSegment)
	for i := range 2 * maxPartialMeeting / maxPartialSegment {
		add("m", fmt.Sprint(i, long))
	}
	got := p.get("m").Segments
	if n := len(got); n*maxPartialSegment > maxPartialMeeting || n < 100 || !strings.HasPrefix(got[n-1].Text, fmt.Sprint(seq-1)) {
		t.Errorf("%d segments are left", n)
	}
	for i := range 2 * maxPartials / maxPartialMeeting {
		for range maxPartialMeeting / maxPartialSegment {
			add(fmt.Sprint(i), long)
		}
	}
	size := 0
	for _, one := range p.of {
		size += one.size
	}
	if size != p.size || size > maxPartials || len(p.get("m").Segments) != 0 || len(p.get("127").Segments) == 0 {
		t.Errorf("%d bytes of %d meetings, counted %d", size, len(p.of), p.size)
	}
	for m := range p.of {
		p.forget(m)
	}
	if p.size != 0 {
		t.Errorf("%d bytes of nothing", p.size)
	}
}
