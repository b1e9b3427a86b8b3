package encoder_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/referent/referent/models"
	"github.com/referent/referent/models/encoder"
	"github.com/referent/referent/models/ggml"
)

// The shape of the model that these tests are made with.
const (
	mels, positions, width, heads, layers = 5, 6, 8, 2, 2
)

// tiny is a file with random weights, and the same weights by name.
func tiny(t *testing.T, kind ggml.Type) (*ggml.File, map[string][]float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	weights := map[string][]float64{}
	var out bytes.Buffer
	h := ggml.Hyperparameters{AudioCtx: positions, AudioState: width, AudioHead: heads, AudioLayer: layers, Mels: mels, FType: 1}
	w, err := ggml.NewWriter(&out, h, ggml.Filters{Mels: mels, Bins: 1, Data: make([]float32, mels)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, kind ggml.Type, dims ...int32) {
		n := 1
		for _, d := range dims {
			n *= int(d)
		}
		var data bytes.Buffer
		for range n {
			v := float32(r.IntN(513)-256) / 512 // exact in half precision
			weights[name] = append(weights[name], float64(v))
			if kind == ggml.F16 {
				bits := math.Float32bits(v)
				half := uint16(bits>>16) & 0x8000
				if v != 0 {
					half |= uint16((bits&0x7fffffff - (127-15)<<23) >> 13)
				}
				binary.Write(&data, binary.LittleEndian, half)
			} else {
				binary.Write(&data, binary.LittleEndian, v)
			}
		}
		if err := w.Tensor(name, kind, dims, &data); err != nil {
			t.Fatal(err)
		}
	}
	put("encoder.conv1.weight", kind, 3, mels, width)
	put("encoder.conv1.bias", ggml.F32, 1, width)
	put("encoder.conv2.weight", kind, 3, width, width)
	put("encoder.conv2.bias", ggml.F32, 1, width)
	put("encoder.positional_embedding", ggml.F32, width, positions)
	for i := range layers {
		p := "encoder.blocks." + string(rune('0'+i)) + "."
		for _, n := range []string{"attn_ln", "mlp_ln"} {
			put(p+n+".weight", ggml.F32, width)
			put(p+n+".bias", ggml.F32, width)
		}
		for _, n := range []string{"query", "key", "value", "out"} {
			put(p+"attn."+n+".weight", kind, width, width)
			put(p+"attn."+n+".bias", ggml.F32, width)
		}
		put(p+"mlp.0.weight", kind, width, 4*width)
		put(p+"mlp.0.bias", ggml.F32, 4*width)
		put(p+"mlp.2.weight", kind, 4*width, width)
		put(p+"mlp.2.bias", ggml.F32, width)
	}
	put("encoder.ln_post.weight", ggml.F32, width)
	put("encoder.ln_post.bias", ggml.F32, width)
	f, err := ggml.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return f, weights
}

// plain is what the paper says, in the plainest form: rows are positions.
func plain(w map[string][]float64, mel [][]float64) [][]float64 {
	gelu := func(x float64) float64 { return x * 0.5 * (1 + math.Erf(x/math.Sqrt2)) }
	// conv takes and gives columns of channels by time.
	conv := func(x [][]float64, name string, out, stride int) [][]float64 {
		y := make([][]float64, out)
		for o := range y {
			for t := 0; t < len(x[0]); t += stride {
				sum := w[name+".bias"][o]
				for c := range x {
					for k := range 3 {
						if at := t + k - 1; at >= 0 && at < len(x[0]) {
							sum += w[name+".weight"][(o*len(x)+c)*3+k] * x[c][at]
						}
					}
				}
				y[o] = append(y[o], gelu(sum))
			}
		}
		return y
	}
	columns := conv(conv(mel, "encoder.conv1", width, 1), "encoder.conv2", width, 2)
	x := make([][]float64, positions)
	for t := range x {
		for c := range width {
			x[t] = append(x[t], columns[c][t]+w["encoder.positional_embedding"][t*width+c])
		}
	}
	linear := func(x []float64, name string, out int, bias bool) (y []float64) {
		for o := range out {
			sum := 0.0
			for i, v := range x {
				sum += w[name+".weight"][o*len(x)+i] * v
			}
			if bias {
				sum += w[name+".bias"][o]
			}
			y = append(y, sum)
		}
		return y
	}
	norm := func(x []float64, name string) (y []float64) {
		var mean, variance float64
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			variance += (v - mean) * (v - mean) / float64(len(x))
		}
		for i, v := range x {
			y = append(y, (v-mean)/math.Sqrt(variance+1e-5)*w[name+".weight"][i]+w[name+".bias"][i])
		}
		return y
	}
	for i := range layers {
		p := "encoder.blocks." + string(rune('0'+i)) + "."
		var q, k, v [][]float64
		for t := range x {
			y := norm(x[t], p+"attn_ln")
			q = append(q, linear(y, p+"attn.query", width, true))
			k = append(k, linear(y, p+"attn.key", width, false))
			v = append(v, linear(y, p+"attn.value", width, true))
		}
		const size = width / heads
		for t := range x {
			heard := make([]float64, width)
			for h := range heads {
				var score [positions]float64
				total := 0.0
				for s := range score {
					for c := range size {
						score[s] += q[t][h*size+c] * k[s][h*size+c] / math.Sqrt(size)
					}
					score[s] = math.Exp(score[s])
					total += score[s]
				}
				for s := range score {
					for c := range size {
						heard[h*size+c] += score[s] / total * v[s][h*size+c]
					}
				}
			}
			for c, o := range linear(heard, p+"attn.out", width, true) {
				x[t][c] += o
			}
		}
		for t := range x {
			y := linear(norm(x[t], p+"mlp_ln"), p+"mlp.0", 4*width, true)
			for j := range y {
				y[j] = gelu(y[j])
			}
			for c, o := range linear(y, p+"mlp.2", width, true) {
				x[t][c] += o
			}
		}
	}
	for t := range x {
		x[t] = norm(x[t], "encoder.ln_post")
	}
	return x
}

