package ggml_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/referent/referent/models/ggml"
)

var head = ggml.Hyperparameters{
	Vocab: 5, AudioCtx: 2, AudioState: 4, AudioHead: 1, AudioLayer: 1,
	TextCtx: 2, TextState: 4, TextHead: 1, TextLayer: 1, Mels: 2, FType: 1,
}

type tensor struct {
	name string
	kind ggml.Type
	dims []int32
	data string
}

var tensors = []tensor{
	{"encoder.a", ggml.F16, []int32{4, 2}, "0123456789abcdef"},
	{"encoder.b", ggml.F32, []int32{1, 2}, "01234567"},
	{"decoder.c", ggml.Q8_0, []int32{32}, strings.Repeat("x", 34)},
}

func write(t testing.TB, tensors ...tensor) []byte {
	t.Helper()
	var out bytes.Buffer
	filters := ggml.Filters{Mels: 2, Bins: 3, Data: []float32{0, 1, 2, 3, 4, 5}}
	w, err := ggml.NewWriter(&out, head, filters, [][]byte{[]byte("a"), {}, []byte("å")})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tensors {
		if err := w.Tensor(x.name, x.kind, x.dims, strings.NewReader(x.data)); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	raw := write(t, tensors...)
	f, err := ggml.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if f.Hyperparameters != head {
		t.Errorf("hyperparameters %+v", f.Hyperparameters)
	}
	if !reflect.DeepEqual(f.Filters.Data, []float32{0, 1, 2, 3, 4, 5}) || f.Filters.Mels != 2 || f.Filters.Bins != 3 {
		t.Errorf("filters %+v", f.Filters)
	}
	if got := string(bytes.Join(f.Tokens, []byte("|"))); got != "a||å" {
		t.Errorf("tokens %q", got)
	}
	if len(f.Tensors) != len(tensors) {
		t.Fatalf("%d tensors", len(f.Tensors))
	}
	for i, want := range tensors {
		got := f.Tensors[i]
		data, err := io.ReadAll(f.Data(got))
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != want.name || got.Type != want.kind || !reflect.DeepEqual(got.Dims, want.dims) || string(data) != want.data {
			t.Errorf("tensor %d: %+v with %q", i, got, data)
		}
	}
}

func TestHeadBytes(t *testing.T) {
	raw := write(t)
	want := []uint32{0x67676d6c, 5, 2, 4, 1, 1, 2, 4, 1, 1, 2, 1, 2, 3}
	for i, v := range want {
		if got := binary.LittleEndian.Uint32(raw[4*i:]); got != v {
			t.Errorf("word %d is %d, want %d", i, got, v)
		}
	}
}

func TestDigestIgnoresOrderOnly(t *testing.T) {
	digest := func(x ...tensor) string {
		raw := write(t, x...)
		d, err := ggml.Digest(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	one := digest(tensors...)
	if other := digest(tensors[2], tensors[0], tensors[1]); other != one {
		t.Error("another order gives another digest")
	}
	changed := tensors[0]
	changed.data = "1123456789abcdef"
	renamed := tensors[0]
	renamed.name = "encoder.z"
	reshaped := tensors[0]
	reshaped.dims = []int32{2, 4}
	for _, x := range []tensor{changed, renamed, reshaped} {
		if digest(x, tensors[1], tensors[2]) == one {
			t.Errorf("%+v gives the same digest", x)
		}
	}
	if digest(tensors[:2]...) == one {
		t.Error("a tensor less gives the same digest")
	}
}

func TestOpenRefuses(t *testing.T) {
	raw := write(t, tensors...)
	for n := range len(raw) {
		// A file may only be cut where a tensor ends.
		_, err := ggml.Open(bytes.NewReader(raw[:n]), int64(n))
		whole := n == len(write(t)) || n == len(write(t, tensors[0])) || n == len(write(t, tensors[:2]...))
		if whole != (err == nil) {
			t.Fatalf("cut at byte %d of %d: %v", n, len(raw), err)
		}
		if err != nil && !errors.Is(err, ggml.ErrFormat) {
			t.Fatalf("cut at byte %d: %v is not ErrFormat", n, err)
		}
	}
	twice := write(t, tensors[0], tensors[0])
	if _, err := ggml.Open(bytes.NewReader(twice), int64(len(twice))); !errors.Is(err, ggml.ErrFormat) {
		t.Errorf("a tensor twice: %v", err)
	}
}

func TestOpenReportsTheDisk(t *testing.T) {
	broken := errors.New("input/output error")
	_, err := ggml.Open(failing{broken}, 1000)
	if !errors.Is(err, broken) || errors.Is(err, ggml.ErrFormat) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestWriterRefuses(t *testing.T) {
	filters := ggml.Filters{Mels: 2, Bins: 1, Data: []float32{0, 1}}
	for name, f := range map[string]func() error{
		"filters of another size": func() error {
			_, err := ggml.NewWriter(io.Discard, head, ggml.Filters{Mels: 3, Bins: 1, Data: []float32{0, 1, 2}}, nil)
			return err
		},
		"more tokens than the vocabulary": func() error {
			_, err := ggml.NewWriter(io.Discard, head, filters, make([][]byte, 6))
			return err
		},
		"too little data": func() error {
			w, err := ggml.NewWriter(io.Discard, head, filters, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = w.Tensor("x", ggml.F32, []int32{2}, strings.NewReader("1234"))
			if again := w.Tensor("y", ggml.F32, []int32{1}, strings.NewReader("1234")); again == nil {
				t.Error("the error does not stick")
			}
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	raw := write(f, tensors...)
	f.Add(raw)
	f.Add(raw[:len(raw)-3])
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ggml.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for _, x := range file.Tensors {
			if x.Offset < 0 || x.Size <= 0 || x.Offset+x.Size > int64(len(b)) {
				t.Fatalf("%+v lies outside %d bytes", x, len(b))
			}
		}
	})
}
