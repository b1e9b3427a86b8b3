package transcribe_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/transcribe/internal/sample"
)

func config(t *testing.T, threads int) transcribe.Config {
	t.Helper()
	for _, name := range []string{"base", "silero-vad", "onnxruntime"} {
		sample.Weights(t, name)
	}
	return transcribe.Config{Models: sample.Models(t), Threads: threads}
}

func prepare(t *testing.T, file []byte) (*referent.PrepareResult, []byte) {
	t.Helper()
	var pcm bytes.Buffer
	var last float64
	r, err := transcribe.NewPreparer(config(t, 1)).Prepare(t.Context(), bytes.NewReader(file), int64(len(file)), referent.Preparation{}, &pcm, func(f float64) {
		if f < 0 || f > 1 {
			t.Errorf("progress %v", f)
		}
		last = f
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != 1 {
		t.Errorf("progress ended at %v", last)
	}
	return r, pcm.Bytes()
}

func recognize(t *testing.T, threads int, plan *referent.Plan, pcm io.ReaderAt) []referent.ChunkResult {
	t.Helper()
	r := transcribe.NewRecognizer(config(t, threads))
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var results []referent.ChunkResult
	for i, c := range plan.Chunks {
		res, err := r.Recognize(t.Context(), pcm, referent.Recognition{Chunk: i, Windows: c.Windows, Model: "base", Language: "en"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, *res)
	}
	return results
}

// plain is a transcript's words in lower case without punctuation.
func plain(segments []referent.Segment) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString(s.Text + " ")
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(b.String()), func(r rune) bool { return !unicode.IsLetter(r) }), " ")
}

// wave is PCM as a WAV file.
func wave(pcm []byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+len(pcm)))
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data"...)
	return append(le.AppendUint32(b, uint32(len(pcm))), pcm...)
}

// onlyWindows lets nothing be read but what a worker may read.
type onlyWindows struct {
	t    *testing.T
	pcm  []byte
	plan *referent.Plan
}

func (o onlyWindows) ReadAt(p []byte, off int64) (int, error) {
	for _, c := range o.plan.Chunks {
		for _, w := range c.Windows {
			for _, s := range w.Spans {
				if 2*s.Start <= off && off+int64(len(p)) <= 2*s.End {
					return copy(p, o.pcm[off:]), nil
				}
			}
		}
	}
	o.t.Errorf("read of %d bytes at %d, outside the windows", len(p), off)
	return 0, io.ErrUnexpectedEOF
}

func TestRecordingToWords(t *testing.T) {
	file, err := os.ReadFile(sample.JFK(t))
	if err != nil {
		t.Fatal(err)
	}
	prepared, pcm := prepare(t, file)
	if prepared.Duration != 11 || len(pcm) != 2*11*referent.SampleRate || len(prepared.Plan.Chunks) != 1 || len(prepared.Models) != 1 {
		t.Fatalf("prepared %+v with %d bytes", prepared, len(pcm))
	}
	chunks := recognize(t, 1, prepared.Plan, onlyWindows{t, pcm, prepared.Plan})
	tr, _ := transcribe.Assemble(referent.Assembly{Prepared: prepared, Recording: referent.Recording{SHA256: "abc", Size: int64(len(file))}, Chunks: chunks})
	if got := plain(tr.Segments); got != sample.Words {
		t.Errorf("heard %q", got)
	}
	if tr.Schema != referent.TranscriptSchema || tr.Label != referent.DraftLabel || tr.Recording.Duration != 11 || tr.Language != "en" || tr.Coverage < 0.9 || tr.Coverage > 1 {
		t.Errorf("transcript %+v", tr)
	}
	if len(tr.Models) != 2 || tr.Models[1].Name != "base" || len(tr.Models[1].SHA256) != 64 {
		t.Errorf("models %+v", tr.Models)
	}
	last := 0.0
	for _, s := range tr.Segments {
		if !s.Quality.OK || s.ID == "" || s.Start != s.Words[0].Start || s.End != s.Words[len(s.Words)-1].End {
			t.Errorf("segment %+v", s)
		}
		for _, w := range s.Words {
			if w.Start < last || w.End < w.Start || w.End > 11 || w.Probability <= 0 || w.Probability > 1 || w.Text != strings.TrimSpace(w.Text) {
				t.Errorf("word %+v after %v", w, last)
			}
			last = w.End
		}
	}
	// "country" is said at 5 s and at 10 s; both are heard there.
	for _, s := range tr.Segments {
		for _, w := range s.Words {
			if strings.HasPrefix(w.Text, "country") && !(w.Start > 5.4 && w.Start < 7.3) && !(w.Start > 9.2 && w.Start < 10.8) {
				t.Errorf("%q is heard at %v", w.Text, w.Start)
			}
		}
	}
}

