package checkpoint

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/referent/referent/models/ggml"
)

// melArchive holds the mel filters of OpenAI's Whisper (MIT, see models/licences), for 80 and 128 bands,
// as NumPy arrays. They are part of the model: other filters give other text.
//
//go:embed mel_filters.npz
var melArchive []byte

// numpyHead finds the shape in the text that opens a NumPy array, and accepts only 32-bit floats in rows.
var numpyHead = regexp.MustCompile(`'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\)`)

// melFilters returns the filters for a model of that many bands.
func melFilters(bands int32) (ggml.Filters, error) {
	archive, err := zip.NewReader(bytes.NewReader(melArchive), int64(len(melArchive)))
	if err != nil {
		return ggml.Filters{}, fmt.Errorf("open mel filters: %w", err)
	}
	f, err := archive.Open(fmt.Sprintf("mel_%d.npy", bands))
	if err != nil {
		return ggml.Filters{}, badFormat("a model of %d mel bands", bands)
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return ggml.Filters{}, fmt.Errorf("read mel filters: %w", err)
	}
	// Magic (6 bytes), version (2), length of the head (2), head, data.
	if len(raw) < 10 {
		return ggml.Filters{}, fmt.Errorf("read mel filters: %w", io.ErrUnexpectedEOF)
	}
	start := 10 + int(binary.LittleEndian.Uint16(raw[8:]))
	shape := numpyHead.FindSubmatch(raw)
	if shape == nil || start > len(raw) {
		return ggml.Filters{}, fmt.Errorf("read mel filters: not rows of 32-bit floats")
	}
	rows, err1 := strconv.Atoi(string(shape[1]))
	bins, err2 := strconv.Atoi(string(shape[2]))
	if err1 != nil || err2 != nil || len(raw)-start != 4*rows*bins {
		return ggml.Filters{}, fmt.Errorf("read mel filters: %d bytes for %s x %s", len(raw)-start, shape[1], shape[2])
	}
	filters := ggml.Filters{Mels: int32(rows), Bins: int32(bins), Data: make([]float32, rows*bins)}
	decode(filters.Data, raw[start:], Float32)
	return filters, nil
}
