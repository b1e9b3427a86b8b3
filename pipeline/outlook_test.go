package pipeline

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// outlooks looks anew, past what is remembered for a second.
func (r *rig) outlooks() []Outlook {
	r.t.Helper()
	r.clock.advance(2 * time.Second)
	all, err := r.p.Outlooks(r.t.Context())
	ok(r.t, err)
	return all
}

// outlook is the meeting's, which work must be left on.
func (r *rig) outlook(meeting string) Outlook {
	r.t.Helper()
	for _, o := range r.outlooks() {
		if o.Meeting == meeting {
			return o
		}
	}
	r.t.Fatal("nothing is left to do")
	return Outlook{}
}

func (r *rig) present(p protocol.Presence) { r.p.presence.note(p, "", r.clock.now()) }

func TestOutlookSaysWhyAMeetingStandsStill(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	if o := r.outlook(m.ID); o.Standing != Queued || o.Place != 1 {
		t.Errorf("just after the start, when no worker has had the time to say that it is there: %+v", o)
	}
	r.clock.advance(heardWithin)
	if o := r.outlook(m.ID); o.Standing != NoWorkers || o.Stage != referent.StagePrepare || o.Place != 0 {
		t.Errorf("without a worker: %+v", o)
	}
	all := []referent.Stage{referent.StagePrepare, referent.StageTranscribe, referent.StageMinutes}
	r.present(protocol.Presence{Worker: "far/1", Stages: all[2:]})
	if o := r.outlook(m.ID); o.Standing != NoWorker {
		t.Errorf("with a worker for something else: %+v", o)
	}
	r.present(protocol.Presence{Worker: "far/2", Stages: all, Faults: []protocol.StageFault{{Stage: all[0], Code: referent.CodeModelCorrupt}}})
	if o := r.outlook(m.ID); o.Standing != Resting {
		t.Errorf("with a worker that rests: %+v", o)
	}
	r.present(protocol.Presence{Worker: "far/2", Stages: all})
	if o := r.outlook(m.ID); o.Standing != Queued || o.Place != 1 {
		t.Errorf("with a worker: %+v", o)
	}
	h := r.hand("far/2")
	_, c := h.take()
	if o := r.outlook(m.ID); o.Standing != Working || o.Left != nil {
		t.Errorf("worked on: %+v", o)
	}
	ok(t, h.fail(c.Lease, referent.CodeUnavailable))
	if o := r.outlook(m.ID); o.Standing != Paused || o.Code != referent.CodeUnavailable || !o.Until.After(r.clock.now()) {
		t.Errorf("put back: %+v", o)
	}
	ok(t, r.p.Cancel(t.Context(), m.ID))
	if all := r.outlooks(); len(all) != 0 {
		t.Errorf("after it was cancelled: %+v", all)
	}
}

func near(p *float64, want float64) bool { return p != nil && math.Abs(*p-want) < 1e-6 }

func TestOutlookTellsWhen(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h := r.hand("far/1")
	h.chunks, h.samples = 2, 5*referent.SampleRate // 10 s of audio in each recording
	r.present(protocol.Presence{Worker: "far/1", Stages: referent.Stages})
	// Preparing takes 1 s, each half 5 s and the minutes 2 s: 13 s for 10 s of audio.
	slow := func() {
		_, c := h.take()
		h.do(c)
		r.clock.advance(map[referent.Stage]time.Duration{referent.StagePrepare: time.Second, referent.StageTranscribe: 5 * time.Second, referent.StageMinutes: 2 * time.Second}[c.Task.Stage])
		ok(t, h.commit(c.Lease))
	}
	for range 2 {
		m := r.create(1000)
		for range 4 {
			slow()
		}
		r.waitState(m.ID, referent.StateDraft)
	}
	first, second, third := r.create(1000), r.create(1000), r.create(1000)
	r.present(protocol.Presence{Worker: "far/1", Stages: referent.Stages})
	if o := r.outlook(first.ID); o.Place != 1 || !near(o.Begins, 0) {
		t.Errorf("the first: %+v", o)
	}
	// The recordings before were alike, so the size of those that nobody has heard yet tells their length.
	if o := r.outlook(third.ID); o.Place != 3 || !near(o.Begins, 26) {
		t.Errorf("the third: %+v, begins %v", o, o.Begins)
	}
	dictation := newMeeting()
	dictation.Kind = referent.KindDictate
	r.upload(dictation, 1000)
	if d, o := r.outlook(dictation.ID), r.outlook(first.ID); d.Place != 1 || !near(d.Begins, 0) || o.Place != 2 || !near(o.Begins, 13) {
		t.Errorf("a dictation goes first: %+v; then %+v", d, o)
	}
	ok(t, r.p.Cancel(t.Context(), dictation.ID))
	// How fast another way of recognition is, has not been measured.
	if _, known := r.p.pace.estimate(rateOf(referent.StageTranscribe, referent.Options{Mode: referent.ModeBeam}), 10); known {
		t.Error("one mode's rate is taken for another's")
	}
	slow() // the first is prepared
	r.eventually("its halves are on their way", func() bool {
		counts, err := r.queue.Pending(t.Context())
		ok(t, err)
		return counts[referent.StageTranscribe].Queued == 2
	})
	r.present(protocol.Presence{Worker: "far/1", Stages: referent.Stages})
	_, c := h.take()
	if c.Task.Meeting.ID != first.ID {
		t.Fatalf("the worker took %s", c.Task.Stage)
	}
	if o := r.outlook(first.ID); o.Standing != Working || !near(o.Left, 12) {
		t.Errorf("worked on: %+v, left %v", o, o.Left)
	}
	if o := r.outlook(second.ID); o.Place != 1 || !near(o.Begins, 12) {
		t.Errorf("the next: %+v, begins %v", o, o.Begins)
	}
	// What stands still holds nobody up. The next recording is prepared before the first's other half: stages take turns.
	_, d := h.take()
	if d.Task.Meeting.ID != second.ID {
		t.Fatalf("the worker took %s of the first again", d.Task.Stage)
	}
	ok(t, h.fail(d.Lease, referent.CodeCancelled))
	_, d = h.take()
	ok(t, h.fail(c.Lease, referent.CodeUnavailable))
	ok(t, h.fail(d.Lease, referent.CodeUnavailable))
	if p, o := r.outlook(first.ID), r.outlook(second.ID); p.Standing != Paused || !near(o.Begins, 0) {
		t.Errorf("behind %+v: %+v, begins %v", p, o, o.Begins)
	}
	// What was measured is known after a restart.
	r.restart()
	r.present(protocol.Presence{Worker: "far/1", Stages: referent.Stages})
	if o := r.outlook(third.ID); !near(o.Begins, 13) {
		t.Errorf("after a restart: %+v, begins %v", o, o.Begins)
	}
	// A recording of another kind than those before makes it unknown what comes behind it.
	r.p.pace.Sizes = append(r.p.pace.Sizes, 1)
	if o := r.outlook(third.ID); o.Place != 2 || o.Begins != nil {
		t.Errorf("with unlike recordings: %+v", o)
	}
}

