package chaos

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/referent/referent"
)

// A server that dies between a result and its commit has forgotten the result. The worker, who lives on, has it still: it
// hands it in again to the server that is started, and no attempt is lost.
func TestDeathBeforeCommit(t *testing.T) {
	beside(t)
	w := newWorldOf(t, diskFor(t), 0, true)
	s := &storm{w: w, ctx: t.Context(), r: rand.New(rand.NewPCG(uint64(*seed), 4))}
	jobs := func(m *meeting, stage referent.Stage) (of []referent.Job) {
		var all []referent.Job
		w.read(t.Context(), at(m.id)+"/jobs", &all)
		for _, j := range all {
			if j.Stage == stage {
				of = append(of, j)
			}
		}
		return of
	}
	m := &meeting{id: w.upload(t.Context(), recordings(t, 2)[0], "builtin")}
	w.until(time.Minute, "the recording is prepared", func() bool { return len(jobs(m, referent.StageTranscribe)) > 0 })
	deaths := 0
	for _, step := range []string{"commit.asked", "commit.sealed"} {
		if s.arm(step, "kill", 1, pointLimit) {
			deaths++
		}
	}
	if deaths == 0 {
		t.Fatal("the server did not die")
	}
	if !w.toDraft(t.Context(), m) {
		t.Fatal("no draft")
	}
	for _, stage := range []referent.Stage{referent.StageTranscribe, referent.StageMinutes} {
		for _, j := range jobs(m, stage) {
			if j.Attempt != 1 || j.State != referent.JobDone {
				t.Errorf("chunk %d of stage %s: %s after %d attempts, %s", j.Chunk, stage, j.State, j.Attempt, j.Code)
			}
		}
	}
}
