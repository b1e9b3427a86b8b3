package whispercpp_test

import (
	"bytes"
	"os"
	"reflect"
	"sync"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/models"
	"github.com/referent/referent/models/encoder"
	"github.com/referent/referent/models/ggml"
	"github.com/referent/referent/transcribe/internal/sample"
	"github.com/referent/referent/transcribe/whispercpp"
)

// network is the encoder of the default weights as ONNX.
func network(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open(sample.Weights(t, "base"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := ggml.Open(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	m, err := encoder.New(file)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func openvino(t *testing.T) string {
	t.Helper()
	path, err := models.Open("").Path("openvino")
	if referent.CodeOf(err) == referent.CodeModelMissing {
		t.Fatalf("run make weights first: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// The words are those of ggml's encoder, from two slots side by side as from one.
func TestEncoder(t *testing.T) {
	library, onnx := openvino(t), network(t)
	e, err := whispercpp.NewEncoder(library, onnx, 2, "f32")
	if err != nil {
		t.Fatal(err)
	}
	if e.Version() == "" {
		t.Error("the library has no version")
	}
	m, err := whispercpp.Load(sample.Weights(t, "base"), whispercpp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Use(e)
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	jfk, greedy := sample.Float(t), whispercpp.DefaultParams("en")
	alone, err := slot(t, m).Transcribe(t.Context(), jfk, greedy)
	if err != nil {
		t.Fatal(err)
	}
	if got := words(alone); got != sample.Words {
		t.Errorf("heard %q", got)
	}
	var wg sync.WaitGroup
	for range 2 {
		s := slot(t, m)
		wg.Go(func() {
			for range 2 {
				if r, err := s.Transcribe(t.Context(), jfk, greedy); err != nil || !reflect.DeepEqual(r, alone) {
					t.Errorf("heard %q, %v", words(r), err)
				}
			}
		})
	}
	wg.Wait()
	if m.EncoderLost() {
		t.Error("the encoder failed on the way")
	}
}

// An encoder of another shape fails at the first window; the words come all the same, from ggml.
func TestEncoderThatFails(t *testing.T) {
	library := openvino(t)
	e, err := whispercpp.NewEncoder(library, other(t), 1, "f32")
	if err != nil {
		t.Fatal(err)
	}
	m, err := whispercpp.Load(sample.Weights(t, "base"), whispercpp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Use(e)
	defer m.Close()
	s := m.NewSlot()
	defer s.Close()
	r, err := s.Transcribe(t.Context(), sample.Float(t), whispercpp.DefaultParams("en"))
	if err != nil || words(r) != sample.Words {
		t.Errorf("heard %q, %v", words(r), err)
	}
	if !m.EncoderLost() {
		t.Error("nobody is told that the encoder failed")
	}
}

// other is the encoder of a tiny model with random-looking weights: one layer, width 64.
func other(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	h := ggml.Hyperparameters{AudioCtx: 10, AudioState: 64, AudioHead: 1, AudioLayer: 1, Mels: 80}
	w, err := ggml.NewWriter(&file, h, ggml.Filters{Mels: 80, Bins: 1, Data: make([]float32, 80)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, dims ...int32) {
		n := int32(4)
		for _, d := range dims {
			n *= d
		}
		if err := w.Tensor(name, ggml.F32, dims, bytes.NewReader(make([]byte, n))); err != nil {
			t.Fatal(err)
		}
	}
	put("encoder.conv1.weight", 3, 80, 64)
	put("encoder.conv1.bias", 1, 64)
	put("encoder.conv2.weight", 3, 64, 64)
	put("encoder.conv2.bias", 1, 64)
	put("encoder.positional_embedding", 64, 10)
	for _, p := range []string{"attn_ln", "mlp_ln"} {
		put("encoder.blocks.0."+p+".weight", 64)
		put("encoder.blocks.0."+p+".bias", 64)
	}
	for _, p := range []string{"query", "key", "value", "out"} {
		put("encoder.blocks.0.attn."+p+".weight", 64, 64)
		put("encoder.blocks.0.attn."+p+".bias", 64)
	}
	put("encoder.blocks.0.mlp.0.weight", 64, 256)
	put("encoder.blocks.0.mlp.0.bias", 256)
	put("encoder.blocks.0.mlp.2.weight", 256, 64)
	put("encoder.blocks.0.mlp.2.bias", 64)
	put("encoder.ln_post.weight", 64)
	put("encoder.ln_post.bias", 64)
	f, err := ggml.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	m, err := encoder.New(f)
	if err != nil {
		t.Fatal(err)
	}
	var onnx bytes.Buffer
	if _, err := m.Write(&onnx); err != nil {
		t.Fatal(err)
	}
	return onnx.Bytes()
}

func TestEncoderRefused(t *testing.T) {
	library := openvino(t)
	for name, c := range map[string]struct {
		library string
		network []byte
		want    referent.Code
	}{
		"no network":      {library, nil, referent.CodeInvalid},
		"no ONNX":         {library, []byte("this is not a network"), referent.CodeUnavailable},
		"another library": {library + ".other", []byte("x"), referent.CodeInvalid},
	} {
		// The first opens the library, so that the last is another one.
		if e, err := whispercpp.NewEncoder(library, []byte("x"), 1, ""); err == nil {
			e.Close()
		}
		if _, err := whispercpp.NewEncoder(c.library, c.network, 1, ""); referent.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
