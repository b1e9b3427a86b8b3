package transcribe_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/transcribe/internal/sample"
	"github.com/referent/referent/transcribe/whispercpp"
)

// weightsUnder lets names stand for other names' weights, or for none.
type weightsUnder struct {
	transcribe.Models
	names map[string]string
}

func (m weightsUnder) Path(name string) (string, error) {
	other, ok := m.names[name]
	if !ok {
		return m.Models.Path(name)
	}
	if other == "" {
		return "", referent.E(referent.CodeModelMissing, "test: find weights", nil)
	}
	return m.Models.Path(other)
}

func whole(n int) []referent.Window {
	windows := make([]referent.Window, n)
	for i := range windows {
		windows[i] = referent.Window{Spans: []referent.Span{{Start: 0, End: 11 * referent.SampleRate}}}
	}
	return windows
}

// gate lets readers through once it is opened, and says when the first one came.
type gate struct {
	io.ReaderAt
	came, open chan struct{}
	once       sync.Once
}

func (g *gate) ReadAt(p []byte, off int64) (int, error) {
	g.once.Do(func() { close(g.came) })
	<-g.open
	return g.ReaderAt.ReadAt(p, off)
}

// A dictation comes while a bulk job has all of one thread: it is done before the job is, with the same
// words as alone. A call for another model waits for both.
func TestDictationOvertakesBulk(t *testing.T) {
	cfg := config(t, 1)
	cfg.Models = weightsUnder{cfg.Models, map[string]string{"another": "base"}}
	r := transcribe.NewRecognizer(cfg)
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	pcm := bytes.NewReader(sample.PCM(t))
	if model, device := r.Loaded(); model != "" || device != "" {
		t.Errorf("before anything is heard %q is in memory, and runs on %q", model, device)
	}
	bulk := &gate{ReaderAt: pcm, came: make(chan struct{}), open: make(chan struct{})}

	var mu sync.Mutex
	var order []string
	hear := func(name, model string, src io.ReaderAt, windows int, priority referent.Priority) {
		res, err := r.Recognize(t.Context(), src, referent.Recognition{Windows: whole(windows), Model: model, Language: "en", Priority: priority}, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if got := plain(res.Segments); got != strings.TrimSpace(strings.Repeat(sample.Words+" ", windows)) {
			t.Errorf("%s heard %q", name, got)
		}
		mu.Lock()
		defer mu.Unlock()
		order = append(order, name)
	}
	var wg sync.WaitGroup
	wg.Go(func() { hear("bulk", "base", bulk, 3, referent.PriorityBulk) })
	<-bulk.came // its model is loaded
	close(bulk.open)
	wg.Go(func() { hear("dictation", "base", pcm, 1, referent.PriorityInteractive) })
	wg.Wait()
	if model, device := r.Loaded(); model != "base" || device != whispercpp.Processor {
		t.Errorf("%q is in memory, and runs on %q", model, device)
	}
	hear("another", "another", pcm, 1, referent.PriorityBulk)
	if model, _ := r.Loaded(); model != "another" {
		t.Errorf("%q is in memory", model)
	}
	if want := []string{"dictation", "bulk", "another"}; !slices.Equal(order, want) {
		t.Errorf("done in the order %q", order)
	}
}

func TestVoicesAreHeardBesideWords(t *testing.T) {
	for _, name := range []string{transcribe.ModelSegmentation, transcribe.ModelEmbedding} {
		sample.Weights(t, name)
	}
	pcm := bytes.NewReader(sample.PCM(t))
	task := referent.Recognition{Chunk: 3, Windows: whole(1), Model: "base", Language: "en", Voices: []referent.Span{
		{Start: 0, End: 10 * referent.SampleRate}, {Start: 5 * referent.SampleRate, End: 11 * referent.SampleRate},
	}}
	hear := func(threads int, models transcribe.Models) *referent.ChunkResult {
		cfg := config(t, threads)
		if models != nil {
			cfg.Models = models
		}
		r := transcribe.NewRecognizer(cfg)
		defer r.Close()
		var last float64
		res, err := r.Recognize(t.Context(), pcm, task, func(f float64) {
			if f < last || f > 1 {
				t.Errorf("progress %v after %v", f, last)
			}
			last = f
		})
		if err != nil {
			t.Fatal(err)
		}
		if last != 1 || plain(res.Segments) != sample.Words {
			t.Errorf("progress ended at %v, heard %q", last, plain(res.Segments))
		}
		return res
	}
	one := hear(1, nil)
	if len(one.Voices) != 2 || one.Voices[1].Start != task.Voices[1].Start || len(one.Voices[0].Prints) == 0 || len(one.Warnings) != 0 {
		t.Fatalf("voices %+v, warnings %v", one.Voices, one.Warnings)
	}
	if roles := []string{one.Models[0].Role, one.Models[1].Role, one.Models[2].Role}; !slices.Equal(roles, []string{"recognition", "speakers", "speakers"}) {
		t.Errorf("models %+v", one.Models)
	}
	if two := hear(2, nil); !reflect.DeepEqual(one, two) {
		t.Error("two threads heard something else than one")
	}
	// Without the weights the words are all there.
	silent := hear(2, weightsUnder{sample.Models(t), map[string]string{transcribe.ModelEmbedding: ""}})
	if silent.Voices != nil || !slices.Equal(silent.Warnings, []referent.Code{referent.CodeSpeakers}) || len(silent.Models) != 1 {
		t.Errorf("voices %v, warnings %v, models %v", silent.Voices, silent.Warnings, silent.Models)
	}
}

// Two channels with different halves of the speech: each is heard alone, and the segments say which.
func TestChannelsAreHeardAlone(t *testing.T) {
	mono := sample.PCM(t)
	const join = 2 * 7 * referent.SampleRate // bytes; the speaker pauses there
	var stereo []byte
	for i := 0; i < len(mono); i += 2 {
		left, right := mono[i:i+2], []byte{0, 0}
		if i >= join {
			left, right = right, left
		}
		stereo = append(append(stereo, left...), right...)
	}
	r := transcribe.NewRecognizer(config(t, 2))
	defer r.Close()
	task := referent.Recognition{Model: "base", Language: "en", Channels: 2, Windows: []referent.Window{
		{Spans: []referent.Span{{Start: 0, End: 7 * referent.SampleRate}}, Channel: 1},
		{Spans: []referent.Span{{Start: 7 * referent.SampleRate, End: 11 * referent.SampleRate}}, Channel: 2},
	}}
	res, err := r.Recognize(t.Context(), bytes.NewReader(stereo), task, nil)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, s := range res.Segments {
		said[s.Speaker] += plain([]referent.Segment{s}) + " "
	}
	if len(said) != 2 || !strings.HasPrefix(said["c1"], "and so my fellow americans ask not") || !strings.Contains(said["c2"], "for your country") {
		t.Errorf("heard %q", said)
	}
}

// Half of a window is speech, the rest is silence that is said to be speech: the words are all there, and
// the transcript says where text is missing.
func TestSpeechWithoutTextIsTold(t *testing.T) {
	pcm := append(slices.Clone(sample.PCM(t)), make([]byte, 2*12*referent.SampleRate)...)
	r := transcribe.NewRecognizer(config(t, 1))
	defer r.Close()
	task := referent.Recognition{Model: "base", Language: "en", Windows: []referent.Window{
		{Spans: []referent.Span{{Start: 0, End: 23 * referent.SampleRate}}},
	}}
	res, err := r.Recognize(t.Context(), bytes.NewReader(pcm), task, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := plain(res.Segments); got != sample.Words {
		t.Errorf("heard %q", got)
	}
	if len(res.Gaps) != 1 || res.Gaps[0].Reason != transcribe.ReasonMissingText && res.Gaps[0].Reason != transcribe.ReasonNoSpeech ||
		res.Gaps[0].Start < 10 || res.Gaps[0].Start > 13 || res.Gaps[0].End < 20 {
		t.Errorf("gaps %+v", res.Gaps)
	}
}

// Noise that the detector was unsure about: whatever the model makes of it, it is no text.
func TestWeakVoiceGivesNoWords(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var pcm []byte
	for range 3 * referent.SampleRate {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(30*rnd.NormFloat64())))
	}
	r := transcribe.NewRecognizer(config(t, 1))
	defer r.Close()
	for _, language := range []string{"no", "en"} {
		task := referent.Recognition{Model: "base", Language: language, Windows: []referent.Window{
			{Spans: []referent.Span{{Start: 0, End: 3 * referent.SampleRate}}, Voice: []float64{0.2}},
		}}
		res, err := r.Recognize(t.Context(), bytes.NewReader(pcm), task, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Segments) != 0 || len(res.Gaps) != 1 || res.Gaps[0].Start != 0 {
			t.Errorf("%s: heard %q, gaps %+v", language, plain(res.Segments), res.Gaps)
		}
	}
}

func TestEveryModeHearsTheWords(t *testing.T) {
	r := transcribe.NewRecognizer(config(t, 2))
	defer r.Close()
	for _, mode := range referent.Modes {
		task := referent.Recognition{Windows: whole(1), Model: "base", Language: "en", Mode: mode}
		res, err := r.Recognize(t.Context(), bytes.NewReader(sample.PCM(t)), task, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := plain(res.Segments); got != sample.Words || len(res.Gaps) != 0 {
			t.Errorf("%s heard %q, gaps %v", mode, got, res.Gaps)
		}
	}
}
