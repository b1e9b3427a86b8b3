package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// The stages of these tests are functions: what they do is each test's point.
type prepareFunc func(ctx context.Context, src io.ReaderAt, size int64, task referent.Preparation, audio io.Writer, progress func(float64)) (*referent.PrepareResult, error)

func (f prepareFunc) Prepare(ctx context.Context, src io.ReaderAt, size int64, task referent.Preparation, audio io.Writer, progress func(float64)) (*referent.PrepareResult, error) {
	return f(ctx, src, size, task, audio, progress)
}

type recognizeFunc func(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error)

func (f recognizeFunc) Recognize(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
	return f(ctx, audio, task, progress)
}

type writeFunc func(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint, done referent.Checkpoints, progress func(float64)) (*referent.Minutes, error)

func (f writeFunc) Resume(ctx context.Context, m *referent.Meeting, t *referent.Transcript, e *referent.Endpoint, done referent.Checkpoints, progress func(float64)) (*referent.Minutes, error) {
	return f(ctx, m, t, e, done, progress)
}

// hire runs a worker until stop is called, which returns what Run returned.
func (d *desk) hire(change func(*Config)) (stop func() error) {
	d.t.Helper()
	p := testPace
	cfg := Config{Conn: d.dial(), Name: "test/0", Stages: []referent.Stage{referent.StageTranscribe}, Version: "v0",
		Threads: 1, Device: "cpu", pace: &p}
	change(&cfg)
	w, err := New(cfg)
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(d.t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return within(d.t, "the worker stops", done)
	})
	d.t.Cleanup(func() {
		if err := stop(); err != nil && referent.CodeOf(err) != referent.CodeTimeout {
			d.t.Error(err)
		}
	})
	return stop
}

func recognizing(f recognizeFunc) func(*Config) { return func(c *Config) { c.Recognizer = f } }

// noise is n bytes that no shift or repetition of itself equals.
func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	if _, err := r.Read(b); err != nil {
		panic(err)
	}
	return b
}

func chunkTask(windows ...referent.Window) protocol.Task {
	return protocol.Task{Stage: referent.StageTranscribe, Recognition: &referent.Recognition{Chunk: 4, Windows: windows}}
}

func oneWindow(start, end int64) referent.Window {
	return referent.Window{Spans: []referent.Span{{Start: start, End: end}}}
}

func done(j *deskJob) bool { return j.state == referent.JobDone }

func TestPrepareStage(t *testing.T) {
	d := newDesk(t)
	recording := noise(3*protocol.MaxPiece + 12345)
	d.add("p", &deskJob{task: protocol.Task{Stage: referent.StagePrepare, Preparation: &referent.Preparation{MaxDuration: 7}},
		source: map[protocol.Source][]byte{protocol.SourceRecording: recording}})
	d.hire(func(c *Config) {
		c.Stages = []referent.Stage{referent.StagePrepare}
		c.Preparer = prepareFunc(func(_ context.Context, src io.ReaderAt, size int64, task referent.Preparation, audio io.Writer, progress func(float64)) (*referent.PrepareResult, error) {
			// An odd buffer, so that pieces and writes do not fall together.
			n, err := io.CopyBuffer(onlyWriter{audio}, onlyReader{io.NewSectionReader(src, 0, size)}, make([]byte, 70_001))
			progress(1)
			return &referent.PrepareResult{Duration: float64(n) + task.MaxDuration}, err
		})
	})
	d.waitFor("p", "the job is done", done)
	d.see("p", func(j *deskJob) {
		if !bytes.Equal(j.streams[protocol.StreamAudio], recording) {
			t.Errorf("audio of %d bytes is not what was written", len(j.streams[protocol.StreamAudio]))
		}
		var r referent.PrepareResult
		if err := json.Unmarshal(j.result, &r); err != nil || r.Duration != float64(len(recording))+7 {
			t.Errorf("result %s, %v", j.result, err)
		}
	})
	eventually(t, "the message is used up", func() bool { return d.messages() == 0 })
}

// onlyReader and onlyWriter hide the shortcuts that io.Copy would take.
type onlyReader struct{ io.Reader }
type onlyWriter struct{ io.Writer }

