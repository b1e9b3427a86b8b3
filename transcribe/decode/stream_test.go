package decode_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
	"github.com/referent/referent/transcribe/internal/sample"
)

func jfkFile(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(sample.JFK(t))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// feed is a recording that arrives: its first bytes at once, the rest when rest is closed.
type feed struct {
	first, rest *bytes.Reader
	more        chan struct{}
}

func newFeed(file []byte, first int) *feed {
	return &feed{bytes.NewReader(file[:first]), bytes.NewReader(file[first:]), make(chan struct{})}
}

func (f *feed) read(ctx context.Context, p []byte) (int, error) {
	if n, err := f.first.Read(p[:min(len(p), 3001)]); n > 0 {
		return n, err
	}
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-f.more:
	}
	return f.rest.Read(p)
}

// setSizes writes the sizes that a recorder leaves in the header of a WAV file that it has not finished.
func setSizes(wav []byte, size uint32) []byte {
	b := bytes.Clone(wav)
	binary.LittleEndian.PutUint32(b[4:], size)
	at := bytes.Index(b, []byte("data"))
	binary.LittleEndian.PutUint32(b[at+4:], size)
	return b
}

// Every format that can be heard as it comes is: most of the first half before the second has come.
func TestStreamHearsWhatHasCome(t *testing.T) {
	wav := jfkFile(t)
	for name, file := range map[string][]byte{
		"wav":                  wav,
		"wav, size 0":          setSizes(wav, 0),
		"wav, size unknown":    setSizes(wav, math.MaxUint32),
		"wav, 48 kHz stereo":   ffmpeg(t, "a.wav", "-ar", "48000", "-ac", "2"),
		"wav, adpcm to ffmpeg": ffmpeg(t, "b.wav", "-c:a", "adpcm_ms"),
		"webm":                 ffmpeg(t, "a.webm", "-c:a", "libopus"),
		"webm, live":           ffmpeg(t, "b.webm", "-c:a", "libopus", "-live", "1"),
		"ogg opus":             ffmpeg(t, "a.opus"),
		"mp3":                  ffmpeg(t, "a.mp3"),
		"aac":                  ffmpeg(t, "a.aac"),
		"flac":                 ffmpeg(t, "a.flac"),
		"fragmented mp4":       ffmpeg(t, "a.mp4", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFeed(file, len(file)/2)
			whole := len(sample.Float(t))
			var samples []int16
			early := 0
			var once bool
			halted := time.AfterFunc(20*time.Second, func() { close(f.more) }) // it then fails below
			defer halted.Stop()
			r, err := decode.Stream(t.Context(), f.read, decode.Options{}, func(block []int16) error {
				samples = append(samples, block...)
				if !once && len(samples) > whole/4 {
					early, once = len(samples), true
					if halted.Stop() {
						close(f.more)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if early == 0 || early > whole*6/10 {
				t.Errorf("%d of %d samples came of the first half", early, whole)
			}
			if d := len(samples) - whole; d < -2000 || d > 3000 || r.Samples != int64(len(samples)) {
				t.Errorf("%d samples of %d, told %d", len(samples), whole, r.Samples)
			}
			if l := likeness(t, samples); l < 0.95 {
				t.Errorf("likeness %.3f", l)
			}
		})
	}
}

func TestStreamRefuses(t *testing.T) {
	sink := func([]int16) error { return nil }
	stream := func(file []byte, opt decode.Options) error {
		_, err := decode.Stream(t.Context(), func(_ context.Context, p []byte) (int, error) {
			n := copy(p, file)
			if file = file[n:]; n == 0 {
				return 0, io.EOF
			}
			return n, nil
		}, opt, sink)
		return err
	}
	wav := jfkFile(t)
	absurd := bytes.Clone(wav)
	copy(absurd[22:], "\xff\xff\xff\xff\xff\xff")
	headless := append(bytes.Clone(wav[:12]), wav[36:]...)
	for name, tt := range map[string]struct {
		file []byte
		opt  decode.Options
		code referent.Code
	}{
		"nothing":            {nil, decode.Options{}, referent.CodeAudioEmpty},
		"noise":              {bytes.Repeat([]byte("\x00\x13\xff\x7eReferent"), 4096), decode.Options{}, referent.CodeAudioUnreadable},
		"absurd header":      {absurd, decode.Options{}, referent.CodeAudioUnreadable},
		"samples, no format": {headless, decode.Options{}, referent.CodeAudioUnreadable},
		"playlist":           {[]byte("#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n"), decode.Options{}, referent.CodeAudioUnreadable},
		"list of files":      {[]byte("ffconcat version 1.0\nfile /etc/passwd\n"), decode.Options{}, referent.CodeAudioUnreadable},
		"too long":           {wav, decode.Options{MaxDuration: 3}, referent.CodeAudioTooLong},
		"no ffmpeg":          {[]byte("OggS and so on, long enough"), decode.Options{FFmpeg: "no-such-program"}, referent.CodeFFmpegMissing},
	} {
		if err := stream(tt.file, tt.opt); referent.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	// An MP4 with its index at the end cannot be heard as it comes, and does no harm.
	if err := stream(ffmpeg(t, "a.m4a"), decode.Options{}); err != nil && !referent.CodeOf(err).Permanent() {
		t.Errorf("mp4 with its index at the end: %v", err)
	}
}

// Whoever waits for bytes is not waited for when it is over, whoever ends it.
func TestStreamEnds(t *testing.T) {
	for name, file := range map[string][]byte{"wav": jfkFile(t), "ffmpeg": ffmpeg(t, "a.flac")} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			f := newFeed(file, len(file)/2)
			var heard atomic.Int64
			_, err := decode.Stream(ctx, f.read, decode.Options{}, func(block []int16) error {
				if heard.Add(int64(len(block))) > 16000 {
					cancel()
				}
				return nil
			})
			if referent.CodeOf(err) != referent.CodeCancelled {
				t.Errorf("cancelled: %v", err)
			}

			own := errors.New("the sink's own")
			_, err = decode.Stream(t.Context(), newFeed(file, len(file)/2).read, decode.Options{}, func([]int16) error { return own })
			if !errors.Is(err, own) {
				t.Errorf("the sink failed: %v", err)
			}

			lost := errors.New("the source's own")
			first := true
			_, err = decode.Stream(t.Context(), func(_ context.Context, p []byte) (int, error) {
				if !first {
					return 0, lost
				}
				first = false
				return copy(p, file[:min(len(file)/2, len(p))]), nil
			}, decode.Options{}, func([]int16) error { return nil })
			if !errors.Is(err, lost) {
				t.Errorf("the source failed: %v", err)
			}
		})
	}
}

func FuzzStreamedWAV(f *testing.F) {
	wav := jfkFile(f)[:4000]
	f.Add(wav)
	f.Add(setSizes(wav, 0))
	f.Add(setSizes(wav, math.MaxUint32))
	f.Add(wav[:44])
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
			return // ffmpeg's, whose parsers are not ours to test
		}
		var n int64
		r, err := decode.Stream(t.Context(), func(_ context.Context, p []byte) (int, error) {
			k := copy(p[:min(len(p), 7)], file)
			if file = file[k:]; k == 0 {
				return 0, io.EOF
			}
			return k, nil
		}, decode.Options{FFmpeg: "no-such-program"}, func(block []int16) error {
			n += int64(len(block))
			return nil
		})
		if err == nil && r.Samples != n {
			t.Errorf("told %d samples of %d", r.Samples, n)
		}
	})
}
