package checkpoint

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/models/ggml"
	"github.com/referent/referent/models/internal/half"
)

// sampleHead is the smallest model that has everything a Whisper has.
var sampleHead = ggml.Hyperparameters{
	Vocab: 9, AudioCtx: 6, AudioState: 64, AudioHead: 1, AudioLayer: 2,
	TextCtx: 4, TextState: 64, TextHead: 1, TextLayer: 2, Mels: 80, FType: 1,
}

// sampleTokens hold a byte that is no character by itself, a space and nothing at all.
var sampleTokens = [][]byte{[]byte("a"), {0xc3}, []byte(" å"), {}}

// weights are the sample model's numbers, by OpenAI's names: half-precision numbers, so that every form
// of checkpoint can hold them.
func sampleWeights() map[string][]uint16 {
	random := rand.New(rand.NewPCG(1, 2))
	w := map[string][]uint16{}
	for _, p := range plan(sampleHead) {
		n, _ := elements(p.shape)
		for range n {
			h, _ := half.To(random.Float32() - 0.5)
			w[p.name] = append(w[p.name], h)
		}
	}
	return w
}

func halfBytes(v []uint16) []byte {
	out := make([]byte, 0, 2*len(v))
	for _, h := range v {
		out = binary.LittleEndian.AppendUint16(out, h)
	}
	return out
}

func floatBytes(v []uint16) []byte {
	out := make([]byte, 4*len(v))
	for i, h := range v {
		if _, err := binary.Encode(out[4*i:], binary.LittleEndian, half.From(h)); err != nil {
			panic(err)
		}
	}
	return out
}

