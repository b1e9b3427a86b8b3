// Package tus holds what resumable uploads by tus 1.0 (https://tus.io/protocols/resumable-upload) need besides their
// requests: the headers read, one request at a time for an upload in this server (of several, the offset in the database
// decides). The requests are answered in package web.
package tus

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
)

// What a server of tus tells of itself, and what its requests are.
const (
	Version                = "1.0.0"
	Extensions             = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
	ContentType            = "application/offset+octet-stream"
	StatusChecksumMismatch = 460 // tus's own
)

const (
	maxMetadata      = 64 << 10 // bytes of an Upload-Metadata header: room for a council's roster
	maxMetadataPairs = 32
)

var errHeader = errors.New("malformed header")

// checksumSizes are the algorithms of Upload-Checksum and the bytes of their sums.
var checksumSizes = map[string]int{"sha1": sha1.Size, "sha256": sha256.Size, "md5": md5.Size}

// ChecksumAlgorithms in the order they are offered.
var ChecksumAlgorithms = []string{"sha1", "sha256", "md5"}

// ParseMetadata reads Upload-Metadata: comma-separated pairs of an ASCII key and, after a space, a
// base64 value that may be absent. Values must be UTF-8, since all our keys are words.
func ParseMetadata(header string) (map[string]string, error) {
	pairs := map[string]string{}
	if strings.TrimSpace(header) == "" {
		return pairs, nil
	}
	if len(header) > maxMetadata || strings.Count(header, ",") >= maxMetadataPairs {
		return nil, errHeader
	}
	for pair := range strings.SplitSeq(header, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if key == "" || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return nil, errHeader
		}
		if _, twice := pairs[key]; twice {
			return nil, errHeader
		}
		value, err := decode(strings.TrimSpace(encoded))
		if err != nil || !utf8.Valid(value) {
			return nil, errHeader
		}
		pairs[key] = string(value)
	}
	return pairs, nil
}

// ParseChecksum reads Upload-Checksum: an algorithm, a space, the base64 sum. "" is no checksum.
func ParseChecksum(header string) (*pipeline.Checksum, error) {
	if header == "" {
		return nil, nil
	}
	algorithm, encoded, ok := strings.Cut(header, " ")
	if !ok || !slices.Contains(ChecksumAlgorithms, algorithm) {
		return nil, errHeader
	}
	sum, err := decode(encoded)
	if err != nil || len(sum) != checksumSizes[algorithm] {
		return nil, errHeader
	}
	return &pipeline.Checksum{Algorithm: algorithm, Sum: sum}, nil
}

// decode reads base64 of one spelling only. Go's decoder skips line breaks also when it is strict; no header holds any.
func decode(encoded string) ([]byte, error) {
	if strings.ContainsAny(encoded, "\r\n") {
		return nil, errHeader
	}
	return base64.StdEncoding.Strict().DecodeString(encoded)
}

// ParseLength reads the length of a new upload: Upload-Length, or that it is told later, which is
// store.UnknownSize.
func ParseLength(h http.Header) (int64, error) {
	switch h.Get("Upload-Defer-Length") {
	case "":
		return ParseSize(h.Get("Upload-Length"))
	case "1":
		if h.Get("Upload-Length") == "" {
			return store.UnknownSize, nil
		}
	}
	return 0, errHeader
}

// ParseSize reads a count of bytes: digits only, so no sign, space or fraction, and within 63 bits.
func ParseSize(header string) (int64, error) {
	if header == "" || strings.ContainsFunc(header, func(c rune) bool { return c < '0' || c > '9' }) {
		return 0, errHeader
	}
	n, err := strconv.ParseInt(header, 10, 64)
	if err != nil {
		return 0, errHeader
	}
	return n, nil
}