func TestMinutesStage(t *testing.T) {
	d := newDesk(t)
	transcript := &referent.Transcript{Schema: referent.TranscriptSchema, Segments: []referent.Segment{{ID: "s1", Text: strings.Repeat("ja ", 300_000)}}}
	data, err := json.Marshal(transcript)
	if err != nil {
		t.Fatal(err)
	}
	d.add("m", &deskJob{task: protocol.Task{Stage: referent.StageMinutes, Meeting: referent.Meeting{Title: "Møte"}, Endpoint: &referent.Endpoint{Model: "m"}},
		source: map[protocol.Source][]byte{protocol.SourceTranscript: data}})
	d.hire(func(c *Config) {
		c.Stages = []referent.Stage{referent.StageMinutes}
		c.Minutes = writeFunc(func(_ context.Context, m *referent.Meeting, tr *referent.Transcript, e *referent.Endpoint, _ referent.Checkpoints, _ func(float64)) (*referent.Minutes, error) {
			return &referent.Minutes{Title: fmt.Sprint(m.Title, " ", e.Model, " ", len(tr.Segments[0].Text))}, nil
		})
	})
	d.waitFor("m", "the job is done", done)
	d.see("m", func(j *deskJob) {
		var r referent.Minutes
		if err := json.Unmarshal(j.result, &r); err != nil || r.Title != "Møte m 900000" {
			t.Errorf("result %.100s, %v", j.result, err)
		}
	})
}

// The recogniser reads its windows, some of them twice and from several goroutines, and gives more than
// one piece of result.
func TestTranscribeStageReadsOnlyItsWindows(t *testing.T) {
	d := newDesk(t)
	audio := noise(8 << 20)
	windows := []referent.Window{
		{Spans: []referent.Span{{Start: 100_001, End: 480_000}, {Start: 480_000, End: 500_000}, {Start: 700_000, End: 700_800}}},
		oneWindow(2_000_000, 2_900_003),
	}
	inside := joined([]extent{{200_002, 1_000_000}, {1_400_000, 1_401_600}, {4_000_000, 5_800_006}})
	d.add("c", &deskJob{task: chunkTask(windows...), source: map[protocol.Source][]byte{protocol.SourceAudio: audio},
		allowed: func(off, end int64) bool {
			for _, e := range inside {
				if off >= e.start && end <= e.end {
					return true
				}
			}
			return false
		}})
	big := strings.Repeat("æ", 1_200_000)
	d.hire(recognizing(func(_ context.Context, src io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for _, w := range task.Windows {
					for _, s := range w.Spans {
						p := make([]byte, 2*s.Len())
						if n, err := src.ReadAt(p, 2*s.Start); n != len(p) || !bytes.Equal(p, audio[2*s.Start:2*s.End]) {
							t.Errorf("read %d of %d bytes: %v", n, len(p), err)
						}
					}
				}
			})
		}
		all.Wait()
		for _, off := range []int64{0, 199_000, 1_000_000, 1_401_600, -4} {
			if _, err := src.ReadAt(make([]byte, 2), off); referent.CodeOf(err) != referent.CodeForbidden {
				t.Errorf("outside at %d: %v", off, err)
			}
		}
		if n, err := src.ReadAt(make([]byte, 10), 5_800_000); n != 6 || !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %d, %v", n, err)
		}
		progress(1)
		return &referent.ChunkResult{Chunk: task.Chunk, Language: big}, nil
	}))
	d.waitFor("c", "the job is done", done)
	d.see("c", func(j *deskJob) {
		var r referent.ChunkResult
		if err := json.Unmarshal(j.result, &r); err != nil || r.Language != big || r.Chunk != 4 {
			t.Errorf("result of %d bytes, %v", len(j.result), err)
		}
		if j.outside != 0 {
			t.Errorf("asked %d times for what is not its own", j.outside)
		}
		// Five blocks; four readers in step share them.
		if j.reads > 8 {
			t.Errorf("%d reads for 5 blocks", j.reads)
		}
	})
}

// hanging is a recogniser that tells when it began and waits for its context to end.
func hanging() (recognizeFunc, <-chan struct{}, <-chan error) {
	began, ended := make(chan struct{}, 8), make(chan error, 8)
	return func(ctx context.Context, _ io.ReaderAt, _ referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
		began <- struct{}{}
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return nil, ctx.Err()
	}, began, ended
}