// sampleCTranslate2 writes a model.bin as CTranslate2's converter does.
func sampleCTranslate2(w map[string][]uint16) []byte {
	var out bytes.Buffer
	u := func(v any) {
		if err := binary.Write(&out, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	text := func(s string) { u(uint16(len(s) + 1)); out.WriteString(s + "\x00") }
	type variable struct {
		name  string
		shape []uint32
		kind  uint8
		data  []byte
	}
	var vars []variable
	add := func(name string, values []uint16, shape ...uint32) {
		vars = append(vars, variable{name, shape, 4, halfBytes(values)})
	}
	stack := func(names ...string) (all []uint16) {
		for _, n := range names {
			all = append(all, w[n]...)
		}
		return all
	}
	norm := func(to, from string) {
		add(to+"/gamma", w[from+".weight"], 64)
		add(to+"/beta", w[from+".bias"], 64)
	}
	noBias := make([]uint16, 64)
	add("encoder/position_encodings/encodings", w["encoder.positional_embedding"], 6, 64)
	add("encoder/conv1/weight", w["encoder.conv1.weight"], 64, 80, 3)
	add("encoder/conv1/bias", w["encoder.conv1.bias"], 64)
	add("encoder/conv2/weight", w["encoder.conv2.weight"], 64, 64, 3)
	add("encoder/conv2/bias", w["encoder.conv2.bias"], 64)
	add("decoder/position_encodings/encodings", w["decoder.positional_embedding"], 4, 64)
	add("decoder/embeddings/weight", w["decoder.token_embedding.weight"], 9, 64)
	norm("encoder/layer_norm", "encoder.ln_post")
	norm("decoder/layer_norm", "decoder.ln")
	for _, side := range []string{"encoder", "decoder"} {
		vars = append(vars, variable{side + "/num_heads", nil, 2, []byte{1, 0}})
		for i := range 2 {
			from, to := fmt.Sprintf("%s.blocks.%d", side, i), fmt.Sprintf("%s/layer_%d", side, i)
			add(to+"/self_attention/linear_0/weight", stack(from+".attn.query.weight", from+".attn.key.weight", from+".attn.value.weight"), 192, 64)
			add(to+"/self_attention/linear_0/bias", slices.Concat(w[from+".attn.query.bias"], noBias, w[from+".attn.value.bias"]), 192)
			add(to+"/self_attention/linear_1/weight", w[from+".attn.out.weight"], 64, 64)
			add(to+"/self_attention/linear_1/bias", w[from+".attn.out.bias"], 64)
			norm(to+"/self_attention/layer_norm", from+".attn_ln")
			if side == "decoder" {
				add(to+"/attention/linear_0/weight", w[from+".cross_attn.query.weight"], 64, 64)
				add(to+"/attention/linear_0/bias", w[from+".cross_attn.query.bias"], 64)
				add(to+"/attention/linear_1/weight", stack(from+".cross_attn.key.weight", from+".cross_attn.value.weight"), 128, 64)
				add(to+"/attention/linear_1/bias", slices.Concat(noBias, w[from+".cross_attn.value.bias"]), 128)
				add(to+"/attention/linear_2/weight", w[from+".cross_attn.out.weight"], 64, 64)
				add(to+"/attention/linear_2/bias", w[from+".cross_attn.out.bias"], 64)
				norm(to+"/attention/layer_norm", from+".cross_attn_ln")
			}
			add(to+"/ffn/linear_0/weight", w[from+".mlp.0.weight"], 256, 64)
			add(to+"/ffn/linear_0/bias", w[from+".mlp.0.bias"], 256)
			add(to+"/ffn/linear_1/weight", w[from+".mlp.2.weight"], 64, 256)
			add(to+"/ffn/linear_1/bias", w[from+".mlp.2.bias"], 64)
			norm(to+"/ffn/layer_norm", from+".mlp_ln")
		}
	}
	u(uint32(6))
	text("WhisperSpec")
	u(uint32(3))
	u(uint32(len(vars)))
	for _, v := range vars {
		text(v.name)
		u(uint8(len(v.shape)))
		u(v.shape)
		u(v.kind)
		u(uint32(len(v.data)))
		out.Write(v.data)
	}
	u(uint32(1))
	text("decoder/projection/weight")
	text("decoder/embeddings/weight")
	return out.Bytes()
}

// huggingFaceName turns OpenAI's name into Hugging Face's, by the tables that the reader uses backwards.
func huggingFaceName(name string) string {
	for hf, openai := range huggingFaceWhole {
		if openai == name {
			return "model." + hf
		}
	}
	side, rest, _ := strings.Cut(name, ".")
	if block, ok := strings.CutPrefix(rest, "blocks."); ok {
		layer, part, _ := strings.Cut(block, ".")
		stem, kind := part[:strings.LastIndex(part, ".")], part[strings.LastIndex(part, ".")+1:]
		for hf, openai := range huggingFaceParts {
			if openai == stem {
				return fmt.Sprintf("model.%s.layers.%s.%s.%s", side, layer, hf, kind)
			}
		}
	}
	rest = strings.NewReplacer("ln_post.", "layer_norm.", "ln.", "layer_norm.").Replace(rest)
	return "model." + side + "." + rest
}

// sampleSafetensors writes the named tensors as a safetensors file, as f16 or f32.
func sampleSafetensors(w map[string][]uint16, names []string, half bool) []byte {
	table := map[string]any{"__metadata__": map[string]string{"format": "pt"}}
	var data []byte
	for _, p := range plan(sampleHead) {
		if !slices.Contains(names, p.name) {
			continue
		}
		kind, bytes := "F32", floatBytes(w[p.name])
		if half {
			kind, bytes = "F16", halfBytes(w[p.name])
		}
		table[huggingFaceName(p.name)] = map[string]any{
			"dtype": kind, "shape": p.shape, "data_offsets": []int{len(data), len(data) + len(bytes)},
		}
		data = append(data, bytes...)
	}
	head, err := json.Marshal(table)
	if err != nil {
		panic(err)
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	return append(append(out, head...), data...)
}

// sampleTorch writes a PyTorch file: the pickle is what torch.save writes for a dictionary of tensors. With
// inner, the dictionary stands under that key, as in OpenAI's own files.
func sampleTorch(w map[string][]uint16, name func(string) string, inner string) []byte {
	return sampleTorchCalling(w, name, inner, "torch._utils\n_rebuild_tensor_v2")
}

// sampleTorchCalling lets the pickle call another function to make its tensors.
func sampleTorchCalling(w map[string][]uint16, name func(string) string, inner, function string) []byte {
	var pickle bytes.Buffer
	text := func(s string) {
		pickle.WriteByte('X') // BINUNICODE
		pickle.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(s))))
		pickle.WriteString(s)
	}
	number := func(n int) { pickle.Write(binary.LittleEndian.AppendUint32([]byte{'J'}, uint32(n))) } // BININT
	tuple := func(v ...int) {
		pickle.WriteByte('(')
		for _, n := range v {
			number(n)
		}
		pickle.WriteByte('t')
	}
	dict := func(body func()) {
		pickle.WriteString("ccollections\nOrderedDict\n)R(") // an empty one, then a mark
		body()
		pickle.WriteByte('u') // SETITEMS
	}
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	member := func(name string, content []byte) {
		f, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			panic(err)
		}
		if _, err := f.Write(content); err != nil {
			panic(err)
		}
	}
	tensors := func() {
		for i, p := range plan(sampleHead) {
			text(name(p.name))
			pickle.WriteString("c" + function + "\n((")
			text("storage")
			pickle.WriteString("ctorch\nHalfStorage\n")
			text(fmt.Sprint(i))
			text("cpu")
			number(len(w[p.name]) + 8)
			pickle.WriteString("tQ") // BINPERSID
			number(8)                // the tensor starts eight numbers into its storage
			tuple(p.shape...)
			strides := make([]int, len(p.shape))
			step := 1
			for d := len(p.shape) - 1; d >= 0; d-- {
				strides[d] = step
				step *= p.shape[d]
			}
			tuple(strides...)
			pickle.WriteString("\x89)tR") // no gradient, no hooks
			member(fmt.Sprintf("archive/data/%d", i), append(make([]byte, 16), halfBytes(w[p.name])...))
		}
	}
	pickle.WriteString("\x80\x02")
	if inner == "" {
		dict(tensors)
	} else {
		pickle.WriteString("}(")
		text("dims")
		number(1)
		text(inner)
		dict(tensors)
		pickle.WriteByte('u')
	}
	pickle.WriteByte('.')
	member("archive/data.pkl", pickle.Bytes())
	member("archive/version", []byte("3\n"))
	if err := archive.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

const (
	sampleVocabularyJSON = `["a", "\u00c3", "\u0120\u00c3\u00a5", "", "<|endoftext|>", "<|startoftranscript|>"]`
	sampleVocabularyText = "a\n\u00c3\n\u0120\u00c3\u00a5\n\n<|endoftext|>\n<|startoftranscript|>\n"
	sampleVocabJSON      = `{"<|endoftext|>": 4, "": 3, "\u0120\u00c3\u00a5": 2, "\u00c3": 1, "a": 0}`
	sampleTiktoken       = "YQ== 0\nww== 1\nIMOl 2\n= 3\n"
)

// folder writes files into a temporary folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
