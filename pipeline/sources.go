package pipeline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/worker/protocol"
)

// read gives a worker a piece of what its lease lets it see, the source's size, and whether it is whole.
// An empty piece is the end, for now when it is not.
func (p *Pipeline) read(ctx context.Context, req protocol.ReadRequest) (piece []byte, size int64, whole bool, err error) {
	const op = "pipeline: read source"
	j, err := p.leased(ctx, p.cfg.Store, req.Lease, op)
	if err != nil {
		return nil, 0, false, err
	}
	s, err := p.session(ctx, j)
	if err != nil {
		return nil, 0, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, 0, false, leaseLost(op)
	}
	src := s.sources[req.Source]
	if src == nil {
		if src, err = p.openSource(ctx, j, req.Source); err != nil {
			return nil, 0, false, err
		}
		s.sources[req.Source] = src
	}
	if whole = j.Stage != referent.StageLive; !whole && req.Offset >= src.to {
		if whole, err = p.grow(ctx, j.Meeting, src); err != nil {
			return nil, 0, false, err
		}
	}
	if req.Length < 0 || req.Offset < src.from || req.Offset > src.to {
		return nil, 0, false, referent.E(referent.CodeForbidden, op, errors.New("the lease does not reach there"))
	}
	piece = make([]byte, min(int64(req.Length), protocol.MaxPiece, src.to-req.Offset))
	n, err := src.r.ReadAt(piece, req.Offset)
	if n < len(piece) {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, 0, false, referent.E(referent.CodeOf(err), op, err)
	}
	return piece, src.r.Size(), whole, nil
}

// openSource opens what the job's stage may read. A recogniser sees its own chunk, from its first to
// its last window and stretch of voices, and nothing else of the meeting.
func (p *Pipeline) openSource(ctx context.Context, j *referent.Job, name protocol.Source) (*source, error) {
	switch {
	case name == protocol.SourceRecording && (j.Stage == referent.StagePrepare || j.Stage == referent.StageLive):
		r, err := p.Recording(ctx, j.Meeting)
		if err != nil {
			return nil, err
		}
		return &source{r: r, to: r.Size()}, nil
	case name == protocol.SourceAudio && j.Stage == referent.StageTranscribe:
		prep, err := p.plan(ctx, j.Meeting)
		if err != nil {
			return nil, err
		}
		chunk, err := chunkOf(prep, j.Chunk)
		if err != nil {
			return nil, err
		}
		r, err := p.open(ctx, j.Meeting, store.ArtifactAudio)
		if err != nil {
			return nil, err
		}
		from, to := hull(chunk)
		frame := bytesPerSample * int64(max(prep.Plan.Channels, 1))
		return &source{r: r, from: from * frame, to: min(to*frame, r.Size())}, nil
	case name == protocol.SourceTranscript && j.Stage == referent.StageMinutes:
		a, err := shown(ctx, p.cfg.Store, j.Meeting, store.ArtifactTranscript)
		if err != nil {
			return nil, err
		}
		r, err := p.openArtifact(ctx, a)
		if err != nil {
			return nil, err
		}
		data, err := readAll(r)
		if err != nil {
			return nil, referent.E(referent.CodeOf(err), "pipeline: open source", err)
		}
		return &source{r: read{bytes.NewReader(data)}, to: int64(len(data))}, nil
	}
	return nil, referent.E(referent.CodeForbidden, "pipeline: open source", errors.New("not for this job"))
}

// hull is the stretch of samples from the first to the last that the chunk's worker hears.
func hull(c *referent.Chunk) (from, to int64) {
	from = math.MaxInt64
	touch := func(spans []referent.Span) {
		for _, s := range spans {
			from, to = min(from, s.Start), max(to, s.End)
		}
	}
	for _, w := range c.Windows {
		touch(w.Spans)
	}
	touch(c.Voices)
	return min(from, to), to
}

// write adds a piece to a stream of the job.
func (p *Pipeline) write(ctx context.Context, l protocol.Lease, st protocol.Stream, offset int64, piece []byte) error {
	const op = "pipeline: write stream"
	if len(piece) > protocol.MaxPiece {
		return referent.E(referent.CodeTooLarge, op, nil)
	}
	j, err := p.leased(ctx, p.cfg.Store, l, op)
	if err != nil {
		return err
	}
	s, err := p.session(ctx, j)
	if err != nil {
		return err
	}
	return s.append(ctx, st, offset, piece)
}
