package pipeline

import (
	"bytes"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
)

// A person's every small edit stores the whole transcript, so it is packed with Zstandard before it is sealed. JSON
// never begins as a packed one does; what was stored unpacked is read as it is.
var packedMark = []byte{0x28, 0xb5, 0x2f, 0xfd}

var (
	packer   = sync.OnceValues(func() (*zstd.Encoder, error) { return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)) })
	unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxResult))
	})
)

func pack(data []byte) ([]byte, error) {
	e, err := packer()
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "pipeline: pack result", err)
	}
	return e.EncodeAll(data, nil), nil
}

// readAll reads a blob and closes it, unpacked when it is packed.
func readAll(r blob.ReadAtCloser) ([]byte, error) {
	data, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if closed := r.Close(); err == nil {
		err = closed
	}
	if err != nil || !bytes.HasPrefix(data, packedMark) {
		return data, err
	}
	d, err := unpacker()
	if err != nil {
		return nil, err
	}
	return d.DecodeAll(data, nil)
}

// read is a blob that was read whole.
type read struct{ *bytes.Reader }

func (read) Close() error { return nil }
