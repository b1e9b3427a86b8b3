package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

const (
	// Bytes and decisions have handlers of their own, so that a lease is extended in time however many
	// workers read.
	bytesHandlers    = 16
	modelHandlers    = 4 // many workers that fetch weights must not hold up one that works
	decisionHandlers = 16

	// handleLimit is how long a request that was begun may take, also past the server's stop.
	handleLimit  = 30 * time.Second
	pendingData  = 16 << 20 // bytes of requests that may wait, where they carry data
	pendingWords = 1 << 20

	// maxDetail is the most of an error's text that goes back in a header.
	maxDetail = 500
)

// answer does one request. The header is nil for replies that need none.
type answer func(ctx context.Context, m *nats.Msg) (data []byte, header nats.Header, err error)

// serve subscribes to the workers' subjects and answers in g until ctx ends.
func (p *Pipeline) serve(ctx context.Context, g *errgroup.Group) error {
	bytes, weights := make(chan struct{}, bytesHandlers), make(chan struct{}, modelHandlers)
	decisions := make(chan struct{}, decisionHandlers)
	for _, h := range []struct {
		subject string
		slots   chan struct{}
		answer  answer
	}{
		{protocol.SubjectClaim, decisions, asJSON(p.claim)},
		{protocol.SubjectExtend, decisions, asJSON(p.extend)},
		{protocol.SubjectCommit, decisions, asJSON(p.onCommit)},
		{protocol.SubjectFail, decisions, asJSON(p.onFail)},
		{protocol.SubjectPartial, decisions, asJSON(p.onPartial)},
		{protocol.SubjectPresence, decisions, p.onPresence},
		{protocol.SubjectRead, bytes, p.onRead},
		{protocol.SubjectWrite, bytes, p.onWrite},
		{protocol.SubjectCheckpoint, bytes, p.onCheckpoint},
		{protocol.SubjectRecall, bytes, p.onRecall},
		{protocol.SubjectModel, weights, p.onModel},
	} {
		// The subscriptions are made now, so that no request is lost once Run is running. One server answers each request,
		// and every server hears who is present.
		group, pending := "pipeline", pendingWords
		if h.subject == protocol.SubjectWrite || h.subject == protocol.SubjectCheckpoint || h.subject == protocol.SubjectPartial {
			pending = pendingData
		}
		if h.subject == protocol.SubjectPresence {
			group = ""
		}
		if err := p.answerAt(ctx, g, protocol.FromAll(h.subject), group, pending, h.slots, h.answer); err != nil {
			return err
		}
		if p.alone() {
			continue
		}
		if err := p.answerAt(ctx, g, protocol.FromAll(protocol.At(h.subject, p.cfg.Server)), "", pending, h.slots, h.answer); err != nil {
			return err
		}
	}
	if !p.alone() {
		hear, err := p.listenToPeers()
		if err != nil {
			return err
		}
		for _, each := range hear {
			g.Go(func() error { return each(ctx) })
		}
	}
	return p.subscribed(ctx)
}

