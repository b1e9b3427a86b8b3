package subtitle

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// toUTF8 decodes text with a byte order mark as it says, and text that is not UTF-8 as Windows-1252,
// which is what old Norwegian subtitle files are in. Zero bytes are dropped.
func toUTF8(raw []byte) string {
	var b []byte
	var err error
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		b, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(raw)
	case utf8.Valid(raw):
		b = raw
	default:
		b, err = charmap.Windows1252.NewDecoder().Bytes(raw)
	}
	if err != nil { // the decoders above replace what they cannot read
		b = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	}
	s := strings.TrimPrefix(string(b), "\uFEFF")
	return strings.ReplaceAll(s, "\x00", "")
}

// splitLines splits at any of the three line ends.
func splitLines(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
}
