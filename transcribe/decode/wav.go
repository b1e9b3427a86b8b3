package decode

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/go-audio/wav"

	"github.com/referent/referent"
)

// The formats of samples that are read here; any other goes to ffmpeg.
const (
	wavPCM        = 1
	wavFloat      = 3
	wavExtensible = 0xFFFE
)

// wavFile is a WAV file whose headers make sense.
type wavFile struct {
	format    uint16 // wavPCM or wavFloat
	channels  int
	rate      int
	bytes     int   // of one sample
	data      int64 // where the samples begin
	length    int64 // bytes of samples in the file
	truncated bool  // the header promises more, or was never finished
}

// openWAV reads the headers. It returns nil for anything that is not a WAV file with plain samples:
// ffmpeg gets that. Errors are for files that are WAV and cannot be right.
func openWAV(in *source, head []byte) (*wavFile, error) {
	const op = "decode: read WAV header"
	if len(head) < 12 || string(head[:4]) != "RIFF" || string(head[8:12]) != "WAVE" {
		return nil, nil
	}
	broken := func(format string, args ...any) error {
		return referent.E(referent.CodeAudioUnreadable, op, fmt.Errorf(format, args...))
	}
	var w *wavFile
	// Chunks before the samples are few; a file that claims thousands is hostile.
	for at, n := int64(12), 0; n < 1000; n++ {
		var h [8]byte
		if at+8 > in.size {
			return nil, referent.E(referent.CodeAudioEmpty, op, errors.New("no samples"))
		}
		if err := in.full(h[:], at); err != nil {
			return nil, err
		}
		id, length := string(h[:4]), int64(binary.LittleEndian.Uint32(h[4:]))
		at += 8
		switch id {
		case "fmt ":
			if w != nil || length < 16 || length > 4096 || at+length > in.size {
				return nil, broken("format chunk of %d bytes", length)
			}
			fmtChunk := make([]byte, length)
			if err := in.full(fmtChunk, at); err != nil {
				return nil, err
			}
			var err error
			if w, err = parseFormat(fmtChunk); w == nil {
				return nil, err
			}
		case "data":
			if w == nil {
				return nil, broken("samples before their format")
			}
			w.data = at
			w.length = in.size - at
			switch {
			case length == 0 && w.length > 0:
				w.truncated = true // the recorder died before it wrote the size
			case length >= math.MaxInt32:
				// written to a pipe, where the size could not be known
			case length > w.length:
				w.truncated = true
			default:
				w.length = length
			}
			frame := int64(w.channels * w.bytes)
			if w.length -= w.length % frame; w.length == 0 {
				return nil, referent.E(referent.CodeAudioEmpty, op, errors.New("no samples"))
			}
			if w.length > math.MaxUint32-64 {
				return nil, nil // more than the format can say; ffmpeg knows what to make of it
			}
			return w, nil
		}
		at += length + length%2
	}
	return nil, broken("too many chunks")
}

// parseFormat reads a format chunk; nil without an error means that ffmpeg should try.
func parseFormat(b []byte) (*wavFile, error) {
	le := binary.LittleEndian
	w := &wavFile{format: le.Uint16(b), channels: int(le.Uint16(b[2:])), rate: int(le.Uint32(b[4:]))}
	align, bits := int(le.Uint16(b[12:])), int(le.Uint16(b[14:]))
	if w.format == wavExtensible && len(b) >= 40 {
		w.format = le.Uint16(b[24:]) // the rest of the identifier is the same for all that are read here
	}
	broken := func(format string, args ...any) (*wavFile, error) {
		return nil, referent.E(referent.CodeAudioUnreadable, "decode: read WAV header", fmt.Errorf(format, args...))
	}
	switch {
	case w.channels < 1 || w.channels > 64:
		return broken("%d channels", w.channels)
	case w.rate < 1000 || w.rate > 768000:
		return broken("%d samples a second", w.rate)
	case w.format == wavPCM && (bits == 8 || bits == 16 || bits == 24 || bits == 32):
	case w.format == wavFloat && bits == 32:
	default:
		return nil, nil
	}
	w.bytes = bits / 8
	if align != w.channels*w.bytes {
		return broken("%d bytes a frame", align)
	}
	return w, nil
}

// decode mixes the channels or keeps them apart, brings them to referent.SampleRate and writes them to out.
func (w *wavFile) decode(ctx context.Context, in *source, out *meter, opt Options) (truncated bool, err error) {
	// go-audio/wav believes every size it reads, so it is shown a file of three chunks that were checked.
	view, err := w.view(in)
	if err != nil {
		return false, err
	}
	dec := wav.NewDecoder(view)
	if err := dec.FwdToPCM(); err != nil || dec.PCMChunk == nil {
		return false, referent.E(referent.CodeAudioUnreadable, "decode: read WAV", err)
	}
	if opt.Channels > 1 && opt.Channels != w.channels {
		return false, referent.E(referent.CodeInvalid, "decode: read WAV", fmt.Errorf("%d channels asked for, there are %d", opt.Channels, w.channels))
	}
	frame := w.channels * w.bytes
	raw := make([]byte, 4096*frame)
	tracks := w.tracks(opt.Channels)
	block := make([]int16, 0, 8192*len(tracks))
	samples := io.LimitReader(dec.PCMChunk.R, w.length)
	for {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		n, rerr := io.ReadFull(samples, raw)
		last := rerr != nil
		if block = tracks.append(block[:0], raw[:n-n%frame], last); len(block) > 0 {
			if err := out.write(block); err != nil {
				return false, err
			}
		}
		opt.Progress(in.share())
		if last {
			return w.truncated, nil // a failure to read is remembered by the source
		}
	}
}

