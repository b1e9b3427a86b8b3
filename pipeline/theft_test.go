package pipeline

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// A stolen key reaches the queue's streams, by way of where JetStream sends its answers. Whatever it takes away is made
// and filled anew within seconds, and no job is lost or done twice.
func TestStolenKeyOnlyDisturbs(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	thief, _ := r.enrol("thief")
	near := r.hand("near/1")
	js, err := jetstream.New(r.conn)
	ok(t, err)
	for _, reply := range []string{"$JS.API.STREAM.DELETE.JOBS_%s", "$JS.API.STREAM.PURGE.JOBS_%s", "$JS.API.CONSUMER.DELETE.JOBS_%s.any-bulk", "job.live.any.bulk.%s"} {
		t.Run(reply, func(t *testing.T) {
			m := r.create(1000)
			r.eventually("the job waits in the queue", func() bool {
				c, err := r.queue.Pending(t.Context())
				return err == nil && c[referent.StagePrepare].Queued == 1
			})
			for _, asked := range []string{"CONSUMER.MSG.NEXT.JOBS_LIVE.any-inter", "CONSUMER.INFO.JOBS_LIVE.any-inter"} {
				for _, s := range []string{"PREPARE", "TRANSCRIBE", "MINUTES", "ADVISORIES"} {
					ok(t, thief.nc.PublishRequest("$JS.API."+asked, fmt.Sprintf(reply, s), []byte(`{"batch":1,"no_wait":true}`)))
				}
			}
			ok(t, thief.nc.Flush())
			at := time.Now()
			time.Sleep(200 * time.Millisecond) // JetStream does what it was told
			r.eventually("all is there again", func() bool {
				for _, s := range queue.Stages {
					if _, err := js.Consumer(t.Context(), "JOBS_"+strings.ToUpper(string(s)), "any-bulk"); err != nil {
						return false
					}
				}
				_, err := js.Stream(t.Context(), "JOBS_ADVISORIES")
				return err == nil
			})
			near.until(m.ID, referent.StateDraft)
			t.Logf("done after %v", time.Since(at).Round(time.Millisecond))
			for _, j := range r.jobs(m.ID) {
				if j.State != referent.JobDone || j.Attempt > 1 {
					t.Errorf("%s %d: %s after %d attempts", j.Stage, j.Chunk, j.State, j.Attempt)
				}
			}
			r.onceEach(m.ID)
		})
	}
}

// A request that was let in before its worker was shut out, and is answered after, changes nothing.
func TestRevokedWhileItAsks(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h, w := r.enrol("far away")
	d, c := h.take()
	h.do(c)
	other := r.create(1000)
	before, err := r.db.Worker(t.Context(), w.Key)
	ok(t, err)
	ctx := withSender(t.Context(), sender{before}) // as it was read when the request came
	job, err := r.db.Job(ctx, c.Lease.Job)
	ok(t, err)
	s, err := r.p.session(ctx, job)
	ok(t, err)
	s.mu.Lock()
	result, err := r.p.sealResult(ctx, s)
	s.mu.Unlock()
	ok(t, err)

	// The row alone: what follows a revocation would end the lease too, and hide what is tested.
	after := *before
	after.Revoked, after.RevokedBy = r.clock.now(), "admin"
	ok(t, r.putWorker(&after))
	_, err = r.p.claim(ctx, protocol.ClaimRequest{Job: r.job(other.ID, referent.StagePrepare, 0).ID, Worker: "x"})
	wantCode(t, err, referent.CodeForbidden)
	_, err = r.p.extend(ctx, protocol.ExtendRequest{Lease: c.Lease, Progress: 0.5})
	wantCode(t, err, referent.CodeForbidden)
	wantCode(t, r.p.fail(ctx, protocol.FailRequest{Lease: c.Lease, Code: referent.CodeInternal}), referent.CodeForbidden)
	wantCode(t, r.p.commit(ctx, c.Lease), referent.CodeForbidden)
	s.mu.Lock()
	err = r.p.conclude(ctx, s, result)
	s.mu.Unlock()
	wantCode(t, err, referent.CodeForbidden)
	if j := r.job(other.ID, referent.StagePrepare, 0); j.State != referent.JobQueued || j.Epoch != 0 {
		t.Errorf("claimed: %+v", j)
	}
	if j := r.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobLeased || j.Progress != 0 {
		t.Errorf("changed: %+v", j)
	}
	ok(t, r.p.takeBack(t.Context(), WorkerPrefix(w.ID)))
	ok(t, d.Drop())
	near := r.hand("near/1")
	near.until(m.ID, referent.StateDraft)
	near.until(other.ID, referent.StateDraft)
}

// What a worker says of itself takes no more room than what a worker is.
func TestPresenceIsBounded(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	h, _ := r.enrol("talks")
	long := strings.Repeat("x", 100_000)
	p := protocol.Presence{Version: long, Device: "a\x1b[31m" + long, Threads: -1, Job: long[:200], Jobs: make([]string, 10_000),
		Stages: []referent.Stage{referent.StageMinutes, "nonsense", referent.StageMinutes, referent.Stage(long)}}
	for range 1000 {
		p.Faults = append(p.Faults, protocol.StageFault{Stage: referent.StageMinutes, Code: "disk_full"}, protocol.StageFault{Stage: "nonsense"})
		p.Models = append(p.Models, "base", long[:100], "no name")
	}
	p.Class, p.Model, p.LLM = protocol.Class(long), long, protocol.LLM(long)
	for i := range 2 * maxNames {
		p.Worker = fmt.Sprint(i)
		ok(t, h.askJSON(protocol.SubjectPresence, p, nil))
	}
	all := r.p.Workers()
	if len(all) != maxNames {
		t.Errorf("%d names of one key", len(all))
	}
	data, err := json.Marshal(all[0])
	ok(t, err)
	if len(data) > 2000+maxJobsAtHand*maxPresence+maxOnDisk*10 {
		t.Errorf("%d bytes are kept of a worker", len(data))
	}
	if w := all[0]; len(w.Stages) != 1 || len(w.Faults) != 1 || len(w.Version) != maxPresence || strings.Contains(w.Device, "\x1b") || w.Threads != 0 ||
		w.Class != "" || w.Model != "" || w.LLM != "" || slices.ContainsFunc(w.Models, func(m string) bool { return m != "base" }) {
		t.Errorf("kept: %.300s", data)
	}
	other, _ := r.enrol("is heard all the same")
	ok(t, other.askJSON(protocol.SubjectPresence, protocol.Presence{Worker: "x", Device: "cpu"}, nil))
	if got := len(r.p.Workers()); got != maxNames+1 {
		t.Errorf("%d workers", got)
	}
}

func (r *rig) putWorker(w *store.Worker) error {
	return r.db.Tx(r.t.Context(), func(tx store.Tx) error { return tx.PutWorker(r.t.Context(), w) })
}
