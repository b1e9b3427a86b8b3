package decode_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
	"github.com/referent/referent/transcribe/internal/sample"
)

// maker is what makes the recordings. DECODE_MAKER names another ffmpeg than the one that PATH has decode, which can be
// a build that makes nothing.
var maker = cmp.Or(os.Getenv("DECODE_MAKER"), "ffmpeg")

// ffmpeg makes a file of the given name with arguments between the recording and the output.
func ffmpeg(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	all := append([]string{"-loglevel", "error", "-nostdin", "-y", "-i", sample.JFK(t)}, append(args, out)...)
	if msg, err := exec.Command(maker, all...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// run decodes file and returns its samples.
func run(ctx context.Context, file []byte, opt decode.Options) ([]int16, decode.Result, error) {
	var samples []int16
	r, err := decode.Decode(ctx, bytes.NewReader(file), int64(len(file)), opt, func(block []int16) error {
		samples = append(samples, block...)
		return nil
	})
	return samples, r, err
}

// likeness is the highest correlation of got with the recording over small shifts, 1 for the same
// sound: codecs delay by a few milliseconds.
func likeness(t *testing.T, got []int16) float64 {
	want := sample.Float(t)
	best := 0.0
	for shift := -1600; shift <= 1600; shift++ {
		var xy, xx, yy float64
		for i := 16000; i < 20000; i++ {
			j := i + shift
			if j < 0 || j >= len(got) {
				continue
			}
			x, y := float64(want[i]), float64(got[j])
			xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
		}
		best = max(best, xy/math.Sqrt(xx*yy+1e-9))
	}
	return best
}

func TestFormats(t *testing.T) {
	video := []string{"-f", "lavfi", "-i", "testsrc=size=160x120:rate=5:duration=11", "-map", "0:a", "-map", "1:v"}
	for _, tt := range []struct {
		name string
		args []string
		like float64
	}{
		{"pcm16.wav", nil, 0.999},
		{"pcm8.wav", []string{"-c:a", "pcm_u8"}, 0.99},
		{"pcm24.wav", []string{"-c:a", "pcm_s24le"}, 0.999},
		{"pcm32.wav", []string{"-c:a", "pcm_s32le"}, 0.999},
		{"float.wav", []string{"-c:a", "pcm_f32le"}, 0.999},
		{"44100 stereo.wav", []string{"-ar", "44100", "-ac", "2"}, 0.999},
		{"48000 six channels.wav", []string{"-ar", "48000", "-ac", "6", "-c:a", "pcm_s24le"}, 0.999},
		{"8000.wav", []string{"-ar", "8000"}, 0.9},
		{"adpcm.wav", []string{"-c:a", "adpcm_ms"}, 0.98},
		{"rf64.wav", []string{"-rf64", "always"}, 0.999},
		{"wave.w64", nil, 0.999},
		{"mp3.mp3", nil, 0.98},
		{"moov last.m4a", []string{"-c:a", "aac"}, 0.98},
		{"moov first.m4a", []string{"-c:a", "aac", "-movflags", "+faststart"}, 0.98},
		{"vorbis.ogg", []string{"-c:a", "libvorbis"}, 0.97},
		{"opus.opus", []string{"-c:a", "libopus"}, 0.97},
		{"opus.webm", []string{"-c:a", "libopus"}, 0.97},
		{"lossless.flac", nil, 0.999},
		{"raw.aac", []string{"-c:a", "aac"}, 0.98},
		{"film.mp4", append(video, "-c:a", "aac", "-c:v", "mpeg4"), 0.98},
		{"film.mkv", append(video, "-c:a", "flac", "-c:v", "mpeg4"), 0.999},
		{"film.avi", append(video, "-c:a", "mp3", "-c:v", "mpeg4"), 0.97},
		{"sound.aiff", nil, 0.999},
		{"windows.wma", nil, 0.97},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, r, err := run(t.Context(), ffmpeg(t, tt.name, tt.args...), decode.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Warnings) > 0 {
				t.Errorf("warnings %v", r.Warnings)
			}
			if r.Samples != int64(len(got)) {
				t.Errorf("result says %d samples, got %d", r.Samples, len(got))
			}
			if s := float64(len(got)) / referent.SampleRate; s < 10.9 || s > 11.2 {
				t.Errorf("%.3f s, want 11", s)
			}
			if l := likeness(t, got); l < tt.like {
				t.Errorf("likeness %.4f, want at least %.4f", l, tt.like)
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	wav := func(change func(b []byte) []byte) []byte {
		return change(bytes.Clone(ffmpeg(t, "x.wav", "-bitexact")))
	}
	put16 := func(at int, v uint16) func([]byte) []byte {
		return func(b []byte) []byte { binary.LittleEndian.PutUint16(b[at:], v); return b }
	}
	put32 := func(at int, v uint32) func([]byte) []byte {
		return func(b []byte) []byte { binary.LittleEndian.PutUint32(b[at:], v); return b }
	}
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }
	m4a := ffmpeg(t, "x.m4a", "-c:a", "aac")
	early := ffmpeg(t, "x.m4a", "-c:a", "aac", "-movflags", "+faststart")
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(uint32(i) * 2654435761 >> 13)
	}
	silentFilm := filepath.Join(t.TempDir(), "film.mp4")
	if msg, err := exec.Command(maker, "-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=5:duration=2", "-c:v", "mpeg4", silentFilm).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	film, err := os.ReadFile(silentFilm)
	if err != nil {
		t.Fatal(err)
	}
	// ffmpeg encrypts the samples but does not rename them, as shops do.
	key := "00112233445566778899aabbccddeeff"
	locked := func(name string) []byte {
		b := ffmpeg(t, "x.mp4", "-c:a", "aac", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key)
		at := bytes.Index(b, []byte("stsd"))
		copy(b[at+bytes.Index(b[at:], []byte("mp4a")):], name)
		return b
	}

	for _, tt := range []struct {
		name string
		file []byte
		want referent.Code
	}{
		{"nothing", nil, referent.CodeAudioEmpty},
		{"one byte", []byte{0}, referent.CodeAudioUnreadable},
		{"noise", noise, referent.CodeAudioUnreadable},
		{"prose", []byte(strings.Repeat("Dette er ikke lyd, bare ord.\n", 50)), referent.CodeAudioUnreadable},
		{"wav of a header alone", wav(cut(44)), referent.CodeAudioEmpty},
		{"wav cut off in its header", wav(cut(20)), referent.CodeAudioUnreadable},
		{"wav without channels", wav(put16(22, 0)), referent.CodeAudioUnreadable},
		{"wav with 65535 channels", wav(put16(22, 65535)), referent.CodeAudioUnreadable},
		{"wav at rate zero", wav(put32(24, 0)), referent.CodeAudioUnreadable},
		{"wav at four gigahertz", wav(put32(24, 4e9)), referent.CodeAudioUnreadable},
		{"wav with frames of no size", wav(put16(32, 0)), referent.CodeAudioUnreadable},
		{"wav with a format chunk of four gigabytes", wav(put32(16, math.MaxUint32)), referent.CodeAudioUnreadable},
		{"wav with a few samples of many", wav(cut(1000)), referent.CodeAudioTruncated},
		{"mp4 without its index", m4a[:len(m4a)/2], referent.CodeAudioTruncated},
		{"mp4 with hardly any sound", early[:5000], referent.CodeAudioTruncated},
		{"film without sound", film, referent.CodeAudioNoTrack},
		{"encrypted", locked("enca"), referent.CodeAudioDRM},
		{"bought in iTunes", locked("drms"), referent.CodeAudioDRM},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, r, err := run(t.Context(), tt.file, decode.Options{})
			if referent.CodeOf(err) != tt.want || err == nil {
				t.Fatalf("got %v (%+v), want code %s", err, r, tt.want)
			}
			if strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the error gives the address away: %v", err)
			}
		})
	}
}

