package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker"
	"github.com/referent/referent/worker/protocol"
)

// One server leads at a time, and when it stops another does at once.
func TestOneServerLeads(t *testing.T) {
	const beat = 300 * time.Millisecond
	all := newServers(t, 3, beat)
	for _, s := range all {
		s.run()
	}
	watched, stop := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() {
		for watched.Err() == nil {
			if n := len(all[0].leads(all...)); n > 1 {
				t.Errorf("%d servers lead", n)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	defer watching.Wait()
	defer stop()

	for left := 3; left > 1; left-- {
		all[0].eventually("somebody leads", func() bool { return len(all[0].leads(all...)) == 1 })
		leader := all[0].leads(all...)[0]
		leader.halt()
		began := time.Now()
		all[0].eventually("another leads", func() bool { return len(all[0].leads(all...)) == 1 })
		if took := time.Since(began); took > (deadAfter-1)*beat { // as one that is killed
			t.Errorf("another leads after %v", took)
		}
	}
	d, err := all[0].db.Duty(t.Context(), dutyLead)
	ok(t, err)
	if d.Epoch != 3 {
		t.Errorf("the lead has passed on as in %+v", d)
	}
}

// A leader that reaches the database but not the queue gives way to one that reaches both, and comes back in its turn.
func TestLeaderWithoutQueueGivesWay(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	a, b := all[0], all[1]
	l := a.over()
	a.run()
	a.eventually("it leads", a.p.leads)
	a.listening()
	b.run()
	l.set(true)
	b.eventually("the other leads", b.p.leads)
	a.eventually("it leads no more", func() bool { return !a.p.leads() })
	m := b.create(1000)
	h := b.hand("far/1")
	b.eventually("a job is to be had", func() bool {
		_, err := h.claim(b.job(m.ID, referent.StagePrepare, 0).ID)
		return err == nil
	})
	b.halt() // nobody is left who could lead: it does not take what it could not do
	time.Sleep(2 * (leadFor + 1) * beatsInTests)
	if a.p.leads() {
		t.Error("it leads without a queue")
	}
	l.set(false)
	a.eventually("it leads again", a.p.leads)
}

// A server that loses its queue while it tells it what it answers goes on when the queue is there again.
func TestServerBeginsOverABadLine(t *testing.T) {
	s := newServers(t, 1, beatsInTests)[0]
	l := s.over()
	l.loses.Store(true)
	s.run()
	time.Sleep(500 * time.Millisecond) // it waits for an answer
	l.set(true)
	time.Sleep(200 * time.Millisecond)
	l.loses.Store(false)
	l.set(false)
	m := s.create(1000)
	h := s.hand("far/1")
	s.eventually("a job is to be had", func() bool {
		_, err := h.claim(s.job(m.ID, referent.StagePrepare, 0).ID)
		return err == nil
	})
}

// A server that nobody hears of keeps nothing: who lives leads, and takes back what it had leased. Who lives keeps all.
func TestKilledServerIsSucceeded(t *testing.T) {
	r, database := withProcess(t)
	kill := r.process("b", database) // leads: there is no other
	m := r.create(1000)
	far, of, mine := r.hand("far/1"), r.hand("local/b/000"), r.hand("local/a/000")
	_, farLease := far.take()
	other, third := r.create(1000), r.create(1000)
	of.take()
	_, myLease := mine.take()
	r.run()
	if r.p.leads() {
		t.Fatal("two lead")
	}
	time.Sleep(2 * time.Second) // a server that starts frees nothing of those that live
	for _, id := range []string{m.ID, other.ID, third.ID} {
		if j := r.job(id, referent.StagePrepare, 0); j.State != referent.JobLeased {
			t.Fatalf("job: %+v", j)
		}
	}
	kill()
	began := time.Now()
	r.eventually("this one leads", r.p.leads)
	leads := time.Since(began)
	freed := func(id string) bool {
		j := r.job(id, referent.StagePrepare, 0)
		return j.State == referent.JobQueued && j.Code == referent.CodeWorkerLost
	}
	r.eventually("the dead server's worker has nothing", func() bool { return freed(other.ID) || freed(third.ID) })
	took := time.Since(began)
	t.Logf("leads after %v, took the leases back after %v", leads, took)
	if took > protocol.LeaseTTL*2/3 {
		t.Errorf("it took %v", took)
	}
	for _, h := range []struct {
		*hand
		c *protocol.ClaimReply
	}{{far, farLease}, {mine, myLease}} {
		if _, err := h.extend(h.c.Lease, 0.5); err != nil {
			t.Errorf("%s, who lives: %v", h.name, err)
		}
	}
}

// heldBack hears a chunk when it is told to.
type heldBack struct {
	at, on chan struct{}
}

func (g *heldBack) Recognize(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
	window := task.Windows[0].Spans[0]
	if _, err := audio.ReadAt(make([]byte, bytesPerSample), window.Start*bytesPerSample); err != nil {
		return nil, err
	}
	select {
	case g.at <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-g.on:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	last := task.Windows[len(task.Windows)-1].Spans[0] // it asks a server again: the block was not kept
	if _, err := audio.ReadAt(make([]byte, bytesPerSample), last.Start*bytesPerSample); err != nil {
		return nil, err
	}
	return chunkResult(task.Chunk), nil
}

// A worker in the middle of a chunk goes on with another server when its own is killed, without waiting for its lease,
// and what it makes is committed once.
func TestWorkerOutlivesItsServer(t *testing.T) {
	r, database := withProcess(t)
	kill := r.process("b", database)
	m := r.create(1000)
	h := r.hand("far/prepare")
	h.chunks, h.samples = 1, 2*protocol.MaxPiece
	if stage := h.one(); stage != referent.StagePrepare {
		t.Fatal(stage)
	}
	h.leave()

	nc, err := queue.Connect(t.Context(), queue.DialConfig{URL: r.nats.URL(), Creds: r.keys.WorkerSeed, Name: "far/1", Log: r.logger()})
	ok(t, err)
	defer nc.Close()
	gate := &heldBack{make(chan struct{}), make(chan struct{})}
	w, err := worker.New(worker.Config{Conn: nc, Name: "far/1", Stages: []referent.Stage{referent.StageTranscribe}, Recognizer: gate, Threads: 1, Log: r.logger()})
	ok(t, err)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { left <- w.Run(ctx) }()
	defer func() { leave(); ok(t, <-left) }()

	select {
	case <-gate.at:
	case <-time.After(patience):
		t.Fatal("the chunk is not begun")
	}
	r.run()
	kill()
	began := time.Now()
	close(gate.on)
	r.waitState(m.ID, referent.StateTranscribed)
	took := time.Since(began)
	t.Logf("transcribed, by another leader, %v after the server was killed", took)
	if took > protocol.LeaseTTL*2/3 {
		t.Errorf("it took %v", took)
	}
	if j := r.job(m.ID, referent.StageTranscribe, 0); j.State != referent.JobDone || j.Attempt != 1 || j.Epoch != 1 {
		t.Errorf("the chunk was done again: %+v", j)
	}
	r.onceEach(m.ID)
	r.noStrayBlobs(m.ID)
}

// The rest of a result goes to the server that has its beginning, whichever is asked; where that is gone it is told so.
func TestResultIsJoinedAtOneServer(t *testing.T) {
	all := newServers(t, 3, beatsInTests)
	for _, s := range all {
		s.p.cfg.ReconcileEvery = time.Hour
		s.run()
	}
	m := all[0].create(2000)
	h := all[0].hand("far/1")
	_, c := h.take()
	if c.Server == "" {
		t.Fatal("the claim names no server")
	}
	at := func(server string, off int64, data []byte) error {
		msg := nats.NewMsg(protocol.At(protocol.SubjectWrite, server))
		msg.Header.Set(protocol.HeaderLease, c.Lease.String())
		msg.Header.Set(protocol.HeaderStream, string(protocol.StreamResult))
		msg.Header.Set(protocol.HeaderOffset, fmt.Sprint(off))
		msg.Data = data
		reply, err := h.ask(msg)
		if err == nil && reply.Header.Get(protocol.HeaderServer) != server {
			t.Errorf("%s answers for %s", reply.Header.Get(protocol.HeaderServer), server)
		}
		return err
	}
	for i := range int64(10) {
		ok(t, at("b", i, []byte{' '}))
	}
	wantCode(t, at("c", 10, []byte("null")), referent.CodeConflict)
	if j := all[0].job(m.ID, referent.StagePrepare, 0); j.State != referent.JobLeased {
		t.Fatalf("job: %+v", j)
	}
	// Whoever ends the lease, wherever: the others let go of what they have of it at once.
	all[1].eventually("the beginning is in the memory of one", func() bool { return len(openSessions(all[1].p)) == 1 })
	ok(t, all[0].p.Cancel(t.Context(), m.ID))
	began := time.Now()
	all[1].eventually("it is gone", func() bool { return len(openSessions(all[1].p)) == 0 })
	if took := time.Since(began); took > 10*time.Second { // the one that has it would find out by itself, in an hour
		t.Errorf("gone after %v", took)
	}
}

func openSessions(p *Pipeline) (jobs []string) {
	p.sessions.mu.Lock()
	defer p.sessions.mu.Unlock()
	for id := range p.sessions.open {
		jobs = append(jobs, id)
	}
	return jobs
}

// Whatever a worker asks is answered once.
func TestRequestsAreAnsweredOnce(t *testing.T) {
	all := newServers(t, 3, beatsInTests)
	for _, s := range all {
		s.run()
		s.listening()
	}
	m := all[0].create(1000)
	job := all[0].job(m.ID, referent.StagePrepare, 0)
	h := all[0].hand("far/1")
	box := h.nc.NewRespInbox()
	sub, err := h.nc.SubscribeSync(box)
	ok(t, err)
	const asked = 60
	for range asked {
		data, err := json.Marshal(protocol.ClaimRequest{Job: job.ID, Worker: h.name})
		ok(t, err)
		ok(t, h.nc.PublishMsg(&nats.Msg{Subject: protocol.From(queue.KeyOf(h.nc), protocol.SubjectClaim), Reply: box, Data: data}))
	}
	granted, by := 0, map[string]int{}
	for n := 0; ; n++ {
		reply, err := sub.NextMsg(time.Second)
		if errors.Is(err, nats.ErrTimeout) {
			if n != asked {
				t.Errorf("%d answers to %d claims", n, asked)
			}
			break
		}
		ok(t, err)
		by[reply.Header.Get(protocol.HeaderServer)]++
		if reply.Header.Get(protocol.HeaderCode) == "" {
			granted++
		}
	}
	if granted != 1 || len(by) != 3 {
		t.Errorf("%d claims were granted; answers by %v", granted, by)
	}
	if j := all[0].job(m.ID, referent.StagePrepare, 0); j.Attempt != 1 || j.Epoch != 1 {
		t.Errorf("job: %+v", j)
	}
	// Each hears who is present, and not one of them.
	data, err := json.Marshal(protocol.Presence{Worker: "far/1", Stages: queue.Stages})
	ok(t, err)
	ok(t, h.nc.Publish(protocol.From(queue.KeyOf(h.nc), protocol.SubjectPresence), data))
	for _, s := range all {
		s.eventually("presence", func() bool { return len(s.p.Workers()) == 1 })
	}
}

// Two who both take themselves for the leader, as one that was paused in the middle of a turn does, double nothing.
func TestTwoLeadersDoubleNothing(t *testing.T) {
	all := newServers(t, 2, time.Hour)
	for _, s := range all {
		s.p.cfg.DispatchEvery, s.p.cfg.ReconcileEvery = 5*time.Millisecond, 5*time.Millisecond
		s.run()
	}
	for _, s := range all {
		s.p.peers.mu.Lock()
		s.p.peers.until = time.Now().Add(time.Hour)
		s.p.peers.mu.Unlock()
	}
	if len(all[0].leads(all...)) != 2 {
		t.Fatal("not both lead")
	}
	var meetings []*referent.Meeting
	for i := range 6 {
		meetings = append(meetings, all[i%2].create(1000))
	}
	var work sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	defer work.Wait()
	defer stop()
	for i := range 3 {
		h := all[i%2].hand(fmt.Sprint("far/", i))
		work.Go(func() {
			for ctx.Err() == nil {
				next, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
				d, err := h.puller.Next(next)
				cancel()
				if err != nil || d == nil {
					continue
				}
				c, err := h.claim(d.Job)
				if err == nil {
					// As a dispatcher does that was paused between looking and publishing.
					j, jerr := all[1].db.Job(ctx, d.Job)
					if jerr == nil {
						jerr = all[1].queue.Publish(ctx, message(j))
					}
					if jerr != nil && ctx.Err() == nil {
						t.Error(jerr)
					}
					h.do(c)
					err = h.commit(c.Lease)
				}
				if code := referent.CodeOf(err); err != nil && code != referent.CodeConflict {
					t.Error(err)
				}
				if err := d.Drop(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, m := range meetings {
		all[0].waitState(m.ID, referent.StateDraft)
		for _, j := range all[0].jobs(m.ID) {
			if j.State != referent.JobDone || j.Attempt != 1 {
				t.Errorf("job: %+v", j)
			}
		}
		all[0].onceEach(m.ID)
		all[0].noStrayBlobs(m.ID)
	}
}

// What one server commits wakes those who watch at another, also when nobody told it.
func TestEventsOfAnotherServer(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	for _, s := range all {
		s.run()
	}
	told, end := all[1].p.Watch()
	defer end()
	heard := func(what string, within time.Duration) {
		t.Helper()
		select {
		case <-told:
		case <-time.After(within):
			t.Fatalf("%s is not heard of", what)
		}
	}
	for range 5 {
		ok(t, all[0].p.Create(t.Context(), newMeeting()))
		heard("a meeting made elsewhere", lookEvery*2/3)
	}
	// As one that commits while no message gets through.
	ok(t, all[0].db.Tx(t.Context(), func(tx store.Tx) error {
		return tx.AddEvent(t.Context(), &store.Event{Meeting: "x", Type: "state", At: time.Now()})
	}))
	heard("what nobody told", 3*lookEvery)
}

// Half of an upload comes by one server, the rest by another. Of two that bring the same bytes one is told to stop.
func TestUploadMovesBetweenServers(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	data := noise(300_000)
	m, u := all[0].begin(int64(len(data)))
	off, err := all[0].p.Append(t.Context(), u.ID, 0, bytes.NewReader(data[:100_000]), nil)
	if referent.CodeOf(err) != "" && err != nil && off != 100_000 {
		t.Fatal(off, err)
	}
	for at := int64(100_000); at < int64(len(data)); {
		type result struct {
			off int64
			err error
		}
		results := make(chan result, len(all))
		piece := data[at:min(int64(len(data)), at+40_000)]
		for _, s := range all {
			go func() {
				off, err := s.p.Append(context.Background(), u.ID, at, bytes.NewReader(piece), nil)
				results <- result{off, err}
			}()
		}
		won := 0
		for range all {
			if r := <-results; r.err == nil {
				won++
			} else {
				wantCode(t, r.err, referent.CodeConflict)
			}
		}
		now, err := all[0].db.Upload(t.Context(), u.ID)
		ok(t, err)
		if want := at + int64(len(piece)); won != 1 || now.Offset != want {
			t.Fatalf("%d brought the bytes at %d, the upload is at %d", won, at, now.Offset)
		}
		at = now.Offset
	}
	all[1].complete(m.ID, data)
}

// Erased at one server, a meeting is neither read nor written at another that has it open.
func TestErasureIsSeenAtOtherServers(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	for _, s := range all {
		s.run()
	}
	a, b := all[0], all[1]
	m := a.create(1000)
	h := a.hand("far/1")
	_, c := h.take()
	body, err := json.Marshal(protocol.ReadRequest{Lease: c.Lease, Source: protocol.SourceRecording, Length: 100})
	ok(t, err)
	read := func() error {
		_, err := h.ask(&nats.Msg{Subject: protocol.At(protocol.SubjectRead, "b"), Data: body})
		return err
	}
	ok(t, read()) // b has its key in memory now

	other, u := a.begin(1000)
	arriving, bytesOf := io.Pipe()
	appended := make(chan error, 1)
	go func() {
		_, err := b.p.Append(context.Background(), u.ID, 0, arriving, nil)
		appended <- err
	}()
	_, err = bytesOf.Write(noise(500))
	ok(t, err)

	for _, id := range []string{m.ID, other.ID} {
		var erasing sync.WaitGroup
		receipts := make(chan store.Receipt, len(all))
		for _, s := range all { // both are asked to
			erasing.Go(func() {
				receipt, err := s.p.Delete(context.Background(), id, "user-1")
				if err == nil {
					receipts <- receipt
				} else if !errors.Is(err, store.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		erasing.Wait()
		if len(receipts) != 1 {
			t.Fatalf("%d receipts", len(receipts))
		}
		if receipt := <-receipts; id == m.ID && receipt.Blobs != 1 {
			t.Errorf("receipt %+v", receipt)
		}
	}
	wantCode(t, read(), referent.CodeLeaseLost)
	b.eventually("its key is forgotten", func() bool { return len(openSessions(b.p)) == 0 })
	_, err = bytesOf.Write(noise(500))
	ok(t, err)
	ok(t, bytesOf.Close())
	if err := <-appended; err == nil {
		t.Error("bytes came to an erased meeting")
	}
	for _, id := range []string{m.ID, other.ID} {
		if _, err := b.p.Recording(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("reads: %v", err)
		}
		names, err := a.vault.Bucket().List(t.Context(), id)
		ok(t, err)
		if len(names) > 0 {
			t.Errorf("%d byte strings of an erased meeting", len(names))
		}
	}
}

// What was heard through one server is read at every one, and goes at every one.
func TestPartialTextAtEveryServer(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	for _, s := range all {
		s.run()
	}
	a, b := all[0], all[1]
	arrives := a.arrive(referent.KindDictate, 3000)
	arrives.bring(1000)
	h := a.hand("far/1")
	c := h.listen()
	for seq := range int64(4) {
		req := protocol.PartialRequest{Lease: c.Lease, Seq: seq + 1, Partial: referent.Partial{Heard: float64(seq),
			Segments: []referent.PartialSegment{settled(fmt.Sprint(seq))}}}
		ok(t, h.askJSON(protocol.At(protocol.SubjectPartial, "a"), req, nil))
	}
	want := a.partial(arrives.m.ID)
	if want != "3 [0 1 2 3]" {
		t.Fatal(want)
	}
	b.eventually("the same is read at the other", func() bool { return b.partial(arrives.m.ID) == want })
	ok(t, b.p.Cancel(t.Context(), arrives.m.ID))
	for _, s := range all {
		s.eventually("it is forgotten", func() bool { return s.partial(arrives.m.ID) == "0 []" })
	}
	// What comes after that is not remembered.
	j := a.job(arrives.m.ID, referent.StageLive, 0)
	ok(t, a.p.passOn(&j, protocol.PartialRequest{Seq: 9, Partial: referent.Partial{Heard: 9, Segments: []referent.PartialSegment{settled(secretSentence)}}}))
	ok(t, a.conn.Flush())
	a.p.tellPeers(subjectForgotten, []byte("a meeting that is not there"))
	time.Sleep(200 * time.Millisecond)
	if got := b.partial(arrives.m.ID); got != "0 []" {
		t.Error(got)
	}
}

// A server that was not told that provisional text is to go finds it out.
func TestPartialTextGoesWithoutWord(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	a, b := all[0], all[1]
	a.run() // b does not hear what a says
	erased, finished := a.arrive(referent.KindDictate, 3000), a.arrive(referent.KindDictate, 1000)
	erased.bring(1000)
	h := a.hand("far/1")
	c := h.listen()
	heardOf := func(meeting string) {
		t.Helper()
		j := referent.Job{ID: "x", Meeting: meeting, Epoch: 1}
		b.p.partials.add(&j, protocol.PartialRequest{Seq: 1, Partial: referent.Partial{Heard: 1, Segments: []referent.PartialSegment{settled(secretSentence)}}})
	}
	heardOf(c.Task.Meeting.ID)
	heardOf(finished.m.ID)
	ok(t, b.p.tidyMemory(t.Context()))
	for _, id := range []string{c.Task.Meeting.ID, finished.m.ID} {
		if b.partial(id) == "0 []" {
			t.Fatal("what is still provisional is forgotten")
		}
	}
	_, err := a.p.Delete(t.Context(), erased.m.ID, "user-1")
	ok(t, err)
	ok(t, b.p.tidyMemory(t.Context()))
	if got := b.partial(erased.m.ID); got != "0 []" {
		t.Errorf("of an erased meeting: %s", got)
	}
	finished.bring(1000)
	h.chunks = 1
	h.one()
	h.one()
	a.waitState(finished.m.ID, referent.StateTranscribed)
	ok(t, b.p.tidyMemory(t.Context()))
	if got := b.partial(finished.m.ID); got != "0 []" {
		t.Errorf("of a meeting with a transcript: %s", got)
	}
}

// One server is told how long a recording is while the last of it is on its way to another.
func TestLengthIsToldToAnotherServer(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	a, b := all[0], all[1]
	data := noise(2000)
	for name, declared := range map[string]int64{"as many": int64(len(data)), "fewer": 1500} {
		t.Run(name, func(t *testing.T) {
			m, u := a.begin(store.UnknownSize)
			arriving, sends := io.Pipe()
			appended := make(chan error, 1)
			go func() {
				_, err := a.p.Append(context.Background(), u.ID, 0, arriving, nil)
				appended <- err
			}()
			_, err := sends.Write(data[:1000]) // it has begun
			ok(t, err)
			ok(t, b.p.DeclareLength(t.Context(), u.ID, declared))
			_, err = sends.Write(data[1000:])
			ok(t, err)
			ok(t, sends.Close())
			err = <-appended
			now, uerr := b.db.Upload(t.Context(), u.ID)
			ok(t, uerr)
			if now.Size != declared || now.Offset > now.Size {
				t.Fatalf("the upload is %d of %d", now.Offset, now.Size)
			}
			if declared < int64(len(data)) {
				wantCode(t, err, referent.CodeTooLarge)
				return
			}
			ok(t, err)
			b.complete(m.ID, data)
		})
	}
}

// A server's word that a lease is over may come when the job has been leased anew.
func TestLateWordEndsNoOtherLease(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	for _, s := range all {
		s.run()
	}
	a, b := all[0], all[1]
	a.create(1000)
	h := a.hand("far/1")
	_, first := h.take()
	ok(t, h.fail(first.Lease, referent.CodeCancelled)) // as one that leaves
	_, c := h.take()
	if c.Lease.Job != first.Lease.Job || c.Lease.Epoch <= first.Lease.Epoch {
		t.Fatalf("%+v after %+v", c.Lease, first.Lease)
	}
	h.servers[c.Lease.Job] = "b"
	_, _, err := h.read(c.Lease, protocol.SourceRecording, 0, 100)
	ok(t, err)
	open := func() bool { return len(openSessions(b.p)) == 1 }
	b.eventually("b has its session", open)
	a.p.tellEnded(ended{first.Lease.Job, first.Lease.Epoch})
	ok(t, a.conn.Flush())
	time.Sleep(300 * time.Millisecond)
	if !open() {
		t.Error("the word of an earlier lease has ended it")
	}
	a.p.tellEnded(ended{c.Lease.Job, c.Lease.Epoch})
	b.eventually("its own ends it", func() bool { return !open() })
}

// The worker of a server that is only held up keeps what it has.
func TestWorkerOfAServerHeldUp(t *testing.T) {
	all := newServers(t, 2, beatsInTests)
	a := all[0]
	m, gone := a.create(1000), a.create(1000)
	a.run()
	lives, dead := a.hand("local/b/000"), a.hand("local/b/001")
	present := func() {
		data, err := json.Marshal(protocol.Presence{Worker: lives.name, Stages: queue.Stages})
		ok(t, err)
		a.eventually("it is heard of", func() bool { // a may not listen yet, and what is said to nobody is gone
			ok(t, lives.nc.Publish(protocol.From(queue.KeyOf(lives.nc), protocol.SubjectPresence), data))
			return a.p.presence.lives(lives.name, time.Now())
		})
	}
	present() // before it has anything: a leads, and frees what dead servers' workers have whenever it looks
	_, c := lives.take()
	_, d := dead.take()
	if c.Task.Meeting.ID != m.ID {
		m, gone = gone, m
	}
	present()
	ok(t, a.p.freeDead(t.Context())) // b is none of those that live
	if j := a.job(m.ID, referent.StagePrepare, 0); j.State != referent.JobLeased || j.Epoch != c.Lease.Epoch {
		t.Errorf("of the worker that lives: %+v", j)
	}
	if j := a.job(gone.ID, referent.StagePrepare, 0); j.State == referent.JobLeased && j.Epoch == d.Lease.Epoch {
		t.Errorf("of the worker that is gone: %+v", j)
	}
}

// While another server erases, whoever finishes what was interrupted goes on with other things, and a duty that could
// not be given up is given up later.
func TestErasingIsLeftToWhoIsAtIt(t *testing.T) {
	all := newServers(t, 2, time.Hour)
	a, b := all[0], all[1]
	m := a.create(1000)
	ok(t, a.p.do(t.Context(), func(ctx context.Context, s *step) error {
		return erasing.change(ctx, s, func(all map[string]string) { all[m.ID] = "user-1" })
	}))
	release, err := b.p.erasingAlone(t.Context(), 0)
	ok(t, err)
	began := time.Now()
	ok(t, a.p.finishErasures(t.Context()))
	if took := time.Since(began); took > handleLimit/2 {
		t.Errorf("it waited for %v", took)
	}
	a.p.erasing.patience = 300 * time.Millisecond
	wantCode(t, second(a.p.Delete(t.Context(), m.ID, "user-1")), referent.CodeUnavailable)
	if _, err := a.db.Meeting(t.Context(), m.ID); err != nil {
		t.Errorf("it was erased beside the other: %v", err)
	}
	release()
	ok(t, b.db.Tx(t.Context(), func(tx store.Tx) error { // as when the database was away just then
		_, err := b.p.take(t.Context(), tx, dutyErase)
		return err
	}))
	b.p.peers.owes.Store(true)
	ok(t, b.p.beat(t.Context()))
	ok(t, a.p.finishErasures(t.Context()))
	if _, err := a.db.Meeting(t.Context(), m.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it is not erased: %v", err)
	}
	// What another has erased meanwhile gets no second receipt.
	other := a.create(1000)
	_, err = a.p.eraseMeeting(t.Context(), other.ID, "user-1")
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a receipt without a mark: %v", err)
	}
}
