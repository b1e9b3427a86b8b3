package subtitle

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const wordBody = "word/document.xml"

// wordParagraphs gives the lines of text of a Word document, without anything else it holds.
func wordParagraphs(src io.ReaderAt, size int64) ([]string, error) {
	z, err := zip.NewReader(src, size)
	if err != nil {
		return nil, fmt.Errorf("not a Word document: %w", err)
	}
	f, err := z.Open(wordBody)
	if err != nil {
		return nil, errors.New("not a Word document: it has no body")
	}
	defer f.Close()
	// A zip file can promise little and unpack to a lot.
	limited := &io.LimitedReader{R: f, N: maxSize}
	dec := xml.NewDecoder(limited)
	var lines []string
	var line strings.Builder
	flush := func() {
		lines = append(lines, line.String())
		line.Reset()
	}
	inText := false
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && limited.N > 0 {
			return lines, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the document's body cannot be read: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				inText = true
			case "br", "cr":
				flush()
			case "tab":
				line.WriteByte(' ')
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				inText = false
			case "p":
				flush()
			}
		case xml.CharData:
			if inText {
				line.Write(t)
			}
		}
	}
}
