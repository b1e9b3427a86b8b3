package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"io"
)

// maxSafetensorsHead is the format's own limit on its JSON head.
const maxSafetensorsHead = 100 << 20

var safetensorsKinds = map[string]Kind{"F32": Float32, "F16": Float16, "BF16": BFloat16, "F64": Float64}

// loadSafetensors reads the JSON head of a safetensors file: eight bytes of length, the head, the data.
func (c *Checkpoint) loadSafetensors(r io.ReaderAt, size int64) error {
	c.Format = "safetensors"
	var length [8]byte
	if size < 8 {
		return badFormat("it stops in its first eight bytes")
	}
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return bare(err)
	}
	head := binary.LittleEndian.Uint64(length[:])
	if head > maxSafetensorsHead || int64(head) > size-8 {
		return badFormat("its head is said to be %d bytes long", head)
	}
	raw := make([]byte, head)
	if _, err := r.ReadAt(raw, 8); err != nil && err != io.EOF {
		return bare(err)
	}
	var table map[string]json.RawMessage
	if err := json.Unmarshal(raw, &table); err != nil {
		return badFormat("its head is not JSON")
	}
	data := size - 8 - int64(head)
	for name, entry := range table {
		if name == "__metadata__" {
			continue
		}
		var t struct {
			Kind    string   `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}
		if err := json.Unmarshal(entry, &t); err != nil {
			return badFormat("tensor %q is not described", name)
		}
		kind, ok := safetensorsKinds[t.Kind]
		if !ok {
			return badFormat("tensor %q is of type %q; take a version with floating-point weights", name, t.Kind)
		}
		n, ok := elements(t.Shape)
		from, to := t.Offsets[0], t.Offsets[1]
		if !ok || from < 0 || to < from || to > data || to-from != n*kind.size() {
			return badFormat("tensor %q does not lie inside the file", name)
		}
		if err := c.addForeign(name, Tensor{Shape: t.Shape, Kind: kind, at: r, off: 8 + int64(head) + from}); err != nil {
			return err
		}
	}
	return nil
}
