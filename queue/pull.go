package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/referent/referent"
)

// sweepEvery is how often an idle worker looks though nobody woke it: a wake-up may be lost.
const sweepEvery = 2 * time.Second

// Puller takes messages out, one at a time. It is for one goroutine.
type Puller struct {
	nc        *nats.Conn
	ready     *nats.Subscription
	wake      chan struct{}
	consumers []stageConsumer // as they are asked: interactive first
	urgent    int             // how many of them are for interactive work
	turn      int             // which of the others is asked first
	rests     func(referent.Stage, referent.Priority) bool
}

type stageConsumer struct {
	stage    referent.Stage
	priority referent.Priority
	jetstream.Consumer
}

// NewPuller opens the consumers of stages, and of no other priorities than only, when any are given. They
// must exist ([New]). Close ends it.
func NewPuller(ctx context.Context, nc *nats.Conn, stages []referent.Stage, only ...referent.Priority) (*Puller, error) {
	const op = "queue: open consumers"
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(callLimit))
	if err != nil {
		return nil, unavailable(op, err)
	}
	wanted := map[referent.Stage]bool{}
	for _, s := range stages {
		if err := (Message{Job: "x", Stage: s, Priority: referent.PriorityBulk}).check(); err != nil {
			return nil, err
		}
		wanted[s] = true
	}
	if len(wanted) == 0 {
		return nil, referent.E(referent.CodeConfig, op, errors.New("no stages"))
	}
	p := &Puller{nc: nc, wake: make(chan struct{}, 1)}
	for _, priority := range priorities {
		if len(only) > 0 && !slices.Contains(only, priority) {
			continue
		}
		for _, stage := range Stages {
			if !wanted[stage] {
				continue
			}
			c, err := js.Consumer(ctx, streamOf(stage), consumerOf(priority))
			if err != nil {
				return nil, unavailable(op, err)
			}
			p.consumers = append(p.consumers, stageConsumer{stage, priority, c})
		}
		if priority == referent.PriorityInteractive {
			p.urgent = len(p.consumers)
		}
	}
	if len(p.consumers) == 0 {
		return nil, referent.E(referent.CodeConfig, op, errors.New("no such priority"))
	}
	p.ready, err = nc.Subscribe(SubjectReady, func(*nats.Msg) {
		select {
		case p.wake <- struct{}{}:
		default: // already awake
		}
	})
	if err != nil {
		return nil, unavailable(op, err)
	}
	return p, nil
}

// Spare makes Next pass by what rests reports.
func (p *Puller) Spare(rests func(referent.Stage, referent.Priority) bool) { p.rests = rests }

// Close ends the subscription to wake-ups. The connection stays open.
func (p *Puller) Close() error {
	if err := p.ready.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		return unavailable("queue: close puller", err)
	}
	return nil
}

// Next waits for a message: interactive before bulk over all stages. Of bulk, stages take turns: else one that never runs
// dry would keep those behind it from ever beginning, and with them whoever has nothing but those. It outlives the server's restart
// and the loss of the queue; it fails only when ctx ends (CodeCancelled, CodeTimeout) or the connection
// was closed (CodeUnavailable).
func (p *Puller) Next(ctx context.Context) (*Delivery, error) {
	const op = "queue: next message"
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		d, err := p.sweep(ctx)
		if d != nil {
			return d, nil
		}
		if p.nc.IsClosed() {
			return nil, unavailable(op, errors.Join(nats.ErrConnectionClosed, err))
		}
		select {
		case <-ctx.Done():
			return nil, unavailable(op, ctx.Err())
		case <-p.wake:
		case <-tick.C:
		}
	}
}

// sweep asks each consumer once, without waiting. An error means that the server or a stream is not there now; the
// caller comes back. What one stage lacks does not keep the jobs of others waiting.
func (p *Puller) sweep(ctx context.Context) (*Delivery, error) {
	var failed error
	for i := range p.consumers {
		if bulk := len(p.consumers) - p.urgent; i >= p.urgent {
			i = p.urgent + (i-p.urgent+p.turn)%bulk
		}
		c := p.consumers[i]
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !p.nc.IsConnected() {
			return nil, nats.ErrDisconnected
		}
		if p.rests != nil && p.rests(c.stage, c.priority) {
			continue
		}
		batch, err := c.FetchNoWait(1)
		if err != nil {
			failed = err
			continue
		}
		for msg := range batch.Messages() {
			m, err := parseSubject(msg.Subject())
			if err != nil {
				// A subject that no job has can never be claimed: it would come back for ever.
				return nil, errors.Join(err, msg.TermWithReason("malformed"))
			}
			if i >= p.urgent {
				p.turn = i - p.urgent + 1
			}
			return &Delivery{Job: m.Job, Stage: m.Stage, Priority: m.Priority, msg: msg}, nil
		}
		if err := batch.Error(); err != nil {
			failed = err
		}
	}
	return nil, failed
}

// Delivery is a message in flight to this worker. One of Ack, Nak and Drop ends it; without any it is
// delivered again after [AckWait] from the last InProgress.
type Delivery struct {
	Job      string
	Stage    referent.Stage
	Priority referent.Priority

	msg jetstream.Msg // nil: the job was given without one
}

// Instead is another job of the same kind that was given in the place of the delivered one. It has no message in flight, so
// that nothing becomes of what is said of it.
func (d *Delivery) Instead(job string) *Delivery {
	return &Delivery{Job: job, Stage: d.Stage, Priority: d.Priority}
}

// Ack takes the message out and waits for JetStream to say so. Call it after the result was committed,
// never instead. An error does no harm: the message comes again and its claim is refused.
func (d *Delivery) Ack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	if d.msg == nil {
		return nil
	}
	return d.failed("ack", d.msg.DoubleAck(ctx))
}

// InProgress starts AckWait anew.
func (d *Delivery) InProgress() error {
	if d.msg == nil {
		return nil
	}
	return d.failed("extend", d.msg.InProgress())
}

// Nak gives the message back, to be delivered again after delay.
func (d *Delivery) Nak(delay time.Duration) error {
	if d.msg == nil {
		return nil
	}
	return d.failed("give back", d.msg.NakWithDelay(delay))
}

// Drop takes the message out because its job is not to be had: held by somebody else, or ended.
func (d *Delivery) Drop() error {
	if d.msg == nil {
		return nil
	}
	return d.failed("drop", d.msg.TermWithReason("stale"))
}

func (d *Delivery) failed(verb string, err error) error {
	if err == nil {
		return nil
	}
	return unavailable(fmt.Sprintf("queue: %s message", verb), err)
}
