package queue

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/referent/referent"
)

// AckWait is how long a pulled message may go without [Delivery.InProgress] before another worker
// gets it. It is longer than a lease, so that the database has decided by then.
const AckWait = 90 * time.Second

// The limits of the streams.
const (
	maxMsgSize   = 64 << 10
	dedupeWindow = 2 * time.Minute
	callLimit    = 10 * time.Second // of one question to JetStream when ctx sets none

	advisories       = "JOBS_ADVISORIES"
	advisoriesKept   = 10_000
	advisoriesKeptAt = 7 * 24 * time.Hour
)

// Queue is the server's side: it puts messages in, takes them out and counts them. All methods are
// safe for concurrent use.
type Queue struct {
	nc       *nats.Conn
	js       jetstream.JetStream
	replicas int
}

// Option changes how [New] sets the queue up.
type Option func(*options)

type options struct{ replicas int }

// WithReplicas sets how many servers of an external cluster keep each stream: 1 (the default) or 3.
func WithReplicas(n int) Option { return func(o *options) { o.replicas = n } }

// New makes the streams and consumers that are missing and brings those that exist up to date.
func New(ctx context.Context, nc *nats.Conn, opts ...Option) (*Queue, error) {
	o := options{replicas: 1}
	for _, set := range opts {
		set(&o)
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(callLimit))
	if err != nil {
		return nil, unavailable("queue: open JetStream", err)
	}
	q := &Queue{nc: nc, js: js, replicas: o.replicas}
	for _, stage := range Stages {
		if err := q.ensure(ctx, stage, o.replicas); err != nil {
			return nil, err
		}
	}
	_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:        advisories,
		Description: "What JetStream itself says of job messages: given up, or thrown away as stale",
		Subjects: []string{
			"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.*.*",
			"$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.*.*",
		},
		Retention: jetstream.LimitsPolicy,
		Discard:   jetstream.DiscardOld,
		Storage:   jetstream.FileStorage,
		MaxMsgs:   advisoriesKept,
		MaxAge:    advisoriesKeptAt,
		Replicas:  o.replicas,
	})
	if err != nil {
		return nil, unavailable("queue: make advisory stream", err)
	}
	return q, nil
}

// ensure makes one stage's stream and its two consumers. Subject and limits together hold a job to one
// message: whoever publishes a second one is refused.
func (q *Queue) ensure(ctx context.Context, stage referent.Stage, replicas int) error {
	_, err := q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:                 streamOf(stage),
		Description:          "Ids of jobs that wait for a worker",
		Subjects:             []string{fmt.Sprintf("job.%s.>", stage)},
		Retention:            jetstream.WorkQueuePolicy,
		Discard:              jetstream.DiscardNew,
		DiscardNewPerSubject: true,
		MaxMsgsPerSubject:    1,
		MaxMsgSize:           maxMsgSize,
		Storage:              jetstream.FileStorage,
		Duplicates:           dedupeWindow,
		Replicas:             replicas,
	})
	if err != nil {
		return unavailable("queue: make stream", err)
	}
	for _, p := range priorities {
		_, err := q.js.CreateOrUpdateConsumer(ctx, streamOf(stage), jetstream.ConsumerConfig{
			Durable:       consumerOf(p),
			FilterSubject: fmt.Sprintf("job.%s.%s.%s.*", stage, deviceAny, p),
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       AckWait,
			MaxDeliver:    -1, // attempts are counted in the database
			Replicas:      replicas,
		})
		if err != nil {
			return unavailable("queue: make consumer", err)
		}
	}
	return nil
}

