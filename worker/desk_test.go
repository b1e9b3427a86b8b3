package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// desk is the server's side of the protocol, kept in memory, over the real embedded NATS. It is as
// strict as the protocol's comments: leases are checked, streams have no gaps, reads stay inside.
type desk struct {
	t    *testing.T
	dir  string
	keys *queue.Keys

	srv *queue.Server
	nc  *nats.Conn
	q   *queue.Queue

	mu       sync.Mutex
	subs     []*nats.Subscription
	jobs     map[string]*deskJob
	presence []protocol.Presence
	mute     map[string]int // requests of a subject that are acted on but not answered
	models   map[string]deskModel
}

type deskModel struct {
	file, digest string
	data         []byte
	corrupt      bool
}

// deskJob is one job and all that was seen of it.
type deskJob struct {
	task    protocol.Task
	source  map[protocol.Source][]byte
	allowed func(off, end int64) bool // of SourceAudio; nil: all
	arrives bool                      // more of the recording comes
	waits   bool                      // somebody does: the job is interactive

	state     referent.JobState
	lease     protocol.Lease
	claims    int
	streams   map[protocol.Stream][]byte
	result    []byte // set by the commit
	extends   []float64
	reads     int
	outside   int // reads that were refused
	fails     []protocol.FailRequest
	partials  []protocol.PartialRequest
	kept      map[string][]byte // checkpoints
	cancelled bool
	requeue   bool          // a released job is queued again
	refuse    referent.Code // of commits

	instead string // the job that is given to whoever asks for this one, once
	rests   int    // how often it is said to be better off with others
	asked   int    // claims of it, granted or not
}

// testPace is the loop's pace in tests: the same relations, faster.
var testPace = pace{
	extend: 50 * time.Millisecond, brisk: 10 * time.Millisecond, patience: 10 * time.Second,
	reply: 5 * time.Second, brief: 5 * time.Second, retry: 20 * time.Millisecond, presence: 50 * time.Millisecond,
	unwind: 500 * time.Millisecond, farewell: 3 * time.Second, again: 200 * time.Millisecond,
	call: 300 * time.Millisecond, aside: 300 * time.Millisecond,
	rests: []time.Duration{300 * time.Millisecond}, arrive: 10 * time.Millisecond, left: time.Minute,
}

// outagePace does not wait long for an answer that does not come.
func outagePace() *pace {
	p := testPace
	p.reply = 500 * time.Millisecond
	return &p
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	dir := t.TempDir()
	keys, err := queue.LoadKeys(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, dir: dir, keys: keys, jobs: map[string]*deskJob{}, mute: map[string]int{}, models: map[string]deskModel{}}
	d.start("")
	t.Cleanup(func() { d.shutdown() })
	return d
}