func TestSameAsPlain(t *testing.T) {
	library, err := models.Open("").Path("onnxruntime")
	if err != nil {
		t.Fatalf("run make weights first: %v", err)
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ort.DestroyEnvironment() })
	for _, kind := range []ggml.Type{ggml.F32, ggml.F16} {
		f, weights := tiny(t, kind)
		m, err := encoder.New(f)
		if err != nil {
			t.Fatal(err)
		}
		var network, again bytes.Buffer
		if _, err := m.Write(&network); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write(&again); err != nil || !bytes.Equal(network.Bytes(), again.Bytes()) {
			t.Errorf("written twice it differs, %v", err)
		}
		if int64(network.Len()) > encoder.Size(f) {
			t.Errorf("%d bytes, said to be at most %d", network.Len(), encoder.Size(f))
		}

		r := rand.New(rand.NewPCG(5, 6))
		mel := make([][]float64, mels)
		var flat []float32
		for c := range mel {
			for range 2 * positions {
				v := float32(r.Float64()*2 - 1)
				flat = append(flat, v)
				mel[c] = append(mel[c], float64(v))
			}
		}
		s, err := ort.NewDynamicAdvancedSessionWithONNXData(network.Bytes(), []string{encoder.Input}, []string{encoder.Output}, nil)
		if err != nil {
			t.Fatal(err)
		}
		in, err := ort.NewTensor(ort.NewShape(1, mels, 2*positions), flat)
		if err != nil {
			t.Fatal(err)
		}
		out := []ort.Value{nil}
		if err := s.Run([]ort.Value{in}, out); err != nil {
			t.Fatal(err)
		}
		got := out[0].(*ort.Tensor[float32]).GetData()
		largest := 0.0
		for p, row := range plain(weights, mel) {
			for c, want := range row {
				largest = max(largest, math.Abs(float64(got[p*width+c])-want))
			}
		}
		if largest > 1e-5 {
			t.Errorf("type %d: the largest difference is %g", kind, largest)
		}
		out[0].Destroy()
		in.Destroy()
		s.Destroy()
	}
}

func TestRefused(t *testing.T) {
	f, _ := tiny(t, ggml.F16)
	for i := range f.Tensors {
		if strings.HasSuffix(f.Tensors[i].Name, "mlp.2.weight") {
			f.Tensors[i].Type = ggml.Q5_0
		}
	}
	if _, err := encoder.New(f); !errors.Is(err, encoder.ErrUnsupported) {
		t.Errorf("quantised weights: %v", err)
	}
	f, _ = tiny(t, ggml.F16)
	f.Tensors = f.Tensors[1:]
	if _, err := encoder.New(f); err == nil {
		t.Error("a tensor was missing, and nobody noticed")
	}
	f, _ = tiny(t, ggml.F16)
	f.Hyperparameters.AudioHead = 3
	if _, err := encoder.New(f); err == nil {
		t.Error("three heads share a width of eight")
	}
}
