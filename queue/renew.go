package queue

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/referent/referent"
)

// codeStore is JetStream's code for an error of a stream's storage that has no code of its own.
const codeStore = 10051

// broken tells of a stream that takes nothing more: nats-server remembers the first error of its disk, and answers
// with it until it is started again, also when the disk has long had room. A stream that is not there is one whose
// renewal was interrupted.
func broken(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.ErrorCode == codeStore || errors.Is(err, jetstream.ErrStreamNotFound)
}

// whole is the stage's stream. What a renewal that was interrupted left undone (a full disk lets a stream be deleted,
// and none be made) is done first: nobody else would before the next message of that stage.
func (q *Queue) whole(ctx context.Context, stage referent.Stage) (jetstream.Stream, error) {
	stream, err := q.js.Stream(ctx, streamOf(stage))
	if err == nil && stream.CachedInfo().State.Consumers >= len(priorities) || err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return stream, err
	}
	return q.ensure(ctx, stage, q.replicas)
}

// Renew makes a stage's stream anew, empty, because it takes nothing more, or gives nothing out though something waits:
// Generation tells that what was published before is gone.
func (q *Queue) Renew(ctx context.Context, stage referent.Stage) error {
	if err := q.js.DeleteStream(ctx, streamOf(stage)); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return unavailable("queue: renew stream", err)
	}
	_, err := q.ensure(ctx, stage, q.replicas)
	return err
}

// MendAdvisories makes the stream of advisories when it is missing. No job depends on it.
func (q *Queue) MendAdvisories(ctx context.Context) error {
	err := answered(ctx, func(ctx context.Context) error { _, err := q.js.Stream(ctx, advisories); return err })
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return q.ensureAdvisories(ctx)
	}
	if err != nil {
		return unavailable("queue: read advisory stream", err)
	}
	return nil
}
