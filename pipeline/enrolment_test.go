package pipeline

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// seed makes a key on the worker's machine, with what proves it to the token.
func (r *rig) seed(token string) (path, key string, signature []byte) {
	r.t.Helper()
	path = filepath.Join(r.t.TempDir(), "worker.nk")
	key, signature, err := queue.MakeSeed(path, EnrolmentMessage(token))
	ok(r.t, err)
	return path, key, signature
}

// enrol lets a worker of its own in, and connects it.
func (r *rig) enrol(label string, stages ...referent.Stage) (*hand, *store.Worker) {
	r.t.Helper()
	token, _, err := r.p.MakeEnrolment(r.t.Context(), "admin", label, stages)
	ok(r.t, err)
	path, key, signature := r.seed(token)
	w, err := r.p.Enrol(r.t.Context(), token, key, signature)
	ok(r.t, err)
	if len(stages) == 0 {
		stages = queue.Stages
	}
	return r.handOf("worker/x", path, stages), w
}

func TestEnrolmentWorksOnce(t *testing.T) {
	r := newRig(t, nil)
	ctx := t.Context()
	for _, label := range []string{"", "  ", strings.Repeat("x", 101), "a\x1b[31m"} {
		_, _, err := r.p.MakeEnrolment(ctx, "admin", label, nil)
		wantCode(t, err, referent.CodeInvalid)
	}
	_, _, err := r.p.MakeEnrolment(ctx, "admin", "x", []referent.Stage{referent.StageAssemble})
	wantCode(t, err, referent.CodeInvalid)

	token, e, err := r.p.MakeEnrolment(ctx, "admin", " Maskinrom  2 ", []referent.Stage{referent.StageTranscribe})
	ok(t, err)
	if e.Label != "Maskinrom 2" || e.TokenHash == token || strings.Contains(e.TokenHash, token) {
		t.Errorf("the enrolment is %+v", e)
	}
	_, key, signature := r.seed(token)
	_, other, theirs := r.seed(token)
	_, err = r.p.Enrol(ctx, token, key, theirs)
	wantCode(t, err, referent.CodeInvalid)
	_, err = r.p.Enrol(ctx, token, "UNOKEY", signature)
	wantCode(t, err, referent.CodeInvalid)
	_, _, elsewhere := r.seed("another token")
	_, err = r.p.Enrol(ctx, token, key, elsewhere)
	wantCode(t, err, referent.CodeInvalid)
	w, err := r.p.Enrol(ctx, token, key, signature)
	ok(t, err)
	if w.Label != "Maskinrom 2" || w.By != "admin" || len(w.Stages) != 1 || w.Own || !w.Admitted() {
		t.Errorf("the worker is %+v", w)
	}
	_, err = r.p.Enrol(ctx, token, other, theirs)
	wantCode(t, err, referent.CodeForbidden)

	token, _, err = r.p.MakeEnrolment(ctx, "admin", "the same key again", nil)
	ok(t, err)
	again, signature, err := queue.MakeSeed(r.keys.WorkerSeed, EnrolmentMessage(token))
	ok(t, err)
	_, err = r.p.Enrol(ctx, token, again, signature)
	wantCode(t, err, referent.CodeConflict)
	r.clock.advance(EnrolmentLasts)
	_, key, signature = r.seed(token)
	_, err = r.p.Enrol(ctx, token, key, signature)
	wantCode(t, err, referent.CodeForbidden) // it has run out
	acts, err := r.db.Acts(ctx, store.ActFilter{User: "admin"})
	ok(t, err)
	var kinds []string
	for _, a := range acts {
		kinds = append(kinds, a.What)
		if named := a.Worker == w.ID; named != (a.What == store.ActWorkerEnrolled) {
			t.Errorf("%s names the worker %q", a.What, a.Worker)
		}
	}
	if got := strings.Join(kinds, " "); got != "enrolment_made worker_enrolled enrolment_made" {
		t.Errorf("written down: %s", got)
	}
}

// A worker with stolen credentials, and with everything that another worker knows, reads and changes nothing but what
// it has leased itself: every request with the other's lease is refused.
func TestLeaseIsTheWorkersWhoClaimedIt(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	owner, _ := r.enrol("owner")
	thief, _ := r.enrol("thief")
	tried := map[string]bool{}
	for _, stage := range []referent.Stage{referent.StagePrepare, referent.StageTranscribe} {
		_, c := owner.take()
		if c.Task.Stage != stage {
			t.Fatalf("the job is %s, want %s", c.Task.Stage, stage)
		}
		for _, request := range protocol.Requests {
			for _, msg := range withLease(t, request, c.Lease) {
				tried[request] = true
				_, err := thief.ask(msg)
				if referent.CodeOf(err) != referent.CodeForbidden && referent.CodeOf(err) != referent.CodeConflict {
					t.Errorf("%s of a %s job with a stolen lease: %v", request, stage, err)
				}
			}
		}
		if j := r.job(m.ID, stage, chunkAt(c)); j.State != referent.JobLeased || j.Epoch != c.Lease.Epoch || j.Progress != 0 {
			t.Errorf("the job was touched: %+v", j)
		}
		owner.do(c)
		ok(t, owner.commit(c.Lease))
	}
	for _, request := range protocol.Requests {
		if !tried[request] && request != protocol.SubjectPresence && request != protocol.SubjectModel {
			t.Errorf("%s was not tried", request)
		}
	}
	owner.until(m.ID, referent.StateDraft)
}