// What can be read of a broken recording is kept, with a warning.
func TestTruncatedIsKept(t *testing.T) {
	wav := ffmpeg(t, "x.wav", "-bitexact")
	unfinished := bytes.Clone(wav)
	binary.LittleEndian.PutUint32(unfinished[40:], 0)
	early := ffmpeg(t, "x.m4a", "-c:a", "aac", "-movflags", "+faststart")
	flac := ffmpeg(t, "x.flac")
	for _, tt := range []struct {
		name    string
		file    []byte
		seconds float64
	}{
		{"wav cut in half", wav[:len(wav)/2], 5.5},
		{"wav whose size was never written", unfinished, 11},
		{"mp4 cut in half", early[:len(early)/2], 5},
		{"flac cut in half", flac[:len(flac)/2], 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, r, err := run(t.Context(), tt.file, decode.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Warnings) != 1 || r.Warnings[0] != referent.CodeAudioTruncated {
				t.Errorf("warnings %v", r.Warnings)
			}
			if s := float64(len(got)) / referent.SampleRate; math.Abs(s-tt.seconds) > 1 {
				t.Errorf("kept %.1f s, want about %.1f", s, tt.seconds)
			}
		})
	}
}

// A size that a pipe could not know is no damage.
func TestStreamedWAV(t *testing.T) {
	wav := ffmpeg(t, "x.wav", "-bitexact")
	binary.LittleEndian.PutUint32(wav[40:], math.MaxUint32)
	got, r, err := run(t.Context(), wav, decode.Options{})
	if err != nil || len(r.Warnings) > 0 || len(got) != 11*referent.SampleRate {
		t.Fatalf("%d samples, %+v, %v", len(got), r, err)
	}
}