// tracks are what is made of a WAV file's channels: each by itself, or one mix.
type tracks []track

type track struct {
	take      func(to []float32, raw []byte) []float32
	resampler *Resampler
	samples   []float32
}

func (w *wavFile) tracks(n int) tracks {
	all := make(tracks, max(n, 1))
	for i := range all {
		all[i] = track{take: w.mix, resampler: NewResampler(w.rate, referent.SampleRate)}
		if n > 1 {
			all[i].take = func(to []float32, raw []byte) []float32 { return w.channel(to, raw, i) }
		}
	}
	return all
}

// append adds what the frames in raw complete, interleaved; last flushes what is left.
func (ts tracks) append(block []int16, raw []byte, last bool) []int16 {
	for i := range ts {
		t := &ts[i]
		t.samples = t.take(t.samples[:0], raw)
		out := t.resampler.Resample(t.samples, last)
		if i == 0 { // all have the same length
			block = slices.Grow(block, len(out)*len(ts))[:len(block)+len(out)*len(ts)]
		}
		to := block[len(block)-len(out)*len(ts):]
		for j, s := range out {
			to[j*len(ts)+i] = pcm(s)
		}
	}
	return block
}

// view is the file as go-audio/wav gets to see it: a fresh header, then the samples.
func (w *wavFile) view(in *source) (io.ReadSeeker, error) {
	h := make([]byte, 0, 44)
	le := binary.LittleEndian
	length := uint32(min(w.length+w.length%2, math.MaxUint32-64)) &^ 1
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, length+36)
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(h, w.format)
	h = le.AppendUint16(h, uint16(w.channels))
	h = le.AppendUint32(h, uint32(w.rate))
	h = le.AppendUint32(h, uint32(w.rate*w.channels*w.bytes))
	h = le.AppendUint16(h, uint16(w.channels*w.bytes))
	h = le.AppendUint16(h, uint16(w.bytes*8))
	h = append(h, "data"...)
	h = le.AppendUint32(h, length)
	joined := &joinedReaderAt{head: h, rest: in, from: w.data}
	return io.NewSectionReader(joined, 0, int64(len(h))+w.length), nil
}

// joinedReaderAt is head followed by rest from an offset.
type joinedReaderAt struct {
	head []byte
	rest io.ReaderAt
	from int64
}

func (j *joinedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(j.head)) {
		n = copy(p, j.head[off:])
		if n == len(p) {
			return n, nil
		}
	}
	m, err := j.rest.ReadAt(p[n:], j.from+off+int64(n)-int64(len(j.head)))
	return n + m, err
}

// mix appends the mean of the channels of each frame in raw, -1 to 1.
func (w *wavFile) mix(mono []float32, raw []byte) []float32 {
	sample := w.sample()
	frame := w.channels * w.bytes
	for ; len(raw) >= frame; raw = raw[frame:] {
		var sum float32
		for c := range w.channels {
			sum += sample(raw[c*w.bytes:])
		}
		mono = append(mono, sum/float32(w.channels))
	}
	return mono
}

// channel appends one channel, counted from 0, of each frame in raw, -1 to 1.
func (w *wavFile) channel(to []float32, raw []byte, c int) []float32 {
	sample := w.sample()
	frame := w.channels * w.bytes
	for ; len(raw) >= frame; raw = raw[frame:] {
		to = append(to, sample(raw[c*w.bytes:]))
	}
	return to
}

// sample reads the sample that bytes begin with.
func (w *wavFile) sample() func([]byte) float32 {
	le := binary.LittleEndian
	switch {
	case w.format == wavFloat:
		return func(b []byte) float32 {
			f := math.Float32frombits(le.Uint32(b))
			if f != f {
				return 0 // not a number would poison everything after it
			}
			return min(max(f, -1), 1)
		}
	case w.bytes == 1:
		return func(b []byte) float32 { return (float32(b[0]) - 128) / (1 << 7) }
	case w.bytes == 2:
		return func(b []byte) float32 { return float32(int16(le.Uint16(b))) / (1 << 15) }
	case w.bytes == 3:
		return func(b []byte) float32 {
			return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)>>8) / (1 << 23)
		}
	}
	return func(b []byte) float32 { return float32(int32(le.Uint32(b))) / (1 << 31) }
}

// appendPCM rounds samples to 16 bits.
func appendPCM(to []int16, samples []float32) []int16 {
	for _, s := range samples {
		to = append(to, pcm(s))
	}
	return to
}

func pcm(s float32) int16 {
	return int16(min(max(math.RoundToEven(float64(s)*(1<<15)), math.MinInt16), math.MaxInt16))
}