// withLease are the requests of a kind that use a lease; presence and weights need none.
func withLease(t *testing.T, request string, l protocol.Lease) (all []*nats.Msg) {
	t.Helper()
	body := func(v any) {
		data, err := json.Marshal(v)
		ok(t, err)
		all = append(all, &nats.Msg{Subject: request, Data: data})
	}
	head := func(h map[string]string, data []byte) {
		m := nats.NewMsg(request)
		m.Header.Set(protocol.HeaderLease, l.String())
		for k, v := range h {
			m.Header.Set(k, v)
		}
		m.Data = data
		all = append(all, m)
	}
	switch request {
	case protocol.SubjectClaim:
		body(protocol.ClaimRequest{Job: l.Job, Worker: "worker/x"})
	case protocol.SubjectExtend:
		body(protocol.ExtendRequest{Lease: l, Progress: 0.5})
	case protocol.SubjectRead:
		for _, src := range []protocol.Source{protocol.SourceRecording, protocol.SourceAudio, protocol.SourceTranscript} {
			body(protocol.ReadRequest{Lease: l, Source: src, Length: 10})
		}
	case protocol.SubjectWrite:
		for _, st := range []protocol.Stream{protocol.StreamAudio, protocol.StreamResult} {
			head(map[string]string{protocol.HeaderStream: string(st), protocol.HeaderOffset: "0"}, []byte("{}"))
		}
	case protocol.SubjectCommit:
		body(protocol.CommitRequest{Lease: l})
	case protocol.SubjectFail:
		body(protocol.FailRequest{Lease: l, Code: referent.CodeInternal})
		body(protocol.FailRequest{Lease: l, Code: referent.CodeCancelled, Release: true})
	case protocol.SubjectPartial:
		body(protocol.PartialRequest{Lease: l, Seq: 1})
	case protocol.SubjectCheckpoint, protocol.SubjectRecall:
		head(map[string]string{protocol.HeaderKey: strings.Repeat("0", 64)}, []byte("{}"))
	case protocol.SubjectPresence, protocol.SubjectModel:
	default:
		t.Fatalf("nobody has said what %s is made of", request)
	}
	return all
}

// What is shown of a worker, and who its jobs are leased to, is below its own id: it does not pass for one of the
// server's own machine.
func TestEnrolledWorkerIsNobodyElse(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h, w := r.enrol("far away")
	h.name = LocalWorkers + "000"
	_, c := h.take()
	data, err := json.Marshal(protocol.Presence{Worker: LocalWorkers + "000"})
	ok(t, err)
	ok(t, h.askJSON(protocol.SubjectPresence, json.RawMessage(data), nil))
	if all := r.p.Workers(); len(all) != 1 || all[0].Worker != "worker-"+w.ID+"/local/000" {
		t.Errorf("workers: %+v", all)
	}
	ok(t, r.p.ReleaseWorker(t.Context(), LocalWorkers))
	if j := r.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobLeased || j.Worker != "worker-"+w.ID+"/local/000" {
		t.Errorf("the job: %+v", j)
	}
	h.do(c)
	ok(t, h.commit(c.Lease))
	h.until(m.ID, referent.StateDraft)
	got, err := r.db.Worker(t.Context(), w.Key)
	ok(t, err)
	if !got.Seen.Equal(r.clock.now()) {
		t.Errorf("last seen %v", got.Seen)
	}
}

func TestStagesBoundWhatIsClaimed(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h, _ := r.enrol("writer", referent.StageMinutes)
	_, err := h.claim(r.job(m.ID, referent.StagePrepare, 0).ID) // an id that it has heard somewhere
	wantCode(t, err, referent.CodeForbidden)
	if j := r.job(m.ID, referent.StagePrepare, 0); j.Epoch != 0 || j.Attempt != 0 {
		t.Errorf("the job was touched: %+v", j)
	}
}

