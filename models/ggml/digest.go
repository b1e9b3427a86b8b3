package ggml

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
)

// Digest names the content of a model file: SHA-256, in hexadecimal, over the hyperparameters, the mel
// filters, the tokens, and for each tensor, by name, its type, shape and the SHA-256 of its bytes. Two
// files with the same digest hold the same model, whatever order their tensors stand in.
func Digest(r io.ReaderAt, size int64) (string, error) {
	f, err := Open(r, size)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	put := func(v any) { // a hash never fails to take bytes
		_ = binary.Write(sum, binary.LittleEndian, v)
	}
	put(f.Hyperparameters)
	put([2]int32{f.Filters.Mels, f.Filters.Bins})
	put(f.Filters.Data)
	put(int32(len(f.Tokens)))
	for _, t := range f.Tokens {
		put(int32(len(t)))
		sum.Write(t)
	}
	slices.SortFunc(f.Tensors, func(a, b Tensor) int { return cmp.Compare(a.Name, b.Name) })
	for _, t := range f.Tensors {
		data := sha256.New()
		if _, err := io.Copy(data, f.Data(t)); err != nil {
			return "", fmt.Errorf("ggml: digest %s: %w", t.Name, err)
		}
		put([3]int32{int32(len(t.Name)), int32(t.Type), int32(len(t.Dims))})
		put(t.Dims)
		sum.Write([]byte(t.Name))
		sum.Write(data.Sum(nil))
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
