package pipeline

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint/scaled"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker"
	"github.com/referent/referent/worker/protocol"
)

func TestMisfit(t *testing.T) {
	far := &Pipeline{cfg: Config{Endpoint: &referent.Endpoint{BaseURL: "https://llm.example/v1"}}}
	near := &Pipeline{cfg: Config{Endpoint: &referent.Endpoint{BaseURL: "http://127.0.0.1:1/v1"}}}
	who := func(name string, class protocol.Class, llm protocol.LLM) WorkerInfo {
		return WorkerInfo{Presence: protocol.Presence{Worker: name, Class: class, LLM: llm, Stages: queue.Stages}}
	}
	cpu, gpu, old := who("cpu", protocol.CPU, ""), who("gpu", protocol.GPU, ""), who("old", "", "")
	cut := who("cut", protocol.CPU, protocol.LLMUnreached)
	broken, leaving, writes := who("gpu", protocol.GPU, ""), who("gpu", protocol.GPU, ""), who("gpu", protocol.GPU, "")
	broken.Faults = []protocol.StageFault{{Stage: referent.StageTranscribe, Code: referent.CodeModelMissing}}
	leaving.Leaving = true
	writes.Stages = []referent.Stage{referent.StageMinutes}
	chunk := referent.Job{Stage: referent.StageTranscribe, Priority: referent.PriorityBulk}
	dictated := referent.Job{Stage: referent.StageTranscribe, Priority: referent.PriorityInteractive}
	prepare := referent.Job{Stage: referent.StagePrepare, Priority: referent.PriorityBulk}
	minutes := referent.Job{Stage: referent.StageMinutes, Priority: referent.PriorityBulk}
	note := referent.Job{Stage: referent.StageMinutes, Priority: referent.PriorityInteractive}
	thorough, beam, fast, unsaid := referent.Options{Mode: referent.ModeThorough}, referent.Options{Mode: referent.ModeBeam}, referent.Options{Mode: referent.ModeFast}, referent.Options{}
	for _, c := range []struct {
		what string
		p    *Pipeline
		j    referent.Job
		o    referent.Options
		w    WorkerInfo
		all  []WorkerInfo
		want misfit
	}{
		{"thorough, a processor, and there is a graphics processor", far, chunk, thorough, cpu, []WorkerInfo{cpu, gpu}, misfitClass},
		{"beam search likewise", far, chunk, beam, cpu, []WorkerInfo{cpu, gpu}, misfitClass},
		{"thorough, the graphics processor itself", far, chunk, thorough, gpu, []WorkerInfo{cpu, gpu}, ""},
		{"thorough, rather a processor than nobody", far, chunk, thorough, cpu, []WorkerInfo{cpu, old}, ""},
		{"the graphics processor rests for a fault", far, chunk, thorough, cpu, []WorkerInfo{cpu, broken}, ""},
		{"the graphics processor leaves", far, chunk, thorough, cpu, []WorkerInfo{cpu, leaving}, ""},
		{"the graphics processor does not recognise", far, chunk, thorough, cpu, []WorkerInfo{cpu, writes}, ""},
		{"a worker of the release before asks", far, chunk, thorough, old, []WorkerInfo{old, gpu}, ""},
		{"fast", far, chunk, fast, cpu, []WorkerInfo{cpu, gpu}, ""},
		{"not said, which is fast", far, chunk, unsaid, cpu, []WorkerInfo{cpu, gpu}, ""},
		{"a dictation", far, dictated, thorough, cpu, []WorkerInfo{cpu, gpu}, ""},
		{"another stage", far, prepare, thorough, cpu, []WorkerInfo{cpu, gpu}, ""},
		{"the language model was not reached, and another may", far, minutes, unsaid, cut, []WorkerInfo{cut, cpu}, misfitLLM},
		{"nor does a dictation's note go where it cannot be written", far, note, unsaid, cut, []WorkerInfo{cut, old}, misfitLLM},
		{"nobody else may", far, minutes, unsaid, cut, []WorkerInfo{cut, who("other", protocol.CPU, protocol.LLMUnreached)}, ""},
		{"no language model is wanted", far, minutes, referent.Options{Writer: WriterBuiltin}, cut, []WorkerInfo{cut, cpu}, ""},
		{"there is none", &Pipeline{}, minutes, unsaid, cut, []WorkerInfo{cut, cpu}, ""},
		{"it is on loopback", near, minutes, unsaid, cut, []WorkerInfo{cut, cpu}, ""},
		{"it is on loopback, where somebody writes", near, minutes, unsaid, cpu, []WorkerInfo{cpu, who(LocalWorkers+"1", protocol.CPU, "")}, misfitHost},
		{"and asks", near, minutes, unsaid, who(LocalWorkers+"1", protocol.CPU, ""), []WorkerInfo{cpu, who(LocalWorkers+"1", protocol.CPU, "")}, ""},
	} {
		if got := c.p.misfit(&c.j, c.o, &c.w, c.all); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// prepared is a meeting in a mode, of which workers have found a chunk, or can.
func (r *rig) prepared(mode referent.Mode, kind referent.Kind, preparer *hand) *referent.Meeting {
	r.t.Helper()
	m := newMeeting()
	m.Kind, m.Options.Mode = kind, mode
	r.upload(m, 100)
	preparer.one()
	r.eventually("its chunks can be found", func() bool {
		return slices.ContainsFunc(r.jobs(m.ID), func(j referent.Job) bool {
			return j.Stage == referent.StageTranscribe && (j.State == referent.JobLeased || r.findable(j))
		})
	})
	r.clock.advance(time.Millisecond)
	return m
}

func (r *rig) findable(j referent.Job) bool {
	jobs, err := r.db.Queued(context.Background(), store.QueuedFilter{Published: true, Meeting: j.Meeting}, 0)
	ok(r.t, err)
	return slices.ContainsFunc(jobs, func(p referent.Job) bool { return p.ID == j.ID })
}

// preparer prepares recordings to so many chunks, and nothing else.
func (r *rig) preparer(chunks int) *hand {
	h := r.handOf("far/prepares", r.keys.WorkerSeed, []referent.Stage{referent.StagePrepare})
	h.chunks = chunks
	return h
}

func of(class protocol.Class) protocol.Presence {
	return protocol.Presence{Class: class, Stages: queue.Stages, Threads: 16}
}

func (r *rig) presents(name string, p protocol.Presence) {
	p.Worker = name
	r.present(p)
}

// What is recognised thoroughly is kept for a graphics processor that is there, for a while and no longer; a worker without
// one gets what fits it meanwhile.
func TestThoroughWaitsForAGraphicsProcessor(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	prep := r.preparer(1)
	cpu, gpu := r.hand("far/cpu"), r.hand("far/gpu")
	present := func() {
		r.presents("far/cpu", of(protocol.CPU))
		r.presents("far/gpu", of(protocol.GPU))
	}
	present()
	slow := r.job(r.prepared(referent.ModeThorough, referent.KindReferat, prep).ID, referent.StageTranscribe, 0)

	c, err := cpu.claim(slow.ID)
	ok(t, err)
	if !c.Rest || c.Lease.Job != "" {
		t.Fatalf("a processor is given %+v while a graphics processor is there", c.Lease)
	}
	if j := r.job(slow.Meeting, referent.StageTranscribe, 0); j.Attempt != 0 || j.Epoch != slow.Epoch || !r.findable(j) {
		t.Fatalf("a claim that is not granted leaves %+v", j)
	}

	quick := r.job(r.prepared(referent.ModeFast, referent.KindReferat, prep).ID, referent.StageTranscribe, 0)
	c, err = cpu.claim(slow.ID)
	ok(t, err)
	if c.Rest || c.Lease.Job != quick.ID || c.Task.Recognition.Mode != referent.ModeFast {
		t.Fatalf("instead of the thorough one it gets %+v", c)
	}
	held, err := r.queue.Held(t.Context(), referent.StageTranscribe)
	ok(t, err)
	if held.Jobs[quick.ID] || !held.Jobs[slow.ID] {
		t.Errorf("the queue holds %v", held.Jobs)
	}
	cpu.do(c)
	ok(t, cpu.commit(c.Lease))

	// The graphics processor gets it; another one, that nobody comes for, goes to whoever asks when it has been kept long enough.
	c, err = gpu.claim(slow.ID)
	ok(t, err)
	if c.Lease.Job != slow.ID {
		t.Errorf("the graphics processor gets %+v", c)
	}
	late := r.job(r.prepared(referent.ModeThorough, referent.KindReferat, prep).ID, referent.StageTranscribe, 0)
	for range 2 {
		if c, err = cpu.claim(late.ID); err != nil || !c.Rest {
			t.Fatalf("%+v, %v", c, err)
		}
		r.clock.advance(keptFor - time.Millisecond)
		present()
	}
	if c, err = cpu.claim(late.ID); err != nil || c.Lease.Job != late.ID {
		t.Errorf("after %v it is still kept: %+v, %v", keptFor, c, err)
	}
}

// A dictation, a worker of the release before and one that nobody has heard of get what they ask for, and so does everybody
// when no graphics processor is left.
func TestNothingIsKeptFromThese(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	prep := r.preparer(1)
	r.presents("far/gpu", of(protocol.GPU))
	r.presents("far/cpu", of(protocol.CPU))
	r.presents("far/old", of(""))
	given := func(name string, kind referent.Kind) {
		t.Helper()
		j := r.job(r.prepared(referent.ModeThorough, kind, prep).ID, referent.StageTranscribe, 0)
		if c, err := r.hand(name).claim(j.ID); err != nil || c.Lease.Job != j.ID {
			t.Errorf("%s and a %s: %+v, %v", name, kind, c, err)
		}
	}
	given("far/cpu", referent.KindDictate)
	given("far/old", referent.KindReferat)
	given("far/unheard", referent.KindReferat)
	r.presents("far/gpu", protocol.Presence{Leaving: true})
	given("far/cpu", referent.KindReferat)
}

// Somebody else takes the job that was to be given in the place of another: the other one's message stays.
func TestInsteadIsTakenMeanwhile(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	prep := r.preparer(1)
	r.presents("far/gpu", of(protocol.GPU))
	r.presents("far/cpu", of(protocol.CPU))
	slow := r.job(r.prepared(referent.ModeThorough, referent.KindReferat, prep).ID, referent.StageTranscribe, 0)
	quick := r.job(r.prepared(referent.ModeFast, referent.KindReferat, prep).ID, referent.StageTranscribe, 0)
	instead, rest, err := r.p.fitting(t.Context(), slow.ID, "far/cpu")
	if err != nil || rest || instead != quick.ID {
		t.Fatalf("%q, %v, %v", instead, rest, err)
	}
	_, err = r.hand("far/gpu").claim(quick.ID)
	ok(t, err)
	if c, err := r.hand("far/cpu").claim(slow.ID); err != nil || !c.Rest {
		t.Errorf("%+v, %v", c, err)
	}
}

// A worker that did not get through to the language model leaves minutes to one that may, a dictation's too.
func TestMinutesGoWhereTheLanguageModelIsReached(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Endpoint = &referent.Endpoint{BaseURL: "https://llm.example/v1", Model: "m"} })
	r.run()
	all := r.handOf("far/does", r.keys.WorkerSeed, []referent.Stage{referent.StagePrepare, referent.StageTranscribe})
	all.chunks = 1
	cut := of(protocol.CPU)
	cut.LLM = protocol.LLMUnreached
	r.presents("far/cut", cut)
	r.presents("far/other", of(protocol.CPU))
	for _, kind := range []referent.Kind{referent.KindReferat, referent.KindDictate} {
		m := newMeeting()
		m.Kind = kind
		r.upload(m, 100)
		for range 1 + all.chunks {
			all.one()
		}
		r.waitState(m.ID, referent.StateTranscribed)
		j := r.job(m.ID, referent.StageMinutes, 0)
		if c, err := r.hand("far/cut").claim(j.ID); err != nil || !c.Rest {
			t.Errorf("%s: %+v, %v", kind, c, err)
		}
		if c, err := r.hand("far/other").claim(j.ID); err != nil || c.Lease.Job != j.ID || c.Task.Endpoint == nil {
			t.Errorf("%s: %+v, %v", kind, c, err)
		}
	}
}

