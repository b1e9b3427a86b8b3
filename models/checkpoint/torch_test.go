package checkpoint

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// torchArchive is a PyTorch file with one storage of 40 bytes, named 0.
func torchArchive(t *testing.T, pickle string, method uint16) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	storage := make([]byte, 40)
	for i := range 5 {
		binary.LittleEndian.PutUint64(storage[8*i:], uint64(i+1))
	}
	for name, content := range map[string][]byte{"x/data.pkl": []byte(pickle), "x/data/0": storage} {
		f, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pickleText(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func pickleNumber(n int) string {
	return "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(n)))
}

func pickleTuple(v ...int) string {
	out := "("
	for _, n := range v {
		out += pickleNumber(n)
	}
	return out + "t"
}

// pickleTensor describes a tensor cut from storage 0, which is said to hold count numbers.
func pickleTensor(class string, count, offset int, shape, strides []int) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n((" + pickleText("storage") + "ctorch\n" + class + "\n" +
		pickleText("0") + pickleText("cpu") + pickleNumber(count) + "tQ" + pickleNumber(offset) +
		pickleTuple(shape...) + pickleTuple(strides...) + "\x89)tR"
}

func pickleDict(entries ...string) string { return "}(" + strings.Join(entries, "") + "u" }

func torchTensors(t *testing.T, root string, method uint16) (map[string]Tensor, error) {
	t.Helper()
	raw := torchArchive(t, "\x80\x02"+root+".", method)
	return TorchTensors(bytes.NewReader(raw), int64(len(raw)))
}

// Tensors lie in the file's dictionary or in the one of that name inside it, beside other things.
func TestTorchTensors(t *testing.T) {
	inner := pickleDict(
		pickleText("a"), pickleTensor("LongStorage", 5, 1, []int{2, 2}, []int{2, 1}),
		pickleText("b"), pickleTensor("FloatStorage", 10, 0, []int{}, []int{}))
	for name, root := range map[string]string{
		"plain": inner,
		"inside": pickleDict(pickleText("format_version"), "K\x01", pickleText("state_dict"), inner,
			pickleText("model"), pickleDict(pickleText("step"), "G\x3f\xf0\x00\x00\x00\x00\x00\x00", pickleText("on"), "\x88")),
	} {
		tensors, err := torchTensors(t, root, zip.Store)
		if err != nil || len(tensors) != 2 {
			t.Errorf("%s: %v, %v", name, tensors, err)
			continue
		}
		a, b := tensors["a"], tensors["b"]
		v, err := a.Floats()
		if err != nil || a.Kind != Int64 || !slices.Equal(a.Shape, []int{2, 2}) || !slices.Equal(v, []float32{2, 3, 4, 5}) {
			t.Errorf("%s: %v, %v, %v", name, a, v, err)
		}
		if v, err := b.Floats(); err != nil || len(b.Shape) != 0 || len(v) != 1 {
			t.Errorf("%s: %v, %v, %v", name, b, v, err)
		}
	}
}

// What a stranger's file says of itself is held against what it has.
func TestTorchTensorsOfStrangers(t *testing.T) {
	one := func(tensor string) string { return pickleDict(pickleText("a"), tensor) }
	for name, root := range map[string]string{
		"a storage longer than its member": one(pickleTensor("FloatStorage", 11, 0, []int{1}, []int{1})),
		"a storage of less than nothing":   one(pickleTensor("FloatStorage", -1, 0, []int{0}, []int{1})),
		"a tensor behind its storage":      one(pickleTensor("FloatStorage", 10, 9, []int{2}, []int{1})),
		"a tensor before its storage":      one(pickleTensor("FloatStorage", 10, -1, []int{2}, []int{1})),
		"a tensor larger than memory":      one(pickleTensor("FloatStorage", 10, 0, []int{1 << 30, 1 << 30}, []int{1 << 30, 1})),
		"a tensor spread from one number":  one(pickleTensor("FloatStorage", 10, 0, []int{10}, []int{0})),
		"a tensor read backwards":          one(pickleTensor("FloatStorage", 10, 0, []int{2}, []int{-1})),
		"a dimension below zero":           one(pickleTensor("FloatStorage", 10, 0, []int{-1}, []int{1})),
		"strides for another shape":        one(pickleTensor("FloatStorage", 10, 0, []int{2}, []int{1, 1})),
		"a class that runs code":           one(strings.Replace(pickleTensor("FloatStorage", 10, 0, []int{1}, []int{1}), "torch._utils\n_rebuild_tensor_v2", "os\nsystem", 1)),
		"a storage of quantised numbers":   one(pickleTensor("CharStorage", 40, 0, []int{1}, []int{1})),
		"a storage that is not there":      one(strings.Replace(pickleTensor("FloatStorage", 10, 0, []int{1}, []int{1}), pickleText("0"), pickleText("1"), 1)),
		"a word among the tensors":         one(pickleText("b")),
		"a number for a name":              pickleDict("K\x01", pickleTensor("FloatStorage", 10, 0, []int{1}, []int{1})),
		"a list":                           "]",
		"a dictionary inside itself":       "}q\x00" + pickleText("state_dict") + "h\x00s",
		"a state that is not a dictionary": pickleDict(pickleText("state_dict"), "K\x01"),
		"no value":                         "",
	} {
		if tensors, err := torchTensors(t, root, zip.Store); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, %v", name, tensors, err)
		}
	}
	if _, err := torchTensors(t, one(pickleTensor("FloatStorage", 10, 0, []int{1}, []int{1})), zip.Deflate); !errors.Is(err, ErrFormat) {
		t.Errorf("a packed storage, which may unpack to anything: %v", err)
	}
}

// A Whisper is of floating-point numbers; whole ones would be weights that were quantised.
func TestWhisperOfWholeNumbersIsRefused(t *testing.T) {
	const name = "decoder.blocks.0.mlp.0.weight"
	raw := torchArchive(t, "\x80\x02"+pickleDict(pickleText(name), pickleTensor("LongStorage", 5, 0, []int{5}, []int{1}))+".", zip.Store)
	c := &Checkpoint{}
	if err := c.loadTorch(bytes.NewReader(raw), int64(len(raw))); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "whole numbers") {
		t.Error(err)
	}
}