// Revoked, a worker is out at once: its connection is closed and stays so, its job goes to another without an attempt
// lost, and what it still asks, over whatever connection, is refused.
func TestRevoke(t *testing.T) {
	for name, kicks := range map[string]bool{"its connection closed": true, "its connection left": false} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(c *Config) {
				if !kicks {
					c.Disconnect = nil
				}
			})
			r.run()
			m := r.create(1000)
			h, w := r.enrol("far away")
			d, c := h.take()
			_, err := h.extend(c.Lease, 0.1)
			ok(t, err)
			_, err = r.p.RevokeWorker(t.Context(), w.ID, "")
			wantCode(t, err, referent.CodeInvalid)
			_, err = r.p.RevokeWorker(t.Context(), "nobody", "admin")
			wantCode(t, err, referent.CodeNotFound)

			at := time.Now()
			revoked, err := r.p.RevokeWorker(t.Context(), w.ID, "admin")
			ok(t, err)
			if revoked.Admitted() || revoked.RevokedBy != "admin" {
				t.Errorf("revoked: %+v", revoked)
			}
			if j := r.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobQueued || j.Attempt != 0 || j.Epoch != c.Lease.Epoch {
				t.Errorf("the job: %+v", j)
			}
			if kicks {
				r.eventually("the connection is closed", func() bool { return !h.nc.IsConnected() })
				if took := time.Since(at); took > 2*time.Second {
					t.Errorf("it took %v", took)
				}
				time.Sleep(time.Second)
				if h.nc.IsConnected() {
					t.Error("it came back")
				}
			} else {
				_, _, err = h.read(c.Lease, protocol.SourceRecording, 0, 10)
				wantCode(t, err, referent.CodeForbidden)
				wantCode(t, h.commit(c.Lease), referent.CodeForbidden)
				_, err = h.claim(c.Lease.Job)
				wantCode(t, err, referent.CodeForbidden)
				ok(t, d.InProgress()) // the message that it has in flight is another one by now
				wantCode(t, h.askJSON(protocol.SubjectPresence, protocol.Presence{Worker: "x"}, nil), referent.CodeForbidden)
				wantCode(t, h.askJSON(protocol.SubjectModel, protocol.ModelRequest{Name: "base"}, nil), referent.CodeForbidden)
			}
			r.hand("near/1").until(m.ID, referent.StateDraft)
			if j := r.job(m.ID, referent.StagePrepare, 0); j.Attempt != 1 || j.Epoch != c.Lease.Epoch+1 {
				t.Errorf("the job was done by another: %+v", j)
			}
			r.onceEach(m.ID)
		})
	}
}

// The server's own workers are not revoked by mistake; those of a server that is gone for good are.
func TestRevokeServersOwn(t *testing.T) {
	r := newRig(t, nil)
	id := func(key string) string {
		w, err := r.db.Worker(t.Context(), key)
		ok(t, err)
		return w.ID
	}
	_, err := r.p.RevokeWorker(t.Context(), id(r.keys.WorkerKey()), "admin")
	wantCode(t, err, referent.CodeConflict)
	_, gone, _ := r.seed("another server")
	r.change = func(c *Config) { c.OwnKey = gone }
	r.newPipeline(r.db)
	_, err = r.p.RevokeWorker(t.Context(), id(gone), "admin")
	ok(t, err)
	_, err = New(Config{Store: r.db, Vault: r.vault, Queue: r.queue, Conn: r.conn, Log: r.logger(), Assemble: join, OwnKey: gone})
	wantCode(t, err, referent.CodeConfig)
	if referent.HintOf(err) == "" {
		t.Error("nothing says what to do")
	}
	if _, err := AdmitFrom(r.db)(context.Background(), gone); referent.CodeOf(err) != referent.CodeForbidden {
		t.Errorf("a revoked key is let in: %v", err)
	}
}

// Windows that were not leased cannot be read, whichever chunk a worker holds.
func TestOnlyLeasedWindowsAreRead(t *testing.T) {
	r := newRig(t, nil)
	r.run()
	m := r.create(1000)
	h, _ := r.enrol("far away")
	h.one() // prepare
	frame := int64(bytesPerSample)
	for range h.chunks {
		d, c := h.take()
		from, to := hull(&referent.Chunk{Windows: c.Task.Recognition.Windows})
		for at := range int64(h.chunks * h.samples / 1000) {
			_, _, err := h.read(c.Lease, protocol.SourceAudio, at*1000*frame, 100)
			if in := at*1000 >= from && at*1000 < to; in {
				ok(t, err)
			} else if code := referent.CodeOf(err); code != referent.CodeForbidden && at*1000 != to {
				t.Fatalf("chunk %s, second %d: %v", strconv.Itoa(chunkAt(c)), at, err)
			}
		}
		for _, src := range []protocol.Source{protocol.SourceRecording, protocol.SourceTranscript} {
			_, _, err := h.read(c.Lease, src, 0, 10)
			wantCode(t, err, referent.CodeForbidden)
		}
		h.do(c)
		ok(t, h.commit(c.Lease))
		ok(t, d.Drop())
	}
	h.until(m.ID, referent.StateDraft)
}

func chunkAt(c *protocol.ClaimReply) int {
	if c.Task.Recognition == nil {
		return 0
	}
	return c.Task.Recognition.Chunk
}
