package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// Bounds of a source's memory and of what it asks for ahead, in blocks of at most MaxPiece bytes.
const (
	blocksKept = 16
	readAhead  = 3
)

// extent is a half-open stretch of bytes of a source.
type extent struct{ start, end int64 }

// source reads a byte string of the job's meeting from the server: io.ReaderAt, safe for concurrent
// use. It keeps the blocks last used, and asks for the following ones while the reader reads forward.
type source struct {
	ctx    context.Context
	cancel context.CancelFunc
	wire   wire
	keeper *keeper
	name   protocol.Source
	size   int64
	blocks []extent // in order; together what may be read

	mu      sync.Mutex
	kept    []*block // most recently used last
	last    int      // index of the block read last
	closed  bool     // nothing more is fetched
	pending sync.WaitGroup
}

// block is one piece; data and err are set when done is closed.
type block struct {
	index int
	done  chan struct{}
	data  []byte
	err   error
}

// openWhole opens a source that the lease lets the worker read from end to end.
func openWhole(ctx context.Context, w wire, k *keeper, name protocol.Source) (*source, error) {
	reply, err := w.askAt(ctx, &k.reads, readMsg(k.lease, name, 0, 0))
	if err != nil {
		return nil, err
	}
	size, err := strconv.ParseInt(reply.Header.Get(protocol.HeaderSize), 10, 64)
	if err != nil || size < 0 {
		return nil, referent.E(referent.CodeInternal, "worker: open source", errors.New("the server tells no size"))
	}
	s := newSource(ctx, w, k, name, []extent{{0, size}})
	s.size = size
	return s, nil
}

// openAudio opens the meeting's sound where the task hears words or voices, and only there.
func openAudio(ctx context.Context, w wire, k *keeper, task *referent.Recognition) (*source, error) {
	frame := 2 * int64(max(task.Channels, 1)) // bytes of a sample in all channels
	spans := slices.Clone(task.Voices)
	for _, window := range task.Windows {
		spans = append(spans, window.Spans...)
	}
	var readable []extent
	for _, s := range spans {
		if s.Start < 0 || s.End < s.Start {
			return nil, referent.E(referent.CodeInternal, "worker: open audio", errors.New("a span ends before it starts"))
		}
		readable = append(readable, extent{s.Start * frame, s.End * frame})
	}
	s := newSource(ctx, w, k, protocol.SourceAudio, joined(readable))
	if n := len(s.blocks); n > 0 {
		s.size = s.blocks[n-1].end
	}
	return s, nil
}

func newSource(ctx context.Context, w wire, k *keeper, name protocol.Source, readable []extent) *source {
	ctx, cancel := context.WithCancel(ctx)
	s := &source{ctx: ctx, cancel: cancel, wire: w, keeper: k, name: name, last: -1}
	for _, e := range readable {
		for at := e.start; at < e.end; at += protocol.MaxPiece {
			s.blocks = append(s.blocks, extent{at, min(at+protocol.MaxPiece, e.end)})
		}
	}
	return s
}

// joined sorts extents and joins those that touch.
func joined(in []extent) []extent {
	slices.SortFunc(in, func(a, b extent) int { return cmp.Compare(a.start, b.start) })
	var out []extent
	for _, e := range in {
		if n := len(out); n > 0 && e.start <= out[n-1].end {
			out[n-1].end = max(out[n-1].end, e.end)
		} else if e.end > e.start {
			out = append(out, e)
		}
	}
	return out
}

// close ends what is being fetched.
func (s *source) close() {
	s.cancel()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.pending.Wait()
}

// ReadAt fills p from off. io.EOF at the end; CodeForbidden where the lease does not reach.
func (s *source) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at := off + int64(n)
		i, ok := slices.BinarySearchFunc(s.blocks, at, func(b extent, at int64) int {
			switch {
			case b.end <= at:
				return -1
			case b.start > at:
				return 1
			}
			return 0
		})
		if !ok {
			if at >= s.size {
				return n, io.EOF
			}
			return n, referent.E(referent.CodeForbidden, "worker: read source", errors.New("outside what the job may read"))
		}
		data, err := s.block(i)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], data[at-s.blocks[i].start:])
	}
	return n, nil
}

// block returns one block's bytes, waiting for them, and has the next ones fetched when it follows the
// one before.
func (s *source) block(i int) ([]byte, error) {
	s.mu.Lock()
	b := s.want(i)
	if forward := i == s.last+1; forward {
		for next := i + 1; next <= i+readAhead && next < len(s.blocks); next++ {
			s.want(next)
		}
		b = s.want(i) // so that it is not the first to be forgotten
	}
	s.last = i
	s.mu.Unlock()
	select {
	case <-b.done:
		return b.data, b.err
	case <-s.ctx.Done():
		return nil, stopped(s.ctx, "worker: read source", nil)
	}
}

// want returns the block, fetched or being fetched. One that failed is fetched anew. mu is held.
func (s *source) want(i int) *block {
	if at := slices.IndexFunc(s.kept, func(b *block) bool { return b.index == i }); at >= 0 {
		b := s.kept[at]
		s.kept = slices.Delete(s.kept, at, at+1)
		if !b.failed() {
			s.kept = append(s.kept, b)
			return b
		}
	}
	b := &block{index: i, done: make(chan struct{})}
	if s.closed {
		b.err = referent.E(referent.CodeCancelled, "worker: read source", errors.New("read after the stage ended"))
		close(b.done)
		return b
	}
	if s.kept = append(s.kept, b); len(s.kept) > blocksKept {
		s.kept = slices.Delete(s.kept, 0, 1) // whoever waits for it has it in hand
	}
	s.pending.Go(func() {
		defer close(b.done)
		b.data, b.err = s.fetch(s.blocks[i])
	})
	return b
}

func (b *block) failed() bool {
	select {
	case <-b.done:
		return b.err != nil
	default:
		return false
	}
}

// fetch asks the server until all of e is here.
func (s *source) fetch(e extent) ([]byte, error) {
	data := make([]byte, 0, e.end-e.start)
	for at := e.start; at < e.end; at = e.start + int64(len(data)) {
		reply, err := s.wire.askAt(s.ctx, &s.keeper.reads, readMsg(s.keeper.lease, s.name, at, int(e.end-at)))
		if err != nil {
			return nil, err
		}
		if len(reply.Data) == 0 || int64(len(reply.Data)) > e.end-at {
			return nil, referent.E(referent.CodeInternal, "worker: read source", io.ErrUnexpectedEOF)
		}
		data = append(data, reply.Data...)
		s.keeper.touch()
	}
	return data, nil
}

func readMsg(lease protocol.Lease, name protocol.Source, offset int64, length int) *nats.Msg {
	// Marshalling strings and numbers cannot fail.
	data, _ := json.Marshal(protocol.ReadRequest{Lease: lease, Source: name, Offset: offset, Length: length})
	return &nats.Msg{Subject: protocol.SubjectRead, Data: data}
}
