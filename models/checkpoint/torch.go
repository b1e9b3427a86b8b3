package checkpoint

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// maxPickle bounds the pickle that describes the tensors; large-v3's is under 200 KB. Its machine may
// need some hundred times as much memory.
const maxPickle = 2 << 20

// loadTorch takes the tensors of a PyTorch file that holds a Whisper.
func (c *Checkpoint) loadTorch(r io.ReaderAt, size int64) error {
	c.Format = "pytorch"
	entries, err := readTorch(r, size)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, isName := e.Key.(string)
		tensor, isTensor := e.Value.(*Tensor)
		if !isName || !isTensor {
			return badFormat("a PyTorch file that holds more than tensors")
		}
		if tensor.Kind == Int64 {
			return badFormat("tensor %q holds whole numbers; take a version with floating-point weights", name)
		}
		if err := c.addForeign(name, *tensor); err != nil {
			return err
		}
	}
	return nil
}

// TorchTensors lists the tensors of any PyTorch file by the names they have in it: those of the dictionary
// that the file holds, or of the "state_dict" inside it, beside which other things may stand. Their numbers
// are read from r when they are asked for. The files of a stranger are read as safely as those of a friend;
// ErrFormat for what is not such a file.
func TorchTensors(r io.ReaderAt, size int64) (map[string]Tensor, error) {
	entries, err := readTorch(r, size)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: read tensors: %w", err)
	}
	tensors := make(map[string]Tensor, len(entries))
	for _, e := range entries {
		name, isName := e.Key.(string)
		tensor, isTensor := e.Value.(*Tensor)
		_, twice := tensors[name]
		if !isName || !isTensor || twice {
			return nil, fmt.Errorf("checkpoint: read tensors: %w", badFormat("a PyTorch file that holds more than tensors"))
		}
		tensors[name] = *tensor
	}
	return tensors, nil
}

// readTorch reads a PyTorch file: a zip archive with a pickle that describes the tensors, and one stored
// (never compressed) member for each. Only the classes that tensors need are allowed in the pickle, and
// none of them runs code: weights from a stranger cannot do more here than fail.
func readTorch(r io.ReaderAt, size int64) (entries []types.DictEntry, err error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, badFormat("a zip archive that cannot be opened")
	}
	u := torchFile{at: r, members: map[string]*zip.File{}}
	var description *zip.File
	for _, f := range archive.File {
		switch dir, base := path.Split(f.Name); {
		case base == "data.pkl":
			description = f
		case path.Base(dir) == "data":
			u.members[base] = f
		}
	}
	if description == nil || description.UncompressedSize64 > maxPickle {
		return nil, badFormat("a zip archive without a PyTorch description")
	}
	rc, err := description.Open()
	if err != nil {
		return nil, bare(err)
	}
	defer rc.Close()
	raw, err := io.ReadAll(io.LimitReader(rc, maxPickle))
	if err != nil {
		return nil, badFormat("a PyTorch description that cannot be unpacked: %v", bare(err))
	}
	if err := checkPickle(raw); err != nil {
		return nil, err
	}
	// The pickle machine panics on some broken programs.
	defer func() {
		if p := recover(); p != nil {
			err = badFormat("a PyTorch description that breaks its reader")
		}
	}()
	machine := pickle.NewUnpickler(bytes.NewReader(raw))
	machine.FindClass, machine.PersistentLoad = findTorchClass, u.storage
	root, err := machine.Load()
	if err != nil {
		return nil, badFormat("a PyTorch description that cannot be read: %v", err)
	}
	return stateDict(root)
}

// stateDict finds the dictionary of tensors: the whole, or "model_state_dict" (OpenAI's form) or
// "state_dict" inside it. It looks no deeper: a pickle can make a dictionary that holds itself.
func stateDict(root any) ([]types.DictEntry, error) {
	entries, ok := dictEntries(root)
	inner := slices.IndexFunc(entries, func(e types.DictEntry) bool {
		return e.Key == "model_state_dict" || e.Key == "state_dict"
	})
	if inner >= 0 {
		entries, ok = dictEntries(entries[inner].Value)
	}
	if !ok {
		return nil, badFormat("a PyTorch file that does not hold a dictionary")
	}
	return entries, nil
}