// subscribed returns when the queue knows the subscriptions. A connection that is lost meanwhile makes them again itself.
func (p *Pipeline) subscribed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, handleLimit)
	defer cancel()
	for {
		err := p.cfg.Conn.FlushWithContext(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || p.cfg.Conn.IsClosed() {
			return referent.E(referent.CodeUnavailable, "pipeline: answer workers", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// answerAt answers in g what is asked at the subject; of a group one does. Of requests that wait, pending bytes are kept:
// what comes on top is dropped, and asked for again.
func (p *Pipeline) answerAt(ctx context.Context, g *errgroup.Group, subject, group string, pending int, slots chan struct{}, do answer) error {
	sub, err := p.cfg.Conn.QueueSubscribeSync(subject, group)
	if err == nil {
		err = sub.SetPendingLimits(-1, pending)
	}
	if err != nil {
		return referent.E(referent.CodeUnavailable, "pipeline: answer workers", err)
	}
	g.Go(func() error { return p.answerAll(ctx, sub, slots, do) })
	return nil
}

// answerAll answers a subscription's requests, as many at a time as there are slots.
func (p *Pipeline) answerAll(ctx context.Context, sub *nats.Subscription, slots chan struct{}, do answer) error {
	var under errgroup.Group
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if errors.Is(err, nats.ErrSlowConsumer) {
			p.metrics.loopErrors.WithLabelValues("answer").Inc()
			continue // requests were dropped; their workers ask again
		}
		if err != nil {
			err = errors.Join(ctx.Err(), err)
			if ctx.Err() != nil {
				err = ctx.Err()
				if e := sub.Unsubscribe(); e != nil && !errors.Is(e, nats.ErrConnectionClosed) && !errors.Is(e, nats.ErrBadSubscription) {
					err = errors.Join(err, e)
				}
			}
			return errors.Join(err, under.Wait())
		}
		slots <- struct{}{}
		under.Go(func() error {
			defer func() { <-slots }()
			p.answerOne(ctx, m, do)
			return nil
		})
	}
}

func (p *Pipeline) answerOne(ctx context.Context, m *nats.Msg, do answer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleLimit)
	defer cancel()
	who, err := p.sender(ctx, m.Subject, m.Reply)
	if errors.Is(err, errElsewhere) {
		p.cfg.Log.Warn("request with a reply elsewhere than to the worker ignored", "subject", m.Subject)
		return
	}
	var data []byte
	var header nats.Header
	if err == nil {
		defer p.see(ctx, who.Worker) // it has its answer by then
		data, header, err = do(withSender(ctx, who), m)
	}
	if m.Reply == "" {
		return
	}
	reply := &nats.Msg{Subject: m.Reply, Data: data, Header: header}
	if err != nil {
		code := referent.CodeOf(err)
		reply.Data, reply.Header = nil, nats.Header{}
		reply.Header.Set(protocol.HeaderCode, string(code))
		reply.Header.Set(protocol.HeaderDetail, oneLine(err.Error()))
		if code == referent.CodeInternal || code == referent.CodeDiskFull {
			p.cfg.Log.Error("request of a worker failed", "subject", m.Subject, "error", err)
		}
	}
	if !p.alone() {
		if reply.Header == nil {
			reply.Header = nats.Header{}
		}
		reply.Header.Set(protocol.HeaderServer, p.cfg.Server)
	}
	if err := p.cfg.Conn.PublishMsg(reply); err != nil {
		p.cfg.Log.Warn("worker got no reply", "subject", m.Subject, "error", err)
	}
}

// oneLine makes an error's text fit for a header.
func oneLine(s string) string {
	b := []byte(clip(s, maxDetail))
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = ' '
		}
	}
	return string(b)
}

// asJSON makes an answer of a function from one message to another.
func asJSON[Q, R any](f func(context.Context, Q) (*R, error)) answer {
	return func(ctx context.Context, m *nats.Msg) ([]byte, nats.Header, error) {
		var req Q
		if err := decode(m.Data, &req); err != nil {
			return nil, nil, err
		}
		r, err := f(ctx, req)
		if err != nil || r == nil {
			return nil, nil, err
		}
		data, err := json.Marshal(r)
		return data, nil, err
	}
}

// none is the reply that says no more than that it worked.
type none struct{}

func (p *Pipeline) onCommit(ctx context.Context, r protocol.CommitRequest) (*none, error) {
	return nil, p.commit(ctx, r.Lease)
}

func (p *Pipeline) onFail(ctx context.Context, r protocol.FailRequest) (*none, error) {
	return nil, p.fail(ctx, r)
}

func (p *Pipeline) onPresence(ctx context.Context, m *nats.Msg) ([]byte, nats.Header, error) {
	if len(m.Data) == 0 {
		return nil, nil, nil // whoever asks sees that this server is there
	}
	var w protocol.Presence
	if err := decode(m.Data, &w); err != nil {
		return nil, nil, err
	}
	if w.Worker == "" || len(w.Worker) > maxWorkerName {
		return nil, nil, invalid("pipeline: note worker", "a worker has a name of 1 to 200 bytes")
	}
	w.Worker = nameOf(ctx, w.Worker)
	p.presence.note(w, askedBy(ctx), p.now())
	return nil, nil, nil
}

func (p *Pipeline) onRead(ctx context.Context, m *nats.Msg) ([]byte, nats.Header, error) {
	var req protocol.ReadRequest
	if err := decode(m.Data, &req); err != nil {
		return nil, nil, err
	}
	piece, size, whole, err := p.read(ctx, req)
	header := sizeHeader(size)
	header.Set(protocol.HeaderWhole, strconv.FormatBool(whole))
	return piece, header, err
}

func (p *Pipeline) onWrite(ctx context.Context, m *nats.Msg) ([]byte, nats.Header, error) {
	lease, err := protocol.ParseLease(m.Header.Get(protocol.HeaderLease))
	if err != nil {
		return nil, nil, err
	}
	offset, err := strconv.ParseInt(m.Header.Get(protocol.HeaderOffset), 10, 64)
	if err != nil {
		return nil, nil, invalid("pipeline: write stream", "the offset is not a number")
	}
	return nil, nil, p.write(ctx, lease, protocol.Stream(m.Header.Get(protocol.HeaderStream)), offset, m.Data)
}

func sizeHeader(size int64) nats.Header {
	h := nats.Header{}
	h.Set(protocol.HeaderSize, strconv.FormatInt(size, 10))
	return h
}
