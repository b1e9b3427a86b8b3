package decode_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
)

// tones makes a recording of two seconds whose channels hold a tone each: 300 Hz the first, 600 Hz the
// second, and so on.
func tones(t *testing.T, name, layout string, channels int, args ...string) []byte {
	t.Helper()
	var each []string
	for c := range channels {
		each = append(each, fmt.Sprintf("0.3*sin(2*PI*%d*t)", 300*(c+1)))
	}
	out := filepath.Join(t.TempDir(), name)
	all := []string{"-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", "aevalsrc=" + strings.Join(each, "|") + ":s=48000:d=2:c=" + layout}
	if msg, err := exec.Command(maker, append(append(all, args...), out)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// strength is how much of channel c of n is a tone, as an amplitude.
func strength(samples []int16, c, n int, hertz float64) float64 {
	var re, im float64
	frames := len(samples) / n
	for i := range frames {
		x := float64(samples[i*n+c]) / (1 << 15)
		sin, cos := math.Sincos(2 * math.Pi * hertz * float64(i) / referent.SampleRate)
		re, im = re+x*cos, im+x*sin
	}
	return 2 * math.Hypot(re, im) / float64(frames)
}

func TestChannelsAreKeptApart(t *testing.T) {
	for _, tt := range []struct {
		name, layout string
		channels     int
		args         []string
	}{
		{"two.wav", "stereo", 2, nil},
		{"three.wav", "3.0", 3, []string{"-c:a", "pcm_s24le"}},
		{"eight float.wav", "7.1", 8, []string{"-c:a", "pcm_f32le", "-ar", "44100"}},
		{"two.mp3", "stereo", 2, []string{"-b:a", "192k"}},
		{"two.m4a", "stereo", 2, []string{"-c:a", "aac"}},
		{"two.opus", "stereo", 2, []string{"-c:a", "libopus"}},
		{"three.flac", "3.0", 3, nil},
		{"four.flac", "quad", 4, nil},
		{"six.wv", "5.1(side)", 6, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := tones(t, tt.name, tt.layout, tt.channels, tt.args...)
			n, err := decode.Channels(t.Context(), bytes.NewReader(file), int64(len(file)), decode.Options{})
			if err != nil || n != tt.channels {
				t.Fatalf("%d channels, %v", n, err)
			}
			samples, r, err := run(t.Context(), file, decode.Options{Channels: n})
			if err != nil || len(r.Warnings) > 0 {
				t.Fatalf("%+v, %v", r, err)
			}
			if r.Samples*int64(n) != int64(len(samples)) || math.Abs(float64(r.Samples)/referent.SampleRate-2) > 0.1 {
				t.Fatalf("%d samples in %d channels, %d in all", r.Samples, n, len(samples))
			}
			for c := range n {
				for tone := range n {
					got := strength(samples, c, n, 300*float64(tone+1))
					if tone == c && (got < 0.25 || got > 0.35) || tone != c && got > 0.01 {
						t.Errorf("channel %d has %.3f of the tone of channel %d", c, got, tone)
					}
				}
			}
			mono, rm, err := run(t.Context(), file, decode.Options{})
			if err != nil || rm.Samples != r.Samples || int64(len(mono)) != r.Samples {
				t.Errorf("the mix has %d samples of %d: %v", len(mono), r.Samples, err)
			}
		})
	}
}

func TestChannelsOfAnything(t *testing.T) {
	film := filepath.Join(t.TempDir(), "film.mp4")
	if msg, err := exec.Command(maker, "-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=5:duration=1", "-c:v", "mpeg4", film).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	silent, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	opus := ffmpeg(t, "x.opus")
	for name, c := range map[string]struct {
		file []byte
		want int
	}{
		"one wav":      {ffmpeg(t, "x.wav"), 1},
		"one mp3":      {ffmpeg(t, "x.mp3"), 1},
		"nothing":      {nil, 0},
		"prose":        {[]byte(strings.Repeat("Dette er ikke lyd.\n", 50)), 0},
		"playlist":     {[]byte("#EXTM3U\n#EXTINF:11,\nhttp://127.0.0.1/x.wav\n"), 0},
		"no sound":     {silent, 0},
		"broken wav":   {ffmpeg(t, "x.wav")[:20], 0},
		"half an opus": {opus[:len(opus)/2], 1},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := decode.Channels(t.Context(), bytes.NewReader(c.file), int64(len(c.file)), decode.Options{})
			if err != nil || n != c.want {
				t.Errorf("%d channels and %v, want %d", n, err, c.want)
			}
		})
	}
}

func TestChannelsErrors(t *testing.T) {
	mp3 := ffmpeg(t, "x.mp3", "-ac", "2")
	count := func(ctx context.Context, opt decode.Options) error {
		_, err := decode.Channels(ctx, bytes.NewReader(mp3), int64(len(mp3)), opt)
		return err
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := count(over, decode.Options{}); referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("cancelled: %v", err)
	}
	if err := count(t.Context(), decode.Options{FFmpeg: filepath.Join(t.TempDir(), "none")}); referent.CodeOf(err) != referent.CodeFFmpegMissing {
		t.Errorf("without ffmpeg: %v", err)
	}
	if _, err := decode.Channels(t.Context(), broken{bytes.NewReader(mp3), 100}, int64(len(mp3)), decode.Options{}); !errors.Is(err, errWire) {
		t.Errorf("without its bytes: %v", err)
	}
	for _, n := range []int{-1, decode.MaxChannels + 1} {
		if _, _, err := run(t.Context(), mp3, decode.Options{Channels: n}); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%d channels: %v", n, err)
		}
	}
	if _, _, err := run(t.Context(), ffmpeg(t, "x.wav"), decode.Options{Channels: 2}); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("two channels of one: %v", err)
	}
}

// A limit of seconds is one of seconds, however many channels there are; and so is what is worth keeping.
func TestLimitsAreOfEachChannel(t *testing.T) {
	for _, name := range []string{"x.wav", "x.flac"} {
		file := ffmpeg(t, name, "-ac", "2")
		if _, r, err := run(t.Context(), file, decode.Options{Channels: 2, MaxDuration: 11.5}); err != nil || r.Samples != 11*referent.SampleRate {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		got, _, err := run(t.Context(), file, decode.Options{Channels: 2, MaxDuration: 5})
		if referent.CodeOf(err) != referent.CodeAudioTooLong || len(got) > 2*5*referent.SampleRate {
			t.Errorf("%s: %d samples, %v", name, len(got), err)
		}
		_, r, err := run(t.Context(), file[:len(file)/2], decode.Options{Channels: 2})
		if err != nil || len(r.Warnings) != 1 || r.Warnings[0] != referent.CodeAudioTruncated || math.Abs(float64(r.Samples)/referent.SampleRate-5.5) > 1 {
			t.Errorf("%s cut in half: %+v, %v", name, r, err)
		}
	}
}
