package transcribe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/referent/referent"
)

// audio reads stretches of a decoded recording: 16-bit little-endian PCM at referent.SampleRate whose
// channels are interleaved, sample by sample.
type audio struct {
	src      io.ReaderAt
	channels int
}

// newAudio takes Plan.Channels as it stands: 0 means one channel.
func newAudio(src io.ReaderAt, channels int) (audio, error) {
	if channels < 0 || channels > maxChannels {
		return audio{}, referent.E(referent.CodeInvalid, "transcribe: read audio", fmt.Errorf("%d channels", channels))
	}
	return audio{src, max(channels, 1)}, nil
}

const maxChannels = 64 // a plan that names more was not made by a Preparer

// window reads the spans of w and joins them.
func (a audio) window(w referent.Window) ([]float32, error) {
	const op = "transcribe: read window"
	n := w.Samples()
	if n <= 0 || n > 30*referent.SampleRate {
		return nil, referent.E(referent.CodeInvalid, op, fmt.Errorf("a window of %d samples", n))
	}
	samples := make([]float32, 0, n)
	for _, s := range w.Spans {
		var err error
		if samples, err = a.appendSpan(samples, s, w.Channel); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// stretch reads one span, all channels mixed.
func (a audio) stretch(s referent.Span) ([]float32, error) {
	if s.Len() <= 0 || s.Len() > 30*referent.SampleRate {
		return nil, referent.E(referent.CodeInvalid, "transcribe: read stretch", fmt.Errorf("a stretch of %d samples", s.Len()))
	}
	return a.appendSpan(make([]float32, 0, s.Len()), s, 0)
}

// appendSpan reads s and appends its samples, -1 to 1: those of one channel, counted from 1, or with
// channel 0 the mean of all.
func (a audio) appendSpan(to []float32, s referent.Span, channel int) ([]float32, error) {
	const op = "transcribe: read audio"
	if s.Start < 0 || s.Len() < 0 {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("a span that ends before it begins"))
	}
	if channel < 0 || channel > a.channels {
		return nil, referent.E(referent.CodeInvalid, op, fmt.Errorf("channel %d of %d", channel, a.channels))
	}
	frame := 2 * a.channels
	raw := make([]byte, int64(frame)*s.Len())
	if n, err := a.src.ReadAt(raw, int64(frame)*s.Start); n < len(raw) {
		if err == nil || errors.Is(err, io.EOF) {
			err = referent.E(referent.CodeInvalid, op, io.ErrUnexpectedEOF)
		}
		return nil, err
	}
	first, last := 0, a.channels
	if channel > 0 {
		first, last = channel-1, channel
	}
	scale := 1 / (float32(last-first) * (1 << 15))
	for ; len(raw) > 0; raw = raw[frame:] {
		sum := 0
		for c := first; c < last; c++ {
			sum += int(int16(binary.LittleEndian.Uint16(raw[2*c:])))
		}
		to = append(to, float32(sum)*scale)
	}
	return to, nil
}
