package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// hand is a worker that does what a test tells it, over a real connection with a worker's rights.
type hand struct {
	t      testing.TB
	r      *rig
	name   string
	nc     *nats.Conn
	puller *queue.Puller

	servers map[string]string // of several, the one that granted a job

	chunks  int // how many chunks its plans have
	samples int // of each chunk
}

func (r *rig) hand(name string) *hand {
	r.t.Helper()
	return r.handOf(name, r.keys.WorkerSeed, queue.Stages)
}

// handOf is a worker with a seed of its own.
func (r *rig) handOf(name, seed string, stages []referent.Stage) *hand {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	nc, err := queue.Connect(ctx, queue.DialConfig{URL: r.nats.URL(), Creds: seed, Name: name, Log: r.logger()})
	ok(r.t, err)
	h := &hand{t: r.t, r: r, name: name, nc: nc, chunks: 3, samples: 8000, servers: map[string]string{}}
	h.puller, err = queue.NewPuller(ctx, nc, stages)
	ok(r.t, err)
	r.t.Cleanup(h.leave)
	return h
}

func (h *hand) leave() {
	if h.nc.IsClosed() {
		return
	}
	if err := h.puller.Close(); err != nil {
		h.t.Error(err)
	}
	h.nc.Close()
}

// ask sends a request; an error that crossed the wire comes back with its code.
func (h *hand) ask(m *nats.Msg) (*nats.Msg, error) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var reply *nats.Msg
	m = &nats.Msg{Subject: protocol.From(queue.KeyOf(h.nc), m.Subject), Header: m.Header, Data: m.Data}
	var err error
	for { // the server may not have subscribed yet
		reply, err = h.nc.RequestMsgWithContext(ctx, m)
		if !errors.Is(err, nats.ErrNoResponders) {
			break
		}
	}
	ok(h.t, err)
	if code := reply.Header.Get(protocol.HeaderCode); code != "" {
		return nil, referent.E(referent.Code(code), "test: ask", errors.New(reply.Header.Get(protocol.HeaderDetail)))
	}
	return reply, nil
}

func (h *hand) askJSON(subject string, body, into any) error {
	h.t.Helper()
	data, err := json.Marshal(body)
	ok(h.t, err)
	reply, err := h.ask(&nats.Msg{Subject: subject, Data: data})
	if err == nil && into != nil {
		ok(h.t, json.Unmarshal(reply.Data, into))
	}
	return err
}

// next waits for a message.
func (h *hand) next() *queue.Delivery {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	d, err := h.puller.Next(ctx)
	ok(h.t, err)
	return d
}

func (h *hand) claim(job string) (*protocol.ClaimReply, error) {
	h.t.Helper()
	var c protocol.ClaimReply
	err := h.askJSON(protocol.SubjectClaim, protocol.ClaimRequest{Job: job, Worker: h.name}, &c)
	h.servers[c.Lease.Job] = c.Server
	return &c, err
}

// take waits for a message whose job can be claimed, and claims it. Others are dropped.
func (h *hand) take() (*queue.Delivery, *protocol.ClaimReply) {
	h.t.Helper()
	for {
		d := h.next()
		c, err := h.claim(d.Job)
		if err == nil {
			return d, c
		}
		wantCode(h.t, err, referent.CodeConflict)
		ok(h.t, d.Drop())
	}
}

// at is where the server that granted a lease is asked.
func (h *hand) at(request string, l protocol.Lease) string {
	return protocol.At(request, h.servers[l.Job])
}

func (h *hand) extend(l protocol.Lease, progress float64) (protocol.ExtendReply, error) {
	h.t.Helper()
	var r protocol.ExtendReply
	err := h.askJSON(protocol.SubjectExtend, protocol.ExtendRequest{Lease: l, Progress: progress}, &r)
	return r, err
}

func (h *hand) read(l protocol.Lease, src protocol.Source, off int64, n int) (data []byte, size int64, err error) {
	h.t.Helper()
	body, err := json.Marshal(protocol.ReadRequest{Lease: l, Source: src, Offset: off, Length: n})
	ok(h.t, err)
	reply, err := h.ask(&nats.Msg{Subject: h.at(protocol.SubjectRead, l), Data: body})
	if err != nil {
		return nil, 0, err
	}
	size, err = strconv.ParseInt(reply.Header.Get(protocol.HeaderSize), 10, 64)
	ok(h.t, err)
	return reply.Data, size, nil
}

// readAll reads a source from its start to its end.
func (h *hand) readAll(l protocol.Lease, src protocol.Source) []byte {
	h.t.Helper()
	var all []byte
	for {
		piece, size, err := h.read(l, src, int64(len(all)), protocol.MaxPiece)
		ok(h.t, err)
		if len(piece) == 0 {
			if int64(len(all)) != size {
				h.t.Fatalf("read %d bytes of %d", len(all), size)
			}
			return all
		}
		all = append(all, piece...)
	}
}

