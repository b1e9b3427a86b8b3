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
	// publishLimit is that of one whose asker tries again, with all other stages behind it. A question to a stream that has
	// no leader, because that one's machine was lost, is not kept for the next, who is elected within some seconds: it is
	// never answered.
	publishLimit = 3 * time.Second

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
	streams  map[referent.Stage]jetstream.Stream // to ask by name; what they remember of themselves is old
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
	q := &Queue{nc: nc, js: js, replicas: o.replicas, streams: map[referent.Stage]jetstream.Stream{}}
	for _, stage := range Stages {
		if q.streams[stage], err = q.ensure(ctx, stage, o.replicas); err != nil {
			return nil, err
		}
	}
	if err := q.ensureAdvisories(ctx); err != nil {
		return nil, err
	}
	return q, nil
}

func (q *Queue) ensureAdvisories(ctx context.Context) error {
	_, err := q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
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
		Replicas:  q.replicas,
	})
	if err != nil {
		return unavailable("queue: make advisory stream", err)
	}
	return nil
}

// ensure makes one stage's stream and its two consumers. Subject and limits together hold a job to one
// message: whoever publishes a second one is refused.
func (q *Queue) ensure(ctx context.Context, stage referent.Stage, replicas int) (jetstream.Stream, error) {
	stream, err := q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:                 streamOf(stage),
		Description:          "Ids of jobs that wait for a worker",
		Subjects:             []string{subjectsOf(stage)},
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
		return nil, unavailable("queue: make stream", err)
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
			return nil, unavailable("queue: make consumer", err)
		}
	}
	return stream, nil
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
		err := answered(ctx, func(ctx context.Context) error { return q.Remove(ctx, m) })
		if broken(err) {
			if err = q.Renew(ctx, m.Stage); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		err = answered(ctx, func(ctx context.Context) error {
			_, err := q.js.Publish(ctx, m.subject(), nil, jetstream.WithMsgID(id), jetstream.WithExpectStream(streamOf(m.Stage)))
			return err
		})
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

// answered asks with the patience of somebody who asks again.
func answered(ctx context.Context, ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	return ask(ctx)
}

// alreadyQueued reports whether JetStream refused a message because its subject has one.
func alreadyQueued(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.ErrorCode == 10077 // stream store failed: maximum messages per subject exceeded
}

// Remove takes the job's message out, waiting or in flight. A job without a message is no error.
func (q *Queue) Remove(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	// Whatever its priority was when it was published. Each subject by its name: of a pattern that removes one message
	// nats-server tells the consumers the pattern, so that theirs goes on being counted as waiting.
	for _, m.Priority = range priorities {
		if err := q.streams[m.Stage].Purge(ctx, jetstream.WithPurgeSubject(m.subject())); err != nil {
			return unavailable("queue: remove", err)
		}
	}
	return nil
}

// Held is what there is of a stage's messages.
type Held struct {
	Jobs    map[string]bool           // that have a message, whether it waits or is in flight
	Waiting map[referent.Priority]int // how many messages no worker has taken yet
}

// Held looks at a stage's messages. A stream or consumer that is missing is made.
func (q *Queue) Held(ctx context.Context, stage referent.Stage) (*Held, error) {
	const op = "queue: look"
	stream, err := q.whole(ctx, stage)
	if err != nil {
		return nil, unavailable(op, err)
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(subjectsOf(stage)))
	if err != nil {
		return nil, unavailable(op, err)
	}
	h := &Held{Jobs: make(map[string]bool, len(info.State.Subjects)), Waiting: map[referent.Priority]int{}}
	for subject := range info.State.Subjects {
		if m, err := parseSubject(subject); err == nil { // what no job has is thrown away by whoever takes it
			h.Jobs[m.Job] = true
		}
	}
	for _, p := range priorities {
		consumer, err := q.js.Consumer(ctx, streamOf(stage), consumerOf(p))
		if err != nil {
			return nil, unavailable(op, err)
		}
		h.Waiting[p] = int(consumer.CachedInfo().NumPending)
	}
	return h, nil
}

// Count is how many messages of a stage there are.
type Count struct {
	Queued   int // wait for a worker
	InFlight int // a worker has it, or gave it back for later
}

// Pending counts the messages of every stage that travels through the queue. A stream or consumer
// that is missing is made.
func (q *Queue) Pending(ctx context.Context) (map[referent.Stage]Count, error) {
	counts := make(map[referent.Stage]Count, len(Stages))
	for _, stage := range Stages {
		held, err := q.Held(ctx, stage)
		if err != nil {
			return nil, err
		}
		queued := 0
		for _, n := range held.Waiting {
			queued += n
		}
		counts[stage] = Count{Queued: queued, InFlight: max(0, len(held.Jobs)-queued)}
	}
	return counts, nil
}

// Empty reports whether no message of any job is in the queue, waiting or in flight.
func (q *Queue) Empty(ctx context.Context) (bool, error) {
	for _, stage := range Stages {
		info, err := q.streams[stage].Info(ctx)
		if err != nil {
			return false, unavailable("queue: count", err)
		}
		if info.State.Msgs > 0 {
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
