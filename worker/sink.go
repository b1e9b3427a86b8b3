package worker

import (
	"context"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/worker/protocol"
)

// sink writes one stream of a job, in pieces. It is for one goroutine, as a stream has one order. A
// piece whose answer got lost is sent again: the server passes over what it has.
type sink struct {
	ctx    context.Context
	wire   wire
	keeper *keeper
	stream protocol.Stream

	offset int64 // bytes that the server has
	held   []byte
	err    error // the first failure; nothing after it can be in order
}

// Write takes p; it is on the server once MaxPiece bytes are together, or flush was called.
func (s *sink) Write(p []byte) (int, error) {
	n := 0
	for n < len(p) && s.err == nil {
		take := min(len(p)-n, protocol.MaxPiece-len(s.held))
		s.held = append(s.held, p[n:n+take]...)
		n += take
		if len(s.held) == protocol.MaxPiece {
			s.flush()
		}
	}
	return n, s.err
}

// flush sends what is held.
func (s *sink) flush() error {
	if s.err != nil || len(s.held) == 0 {
		return s.err
	}
	msg := nats.NewMsg(protocol.SubjectWrite)
	msg.Header.Set(protocol.HeaderLease, s.keeper.lease.String())
	msg.Header.Set(protocol.HeaderStream, string(s.stream))
	msg.Header.Set(protocol.HeaderOffset, strconv.FormatInt(s.offset, 10))
	msg.Data = s.held
	failpoint.Hit("worker.stream")
	if _, s.err = s.wire.askAt(s.ctx, &s.keeper.writes, msg); s.err != nil {
		return s.err
	}
	s.offset += int64(len(s.held))
	s.held = s.held[:0]
	s.keeper.touch()
	return nil
}

// sendResult hands in a job's result. A server that was restarted has forgotten what it got of it, and
// refuses the next piece for the gap: the result is still here whole, and is sent again from its start.
// A lost audio stream is not: its job fails and is done again.
func sendResult(ctx context.Context, w wire, k *keeper, data []byte) (err error) {
	for range 3 {
		s := &sink{ctx: ctx, wire: w, keeper: k, stream: protocol.StreamResult}
		if _, err = s.Write(data); err == nil {
			err = s.flush()
		}
		if referent.CodeOf(err) != referent.CodeConflict {
			return err
		}
	}
	return err
}