func (h *hand) write(l protocol.Lease, st protocol.Stream, off int64, data []byte) error {
	h.t.Helper()
	m := nats.NewMsg(h.at(protocol.SubjectWrite, l))
	m.Header.Set(protocol.HeaderLease, l.String())
	m.Header.Set(protocol.HeaderStream, string(st))
	m.Header.Set(protocol.HeaderOffset, strconv.FormatInt(off, 10))
	m.Data = data
	_, err := h.ask(m)
	return err
}

func (h *hand) writeAll(l protocol.Lease, st protocol.Stream, data []byte) error {
	h.t.Helper()
	for off := 0; off < len(data); off += protocol.MaxPiece {
		if err := h.write(l, st, int64(off), data[off:min(len(data), off+protocol.MaxPiece)]); err != nil {
			return err
		}
	}
	return nil
}

func (h *hand) commit(l protocol.Lease) error {
	h.t.Helper()
	return h.askJSON(h.at(protocol.SubjectCommit, l), protocol.CommitRequest{Lease: l}, nil)
}

func (h *hand) fail(l protocol.Lease, code referent.Code) error {
	h.t.Helper()
	return h.askJSON(protocol.SubjectFail, protocol.FailRequest{Lease: l, Code: code, Detail: "as told"}, nil)
}

// do makes and writes the result of a leased job, and leaves the commit to the caller.
func (h *hand) do(c *protocol.ClaimReply) {
	h.t.Helper()
	var result any
	switch c.Task.Stage {
	case referent.StagePrepare:
		if got := h.readAll(c.Lease, protocol.SourceRecording); int64(len(got)) != c.Task.Meeting.Recording.Size {
			h.t.Fatalf("recording has %d bytes, want %d", len(got), c.Task.Meeting.Recording.Size)
		}
		prep := planOf(h.chunks, h.samples)
		ok(h.t, h.writeAll(c.Lease, protocol.StreamAudio, noise(int(prep.Plan.Samples)*bytesPerSample)))
		result = prep
	case referent.StageTranscribe:
		chunk := c.Task.Recognition.Chunk
		from, to := hull(&referent.Chunk{Windows: c.Task.Recognition.Windows, Voices: c.Task.Recognition.Voices})
		got, _, err := h.read(c.Lease, protocol.SourceAudio, from*bytesPerSample, int(to-from)*bytesPerSample)
		ok(h.t, err)
		if len(got) != int(to-from)*bytesPerSample {
			h.t.Fatalf("window has %d bytes", len(got))
		}
		result = chunkResult(chunk)
	case referent.StageMinutes:
		var t referent.Transcript
		ok(h.t, json.Unmarshal(h.readAll(c.Lease, protocol.SourceTranscript), &t))
		result = minutesOf(c.Task.Meeting.Title, &t)
	}
	data, err := json.Marshal(result)
	ok(h.t, err)
	ok(h.t, h.writeAll(c.Lease, protocol.StreamResult, data))
}

// one does the next job from message to ack.
func (h *hand) one() referent.Stage {
	h.t.Helper()
	d, c := h.take()
	h.do(c)
	ok(h.t, h.commit(c.Lease))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ok(h.t, d.Ack(ctx))
	return c.Task.Stage
}

// until does jobs until the meeting is in the state.
func (h *hand) until(meeting string, want referent.State) *referent.Meeting {
	h.t.Helper()
	deadline := time.Now().Add(patience)
	for h.r.meeting(meeting).State != want {
		if time.Now().After(deadline) {
			h.t.Fatalf("meeting is %s, want %s", h.r.meeting(meeting).State, want)
		}
		h.one()
	}
	return h.r.meeting(meeting)
}

func planOf(chunks, samples int) *referent.PrepareResult {
	plan := &referent.Plan{Samples: int64(chunks * samples), Speech: int64(chunks * samples)}
	for i := range chunks {
		at := int64(i * samples)
		plan.Chunks = append(plan.Chunks, referent.Chunk{Windows: []referent.Window{
			{Spans: []referent.Span{{Start: at, End: at + int64(samples)/2}}},
			{Spans: []referent.Span{{Start: at + int64(samples)/2, End: at + int64(samples)}}},
		}})
	}
	return &referent.PrepareResult{Plan: plan, Duration: float64(plan.Samples) / referent.SampleRate}
}

func chunkResult(chunk int) *referent.ChunkResult {
	return &referent.ChunkResult{Chunk: chunk, Language: "no", Segments: []referent.Segment{{
		Start: float64(chunk), End: float64(chunk) + 0.5, Quality: referent.Quality{OK: true},
		Text: fmt.Sprintf("%s, del %d", secretSentence, chunk),
	}}, Voices: []referent.VoiceWindow{{Prints: []referent.Voiceprint{{Vector: []byte(voiceMark)}}}}}
}

func minutesOf(title string, t *referent.Transcript) *referent.Minutes {
	m := &referent.Minutes{Title: title, Kind: referent.KindReferat, Language: referent.Bokmal}
	for _, s := range t.Segments {
		m.Items = append(m.Items, referent.Item{Heading: "Sak",
			Points: []referent.Point{{Text: s.Text, Evidence: []string{s.ID}}}})
	}
	return m
}