func TestCancel(t *testing.T) {
	for name, cancel := range map[string]func(d *desk){
		"told at once": func(d *desk) {
			d.see("c", func(j *deskJob) { j.cancelled = true })
			if err := d.nc.Publish(protocol.SubjectCancelPrefix+"c", nil); err != nil {
				d.t.Error(err)
			}
		},
		"told by the lease": func(d *desk) { d.see("c", func(j *deskJob) { j.cancelled = true }) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			f, began, ended := hanging()
			d.add("c", &deskJob{task: chunkTask()})
			d.hire(func(c *Config) {
				c.Recognizer = f
				p := testPace
				if name == "told at once" {
					p.extend = time.Minute
				}
				c.pace = &p
			})
			within(t, "the stage begins", began)
			at := time.Now()
			cancel(d)
			if cause := within(t, "the stage is stopped", ended); referent.CodeOf(cause) != referent.CodeCancelled {
				t.Errorf("cause %v", cause)
			}
			if took := time.Since(at); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			eventually(t, "the message is used up", func() bool { return d.messages() == 0 })
			d.see("c", func(j *deskJob) {
				if j.result != nil || len(j.fails) != 0 || j.claims != 1 {
					t.Errorf("after a cancel: %+v", j)
				}
			})
		})
	}
}

// Any worker can have JetStream send such a message: the server's word counts.
func TestForgedCancelStopsNothing(t *testing.T) {
	d := newDesk(t)
	f, began, ended := hanging()
	d.add("c", &deskJob{task: chunkTask()})
	d.hire(recognizing(f))
	within(t, "the stage begins", began)
	thief := d.dial()
	asked := 0
	d.see("c", func(j *deskJob) { asked = len(j.extends) })
	if err := thief.PublishRequest("$JS.API.CONSUMER.INFO.JOBS_TRANSCRIBE.any-bulk", protocol.SubjectCancelPrefix+"c", nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server was asked", func() bool {
		more := false
		d.see("c", func(j *deskJob) { more = len(j.extends) > asked+3 })
		return more
	})
	select {
	case cause := <-ended:
		t.Errorf("stopped: %v", cause)
	default:
	}
	d.see("c", func(j *deskJob) { j.cancelled = true })
	within(t, "the stage is stopped", ended)
}

func TestLostLeaseStopsTheStage(t *testing.T) {
	d := newDesk(t)
	f, began, ended := hanging()
	d.add("c", &deskJob{task: chunkTask()})
	d.hire(recognizing(f))
	within(t, "the stage begins", began)
	d.see("c", func(j *deskJob) { j.lease.Epoch++ }) // somebody else has it
	if cause := within(t, "the stage is stopped", ended); referent.CodeOf(cause) != referent.CodeLeaseLost {
		t.Errorf("cause %v", cause)
	}
	// The next job shows that the worker is done with this one.
	d.add("next", &deskJob{task: chunkTask()})
	within(t, "the next job begins", began)
	d.see("c", func(j *deskJob) {
		if j.result != nil || len(j.fails) != 0 {
			t.Errorf("a zombie spoke: %+v", j)
		}
	})
	if n := d.messages(); n != 2 {
		t.Errorf("%d messages, the other worker's is gone", n)
	}
}

func TestRefusedCommitIsNotAcked(t *testing.T) {
	d := newDesk(t)
	d.add("c", &deskJob{task: chunkTask(), refuse: referent.CodeLeaseLost})
	d.add("next", &deskJob{task: chunkTask()})
	d.hire(recognizing(func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
		return &referent.ChunkResult{}, nil
	}))
	d.waitFor("next", "the next job is done", done)
	eventually(t, "one message is left", func() bool { return d.messages() == 1 })
	d.see("c", func(j *deskJob) {
		if j.result != nil || len(j.fails) != 0 || j.streams[protocol.StreamResult] == nil {
			t.Errorf("a zombie's commit: %+v", j)
		}
	})
}

func TestStaleMessageIsDropped(t *testing.T) {
	d := newDesk(t)
	d.add("c", &deskJob{task: chunkTask()})
	d.see("c", func(j *deskJob) { j.state = referent.JobDone })
	d.hire(recognizing(func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
		t.Error("a finished job was run")
		return nil, nil
	}))
	eventually(t, "the message is used up", func() bool { return d.messages() == 0 })
}

func TestStalledStageLosesItsLease(t *testing.T) {
	d := newDesk(t)
	f, _, ended := hanging()
	d.add("c", &deskJob{task: chunkTask()})
	d.hire(func(c *Config) { c.Recognizer, c.StallAfter = f, 300*time.Millisecond })
	if cause := within(t, "the stage is stopped", ended); referent.CodeOf(cause) != referent.CodeTimeout {
		t.Errorf("cause %v", cause)
	}
	d.waitFor("c", "the failure is told", func(j *deskJob) bool { return len(j.fails) == 1 })
	d.see("c", func(j *deskJob) {
		if f := j.fails[0]; f.Code != referent.CodeTimeout || f.Release {
			t.Errorf("told %+v", f)
		}
		if len(j.extends) == 0 {
			t.Error("the lease was not extended while there was hope")
		}
	})
}

