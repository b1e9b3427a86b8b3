package ggml_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/referent/referent/models/ggml"
)

// model writes a small file with one matrix and one of each that must stay as it is.
func model(t *testing.T, kind ggml.Type, matrix []float32) []byte {
	t.Helper()
	encode := func(kind ggml.Type, v []float32) *bytes.Buffer {
		var b bytes.Buffer
		for _, x := range v {
			if kind == ggml.F32 {
				binary.Write(&b, binary.LittleEndian, x)
			} else {
				binary.Write(&b, binary.LittleEndian, halfOf(x))
			}
		}
		return &b
	}
	var file bytes.Buffer
	h := ggml.Hyperparameters{Vocab: 1, Mels: 1, FType: 1}
	w, err := ggml.NewWriter(&file, h, ggml.Filters{Mels: 1, Bins: 1, Data: []float32{1}}, [][]byte{[]byte("a")})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		kind ggml.Type
		dims []int32
		data []float32
	}{
		{"decoder.token_embedding.weight", kind, []int32{64, 2}, matrix},
		{"encoder.conv1.weight", ggml.F16, []int32{1, 1, 2}, []float32{1, 2}},
		{"decoder.positional_embedding", ggml.F32, []int32{2, 2}, []float32{1, 2, 3, 4}},
		{"decoder.ln.weight", ggml.F32, []int32{2}, []float32{5, 6}},
	} {
		if err := w.Tensor(x.name, x.kind, x.dims, encode(x.kind, x.data)); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}

// halfOf is exact for the numbers of these tests: multiples of 2^-10 below one.
func halfOf(v float32) uint16 {
	bits := math.Float32bits(v)
	if v == 0 {
		return uint16(bits >> 16)
	}
	return uint16(bits>>16)&0x8000 | uint16((bits&0x7fffffff-(127-15)<<23)>>13)
}

func TestRequantise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	matrix := make([]float32, 128)
	for i := range matrix[:96] { // the last block is all zeros
		matrix[i] = float32(r.IntN(2047)-1023) / 1024
	}
	for _, from := range []ggml.Type{ggml.F16, ggml.F32} {
		whole := model(t, from, matrix)
		f, err := ggml.Open(bytes.NewReader(whole), int64(len(whole)))
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []ggml.Type{ggml.Q8_0, ggml.BF16} {
			var out bytes.Buffer
			if err := ggml.Requantise(&out, f, to); err != nil {
				t.Fatal(err)
			}
			g, err := ggml.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range g.Tensors {
				if i > 0 {
					var was, is bytes.Buffer
					was.ReadFrom(f.Data(f.Tensors[i]))
					is.ReadFrom(g.Data(x))
					if x.Type != f.Tensors[i].Type || !bytes.Equal(was.Bytes(), is.Bytes()) {
						t.Errorf("%s was changed", x.Name)
					}
					continue
				}
				if x.Type != to {
					t.Errorf("%s is of type %d", x.Name, x.Type)
				}
				var raw bytes.Buffer
				raw.ReadFrom(g.Data(x))
				checkClose(t, to, raw.Bytes(), matrix)
			}
		}
	}
}

// checkClose reads numbers back as ggml does and holds them against what they were made from.
func checkClose(t *testing.T, kind ggml.Type, raw []byte, want []float32) {
	t.Helper()
	for i, w := range want {
		var got, step float64
		if kind == ggml.BF16 {
			got = float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16))
			step = math.Abs(float64(w)) / 128
		} else {
			block := raw[i/32*34:]
			scale := ldexpHalf(binary.LittleEndian.Uint16(block))
			got = scale * float64(int8(block[2+i%32]))
			step = scale * (1 + 2*127.0/2048) // the scale itself is rounded to eleven bits
		}
		if math.Abs(got-float64(w)) > step/2+1e-9 {
			t.Fatalf("type %d, number %d: %v became %v", kind, i, w, got)
		}
	}
}

func ldexpHalf(h uint16) float64 {
	if h>>10&31 == 0 {
		return math.Ldexp(float64(h&1023), -24)
	}
	return math.Ldexp(float64(1024+int(h&1023)), int(h>>10&31)-25)
}

func TestRequantiseRefuses(t *testing.T) {
	whole := model(t, ggml.F16, make([]float32, 128))
	f, err := ggml.Open(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := ggml.Requantise(&out, f, ggml.Q5_0); err == nil {
		t.Error("a type that it cannot write was taken")
	}
	out.Reset()
	if err := ggml.Requantise(&out, f, ggml.Q8_0); err != nil {
		t.Fatal(err)
	}
	g, err := ggml.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if err := ggml.Requantise(&bytes.Buffer{}, g, ggml.BF16); err == nil {
		t.Error("quantised weights were quantised again")
	}
}