// recorder is the scaled recogniser, and remembers what it began.
type recorder struct {
	scaled.Engine
	mu    sync.Mutex
	began []referent.Recognition
}

func (e *recorder) Recognize(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
	e.mu.Lock()
	e.began = append(e.began, task)
	e.mu.Unlock()
	return e.Engine.Recognize(ctx, audio, task, progress)
}

// count is how many chunks were begun of a mode and priority.
func (e *recorder) count(mode referent.Mode, priority referent.Priority) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.began {
		if t.Mode == mode && t.Priority == priority {
			n++
		}
	}
	return n
}

// hireClass runs a real worker of a class, that recognises and nothing else, until the test ends. "": of a release that tells none.
func (r *rig) hireClass(name string, class protocol.Class, pace time.Duration) *recorder {
	r.t.Helper()
	e := &recorder{Engine: scaled.Engine{PerSecond: pace}}
	ctx, cancel := context.WithCancel(context.Background())
	nc, err := queue.Connect(ctx, queue.DialConfig{URL: r.nats.URL(), Creds: r.keys.WorkerSeed, Name: name, Log: r.logger()})
	ok(r.t, err)
	cfg := worker.Config{Conn: nc, Name: name, Stages: []referent.Stage{referent.StageTranscribe}, Threads: 1, Log: r.logger(), Recognizer: e}
	if class != "" {
		cfg.Describe = func(p *protocol.Presence) { p.Class, p.Device, p.Model = class, "tested", "base" }
	}
	w, err := worker.New(cfg)
	ok(r.t, err)
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Error(err)
		}
		nc.Close()
	})
	r.eventually(name+" is heard of", func() bool { _, known := r.p.presence.of(name, r.clock.now()); return known })
	return e
}

