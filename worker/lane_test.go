package worker

import (
	"context"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// byName is a recogniser that hangs with the tasks of one model and is done with all others at once.
func byName(hangs string) (f recognizeFunc, began <-chan struct{}, ended <-chan error) {
	hang, began, ended := hanging()
	return func(ctx context.Context, a io.ReaderAt, task referent.Recognition, p func(float64)) (*referent.ChunkResult, error) {
		if task.Model == hangs {
			return hang(ctx, a, task, p)
		}
		return &referent.ChunkResult{Chunk: task.Chunk}, nil
	}, began, ended
}

func modelTask(model string) protocol.Task {
	return protocol.Task{Stage: referent.StageTranscribe, Recognition: &referent.Recognition{Model: model}}
}

// saw reports whether some presence told of all of the jobs at once.
func (d *desk) saw(jobs ...string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.presence, func(p protocol.Presence) bool {
		return slices.Equal(p.Jobs, jobs) && p.Job == jobs[0]
	})
}

// Interactive work is done while a bulk job stands in the way, and bulk work is not.
func TestInteractiveWorkOvertakes(t *testing.T) {
	d := newDesk(t)
	f, began, _ := byName("slow")
	// One for each lane that takes bulk chunks.
	d.add("long", &deskJob{task: modelTask("slow")})
	d.add("second", &deskJob{task: modelTask("slow")})
	stop := d.hire(recognizing(f))
	within(t, "the long job begins", began)
	within(t, "so does the next chunk, to fill the threads that it leaves", began)
	d.add("bulk", &deskJob{task: modelTask("quick")})
	for _, id := range []string{"one", "two", "three"} {
		d.add(id, &deskJob{task: modelTask("quick"), waits: true})
		d.waitFor(id, "the interactive job is done", done)
	}
	d.see("bulk", func(j *deskJob) {
		if j.claims != 0 {
			t.Error("the lane for interactive work took bulk work")
		}
	})
	d.see("long", func(j *deskJob) {
		if j.state != referent.JobLeased || j.claims != 1 {
			t.Errorf("the long job is %s after %d claims", j.state, j.claims)
		}
	})
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestEachLaneIsStoppedByItself(t *testing.T) {
	d := newDesk(t)
	f, began, ended := byName("slow")
	d.add("bulk", &deskJob{task: modelTask("slow")})
	stop := d.hire(recognizing(f))
	within(t, "the bulk job begins", began)
	d.add("inter", &deskJob{task: modelTask("slow"), waits: true})
	within(t, "the interactive job begins beside it", began)
	eventually(t, "presence tells of both", func() bool { return d.saw("bulk", "inter") })

	d.see("inter", func(j *deskJob) { j.cancelled = true })
	if cause := within(t, "the interactive job is stopped", ended); referent.CodeOf(cause) != referent.CodeCancelled {
		t.Errorf("cause %v", cause)
	}
	d.add("next", &deskJob{task: modelTask("quick"), waits: true})
	d.waitFor("next", "the lane goes on", done)
	d.see("bulk", func(j *deskJob) {
		if j.state != referent.JobLeased {
			t.Errorf("the other lane's job is %s", j.state)
		}
	})

	d.add("last", &deskJob{task: modelTask("slow"), waits: true})
	within(t, "another interactive job begins", began)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"bulk", "last"} {
		d.see(id, func(j *deskJob) {
			if len(j.fails) != 1 || !j.fails[0].Release {
				t.Errorf("%s: told %+v", id, j.fails)
			}
		})
	}
}

// What this machine lacks it lacks in every lane.
func TestFaultRestsTheStageInAllLanes(t *testing.T) {
	d := newDesk(t)
	var met, again atomic.Int64
	d.add("bulk", &deskJob{task: modelTask("missing")})
	d.hire(func(c *Config) {
		c.pace.rests = []time.Duration{time.Second}
		c.Recognizer = recognizeFunc(func(_ context.Context, _ io.ReaderAt, task referent.Recognition, _ func(float64)) (*referent.ChunkResult, error) {
			if task.Model == "missing" {
				met.Store(time.Now().UnixNano())
				return nil, referent.E(referent.CodeModelMissing, "test", nil)
			}
			again.Store(time.Now().UnixNano())
			return &referent.ChunkResult{}, nil
		})
	})
	d.waitFor("bulk", "the fault is told", func(j *deskJob) bool { return len(j.fails) == 1 })
	d.add("inter", &deskJob{task: modelTask("quick"), waits: true})
	d.waitFor("inter", "the interactive job is done", done)
	if rest := time.Duration(again.Load() - met.Load()); rest < time.Second {
		t.Errorf("the other lane went on after %v", rest)
	}
	d.see("inter", func(j *deskJob) {
		if j.claims != 1 {
			t.Errorf("%d claims", j.claims)
		}
	})
}

// listenFunc is a listener that does what a test is about.
type listenFunc func(ctx context.Context, read func(context.Context, []byte) (int, error), task referent.Recognition, from float64, heard func(referent.Partial) error) error

func (f listenFunc) Listen(ctx context.Context, read func(context.Context, []byte) (int, error), task referent.Recognition, from float64, heard func(referent.Partial) error) error {
	return f(ctx, read, task, from, heard)
}

func listening(f listenFunc) func(*Config) {
	return func(c *Config) { c.Stages, c.Listener = []referent.Stage{referent.StageLive}, f }
}

