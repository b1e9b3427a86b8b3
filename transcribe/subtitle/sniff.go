package subtitle

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
)

// Sniff tells by its content whether an upload is a transcript, and of which form. An error is a
// failure to read src.
func Sniff(src io.ReaderAt, size int64) (Format, error) {
	head := make([]byte, min(size, 8<<10))
	if n, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return None, err
	} else {
		head = head[:n]
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return sniffWord(src, size)
	}
	bom := bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF})
	if !bom && bytes.IndexByte(head, 0) >= 0 {
		return None, nil // no text has zero bytes
	}
	text := toUTF8(head)
	lines := splitLines(text)
	if int64(len(head)) < size && len(lines) > 1 {
		lines = lines[:len(lines)-1] // cut off in the middle
	}
	if strings.HasPrefix(text, "WEBVTT") {
		return WebVTT, nil
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
		return None, nil
	}
	var said []string
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			said = append(said, l)
		}
	}
	if isSRT(said) {
		return SubRip, nil
	}
	named, headings := 0, 0
	for _, l := range said {
		if _, _, ok := nameAndText(l); ok {
			named++
		} else if _, _, ok := headingLine(l); ok {
			headings++
		}
	}
	if len(said) > 0 && (2*named >= len(said) || headings >= 2 || headings == 1 && len(said) <= 4) {
		return Plain, nil
	}
	return None, nil
}

// isSRT looks for a number and a line of times at the start.
func isSRT(said []string) bool {
	for i, l := range said[:min(2, len(said))] {
		if strings.Contains(l, "-->") {
			_, _, err := timing(l)
			return err == nil
		}
		if i == 0 && strings.Trim(l, "0123456789") != "" {
			return false
		}
	}
	return false
}

func sniffWord(src io.ReaderAt, size int64) (Format, error) {
	z, err := zip.NewReader(src, size)
	if err != nil {
		return None, nil // some other file that begins like a zip
	}
	for _, f := range z.File {
		if f.Name == wordBody {
			return Word, nil
		}
	}
	return None, nil
}