func TestTooLong(t *testing.T) {
	quiet := filepath.Join(t.TempDir(), "bomb.opus")
	// Ten minutes of silence in a few kilobytes.
	if msg, err := exec.Command(maker, "-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "600", "-c:a", "libopus", "-b:a", "6k", quiet).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	bomb, err := os.ReadFile(quiet)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"bomb": bomb, "wav": ffmpeg(t, "x.wav")} {
		t.Run(name, func(t *testing.T) {
			got, _, err := run(t.Context(), file, decode.Options{MaxDuration: 5})
			if referent.CodeOf(err) != referent.CodeAudioTooLong {
				t.Fatalf("got %v", err)
			}
			if len(got) > 5*referent.SampleRate {
				t.Errorf("%d samples came through", len(got))
			}
		})
	}
}

// A hostile upload must not make ffmpeg fetch anything: neither from the network nor from this machine.
func TestHostilePlaylists(t *testing.T) {
	var asked atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	wav := ffmpeg(t, "bait.wav")
	trap := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Write(wav)
	})}
	go trap.Serve(l)
	defer trap.Close()
	url := "http://" + l.Addr().String() + "/bait.wav"
	file := sample.JFK(t)
	for name, text := range map[string]string{
		"hls with an address": "#EXTM3U\n#EXT-X-TARGETDURATION:11\n#EXTINF:11,\n" + url + "\n#EXT-X-ENDLIST\n",
		"hls with a file":     "#EXTM3U\n#EXT-X-TARGETDURATION:11\n#EXTINF:11,\nfile://" + file + "\n#EXT-X-ENDLIST\n",
		"concat address":      "ffconcat version 1.0\nfile '" + url + "'\n",
		"concat file":         "ffconcat version 1.0\nfile '" + file + "'\n",
		"dash":                `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT11S"><Period><AdaptationSet mimeType="audio/wav"><Representation id="1" bandwidth="1"><BaseURL>` + url + `</BaseURL></Representation></AdaptationSet></Period></MPD>`,
		"sdp":                 "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
		"smil":                `<smil><body><audio src="` + url + `"/></body></smil>`,
		"ram":                 url + "\n",
		"pls":                 "[playlist]\nFile1=" + url + "\nNumberOfEntries=1\n",
		"asx":                 `<asx version="3.0"><entry><ref href="` + url + `"/></entry></asx>`,
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := run(t.Context(), []byte(text), decode.Options{})
			if referent.CodeOf(err) != referent.CodeAudioUnreadable {
				t.Errorf("got %d samples and %v, want unreadable", len(got), err)
			}
		})
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("ffmpeg fetched from a foreign address %d times", n)
	}
}

func TestFFmpegMissing(t *testing.T) {
	_, _, err := run(t.Context(), []byte("OggS rest"), decode.Options{FFmpeg: filepath.Join(t.TempDir(), "none")})
	if referent.CodeOf(err) != referent.CodeFFmpegMissing || referent.HintOf(err) == "" {
		t.Fatalf("got %v", err)
	}
}

