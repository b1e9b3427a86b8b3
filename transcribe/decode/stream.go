package decode

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/confine"
)

// Read gives the next bytes of a recording, waiting until there are some, and io.EOF after the last. It
// returns when ctx ends.
type Read func(ctx context.Context, p []byte) (int, error)

// Stream decodes a recording that is still arriving, from its start, as far as it comes: what Decode does,
// without ever looking back. Formats that cannot be read so, such as an MP4 with its index at the end,
// give nothing before their end, or an error. A WAV file's own word for its length counts only when it
// can be true: recorders write it last. Options.Timeout and Progress do not apply; Stall is how long
// ffmpeg may leave bytes that are there unread.
func Stream(ctx context.Context, read Read, opt Options, sink func([]int16) error) (Result, error) {
	const op = "decode: read arriving recording"
	if opt.Stall <= 0 {
		opt.Stall = 2 * time.Minute
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	in := &stream{ctx: ctx, read: read}
	out := &meter{sink: sink, limit: int64(opt.MaxDuration * referent.SampleRate)}

	var truncated bool
	head, w, err := arrivingWAV(in)
	switch {
	case err != nil:
	case w != nil:
		err = w.stream(in, out)
	case len(head) == 0:
		err = referent.E(referent.CodeAudioEmpty, op, nil)
	default:
		truncated, err = arrivingFFmpeg(ctx, cancel, head, in, out, opt)
	}
	switch {
	case out.err != nil:
		return Result{}, out.err
	case in.failed != nil && ctx.Err() == nil:
		return Result{}, in.failed
	case ctx.Err() != nil:
		return Result{}, ended(ctx, op)
	case err != nil:
		return Result{}, err
	}
	r := Result{Samples: out.samples}
	if truncated {
		r.Warnings = append(r.Warnings, referent.CodeAudioTruncated)
	}
	return r, nil
}

// stream makes an io.Reader of a Read. It is for one goroutine at a time.
type stream struct {
	ctx    context.Context
	read   Read
	failed error // what the bytes' own source says, but for its end
}

func (s *stream) Read(p []byte) (int, error) {
	if s.failed != nil {
		return 0, s.failed
	}
	n, err := s.read(s.ctx, p)
	if err != nil && !errors.Is(err, io.EOF) && s.ctx.Err() == nil {
		s.failed = err
	}
	return n, err
}

// mostHeader is how far the samples of a WAV file may lie from its start to be found while it arrives.
const mostHeader = 64 << 10

// arrivingWAV reads the headers of a WAV file with plain samples and stops where those begin. Of anything
// else it returns what it has read, and no file: that is ffmpeg's to read.
func arrivingWAV(in io.Reader) (head []byte, w *wavFile, err error) {
	const op = "decode: read WAV header"
	next := func(n int) ([]byte, error) {
		from := len(head)
		head = append(head, make([]byte, n)...)
		got, err := io.ReadFull(in, head[from:])
		head = head[:from+got]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, nil // too short for a WAV file; whatever else it is
		}
		if err != nil {
			return nil, err
		}
		return head[from:], nil
	}
	b, err := next(12)
	if b == nil || string(b[:4]) != "RIFF" || string(b[8:]) != "WAVE" {
		return head, nil, err
	}
	for len(head) < mostHeader {
		h, err := next(8)
		if h == nil {
			return head, nil, err
		}
		id, length := string(h[:4]), int64(binary.LittleEndian.Uint32(h[4:]))
		if id == "data" {
			if w == nil {
				return nil, nil, referent.E(referent.CodeAudioUnreadable, op, errors.New("samples before their format"))
			}
			if w.length = length; length == 0 || length >= math.MaxInt32 {
				w.length = math.MaxInt64 // the recorder did not know
			}
			return head, w, nil
		}
		length += length % 2
		if length > mostHeader {
			break
		}
		body, err := next(int(length))
		if body == nil {
			return head, nil, err
		}
		if id != "fmt " {
			continue
		}
		if w != nil || length < 16 {
			return nil, nil, referent.E(referent.CodeAudioUnreadable, op, fmt.Errorf("format chunk of %d bytes", length))
		}
		if w, err = parseFormat(body); w == nil {
			return head, nil, err
		}
	}
	return head, nil, nil
}