// Two classes of real workers over a real queue: the graphics processor does what is thorough, the processor what is fast, and a
// worker of the release before helps with both. All is done once.
func TestClassesShareTheWork(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	// It has work for longer than the other rests that found nothing but what is thorough.
	gpu := r.hireClass("far/gpu", protocol.GPU, time.Second)
	cpu := r.hireClass("far/cpu", protocol.CPU, 20*time.Millisecond)
	const chunks = 6
	prep := r.preparer(chunks)
	var all []string
	for i := range 4 {
		m := newMeeting()
		m.Department, m.Options.Mode = fmt.Sprint(i), []referent.Mode{referent.ModeThorough, referent.ModeFast}[i%2]
		r.upload(m, 100)
		prep.one()
		all = append(all, m.ID)
	}
	for _, id := range all {
		r.waitState(id, referent.StateTranscribed)
	}
	if n := cpu.count(referent.ModeThorough, referent.PriorityBulk); n != 0 {
		t.Errorf("the processor recognised %d chunks thoroughly while there was a graphics processor", n)
	}
	if n := gpu.count(referent.ModeThorough, referent.PriorityBulk); n != 2*chunks {
		t.Errorf("the graphics processor recognised %d chunks thoroughly, want %d", n, 2*chunks)
	}
	if n := cpu.count(referent.ModeFast, referent.PriorityBulk); n == 0 {
		t.Error("the processor had nothing to do")
	}
	for _, id := range all {
		for _, j := range r.jobs(id) {
			if j.Stage == referent.StageTranscribe && (j.State != referent.JobDone || j.Attempt != 1) {
				t.Errorf("chunk %d is %s after %d attempts", j.Chunk, j.State, j.Attempt)
			}
		}
	}

	// A worker of the release before takes whatever it comes to.
	old := r.hireClass("far/old", "", 20*time.Millisecond)
	for old.count(referent.ModeThorough, referent.PriorityBulk) == 0 {
		m := newMeeting()
		m.Options.Mode = referent.ModeThorough
		r.upload(m, 100)
		prep.one()
		r.waitState(m.ID, referent.StateTranscribed)
	}
}