// start starts nats-server, on the address of an earlier one if given, and answers.
func (d *desk) start(listen string) {
	d.t.Helper()
	srv, err := queue.StartServer(queue.ServerConfig{Dir: filepath.Join(d.dir, "queue"), Keys: d.keys, Listen: listen})
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	nc, err := srv.Connect(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	q, err := queue.New(ctx, nc)
	if err != nil {
		d.t.Fatal(err)
	}
	d.srv, d.nc, d.q = srv, nc, q
	d.open()
}

func (d *desk) shutdown() {
	d.nc.Close()
	d.srv.Shutdown()
}

// address is where nats-server listens.
func (d *desk) address() string {
	u, err := url.Parse(d.srv.URL())
	if err != nil {
		d.t.Fatal(err)
	}
	return u.Host
}

// open begins to answer; shut stops it, so that requests find nobody.
func (d *desk) open() {
	d.t.Helper()
	for subject, answer := range map[string]func(*nats.Msg) (*nats.Msg, error){
		protocol.SubjectClaim: d.claim, protocol.SubjectExtend: d.extend, protocol.SubjectRead: d.read,
		protocol.SubjectWrite: d.write, protocol.SubjectCommit: d.commit, protocol.SubjectFail: d.fail,
		protocol.SubjectPresence: d.present, protocol.SubjectModel: d.model, protocol.SubjectPartial: d.partial,
		protocol.SubjectCheckpoint: d.checkpoint, protocol.SubjectRecall: d.checkpoint,
	} {
		sub, err := d.nc.Subscribe(protocol.FromAll(subject), func(m *nats.Msg) {
			d.mu.Lock()
			reply, err := answer(m)
			muted := d.mute[subject] > 0
			if muted {
				d.mute[subject]--
			}
			d.mu.Unlock()
			if muted || m.Reply == "" {
				return
			}
			if err != nil {
				reply = nats.NewMsg(m.Reply)
				reply.Header.Set(protocol.HeaderCode, string(referent.CodeOf(err)))
				reply.Header.Set(protocol.HeaderDetail, "refused by the desk")
			}
			if err := m.RespondMsg(reply); err != nil && !d.nc.IsClosed() {
				d.t.Error(err)
			}
		})
		if err != nil {
			d.t.Fatal(err)
		}
		d.mu.Lock()
		d.subs = append(d.subs, sub)
		d.mu.Unlock()
	}
	if err := d.nc.Flush(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) shut() {
	d.mu.Lock()
	subs := d.subs
	d.subs = nil
	d.mu.Unlock()
	for _, s := range subs {
		if err := s.Unsubscribe(); err != nil {
			d.t.Error(err)
		}
	}
}

// add makes a job and queues it.
func (d *desk) add(id string, j *deskJob) {
	d.t.Helper()
	j.state, j.streams = referent.JobQueued, map[protocol.Stream][]byte{}
	d.mu.Lock()
	d.jobs[id] = j
	d.mu.Unlock()
	if err := d.q.Publish(d.t.Context(), j.message(id)); err != nil {
		d.t.Fatal(err)
	}
}

func (j *deskJob) message(id string) queue.Message {
	m := queue.Message{Job: id, Stage: j.task.Stage, Priority: referent.PriorityBulk}
	if j.waits {
		m.Priority = referent.PriorityInteractive
	}
	return m
}

// see runs f while nothing changes.
func (d *desk) see(id string, f func(j *deskJob)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(d.jobs[id])
}

// waitFor polls until cond holds of the job.
func (d *desk) waitFor(id, what string, cond func(j *deskJob) bool) {
	d.t.Helper()
	eventually(d.t, what, func() (ok bool) {
		d.see(id, func(j *deskJob) { ok = cond(j) })
		return ok
	})
}

// messages counts what the queue holds.
func (d *desk) messages() (n int) {
	d.t.Helper()
	counts, err := d.q.Pending(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, c := range counts {
		n += c.Queued + c.InFlight
	}
	return n
}

// dial opens a worker's connection.
func (d *desk) dial() *nats.Conn {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 20*time.Second)
	defer cancel()
	nc, err := queue.Connect(ctx, queue.DialConfig{URL: d.srv.URL(), Creds: d.keys.WorkerSeed, Name: "test"})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(nc.Close)
	return nc
}

func (d *desk) lost() error { return referent.E(referent.CodeLeaseLost, "desk", nil) }

func (d *desk) held(l protocol.Lease) (*deskJob, error) {
	j := d.jobs[l.Job]
	if j == nil || j.state != referent.JobLeased || j.lease != l {
		return nil, d.lost()
	}
	return j, nil
}

func answer(m *nats.Msg, body any) (*nats.Msg, error) {
	reply := nats.NewMsg(m.Reply)
	if body == nil {
		return reply, nil
	}
	data, err := json.Marshal(body)
	reply.Data = data
	return reply, err
}

func (d *desk) claim(m *nats.Msg) (*nats.Msg, error) {
	var req protocol.ClaimRequest
	if err := json.Unmarshal(m.Data, &req); err != nil {
		return nil, err
	}
	j := d.jobs[req.Job]
	if j == nil || j.state != referent.JobQueued {
		return nil, referent.E(referent.CodeConflict, "desk", nil)
	}
	j.asked++
	if j.instead != "" || j.rests > 0 {
		if err := d.q.Publish(context.Background(), j.message(req.Job)); err != nil {
			return nil, err
		}
	}
	switch {
	case j.instead != "":
		req.Job, j.instead = j.instead, ""
		if j = d.jobs[req.Job]; j.state != referent.JobQueued {
			return nil, referent.E(referent.CodeConflict, "desk", nil)
		}
	case j.rests > 0:
		j.rests--
		return answer(m, protocol.ClaimReply{Rest: true})
	}
	j.claims++
	j.state = referent.JobLeased
	j.lease = protocol.Lease{Job: req.Job, Epoch: int64(j.claims), Token: fmt.Sprintf("secret-%d", j.claims)}
	j.streams = map[protocol.Stream][]byte{}
	return answer(m, protocol.ClaimReply{Lease: j.lease, Task: j.task})
}

func (d *desk) extend(m *nats.Msg) (*nats.Msg, error) {
	var req protocol.ExtendRequest
	if err := json.Unmarshal(m.Data, &req); err != nil {
		return nil, err
	}
	j, err := d.held(req.Lease)
	if err != nil {
		return nil, err
	}
	j.extends = append(j.extends, req.Progress)
	return answer(m, protocol.ExtendReply{Cancelled: j.cancelled})
}

func (d *desk) read(m *nats.Msg) (*nats.Msg, error) {
	var req protocol.ReadRequest
	if err := json.Unmarshal(m.Data, &req); err != nil {
		return nil, err
	}
	j, err := d.held(req.Lease)
	if err != nil {
		return nil, err
	}
	src := j.source[req.Source]
	end := min(req.Offset+int64(req.Length), int64(len(src)))
	if req.Length > protocol.MaxPiece || req.Source == protocol.SourceAudio && j.allowed != nil && !j.allowed(req.Offset, end) {
		j.outside++
		return nil, referent.E(referent.CodeForbidden, "desk", nil)
	}
	j.reads++
	reply := nats.NewMsg(m.Reply)
	reply.Header.Set(protocol.HeaderSize, strconv.Itoa(len(src)))
	reply.Header.Set(protocol.HeaderWhole, strconv.FormatBool(!j.arrives))
	reply.Data = src[req.Offset:end]
	return reply, nil
}

func (d *desk) partial(m *nats.Msg) (*nats.Msg, error) {
	var req protocol.PartialRequest
	if err := json.Unmarshal(m.Data, &req); err != nil {
		return nil, err
	}
	j, err := d.held(req.Lease)
	if err != nil {
		return nil, err
	}
	j.partials = append(j.partials, req)
	return answer(m, nil)
}

func (d *desk) write(m *nats.Msg) (*nats.Msg, error) {
	lease, err := protocol.ParseLease(m.Header.Get(protocol.HeaderLease))
	if err != nil {
		return nil, err
	}
	j, err := d.held(lease)
	if err != nil {
		return nil, err
	}
	name := protocol.Stream(m.Header.Get(protocol.HeaderStream))
	offset, err := strconv.Atoi(m.Header.Get(protocol.HeaderOffset))
	if err != nil {
		return nil, err
	}
	have := len(j.streams[name])
	switch {
	case offset > have || len(m.Data) > protocol.MaxPiece:
		return nil, referent.E(referent.CodeConflict, "desk", nil)
	case offset+len(m.Data) > have:
		j.streams[name] = append(j.streams[name], m.Data[have-offset:]...)
	}
	return answer(m, nil)
}

func (d *desk) commit(m *nats.Msg) (*nats.Msg, error) {
	var req protocol.CommitRequest
	if err := json.Unmarshal(m.Data, &req); err != nil {
		return nil, err
	}
	if j := d.jobs[req.Lease.Job]; j != nil && j.state == referent.JobDone && j.lease == req.Lease {
		return answer(m, nil)
	}
	j, err := d.held(req.Lease)
	if err != nil {
		return nil, err
	}
	if j.refuse != "" {
		return nil, referent.E(j.refuse, "desk", nil)
	}
	j.state, j.result = referent.JobDone, j.streams[protocol.StreamResult]
	return answer(m, nil)
}

func (d *desk) fail(m *nats.Msg) (*nats.Msg, error) {
	var req protocol.FailRequest
	if err := json.Unmarshal(m.Data, &req); err != nil {
		return nil, err
	}
	j, err := d.held(req.Lease)
	if err != nil {
		return nil, err
	}
	j.fails = append(j.fails, req)
	j.state = referent.JobDead
	if req.Release && j.requeue {
		j.state = referent.JobQueued
		if err := d.q.Publish(d.t.Context(), j.message(req.Lease.Job)); err != nil {
			return nil, err
		}
	}
	return answer(m, nil)
}

func (d *desk) present(m *nats.Msg) (*nats.Msg, error) {
	var p protocol.Presence
	err := json.Unmarshal(m.Data, &p)
	d.presence = append(d.presence, p)
	return nil, err
}

func (d *desk) model(m *nats.Msg) (*nats.Msg, error) {
	var req protocol.ModelRequest
	if err := json.Unmarshal(m.Data, &req); err != nil {
		return nil, err
	}
	w, ok := d.models[req.Name]
	if !ok {
		return nil, referent.E(referent.CodeModelMissing, "desk", nil)
	}
	reply := nats.NewMsg(m.Reply)
	reply.Header.Set(protocol.HeaderSize, strconv.Itoa(len(w.data)))
	reply.Header.Set(protocol.HeaderName, w.file)
	reply.Header.Set(protocol.HeaderDigest, w.digest)
	end := min(req.Offset+int64(req.Length), int64(len(w.data)))
	reply.Data = append([]byte(nil), w.data[req.Offset:end]...)
	if w.corrupt && len(reply.Data) > 0 {
		reply.Data[0] ^= 1
	}
	return reply, nil
}
