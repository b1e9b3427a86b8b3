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

func lacking(calls *atomic.Int32) recognizeFunc {
	return func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
		calls.Add(1)
		return nil, referent.E(referent.CodeModelCorrupt, "test: load weights", nil)
	}
}

// A machine without what it needs gives the job back, and another one does it.
func TestFaultOfMachineIsAnotherOnesJob(t *testing.T) {
	d := newDesk(t)
	d.add("c", &deskJob{task: chunkTask(), requeue: true})
	var calls atomic.Int32
	// Its rest outlasts the test: however slow the other one comes, the job is not used up meanwhile.
	rest := testPace
	rest.rests = []time.Duration{time.Hour}
	d.hire(func(c *Config) { recognizing(lacking(&calls))(c); c.pace = &rest })
	d.waitFor("c", "the job is given back", func(j *deskJob) bool { return len(j.fails) > 0 })
	eventually(t, "the fault is told", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		last := d.presence[len(d.presence)-1]
		return !last.Since.IsZero() && len(last.Faults) == 1 && last.Faults[0].Code == referent.CodeModelCorrupt && last.Faults[0].Stage == referent.StageTranscribe
	})
	d.hire(func(c *Config) {
		c.Name = "test/1"
		c.Recognizer = recognizeFunc(func(context.Context, io.ReaderAt, referent.Recognition, func(float64)) (*referent.ChunkResult, error) {
			return &referent.ChunkResult{}, nil
		})
	})
	d.waitFor("c", "the job is done", done)
	d.see("c", func(j *deskJob) {
		if len(j.fails) != 1 {
			t.Errorf("told %d times", len(j.fails))
		}
		for _, f := range j.fails {
			if !f.Release || f.Code != referent.CodeCancelled || f.Detail != "test: load weights: model_corrupt" {
				t.Errorf("told %+v", f)
			}
		}
	})
}

// With no other machine, the cause is told in the end; and the stage rested between.
func TestFaultOfLoneMachineIsTold(t *testing.T) {
	d := newDesk(t)
	began := time.Now()
	d.add("c", &deskJob{task: chunkTask(), requeue: true})
	var calls atomic.Int32
	d.hire(recognizing(lacking(&calls)))
	d.waitFor("c", "the cause is told", func(j *deskJob) bool { return j.state == referent.JobDead })
	if took, least := time.Since(began), maxReturns*testPace.rests[0]; took < least {
		t.Errorf("took %v, with rests of %v", took, least)
	}
	d.see("c", func(j *deskJob) {
		last := j.fails[len(j.fails)-1]
		if len(j.fails) != maxReturns+1 || last.Code != referent.CodeModelCorrupt || last.Release {
			t.Errorf("told %+v", j.fails)
		}
	})
	if int(calls.Load()) != maxReturns+1 {
		t.Errorf("%d calls", calls.Load())
	}
	eventually(t, "the messages are used up", func() bool { return d.messages() == 0 })
}

func TestOnlyTheFaultyStageRests(t *testing.T) {
	f := faults{rests: machineRests, stages: map[referent.Stage]*stageFaults{}}
	all := []referent.Stage{referent.StagePrepare, referent.StageTranscribe}
	now := time.Unix(1000, 0)
	for i, rest := range append(slices.Clone(machineRests), machineRests[len(machineRests)-1]) {
		if got := f.meet(referent.StagePrepare, "j", referent.CodeFFmpegMissing, now); got != (i < maxReturns) {
			t.Errorf("fault %d: given back %v", i, got)
		}
		able, next := f.able(all, now)
		if !slices.Equal(able, all[1:]) || !next.Equal(now.Add(rest)) {
			t.Errorf("fault %d: able %v, next %v", i, able, next.Sub(now))
		}
		if able, next := f.able(all, now.Add(rest)); !slices.Equal(able, all) || !next.IsZero() {
			t.Errorf("fault %d: able %v after the rest", i, able)
		}
		if told := f.told(); len(told) != 1 || told[0] != (protocol.StageFault{Stage: referent.StagePrepare, Code: referent.CodeFFmpegMissing, Until: now.Add(rest).UTC()}) {
			t.Errorf("fault %d: told %+v", i, told)
		}
	}
	if !f.meet(referent.StagePrepare, "other", referent.CodeFFmpegMissing, now) {
		t.Error("another job is not given back")
	}
	f.mended(referent.StagePrepare)
	if able, _ := f.able(all, now); !slices.Equal(able, all) {
		t.Errorf("able %v after it worked", able)
	}
	if told := f.told(); told != nil {
		t.Errorf("told %+v after it worked", told)
	}
}