// A graphics processor is at as many chunks as it takes, and as many more wait. A dictation begins there at once, beside them; so
// it does when the only other worker is a processor.
func TestSaturatedGraphicsProcessorTakesADictationAtOnce(t *testing.T) {
	for _, others := range []int{0, 1} {
		r := newRig(t, nil)
		r.run()
		gpu := r.hireClass("far/gpu", protocol.GPU, time.Hour) // nothing that is begun ends
		took := []*recorder{gpu}
		for range others {
			took = append(took, r.hireClass("far/cpu", protocol.CPU, time.Hour))
		}
		prep := r.preparer(8)
		r.prepared(referent.ModeThorough, referent.KindReferat, prep)
		slots := protocol.Slots(referent.StageTranscribe, 1)
		r.eventually("all its places for recordings are taken", func() bool {
			return gpu.count(referent.ModeThorough, referent.PriorityBulk) == slots
		})
		began := time.Now()
		prep.chunks = 1
		r.prepared(referent.ModeThorough, referent.KindDictate, prep)
		r.eventually("the dictation begins", func() bool {
			n := 0
			for _, e := range took {
				n += e.count(referent.ModeThorough, referent.PriorityInteractive)
			}
			return n == 1
		})
		t.Logf("beside %d chunks and %d other workers a dictation began %v after its recording was there", slots, others, time.Since(began))
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("the dictation waited %v", took)
		}
	}
}
