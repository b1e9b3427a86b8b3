// Package decode turns any recording into 16 kHz samples, all channels mixed or each by itself, as a
// stream, in bounded memory and without a byte on disk.
//
// WAV files with plain samples are read here, through go-audio/wav, after their headers were checked.
// Everything else goes through an ffmpeg process that fetches the bytes over HTTP from a server on a
// loopback interface that lives as long as the decoding and knows one secret path. ffmpeg may read
// nothing but that: playlists and other formats that name further files are not among those it may
// open, and package confine takes from the process what it would need for anything else, and bounds its
// memory and processor time. [Stream] decodes a recording that is still arriving: ffmpeg
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
	"github.com/referent/referent/transcribe/confine"
)

// Options bound a decoding.
type Options struct {
	FFmpeg      string        // program; empty: "ffmpeg" from PATH
	Confine     confine.Mode  // how much it must be confined; empty: as this machine can
	CPU         time.Duration // processor time of ffmpeg beside what its sound and the recording's size give it; 0: a minute
	MaxDuration float64       // seconds of audio accepted; 0: no limit
	Timeout     time.Duration // wall clock for the whole; 0: an hour
	Stall       time.Duration // without a byte read or a sample made; 0: two minutes
	Progress    func(float64) // called now and then, 0 to 1, when not nil
	// Channels are given interleaved, sample by sample, when there are several: as many as [Channels] says
	// the recording has, at most MaxChannels. 0 or 1: all of them mixed to one. Stream always mixes.
	Channels int
}

// MaxChannels is how many channels are kept apart at most.
const MaxChannels = 8

// Result is what came of it.
type Result struct {
	Samples  int64           // of each channel
	Warnings []referent.Code // CodeAudioTruncated: the recording stops before its end
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = time.Hour
	}
	if o.Stall <= 0 {
		o.Stall = 2 * time.Minute
	}
	if o.Progress == nil {
		o.Progress = func(float64) {}
	}
	o.Channels = max(o.Channels, 1)
	return o
}

// keepAtLeast is how many samples of a broken recording are worth keeping: a second. A recorder whose
// battery died leaves an hour that must not be thrown away; a broken header leaves a click.
const keepAtLeast = referent.SampleRate

// Decode reads the recording in src and hands its samples, at referent.SampleRate and Options.Channels of
// them at a time, to sink block by block, in order. The block is reused. Errors carry the codes
// CodeInvalid (too many channels), CodeAudioEmpty, CodeAudioUnreadable, CodeAudioTruncated, CodeAudioNoTrack, CodeAudioDRM, CodeAudioTooLong,
// CodeAudioCostly, CodeFFmpegMissing, CodeWorkerLost (ffmpeg was ended by others, had no more memory or threads of the machine's, or could
// not be confined this time),
// CodeConfig (the machine cannot confine it as it must), CodeTimeout or CodeCancelled; sink's and src's own errors come back as they are.
func Decode(ctx context.Context, src io.ReaderAt, size int64, opt Options, sink func([]int16) error) (Result, error) {
	const op = "decode: read recording"
	if size <= 0 {
		return Result{}, referent.E(referent.CodeAudioEmpty, op, nil)
	}
	if opt.Channels < 0 || opt.Channels > MaxChannels {
		return Result{}, referent.E(referent.CodeInvalid, op, fmt.Errorf("%d channels", opt.Channels))
	}
	opt = opt.withDefaults()
	late := referent.E(referent.CodeTimeout, op, fmt.Errorf("not done in %v", opt.Timeout))
	ctx, cancel := context.WithTimeoutCause(ctx, opt.Timeout, late)
	defer cancel()

	in := &source{r: src, size: size}
	out := &meter{sink: sink, limit: int64(opt.MaxDuration * referent.SampleRate), channels: opt.Channels}
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
	sink     func([]int16) error
	limit    int64
	channels int   // interleaved in what is written; 0 is 1
	samples  int64 // of each channel
	err      error
}

// write takes whole frames.
func (m *meter) write(block []int16) error {
	m.samples += int64(len(block) / max(m.channels, 1))
	if m.limit > 0 && m.samples > m.limit {
		m.err = referent.E(referent.CodeAudioTooLong, "decode: read recording",
			fmt.Errorf("longer than %d s", m.limit/referent.SampleRate))
	} else {
		m.err = m.sink(block)
	}
	return m.err
}