// stream decodes what follows the header, piece by piece as it comes.
func (w *wavFile) stream(in io.Reader, out *meter) error {
	frame := w.channels * w.bytes
	raw := make([]byte, max(8<<10/frame, 1)*frame)
	mono := make([]float32, 0, len(raw)/frame)
	var block []int16
	resampler := NewResampler(w.rate, referent.SampleRate)
	samples := io.LimitReader(in, w.length)
	kept := 0 // bytes of a frame that is not whole yet
	for {
		n, err := samples.Read(raw[kept:])
		n += kept
		whole := n - n%frame
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return err
		}
		mono = w.mix(mono[:0], raw[:whole])
		if block = appendPCM(block[:0], resampler.Resample(mono, last)); len(block) > 0 {
			if err := out.write(block); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
		kept = copy(raw, raw[whole:n])
	}
}

// arrivingFFmpeg decodes by an ffmpeg that reads from a pipe and from nowhere else.
func arrivingFFmpeg(ctx context.Context, cancel context.CancelCauseFunc, head []byte, in *stream, out *meter, opt Options) (truncated bool, err error) {
	const op = "decode: run ffmpeg"
	program := opt.FFmpeg
	if program == "" {
		program = "ffmpeg"
	}
	if program, err = exec.LookPath(program); err != nil {
		return false, referent.E(referent.CodeFFmpegMissing, op, err).
			WithHint("install ffmpeg (Debian, Ubuntu: apt-get install ffmpeg) or set its path in the configuration")
	}
	diag := &diagnosis{}
	// Both pipes are ours: Wait would close one before it is read to its end, and wait for the bytes of the other.
	theirs, feed, err := os.Pipe()
	if err != nil {
		return false, referent.E(referent.CodeInternal, op, err)
	}
	defer feed.Close()
	stdout, w, err := os.Pipe()
	if err != nil {
		theirs.Close()
		return false, referent.E(referent.CodeInternal, op, err)
	}
	defer stdout.Close()
	from := limits(0, opt)
	var cmd *exec.Cmd
	cell, err := confine.New(opt.Confine, program, false)
	if err == nil {
		defer cell.Close()
		cmd, _, err = cell.Start(func(string) *exec.Cmd {
			cmd := exec.CommandContext(ctx, program,
				"-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-threads", "1",
				"-protocol_whitelist", "pipe", "-format_whitelist", containers,
				// What a container says of itself is waited for no longer than a second of sound.
				"-probesize", fmt.Sprint(mostHeader), "-analyzeduration", "1000000",
				"-vn", "-sn", "-dn", "-i", "pipe:0",
				"-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1",
				"-ac", "1", "-ar", fmt.Sprint(referent.SampleRate), "-threads", "1", "-flush_packets", "1", "-f", "s16le", "pipe:1")
			cmd.Env = environment()
			cmd.WaitDelay = 5 * time.Second
			diag.forget()
			cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, w, diag
			return cmd
		}, from)
	}
	theirs.Close()
	w.Close()
	if err != nil {
		return false, err
	}
	var hungry context.CancelFunc // ends when ffmpeg has
	in.ctx, hungry = context.WithCancel(ctx)
	defer hungry()
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		if err := pour(feed, io.MultiReader(bytes.NewReader(head), in), opt.Stall); err != nil {
			cancel(err)
		}
	}()
	perr := pump(stdout, out, func() { spend(cell, from, out.samples) })
	if perr != nil {
		cancel(perr)
	}
	werr := cmd.Wait()
	hungry()
	<-fed
	switch {
	case perr != nil:
		return false, perr
	case cell.Overspent(cmd.ProcessState):
		return false, costly("more processor time")
	case ctx.Err() != nil:
		return false, ended(ctx, op)
	}
	if err := machineFault(cell, cmd, diag); err != nil {
		return false, err
	}
	return diag.verdict(werr, out.samples)
}

// pour moves bytes to ffmpeg as they come, and closes its pipe at their end. What is wrong with the bytes
// their stream remembers, and why ffmpeg ended it says itself.
func pour(to *os.File, from io.Reader, stall time.Duration) error {
	const op = "decode: feed ffmpeg"
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if err := to.SetWriteDeadline(time.Now().Add(stall)); err != nil {
				return referent.E(referent.CodeInternal, op, err)
			}
			_, err := to.Write(buf[:n])
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return referent.E(referent.CodeTimeout, op, fmt.Errorf("ffmpeg stood still for %v", stall))
			}
			if err != nil {
				return nil
			}
		}
		if err != nil {
			return nil
		}
	}
}