func dictEntries(v any) ([]types.DictEntry, bool) {
	switch d := v.(type) {
	case *types.Dict:
		return *d, true
	case *types.OrderedDict:
		var entries []types.DictEntry
		for e := d.List.Front(); e != nil; e = e.Next() {
			entry := e.Value.(*types.OrderedDictEntry)
			entries = append(entries, types.DictEntry{Key: entry.Key, Value: entry.Value})
		}
		return entries, true
	}
	return nil, false
}

// torchFile finds the members that storages lie in.
type torchFile struct {
	at      io.ReaderAt
	members map[string]*zip.File
}

// torchStorage is a run of numbers that tensors are cut from.
type torchStorage struct {
	kind  Kind
	at    io.ReaderAt
	off   int64
	count int64
}

// torchKind stands in the pickle for torch.HalfStorage and its siblings.
type torchKind Kind

func findTorchClass(module, name string) (any, error) {
	switch module + "." + name {
	case "torch._utils._rebuild_tensor_v2":
		return rebuildTensor{}, nil
	case "torch.FloatStorage":
		return torchKind(Float32), nil
	case "torch.HalfStorage":
		return torchKind(Float16), nil
	case "torch.BFloat16Storage":
		return torchKind(BFloat16), nil
	case "torch.DoubleStorage":
		return torchKind(Float64), nil
	case "torch.LongStorage":
		return torchKind(Int64), nil
	}
	return nil, fmt.Errorf("class %s.%s is not allowed", module, name)
}

// storage answers the pickle's request for ("storage", kind, key, device, count).
func (f torchFile) storage(id any) (any, error) {
	tuple, ok := id.(*types.Tuple)
	if !ok || tuple.Len() < 5 {
		return nil, fmt.Errorf("a reference that is not to a storage")
	}
	kind, ok1 := tuple.Get(1).(torchKind)
	key, ok2 := tuple.Get(2).(string)
	count, ok3 := tuple.Get(4).(int)
	if !ok1 || !ok2 || !ok3 || count < 0 {
		return nil, fmt.Errorf("a reference that is not to a storage of numbers")
	}
	member := f.members[key]
	if member == nil || member.Method != zip.Store {
		return nil, fmt.Errorf("storage %q is not in the archive as it should be", key)
	}
	if uint64(count) > member.UncompressedSize64/uint64(Kind(kind).size()) {
		return nil, fmt.Errorf("storage %q is shorter than it is said to be", key)
	}
	off, err := member.DataOffset()
	if err != nil {
		return nil, err
	}
	return torchStorage{kind: Kind(kind), at: f.at, off: off, count: int64(count)}, nil
}

// rebuildTensor cuts a tensor from its storage: (storage, offset, shape, strides, ...).
type rebuildTensor struct{}

func (rebuildTensor) Call(args ...any) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("a tensor without a shape")
	}
	s, ok1 := args[0].(torchStorage)
	offset, ok2 := args[1].(int)
	shape, ok3 := ints(args[2])
	strides, ok4 := ints(args[3])
	n, ok5 := elements(shape)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || offset < 0 || len(strides) != len(shape) || int64(offset) > s.count-n {
		return nil, fmt.Errorf("a tensor that does not lie inside its storage")
	}
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		if shape[i] != 1 && strides[i] != step {
			return nil, fmt.Errorf("a tensor whose numbers are not in order")
		}
		step *= shape[i]
	}
	return &Tensor{Shape: shape, Kind: s.kind, at: s.at, off: s.off + int64(offset)*s.kind.size()}, nil
}

func ints(v any) ([]int, bool) {
	tuple, ok := v.(*types.Tuple)
	if !ok {
		return nil, false
	}
	out := make([]int, tuple.Len())
	for i := range out {
		if out[i], ok = tuple.Get(i).(int); !ok {
			return nil, false
		}
	}
	return out, true
}