// A slow stage that moves keeps its lease, and its progress is told as it grows.
func TestSlowProgressIsNoStall(t *testing.T) {
	d := newDesk(t)
	d.add("c", &deskJob{task: chunkTask()})
	d.hire(func(c *Config) {
		c.StallAfter = 1200 * time.Millisecond
		c.Recognizer = recognizeFunc(func(ctx context.Context, _ io.ReaderAt, _ referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
			for i := range 10 {
				select {
				case <-ctx.Done():
					return nil, context.Cause(ctx)
				case <-time.After(150 * time.Millisecond):
					progress(float64(i) / 10)
					progress(0) // never goes back
				}
			}
			return &referent.ChunkResult{}, nil
		})
	})
	d.waitFor("c", "the job is done", done)
	d.see("c", func(j *deskJob) {
		if len(j.extends) < 5 {
			t.Errorf("extended %v", j.extends)
		}
		for i := 1; i < len(j.extends); i++ {
			if j.extends[i] < j.extends[i-1] {
				t.Errorf("progress went back: %v", j.extends)
			}
		}
	})
}

// A call to a language model shows nothing until it ends, which its own timeout sees to.
func TestSlowModelIsNoStall(t *testing.T) {
	d := newDesk(t)
	for _, id := range []string{"quick", "hangs"} {
		d.add(id, &deskJob{task: protocol.Task{Stage: referent.StageMinutes, Endpoint: &referent.Endpoint{Timeout: time.Second},
			Meeting: referent.Meeting{Title: id}},
			source: map[protocol.Source][]byte{protocol.SourceTranscript: []byte("{}")}})
	}
	d.hire(func(c *Config) {
		c.Stages, c.StallAfter = []referent.Stage{referent.StageMinutes}, 100*time.Millisecond
		c.Minutes = writeFunc(func(ctx context.Context, m *referent.Meeting, _ *referent.Transcript, _ *referent.Endpoint, _ referent.Checkpoints, progress func(float64)) (*referent.Minutes, error) {
			if m.Title == "hangs" {
				<-ctx.Done()
				return nil, context.Cause(ctx)
			}
			for range 3 { // together longer than the stall
				select {
				case <-ctx.Done():
					return nil, context.Cause(ctx)
				case <-time.After(600 * time.Millisecond):
					progress(0)
				}
			}
			return &referent.Minutes{}, nil
		})
	})
	d.waitFor("quick", "the minutes are made", done)
	d.waitFor("hangs", "the failure is told", func(j *deskJob) bool { return len(j.fails) == 1 })
	d.see("hangs", func(j *deskJob) {
		if j.fails[0].Code != referent.CodeTimeout {
			t.Errorf("told %+v", j.fails[0])
		}
	})
}

// What a stage cannot tell, such as weights on their way, is told for it.
func TestMovedIsNoStall(t *testing.T) {
	d := newDesk(t)
	d.add("c", &deskJob{task: chunkTask()})
	p := testPace
	var w *Worker
	w, err := New(Config{Conn: d.dial(), Name: "test/0", Stages: []referent.Stage{referent.StageTranscribe}, pace: &p,
		StallAfter: time.Second,
		Recognizer: recognizeFunc(func(ctx context.Context, _ io.ReaderAt, _ referent.Recognition, _ func(float64)) (*referent.ChunkResult, error) {
			for range 15 {
				select {
				case <-ctx.Done():
					return nil, context.Cause(ctx)
				case <-time.After(100 * time.Millisecond):
					w.Moved()
				}
			}
			return &referent.ChunkResult{}, nil
		})})
	if err != nil {
		t.Fatal(err)
	}
	w.Moved() // idle: nothing happens
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	d.waitFor("c", "the job is done", done)
	cancel()
	if err := within(t, "the worker stops", ended); err != nil {
		t.Error(err)
	}
	d.see("c", func(j *deskJob) {
		if len(j.fails) != 0 || j.claims != 1 {
			t.Errorf("fails %+v, %d claims", j.fails, j.claims)
		}
	})
}

