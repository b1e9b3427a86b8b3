package worker

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// listen runs the live stage: what is heard goes to the server as it is recognised, and nothing is left
// to commit but that it is over.
func (w *Worker) listen(ctx context.Context, k *keeper, task protocol.Task) error {
	src := &arriving{wire: w.wire, keeper: k, last: time.Now()}
	req := protocol.PartialRequest{Lease: k.lease}
	return w.cfg.Listener.Listen(ctx, src.read, *task.Recognition, task.Heard, func(p referent.Partial) error {
		k.touch()
		req.Seq++
		req.Partial = p
		return w.wire.tellAt(ctx, &k.writes, protocol.SubjectPartial, req)
	})
}

// arriving reads a recording from its start while it is uploaded. It is for one goroutine.
type arriving struct {
	wire   wire
	keeper *keeper
	offset int64 // of the first byte not in held
	held   []byte
	whole  bool      // nothing comes after held
	last   time.Time // when something came
}

// read fills p with what is there, and waits when nothing is. io.EOF at the end of the upload, or when it
// has been left: a place to listen from is not held for it for ever.
func (a *arriving) read(ctx context.Context, p []byte) (int, error) {
	for len(a.held) == 0 {
		if a.whole || time.Since(a.last) > a.wire.pace.left {
			return 0, io.EOF
		}
		if err := a.fetch(ctx); err != nil {
			return 0, err
		}
		if len(a.held) > 0 || a.whole {
			continue
		}
		select {
		case <-ctx.Done():
			return 0, stopped(ctx, "worker: wait for the recording", nil)
		case <-time.After(a.wire.pace.arrive):
		}
	}
	n := copy(p, a.held)
	a.held = a.held[n:]
	return n, nil
}

// fetch asks for what follows. Waiting for somebody to speak is no stall.
func (a *arriving) fetch(ctx context.Context) error {
	reply, err := a.wire.askAt(ctx, &a.keeper.reads, readMsg(a.keeper.lease, protocol.SourceRecording, a.offset, protocol.MaxPiece))
	if err != nil {
		return err
	}
	if len(reply.Data) > protocol.MaxPiece {
		return referent.E(referent.CodeInternal, "worker: read recording", errors.New("more came than was asked for"))
	}
	a.keeper.touch()
	if len(reply.Data) > 0 {
		a.last = time.Now()
	}
	a.held, a.offset = reply.Data, a.offset+int64(len(reply.Data))
	a.whole = len(reply.Data) == 0 && reply.Header.Get(protocol.HeaderWhole) == "true"
	return nil
}