// The speech four times over makes several windows; how many hear them at once must not show.
func TestSameTextForAnyNumberOfThreads(t *testing.T) {
	pause := make([]byte, 3*2*referent.SampleRate)
	var long []byte
	for range 4 {
		long = append(append(long, sample.PCM(t)...), pause...)
	}
	prepared, pcm := prepare(t, wave(long))
	if len(prepared.Plan.Chunks) != 1 || len(prepared.Plan.Chunks[0].Windows) < 2 {
		t.Fatalf("plan %+v", prepared.Plan)
	}
	one := recognize(t, 1, prepared.Plan, bytes.NewReader(pcm))
	two := recognize(t, 2, prepared.Plan, bytes.NewReader(pcm))
	if !reflect.DeepEqual(one, two) {
		t.Errorf("one thread heard %q\ntwo heard %q", plain(one[0].Segments), plain(two[0].Segments))
	}
	want := strings.Join([]string{sample.Words, sample.Words, sample.Words, sample.Words}, " ")
	if got := plain(one[0].Segments); got != want {
		t.Errorf("heard %q", got)
	}
	for _, s := range one[0].Segments {
		if s.End-s.Start > 12 {
			t.Errorf("a segment reaches over the pause: %v-%v", s.Start, s.End)
		}
	}
}

func TestCancel(t *testing.T) {
	prepared, pcm := prepare(t, wave(sample.PCM(t)))
	r := transcribe.NewRecognizer(config(t, 1))
	defer r.Close()
	task := referent.Recognition{Windows: prepared.Plan.Chunks[0].Windows, Model: "base", Language: "en"}
	ctx, cancel := context.WithCancel(t.Context())
	reading := readHook{bytes.NewReader(pcm), cancel} // by now the model is loaded and work begins
	if _, err := r.Recognize(ctx, reading, task, nil); referent.CodeOf(err) != referent.CodeCancelled {
		t.Fatalf("got %v", err)
	}
	res, err := r.Recognize(t.Context(), bytes.NewReader(pcm), task, nil)
	if err != nil || plain(res.Segments) != sample.Words {
		t.Errorf("after it: %+v, %v", res, err)
	}
}

type readHook struct {
	io.ReaderAt
	hook func()
}

func (r readHook) ReadAt(p []byte, off int64) (int, error) {
	r.hook()
	return r.ReaderAt.ReadAt(p, off)
}

func TestNoSpeechIsNoError(t *testing.T) {
	hum := make([]byte, 20*2*referent.SampleRate)
	for i := range len(hum) / 2 {
		binary.LittleEndian.PutUint16(hum[2*i:], uint16(int16(i%200*10-1000))) // a mains hum
	}
	prepared, _ := prepare(t, wave(hum))
	if len(prepared.Plan.Chunks) != 0 || prepared.Plan.Speech != 0 || prepared.Duration != 20 {
		t.Fatalf("plan %+v", prepared.Plan)
	}
	tr, _ := transcribe.Assemble(referent.Assembly{Prepared: prepared, Language: "nn"})
	if len(tr.Segments) != 0 || tr.Segments == nil || tr.Coverage != 1 || tr.Language != "nn" {
		t.Errorf("transcript %+v", tr)
	}
}

// The same speech in a film is the same plan, nearly.
func TestVideo(t *testing.T) {
	film := filepath.Join(t.TempDir(), "møte med bilde.mp4")
	if msg, err := exec.Command("ffmpeg", "-loglevel", "error", "-nostdin", "-i", sample.JFK(t), "-f", "lavfi", "-i", "testsrc=size=160x120:rate=5:duration=11",
		"-c:a", "aac", "-c:v", "mpeg4", film).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	b, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	prepared, pcm := prepare(t, b)
	if got := plain(recognize(t, 2, prepared.Plan, bytes.NewReader(pcm))[0].Segments); got != sample.Words {
		t.Errorf("heard %q", got)
	}
}

func TestTranscriptComesThrough(t *testing.T) {
	file := []byte("WEBVTT\n\n00:01.000 --> 00:03.000\n<v Kari Nordtun>Møtet er satt.</v>\n")
	prepared, pcm := prepare(t, file)
	if prepared.Plan != nil || len(pcm) != 0 || prepared.Duration != 3 {
		t.Fatalf("prepared %+v", prepared)
	}
	tr, _ := transcribe.Assemble(referent.Assembly{Prepared: prepared, Recording: referent.Recording{SHA256: "abc"}})
	if tr.Recording.SHA256 != "abc" || tr.Recording.Duration != 3 || len(tr.Segments) != 1 || tr.Segments[0].Text != "Møtet er satt." {
		t.Errorf("transcript %+v", tr)
	}
}

func TestPrepareErrors(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		max  float64
		want referent.Code
	}{
		"empty":             {nil, 0, referent.CodeAudioEmpty},
		"too long":          {wave(make([]byte, 3*2*referent.SampleRate)), 2, referent.CodeAudioTooLong},
		"not audio":         {[]byte(strings.Repeat("ikke lyd ", 100)), 0, referent.CodeAudioUnreadable},
		"broken transcript": {[]byte("WEBVTT\n\nikke noe her\n"), 0, referent.CodeTranscriptBroken},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := transcribe.NewPreparer(config(t, 1)).Prepare(t.Context(), bytes.NewReader(c.file), int64(len(c.file)), referent.Preparation{MaxDuration: c.max}, io.Discard, nil)
			if referent.CodeOf(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