func TestLeavingGivesTheJobBack(t *testing.T) {
	d := newDesk(t)
	f, began, ended := hanging()
	d.add("c", &deskJob{task: chunkTask()})
	stop := d.hire(recognizing(f))
	within(t, "the stage begins", began)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	within(t, "the stage is stopped", ended)
	d.see("c", func(j *deskJob) {
		if len(j.fails) != 1 || !j.fails[0].Release || j.fails[0].Code != referent.CodeCancelled || j.result != nil {
			t.Errorf("told %+v", j.fails)
		}
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	last := d.presence[len(d.presence)-1]
	if !last.Leaving || last.Worker != "test/0" || last.Version != "v0" || last.Device != "cpu" || len(last.Stages) != 1 {
		t.Errorf("last presence %+v", last)
	}
	busy := false
	for _, p := range d.presence {
		busy = busy || p.Job == "c"
	}
	if !busy {
		t.Error("presence never told of the job")
	}
}

func TestStageFailures(t *testing.T) {
	const spoken = "kommunestyret vedtok"
	tests := map[string]struct {
		stage  recognizeFunc
		code   referent.Code
		detail string
	}{
		"own error": {func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
			return nil, fmt.Errorf("wrapped: %w", referent.E(referent.CodeRecognition, "transcribe: hear window", nil).WithHint("try another model"))
		}, referent.CodeRecognition, "wrapped: transcribe: hear window: recognition (try another model)"},
		"cancelled by itself": {func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
			return nil, referent.E(referent.CodeCancelled, "transcribe: hear window", nil)
		}, referent.CodeInternal, "transcribe: hear window: cancelled"},
		"foreign error": {func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
			return nil, errors.New(spoken)
		}, referent.CodeInternal, "*errors.errorString"},
		"panic": {func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
			panic(spoken)
		}, referent.CodeInternal, "worker: run stage: panic: string"},
		"runtime panic": {func(_ context.Context, _ io.ReaderAt, task referent.Recognition, _ func(float64)) (*referent.ChunkResult, error) {
			return nil, errors.New(task.Names[3])
		}, referent.CodeInternal, "worker: run stage: runtime error: index out of range [3] with length 0"},
		"nothing": {func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
			return nil, nil
		}, referent.CodeInternal, "worker: run stage: it made nothing"},
	}
	d := newDesk(t)
	var stage recognizeFunc
	var mu sync.Mutex
	d.hire(recognizing(func(ctx context.Context, a io.ReaderAt, task referent.Recognition, p func(float64)) (*referent.ChunkResult, error) {
		mu.Lock()
		f := stage
		mu.Unlock()
		return f(ctx, a, task, p)
	}))
	for name, tt := range tests {
		mu.Lock()
		stage = tt.stage
		mu.Unlock()
		id := strings.ReplaceAll(name, " ", "-")
		d.add(id, &deskJob{task: chunkTask()})
		d.waitFor(id, "the failure is told", func(j *deskJob) bool { return len(j.fails) > 0 })
		d.see(id, func(j *deskJob) {
			if f := j.fails[0]; f.Code != tt.code || f.Detail != tt.detail || f.Release {
				t.Errorf("%s: told %+v", name, f)
			}
		})
	}
	eventually(t, "the messages are used up", func() bool { return d.messages() == 0 })
}

// A stage that does not stop takes the process with it; the server has heard before.
func TestStuckStageEndsTheWorker(t *testing.T) {
	d := newDesk(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	d.add("c", &deskJob{task: chunkTask()})
	began := make(chan struct{}, 1)
	stop := d.hire(recognizing(func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
		began <- struct{}{}
		<-release
		return nil, nil
	}))
	within(t, "the stage begins", began)
	if err := stop(); referent.CodeOf(err) != referent.CodeTimeout || referent.HintOf(err) == "" {
		t.Errorf("run ended with %v", err)
	}
	d.see("c", func(j *deskJob) {
		if len(j.fails) != 1 || !j.fails[0].Release {
			t.Errorf("told %+v", j.fails)
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	d := newDesk(t)
	nc := d.dial()
	for name, cfg := range map[string]Config{
		"no connection": {Name: "x", Stages: []referent.Stage{referent.StageMinutes}},
		"no name":       {Conn: nc, Stages: []referent.Stage{referent.StageMinutes}},
		"no stages":     {Conn: nc, Name: "x"},
		"no part":       {Conn: nc, Name: "x", Stages: []referent.Stage{referent.StageMinutes}},
		"assemble":      {Conn: nc, Name: "x", Stages: []referent.Stage{referent.StageAssemble}},
	} {
		if _, err := New(cfg); referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%s: %v", name, err)
		}
	}
}
