package whispercpp

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// FuzzCheck walks anything as weights. What passes has at least as many tensors as its header promises, and so is not short.
func FuzzCheck(f *testing.F) {
	h := header{Magic: magic, Vocab: 51865, AudioCtx: 1500, AudioState: 64, AudioHead: 1, AudioLayer: 4,
		TextCtx: 448, TextState: 64, TextHead: 1, TextLayer: 1, Mels: 80, FilterMels: 80, FilterFFT: 201}
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, h); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	b.Write(make([]byte, 80*201*4))
	f.Add(append(bytes.Clone(b.Bytes()), 1, 0, 0, 0, 2, 0, 0, 0, 'j', 'a', 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0))
	f.Add(append(bytes.Clone(b.Bytes()), 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 127, 255, 255, 255, 255, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		if check(bytes.NewReader(data), int64(len(data))) == nil && len(data) < 80*201*4 {
			t.Errorf("%d bytes pass for weights", len(data))
		}
	})
}