// Publish puts m in the queue and wakes idle workers. It is durable when Publish returns nil. A message
// of the same job that is still there, waiting or in flight, is replaced: what its worker acks later
// does not touch the new one.
func (q *Queue) Publish(ctx context.Context, m Message) error {
	const op = "queue: publish"
	if err := m.check(); err != nil {
		return err
	}
	// The nonce keeps JetStream from taking a job that was published, used up and queued again at the
	// same epoch for a duplicate; the id still joins the retries of this one call.
	id := fmt.Sprintf("%s:%d:%s", m.Job, m.Epoch, nuid.Next())
	for attempt := 0; ; attempt++ {
		err := q.Remove(ctx, m)
		if broken(err) {
			if err = q.Renew(ctx, m.Stage); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		_, err = q.js.Publish(ctx, m.subject(), nil, jetstream.WithMsgID(id), jetstream.WithExpectStream(streamOf(m.Stage)))
		if err == nil {
			break
		}
		// Somebody published the same job in between: theirs is as good, but ours is asked to stand.
		if attempt == 2 || !alreadyQueued(err) {
			return unavailable(op, err)
		}
	}
	if err := q.nc.Publish(SubjectReady, nil); err != nil {
		return unavailable("queue: wake workers", err)
	}
	return nil
}

// alreadyQueued reports whether JetStream refused a message because its subject has one.
func alreadyQueued(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.ErrorCode == 10077 // stream store failed: maximum messages per subject exceeded
}

// Remove takes the job's message out, waiting or in flight. A job without a message is no error.
func (q *Queue) Remove(ctx context.Context, m Message) error {
	const op = "queue: remove"
	if err := m.check(); err != nil {
		return err
	}
	stream, err := q.js.Stream(ctx, streamOf(m.Stage))
	if err != nil {
		return unavailable(op, err)
	}
	if err := stream.Purge(ctx, jetstream.WithPurgeSubject(m.everyPriority())); err != nil {
		return unavailable(op, err)
	}
	return nil
}

// Count is how many messages of a stage there are.
type Count struct {
	Queued   int // wait for a worker
	InFlight int // a worker has it, or gave it back for later
}

// Pending counts the messages of every stage that travels through the queue. A stream or consumer
// that is missing is made.
func (q *Queue) Pending(ctx context.Context) (map[referent.Stage]Count, error) {
	const op = "queue: count"
	counts := make(map[referent.Stage]Count, len(Stages))
	for _, stage := range Stages {
		stream, err := q.whole(ctx, stage)
		if err != nil {
			return nil, unavailable(op, err)
		}
		total := int(stream.CachedInfo().State.Msgs)
		queued := 0
		for _, p := range priorities {
			consumer, err := q.js.Consumer(ctx, streamOf(stage), consumerOf(p))
			if err != nil {
				return nil, unavailable(op, err)
			}
			queued += int(consumer.CachedInfo().NumPending)
		}
		// NumAckPending would count removed messages until their time is out; what is there does not.
		counts[stage] = Count{Queued: queued, InFlight: max(0, total-queued)}
	}
	return counts, nil
}

// Empty reports whether no message of any job is in the queue, waiting or in flight.
func (q *Queue) Empty(ctx context.Context) (bool, error) {
	for _, stage := range Stages {
		stream, err := q.js.Stream(ctx, streamOf(stage))
		if err != nil {
			return false, unavailable("queue: count", err)
		}
		if stream.CachedInfo().State.Msgs > 0 {
			return false, nil
		}
	}
	return true, nil
}

// Generation names this life of the queue's storage. It stays the same over restarts and changes when
// a stream was deleted and made anew: whatever was published before may be gone then. A stream or consumer
// that is missing is made.
func (q *Queue) Generation(ctx context.Context) (string, error) {
	h := fnv.New64a()
	for _, stage := range Stages {
		stream, err := q.whole(ctx, stage)
		if err != nil {
			return "", unavailable("queue: read generation", err)
		}
		fmt.Fprintf(h, "%s %d\n", stage, stream.CachedInfo().Created.UnixNano())
	}
	return fmt.Sprintf("%016x", h.Sum64()), nil
}

func unavailable(op string, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return referent.E(referent.CodeCancelled, op, err)
	case errors.Is(err, context.DeadlineExceeded):
		return referent.E(referent.CodeTimeout, op, err)
	}
	return referent.E(referent.CodeUnavailable, op, err)
}