func liveTask() protocol.Task {
	return protocol.Task{Stage: referent.StageLive, Recognition: &referent.Recognition{Model: "m"}, Heard: 12.5}
}

// The listener gets what comes when it comes, a wait of any length is no stall, and what it hears is told
// in order; also when an answer is lost, which the number of the request then shows.
func TestLiveStage(t *testing.T) {
	d := newDesk(t)
	sound := noise(protocol.MaxPiece + 70_000)
	d.add("l", &deskJob{task: liveTask(), arrives: true, source: map[protocol.Source][]byte{protocol.SourceRecording: sound[:1000]}})
	d.mu.Lock()
	d.mute[protocol.SubjectPartial] = 1
	d.mu.Unlock()
	step := make(chan int, 8)
	d.hire(func(c *Config) {
		listening(func(ctx context.Context, read func(context.Context, []byte) (int, error), task referent.Recognition, from float64, heard func(referent.Partial) error) error {
			if task.Model != "m" || from != 12.5 {
				t.Errorf("task %+v from %v", task, from)
			}
			var all []byte
			for p := make([]byte, 4096); ; {
				n, err := read(ctx, p)
				if all = append(all, p[:n]...); err == io.EOF {
					break
				}
				if err != nil {
					return err
				}
				if len(all) == 1000 || len(all) == 2000 {
					if err := heard(referent.Partial{Heard: float64(len(all))}); err != nil {
						return err
					}
					step <- len(all)
				}
			}
			if !slices.Equal(all, sound) {
				t.Errorf("%d bytes came, not those that were sent", len(all))
			}
			return nil
		})(c)
		c.StallAfter = time.Second
		c.pace.reply = 200 * time.Millisecond
	})
	within(t, "what is there is heard", step)
	waited := time.Now()
	d.waitFor("l", "the lease outlives the wait", func(j *deskJob) bool {
		return len(j.extends) > 10 && time.Since(waited) > 1500*time.Millisecond
	})
	d.see("l", func(j *deskJob) { j.source[protocol.SourceRecording] = sound[:2000] })
	within(t, "what comes is heard", step)
	d.see("l", func(j *deskJob) { j.source[protocol.SourceRecording], j.arrives = sound, false })
	d.waitFor("l", "the job is done", done)
	d.see("l", func(j *deskJob) {
		var seen []int64
		for _, p := range j.partials {
			seen = append(seen, p.Seq)
			if p.Partial.Heard != float64(p.Seq)*1000 {
				t.Errorf("request %d: %+v", p.Seq, p.Partial)
			}
		}
		if !slices.Equal(seen, []int64{1, 1, 2}) || len(j.fails) != 0 || string(j.result) != "null" {
			t.Errorf("requests %v, failures %+v, result %s", seen, j.fails, j.result)
		}
	})
}

// A recording that somebody has left is not waited for for ever.
func TestLeftRecordingIsOver(t *testing.T) {
	d := newDesk(t)
	d.add("l", &deskJob{task: liveTask(), arrives: true, source: map[protocol.Source][]byte{protocol.SourceRecording: noise(100)}})
	d.hire(func(c *Config) {
		listening(func(ctx context.Context, read func(context.Context, []byte) (int, error), _ referent.Recognition, _ float64, _ func(referent.Partial) error) error {
			for p := make([]byte, 64); ; {
				if _, err := read(ctx, p); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
			}
		})(c)
		c.pace.left = 300 * time.Millisecond
	})
	d.waitFor("l", "the job is done", done)
}

// Several recordings are listened to at once, beside other work; one that is over is told from the others.
func TestLiveLaneIsWide(t *testing.T) {
	d := newDesk(t)
	const most = 3
	began := make(chan struct{}, 8)
	f, busy, _ := byName("slow")
	stop := d.hire(func(c *Config) {
		listening(func(ctx context.Context, read func(context.Context, []byte) (int, error), _ referent.Recognition, _ float64, _ func(referent.Partial) error) error {
			began <- struct{}{}
			_, err := read(ctx, make([]byte, 10))
			if err == io.EOF {
				return nil
			}
			return err
		})(c)
		c.Stages = append(c.Stages, referent.StageTranscribe)
		c.Live, c.Recognizer = most, f
	})
	d.add("bulk", &deskJob{task: modelTask("slow")})
	within(t, "other work begins", busy)
	names := []string{"l0", "l1", "l2", "l3"}
	for _, id := range names {
		d.add(id, &deskJob{task: liveTask(), arrives: true})
	}
	for range most {
		within(t, "a recording is listened to", began)
	}
	waiting := slices.IndexFunc(names, func(id string) (waits bool) {
		d.see(id, func(j *deskJob) { waits = j.claims == 0 })
		return waits
	})
	if waiting < 0 {
		t.Fatal("more are listened to than there is room for")
	}
	first := names[(waiting+1)%len(names)]
	d.see(first, func(j *deskJob) { j.arrives = false })
	d.waitFor(first, "one is over", done)
	within(t, "the one that waited is listened to", began)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(names, "bulk") {
		d.see(id, func(j *deskJob) {
			if id != first && (len(j.fails) != 1 || !j.fails[0].Release) {
				t.Errorf("%s: told %+v", id, j.fails)
			}
		})
	}
}