// Departments share the workers: one that has much to do puts off another's meeting no longer than its share.
func TestOutlookOfDepartmentsInTurn(t *testing.T) {
	r := newRig(t, nil)
	r.clock.advance(heardWithin)
	r.present(protocol.Presence{Worker: "far/1", Stages: referent.Stages})
	r.p.pace.Rates = map[rate]worked{"prepare": {Audio: 10, Time: 1}, "transcribe/": {Audio: 10, Time: 8}, "minutes/": {Audio: 10, Time: 1}}
	r.p.pace.Sizes = []float64{0.01, 0.01} // 1000 bytes last 10 s, which take 10 s
	of := func(department string, n int) string {
		m := newMeeting()
		m.Department = department
		r.upload(m, n)
		r.clock.advance(time.Millisecond)
		return m.ID
	}
	a1, a2, a3 := of("a", 1000), of("a", 1000), of("a", 1000)
	b1 := of("b", 500)
	dictation := newMeeting()
	dictation.Kind = referent.KindDictate
	r.upload(dictation, 100)
	var order []string
	// The dictation takes 1 s; then a1 and b1 share, so that 10 s later b1 is done and half of a1.
	begins := map[string]float64{dictation.ID: 0, a1: 1, b1: 1, a2: 16, a3: 26}
	for i, o := range r.outlooks() {
		order = append(order, o.Meeting)
		if o.Place != i+1 || !near(o.Begins, begins[o.Meeting]) {
			t.Errorf("at place %d, to begin in %v s: %+v, %v", i+1, begins[o.Meeting], o, o.Begins)
		}
	}
	if want := []string{dictation.ID, a1, b1, a2, a3}; !slices.Equal(order, want) {
		t.Errorf("the order is %v, want %v", order, want)
	}
}

func TestInTurn(t *testing.T) {
	const s = time.Second
	is := func(what string, l []*stretch, want ...time.Duration) {
		t.Helper()
		var got []time.Duration
		for _, x := range l {
			if !x.reached {
				x.begins = -1
			}
			if x.ends == 0 {
				x.ends = -1
			}
			got = append(got, x.begins, x.ends)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	of := func(work ...time.Duration) (l []*stretch) {
		for _, w := range work {
			l = append(l, &stretch{work: w, known: w > 0})
		}
		return l
	}
	a, b, c := of(6*s, 2*s), of(2*s, 1*s), of(2*s)
	inTurn([][]*stretch{a, nil, b, c})
	is("a", a, 0, 11*s, 11*s, 13*s)
	is("b", b, 0, 6*s, 6*s, 8*s)
	is("c", c, 0, 6*s)
	a, b = of(10*s, 2*s, 1*s), of(4*s)
	inTurn([][]*stretch{a, b})
	is("a short one goes beside a long one, and then another", a, 0, 17*s, 0, 8*s, 8*s, 10*s)
	is("and takes nothing from another department", b, 0, 8*s)
	a, b = of(2*s, 0, 2*s), of(2*s, 2*s)
	inTurn([][]*stretch{a, b})
	is("before one whose length nobody knows, and after it", a, 0, 4*s, 4*s, -1, -1, -1)
	is("beside it", b, 0, 4*s, 4*s, 8*s)
}
