// Package decode turns any recording into 16 kHz mono samples, as a stream, in bounded memory and
// without a byte on disk.
//
// WAV files with plain samples are read here, through go-audio/wav, after their headers were checked.
// Everything else goes through an ffmpeg process that fetches the bytes over HTTP from a server on the
// loopback interface that lives as long as the decoding and knows one secret path. ffmpeg may read
// nothing but that: playlists and other formats that name further files are not among those it may
// open, and it may not write files at all. [Stream] decodes a recording that is still arriving: ffmpeg
// then reads from a pipe and from nowhere else.
//
// What is decided by content, never by a name. What is not here: what the samples mean.
package decode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/referent/referent"
)

// Options bound a decoding.
type Options struct {
	FFmpeg      string        // program; empty: "ffmpeg" from PATH
	MaxDuration float64       // seconds of audio accepted; 0: no limit
	Timeout     time.Duration // wall clock for the whole; 0: an hour
	Stall       time.Duration // without a byte read or a sample made; 0: two minutes
	Progress    func(float64) // called now and then, 0 to 1, when not nil
}

// Result is what came of it.
type Result struct {
	Samples  int64
	Warnings []referent.Code // CodeAudioTruncated: the recording stops before its end
}

// keepAtLeast is how many samples of a broken recording are worth keeping: a second. A recorder whose
// battery died leaves an hour that must not be thrown away; a broken header leaves a click.
const keepAtLeast = referent.SampleRate

// Decode reads the recording in src and hands its samples, one channel at referent.SampleRate, to sink
// block by block, in order. The block is reused. Errors carry the codes CodeAudioEmpty,
// CodeAudioUnreadable, CodeAudioTruncated, CodeAudioNoTrack, CodeAudioDRM, CodeAudioTooLong,
// CodeFFmpegMissing, CodeTimeout or CodeCancelled; sink's and src's own errors come back as they are.
func Decode(ctx context.Context, src io.ReaderAt, size int64, opt Options, sink func([]int16) error) (Result, error) {
	const op = "decode: read recording"
	if size <= 0 {
		return Result{}, referent.E(referent.CodeAudioEmpty, op, nil)
	}
	if opt.Timeout <= 0 {
		opt.Timeout = time.Hour
	}
	if opt.Stall <= 0 {
		opt.Stall = 2 * time.Minute
	}
	if opt.Progress == nil {
		opt.Progress = func(float64) {}
	}
	late := referent.E(referent.CodeTimeout, op, fmt.Errorf("not done in %v", opt.Timeout))
	ctx, cancel := context.WithTimeoutCause(ctx, opt.Timeout, late)
	defer cancel()

	in := &source{r: src, size: size}
	out := &meter{sink: sink, limit: int64(opt.MaxDuration * referent.SampleRate)}
	head := make([]byte, min(size, 64))
	if err := in.full(head, 0); err != nil {
		return Result{}, err
	}

	var truncated bool
	var err error
	if w, werr := openWAV(in, head); werr != nil {
		err = werr
	} else if w != nil {
		truncated, err = w.decode(ctx, in, out, opt)
	} else {
		truncated, err = viaFFmpeg(ctx, in, out, opt)
	}

	switch {
	case in.failure() != nil: // the bytes did not come: nothing is known of the recording
		return Result{}, in.failure()
	case out.err != nil:
		return Result{}, out.err
	case ctx.Err() != nil:
		return Result{}, ended(ctx, op)
	case err != nil:
		return Result{}, err
	case truncated && out.samples < keepAtLeast:
		return Result{}, referent.E(referent.CodeAudioTruncated, op, errors.New("almost nothing could be read"))
	case out.samples == 0:
		return Result{}, referent.E(referent.CodeAudioEmpty, op, errors.New("no samples"))
	}
	r := Result{Samples: out.samples}
	if truncated {
		r.Warnings = append(r.Warnings, referent.CodeAudioTruncated)
	}
	return r, nil
}

// ended is the error of a context that is over.
func ended(ctx context.Context, op string) error {
	var why *referent.Error
	if errors.As(context.Cause(ctx), &why) {
		return why
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return referent.E(referent.CodeTimeout, op, ctx.Err())
	}
	return referent.E(referent.CodeCancelled, op, ctx.Err())
}

// meter counts samples on their way to the sink and stops at the limit, so that a file of a megabyte
// that decodes to a year of silence costs no more than the limit.
type meter struct {
	sink    func([]int16) error
	limit   int64
	samples int64
	err     error
}

func (m *meter) write(block []int16) error {
	m.samples += int64(len(block))
	if m.limit > 0 && m.samples > m.limit {
		m.err = referent.E(referent.CodeAudioTooLong, "decode: read recording",
			fmt.Errorf("longer than %d s", m.limit/referent.SampleRate))
	} else {
		m.err = m.sink(block)
	}
	return m.err
}
