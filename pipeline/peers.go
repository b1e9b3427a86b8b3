package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// What servers say to each other, on subjects that no worker may publish or hear. It may get lost: all but provisional
// text is in the database, where each looks by itself, later.
const (
	// Something happened; empty.
	subjectEvents = "server.wake.events" // there are new events
	subjectQueued = "server.wake.queued" // the leader has something to do
	subjectTaken  = "server.wake.taken"  // the leader may publish more
	subjectLeft   = "server.wake.left"   // a server has stopped

	// What is kept in memory, in the order in which it became so.
	subjectHeard     = "server.live.heard"     // heard: provisional text
	subjectForgotten = "server.live.forgotten" // a meeting's id: its provisional text goes
	subjectEnded     = "server.live.ended"     // ended: a lease is over

	subjectWakes, subjectLives = "server.wake.*", "server.live.*"
)

// headerFrom names the server that says something.
const headerFrom = "Referent-Server"

// lookEvery is how often a server looks itself whether others have committed events.
const lookEvery = 3 * time.Second

// heard is provisional text, as the server that took it from a worker passes it on.
type heard struct {
	Job     string                  `json:"job"`
	Meeting string                  `json:"meeting"`
	Epoch   int64                   `json:"epoch"`
	Request protocol.PartialRequest `json:"request"` // without its lease
}

// tellPeers says something to the other servers. Nobody waits for it.
func (p *Pipeline) tellPeers(subject string, data []byte) {
	if p.alone() {
		return
	}
	m := nats.NewMsg(subject)
	m.Header.Set(headerFrom, p.cfg.Server)
	m.Data = data
	if err := p.cfg.Conn.PublishMsg(m); err != nil {
		p.cfg.Log.Debug("other servers not told", "subject", subject, "error", err)
	}
}

// tellEnded tells the other servers that a lease is over.
func (p *Pipeline) tellEnded(e ended) {
	if p.alone() {
		return
	}
	data, err := json.Marshal(e)
	if err != nil { // it cannot be
		p.cfg.Log.Warn("other servers not told that a lease is over", "error", err)
		return
	}
	p.tellPeers(subjectEnded, data)
}

// passOn tells the other servers what was heard in a job.
func (p *Pipeline) passOn(j *referent.Job, req protocol.PartialRequest) error {
	if p.alone() {
		return nil
	}
	req.Lease = protocol.Lease{}
	data, err := json.Marshal(heard{Job: j.ID, Meeting: j.Meeting, Epoch: j.Epoch, Request: req})
	if err != nil {
		return referent.E(referent.CodeInternal, "pipeline: tell other servers", err)
	}
	p.tellPeers(subjectHeard, data)
	return nil
}

// listenToPeers subscribes to what other servers say. Its result hears it until ctx ends.
func (p *Pipeline) listenToPeers() (hear []func(context.Context) error, err error) {
	for subject, do := range map[string]func(context.Context, *nats.Msg){subjectWakes: p.onWake, subjectLives: p.onLive} {
		sub, err := p.cfg.Conn.SubscribeSync(subject)
		if err != nil {
			return nil, referent.E(referent.CodeUnavailable, "pipeline: listen to other servers", err)
		}
		hear = append(hear, func(ctx context.Context) error {
			defer sub.Unsubscribe() // the connection's end does the same
			for {
				m, err := sub.NextMsgWithContext(ctx)
				switch {
				case errors.Is(err, nats.ErrSlowConsumer):
					p.metrics.loopErrors.WithLabelValues("peers").Inc()
				case ctx.Err() != nil:
					return ctx.Err()
				case err != nil:
					return err
				case m.Header.Get(headerFrom) != p.cfg.Server:
					do(ctx, m)
				}
			}
		})
	}
	return hear, nil
}

func (p *Pipeline) onWake(_ context.Context, m *nats.Msg) {
	switch m.Subject {
	case subjectEvents:
		p.watchers.signal()
	case subjectQueued:
		wake(p.wakeDispatch)
		wake(p.wakeAssemble)
	case subjectTaken:
		wake(p.wakeDispatch)
	case subjectLeft:
		wake(p.peers.wake)
	}
}

func (p *Pipeline) onLive(ctx context.Context, m *nats.Msg) {
	switch m.Subject {
	case subjectEnded:
		var e ended
		if err := json.Unmarshal(m.Data, &e); err != nil {
			p.cfg.Log.Warn("the end of a lease at another server is not read")
			return
		}
		p.endSession(ctx, e)
	case subjectForgotten:
		p.partials.forget(string(m.Data))
	case subjectHeard:
		var h heard
		if err := json.Unmarshal(m.Data, &h); err != nil {
			p.cfg.Log.Warn("provisional text of another server is not read")
			return
		}
		// It may have been said before the transcript was there, and come after it was told that it is.
		j, err := p.cfg.Store.Job(ctx, h.Job)
		if err == nil && j.State == referent.JobLeased && j.Epoch == h.Epoch && j.Meeting == h.Meeting {
			p.partials.add(j, h.Request)
		}
	}
}

// lookForEvents wakes the watchers of this server when others have committed events, should nobody have said so.
func (p *Pipeline) lookForEvents(ctx context.Context) error {
	last, err := p.cfg.Store.LastEvent(ctx)
	if err != nil || last == p.peers.latest {
		return err
	}
	p.peers.latest = last
	p.watchers.signal()
	return nil
}
