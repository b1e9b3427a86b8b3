package checkpoint

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/models/ggml"
)

func convert(t testing.TB, path string) ([]byte, error) {
	t.Helper()
	c, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var out bytes.Buffer
	err = c.WriteGGML(t.Context(), &out, nil)
	return out.Bytes(), err
}

// Equal weights give equal bytes, whatever form they come in.
func TestEveryFormGivesTheSameFile(t *testing.T) {
	w := sampleWeights()
	all := slices.Sorted(maps.Keys(w))
	bin := string(sampleCTranslate2(w))
	shard := map[string]string{}
	for i, name := range all {
		shard[huggingFaceName(name)] = []string{"model-1.safetensors", "model-2.safetensors"}[i%2]
	}
	index, err := json.Marshal(map[string]any{"weight_map": shard})
	if err != nil {
		t.Fatal(err)
	}
	var odd, even []string
	for i, name := range all {
		if i%2 == 0 {
			even = append(even, name)
		} else {
			odd = append(odd, name)
		}
	}
	config := `{"encoder_attention_heads": 1, "decoder_attention_heads": 1}`
	openAI := func(name string) string { return name }
	forms := map[string]string{
		"ctranslate2": folder(t, map[string]string{"model.bin": bin, "vocabulary.json": sampleVocabularyJSON}),
		"ctranslate2 with its older vocabulary": folder(t, map[string]string{
			"model.bin": bin, "vocabulary.txt": sampleVocabularyText}),
		"ctranslate2 in three parts": folder(t, map[string]string{"model.bin.part1": bin[:1000], "model.bin.part2": bin[1000:70001],
			"model.bin.part3": bin[70001:], "vocabulary.json": sampleVocabularyJSON}),
		"safetensors, f16": folder(t, map[string]string{
			"model.safetensors": string(sampleSafetensors(w, all, true)), "vocab.json": sampleVocabJSON, "config.json": config}),
		"safetensors, f32": folder(t, map[string]string{
			"model.safetensors": string(sampleSafetensors(w, all, false)), "vocab.json": sampleVocabJSON}),
		"safetensors in two files": folder(t, map[string]string{
			"model.safetensors.index.json": string(index), "model-1.safetensors": string(sampleSafetensors(w, even, true)),
			"model-2.safetensors": string(sampleSafetensors(w, odd, false)), "vocab.json": sampleVocabJSON}),
		"pytorch": folder(t, map[string]string{
			"pytorch_model.bin": string(sampleTorch(w, huggingFaceName, "")), "vocab.json": sampleVocabJSON, "config.json": config}),
		"OpenAI's own": filepath.Join(folder(t, map[string]string{
			"base.pt": string(sampleTorch(w, openAI, "model_state_dict")), "multilingual.tiktoken": sampleTiktoken}), "base.pt"),
	}
	var first []byte
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		got, err := convert(t, forms[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if first == nil {
			first = got
		}
		if !bytes.Equal(got, first) {
			t.Errorf("%s gives other bytes", name)
		}
	}
	checkSample(t, first, w)
}

// checkSample reads a converted file back and compares every number.
func checkSample(t *testing.T, raw []byte, w map[string][]uint16) {
	t.Helper()
	f, err := ggml.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if f.Hyperparameters != sampleHead {
		t.Errorf("hyperparameters %+v, want %+v", f.Hyperparameters, sampleHead)
	}
	if f.Filters.Mels != 80 || f.Filters.Bins != 201 {
		t.Errorf("filters %d x %d", f.Filters.Mels, f.Filters.Bins)
	}
	if len(f.Tokens) != len(sampleTokens) {
		t.Fatalf("%d tokens", len(f.Tokens))
	}
	for i := range sampleTokens {
		if !bytes.Equal(f.Tokens[i], sampleTokens[i]) {
			t.Errorf("token %d is %q", i, f.Tokens[i])
		}
	}
	if len(f.Tensors) != len(w) {
		t.Errorf("%d tensors, want %d", len(f.Tensors), len(w))
	}
	for _, x := range f.Tensors {
		data, err := io.ReadAll(f.Data(x))
		if err != nil {
			t.Fatal(err)
		}
		want := floatBytes(w[x.Name])
		if x.Type == ggml.F16 {
			want = halfBytes(w[x.Name])
		}
		if !bytes.Equal(data, want) {
			t.Errorf("%s has other numbers", x.Name)
		}
		switch x.Name {
		case "encoder.conv1.bias", "encoder.conv2.bias":
			if x.Type != ggml.F32 || !reflect.DeepEqual(x.Dims, []int32{1, 64}) {
				t.Errorf("%s: type %d, dims %v", x.Name, x.Type, x.Dims)
			}
		case "encoder.positional_embedding", "decoder.positional_embedding":
			if x.Type != ggml.F32 || x.Dims[0] != 64 {
				t.Errorf("%s: type %d, dims %v", x.Name, x.Type, x.Dims)
			}
		case "encoder.conv1.weight":
			if x.Type != ggml.F16 || !reflect.DeepEqual(x.Dims, []int32{3, 80, 64}) {
				t.Errorf("%s: type %d, dims %v", x.Name, x.Type, x.Dims)
			}
		default:
			if (len(x.Dims) > 1) != (x.Type == ggml.F16) {
				t.Errorf("%s: type %d with dims %v", x.Name, x.Type, x.Dims)
			}
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	without := func(name string) map[string][]uint16 {
		w := sampleWeights()
		delete(w, name)
		return w
	}
	st := func(w map[string][]uint16) string {
		return string(sampleSafetensors(w, slices.Sorted(maps.Keys(w)), true))
	}
	good := sampleWeights()
	infinite := sampleWeights()
	infinite["decoder.ln.bias"][0] = 0x7c00 // stays infinite in f32, which is allowed; in a matrix it is not
	infinite["decoder.blocks.0.mlp.0.weight"][7] = 0x7c00
	ct2 := sampleCTranslate2(good)
	// The bytes after the name, rank and shape of a weight are its type and its size.
	quantised := bytes.Clone(ct2)
	at := bytes.Index(quantised, []byte("encoder/conv1/weight\x00")) + len("encoder/conv1/weight\x00") + 1 + 12
	quantised[at] = 1
	biased := sampleWeights()
	biased["encoder.blocks.1.attn.query.bias"][63] = 0x3c00
	for name, c := range map[string]struct {
		files map[string]string
		is    error
		says  string
	}{
		"nothing":                    {map[string]string{"README.md": "x"}, ErrFormat, "no model"},
		"no vocabulary":              {map[string]string{"model.safetensors": st(good)}, ErrVocabulary, ""},
		"a tensor is missing":        {map[string]string{"model.safetensors": st(without("decoder.blocks.1.mlp.2.bias")), "vocab.json": sampleVocabJSON}, ErrFormat, "is missing"},
		"a layer is missing":         {map[string]string{"model.safetensors": st(without("decoder.blocks.1.mlp.0.weight")), "vocab.json": sampleVocabJSON}, ErrFormat, "no place"},
		"no embedding":               {map[string]string{"model.safetensors": st(without("decoder.token_embedding.weight")), "vocab.json": sampleVocabJSON}, ErrFormat, "missing"},
		"an infinite weight":         {map[string]string{"model.safetensors": st(infinite), "vocab.json": sampleVocabJSON}, ErrFormat, "16 bits"},
		"cut off":                    {map[string]string{"model.safetensors": st(good)[:40000], "vocab.json": sampleVocabJSON}, ErrFormat, "inside the file"},
		"a vocabulary too large":     {map[string]string{"model.safetensors": st(good), "vocabulary.txt": strings.Repeat("a\n", 9) + "<|endoftext|>\n"}, ErrFormat, "another model"},
		"a part is missing":          {map[string]string{"model.bin.part1": string(ct2[:2000]), "vocabulary.json": sampleVocabularyJSON}, ErrFormat, "part is missing"},
		"quantised":                  {map[string]string{"model.bin": string(quantised), "vocabulary.json": sampleVocabularyJSON}, ErrFormat, "quantised"},
		"an index that climbs":       {map[string]string{"model.safetensors.index.json": `{"weight_map": {"x": "../model.safetensors"}}`}, ErrFormat, "outside"},
		"an index without its files": {map[string]string{"model.safetensors.index.json": `{"weight_map": {"x": "gone.safetensors"}}`}, os.ErrNotExist, ""},
		"an old pytorch file":        {map[string]string{"pytorch_model.bin": "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "vocab.json": sampleVocabJSON}, ErrFormat, "safetensors"},
		"heads that do not divide":   {map[string]string{"model.safetensors": st(good), "vocab.json": sampleVocabJSON, "config.json": `{"encoder_attention_heads": 3}`}, ErrFormat, "heads"},
	} {
		_, err := convert(t, folder(t, c.files))
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A bias on the key has no place in whisper.cpp, so a checkpoint that has one is refused, not mended.
func TestKeyBiasIsRefused(t *testing.T) {
	raw := sampleCTranslate2(sampleWeights())
	at := bytes.Index(raw, []byte("encoder/layer_1/self_attention/linear_0/bias\x00"))
	at += len("encoder/layer_1/self_attention/linear_0/bias\x00") + 1 + 4 + 1 + 4 // rank, shape, type, size
	raw[at+2*64+10] = 1                                                           // the sixth number of the key's third
	_, err := convert(t, folder(t, map[string]string{"model.bin": string(raw), "vocabulary.json": sampleVocabularyJSON}))
	if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "key") {
		t.Error(err)
	}
}

func TestPickleRunsNothing(t *testing.T) {
	raw := sampleTorchCalling(sampleWeights(), huggingFaceName, "", "os\nsystem")
	_, err := convert(t, folder(t, map[string]string{"pytorch_model.bin": string(raw), "vocab.json": sampleVocabJSON}))
	if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "not allowed") {
		t.Error(err)
	}
}

func TestCancelledConversion(t *testing.T) {
	c, err := Open(folder(t, map[string]string{"model.bin": string(sampleCTranslate2(sampleWeights())), "vocabulary.json": sampleVocabularyJSON}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	err = c.WriteGGML(ctx, io.Discard, func(done, total int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestJoined(t *testing.T) {
	pieces := []string{"", "abc", "d", "", "efgh"}
	var all []Piece
	for _, p := range pieces {
		all = append(all, Piece{strings.NewReader(p), int64(len(p))})
	}
	j := Join(all...)
	const whole = "abcdefgh"
	if j.Size() != int64(len(whole)) {
		t.Fatalf("size %d", j.Size())
	}
	for from := range len(whole) + 1 {
		for n := range len(whole) + 2 {
			b := make([]byte, n)
			got, err := j.ReadAt(b, int64(from))
			want := whole[from:min(from+n, len(whole))]
			if string(b[:got]) != want || (err == io.EOF) != (got < n) {
				t.Errorf("%d bytes at %d: %q, %v", n, from, b[:got], err)
			}
		}
	}
}

func FuzzCTranslate2(f *testing.F) {
	raw := sampleCTranslate2(sampleWeights())
	f.Add(raw[:4000])
	f.Add(raw[:37])
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := FromCTranslate2(bytes.NewReader(b), int64(len(b)), "vocabulary.json", []byte(sampleVocabularyJSON))
		if err == nil {
			_ = c.WriteGGML(t.Context(), io.Discard, nil) // must not panic
		}
	})
}

func FuzzSafetensors(f *testing.F) {
	w := sampleWeights()
	f.Add(sampleSafetensors(w, []string{"decoder.ln.weight", "decoder.ln.bias"}, true))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &Checkpoint{Tokens: sampleTokens}
		if c.loadSafetensors(bytes.NewReader(b), int64(len(b))) == nil {
			_ = c.WriteGGML(t.Context(), io.Discard, nil) // must not panic
		}
	})
}

// A pickle that is not torch's, or says more than it holds, is refused before its machine sees it.
func TestPickleIsChecked(t *testing.T) {
	for _, good := range []string{"\x80\x02}q\x00.", "\x80\x02ctorch\nHalfStorage\n.", "X\x01\x00\x00\x00a\x8a\x01\x05."} {
		if err := checkPickle([]byte(good)); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "}", "J\x01.", "X\xff\xff\xff\xffa.", "X\x01.", "ctorch\nHalf.", "ctorch.", "\x95\xff\xff\xff\xff\x0f\x00\x00\x00.", "I1\n."} {
		if err := checkPickle([]byte(bad)); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The archive around the pickle is zip's own affair; what a stranger writes in the pickle is ours.
func FuzzTorch(f *testing.F) {
	description := func(raw []byte) []byte {
		archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			f.Fatal(err)
		}
		content, err := fs.ReadFile(archive, "archive/data.pkl")
		if err != nil {
			f.Fatal(err)
		}
		return content
	}
	w := sampleWeights()
	for _, raw := range [][]byte{
		sampleTorch(w, huggingFaceName, ""), sampleTorch(w, strings.Clone, "model_state_dict"),
		sampleTorchCalling(w, huggingFaceName, "", "os\nsystem"),
	} {
		f.Add(description(raw))
	}
	f.Add([]byte("\x80\x02]q\x00h\x00a.")) // a list inside itself
	f.Add([]byte("\x80\x02}q\x00X\x10\x00\x00\x00model_state_dicth\x00s."))
	f.Fuzz(func(t *testing.T, pickle []byte) {
		var out bytes.Buffer
		archive := zip.NewWriter(&out)
		for name, content := range map[string][]byte{"archive/data.pkl": pickle, "archive/data/0": make([]byte, 400), "archive/data/1": nil} {
			m, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Write(content); err != nil {
				t.Fatal(err)
			}
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		c := &Checkpoint{Tokens: sampleTokens}
		if c.loadTorch(bytes.NewReader(out.Bytes()), int64(out.Len())) == nil {
			_ = c.WriteGGML(t.Context(), io.Discard, nil) // must not panic
		}
		tensors, err := TorchTensors(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("an error of no kind: %v", err)
		}
		for name, x := range tensors {
			// No tensor reaches beyond the 400 bytes that are there.
			if v, err := x.Floats(); err != nil || len(v) > 400/2 {
				t.Errorf("%q: %d numbers, %v", name, len(v), err)
			}
		}
	})
}