// slow delivers bytes until it is told to hang, then waits for the end of the test.
type slow struct {
	io.ReaderAt
	after int64
	end   <-chan struct{}
	hung  chan struct{}
	once  atomic.Bool
}

func (s *slow) ReadAt(p []byte, off int64) (int, error) {
	if off >= s.after {
		if s.once.CompareAndSwap(false, true) {
			close(s.hung)
		}
		<-s.end
		return 0, errors.New("the end")
	}
	return s.ReaderAt.ReadAt(p, off)
}

func TestCancelAndStall(t *testing.T) {
	file := ffmpeg(t, "x.mp3")
	hang := func(t *testing.T) *slow {
		end := make(chan struct{})
		t.Cleanup(func() { close(end) })
		return &slow{ReaderAt: bytes.NewReader(file), after: 20_000, end: end, hung: make(chan struct{})}
	}
	t.Run("cancel", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		src := hang(t)
		go func() { <-src.hung; cancel() }()
		_, err := decode.Decode(ctx, src, int64(len(file)), decode.Options{}, func([]int16) error { return nil })
		if referent.CodeOf(err) != referent.CodeCancelled {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("stall", func(t *testing.T) {
		src := hang(t)
		_, err := decode.Decode(t.Context(), src, int64(len(file)), decode.Options{Stall: 300 * time.Millisecond}, func([]int16) error { return nil })
		if referent.CodeOf(err) != referent.CodeTimeout {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("wall clock", func(t *testing.T) {
		src := hang(t)
		_, err := decode.Decode(t.Context(), src, int64(len(file)), decode.Options{Timeout: 300 * time.Millisecond}, func([]int16) error { return nil })
		if referent.CodeOf(err) != referent.CodeTimeout {
			t.Fatalf("got %v", err)
		}
	})
}

// broken fails for good at an offset, as a network does.
type broken struct {
	io.ReaderAt
	after int64
}

var errWire = errors.New("the wire was cut")

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.after {
		return 0, errWire
	}
	return b.ReaderAt.ReadAt(p, off)
}

// A store that fails is not a broken recording: the job must be tried again.
func TestSourceAndSinkErrors(t *testing.T) {
	for _, name := range []string{"x.wav", "x.mp3"} {
		file := ffmpeg(t, name)
		_, err := decode.Decode(t.Context(), broken{bytes.NewReader(file), int64(len(file)) / 2}, int64(len(file)), decode.Options{}, func([]int16) error { return nil })
		if !errors.Is(err, errWire) {
			t.Errorf("%s: got %v, want the source's error", name, err)
		}
		full := fmt.Errorf("no room")
		_, err = decode.Decode(t.Context(), bytes.NewReader(file), int64(len(file)), decode.Options{}, func([]int16) error { return full })
		if !errors.Is(err, full) {
			t.Errorf("%s: got %v, want the sink's error", name, err)
		}
	}
}

func FuzzWAV(f *testing.F) {
	head := []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\x08\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08")
	f.Add(head)
	two := bytes.Clone(head)
	two[22], two[32] = 2, 4
	f.Add(two)
	f.Add(append(bytes.Clone(head), "LIST\xff\xff\xff\xffINFO"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
			return
		}
		// A program that is not there: what goes to ffmpeg ends at once.
		_, r, err := run(t.Context(), b, decode.Options{FFmpeg: "/nonexistent/ffmpeg", MaxDuration: 60})
		if err == nil && r.Samples == 0 {
			t.Error("neither samples nor an error")
		}
		if err != nil && referent.CodeOf(err) == referent.CodeInternal {
			t.Errorf("an error without a kind: %v", err)
		}
		none := decode.Options{FFmpeg: "/nonexistent/ffmpeg", MaxDuration: 60}
		n, err := decode.Channels(t.Context(), bytes.NewReader(b), int64(len(b)), none)
		if err != nil || n < 2 || n > decode.MaxChannels {
			return
		}
		none.Channels = n
		apart, ra, err := run(t.Context(), b, none)
		if err == nil && (ra.Samples != r.Samples || int64(len(apart)) != ra.Samples*int64(n)) {
			t.Errorf("%d samples mixed, %d in each of %d channels, %d in all", r.Samples, ra.Samples, n, len(apart))
		}
	})
}
