// Package subtitle reads transcripts that somebody else's system made: WebVTT as Teams and Zoom export
// it, SubRip, plain text with "Name: text" lines or Teams' headings, and Teams' Word document. It keeps
// who spoke, also where one cue holds several voices, which the subtitle libraries looked at do not.
//
// What is not here: writing such files (package export) and anything about sound.
package subtitle

import (
	"errors"
	"fmt"
	"io"

	"github.com/referent/referent"
)

// Format is a form of transcript.
type Format string

const (
	None   Format = "" // not a transcript
	WebVTT Format = "webvtt"
	SubRip Format = "srt"
	Plain  Format = "text"
	Word   Format = "docx"
)

// maxSize is far above the longest meeting: ten hours of speech are about a megabyte.
const maxSize = 64 << 20

// Parse reads a transcript of size bytes. Speakers get the ids "S1", "S2" ... in the order they speak.
// Words get times by spreading them over their cue and the probability 1; a format without times
// gives zero for all of them. Every failure that lies in the text has CodeTranscriptBroken.
func Parse(src io.ReaderAt, size int64, format Format) (*referent.Transcript, error) {
	const op = "subtitle: read transcript"
	if size > maxSize {
		return nil, referent.E(referent.CodeTranscriptBroken, op, fmt.Errorf("%d bytes are too many", size))
	}
	var d document
	var err error
	if format == Word {
		var paragraphs []string
		if paragraphs, err = wordParagraphs(src, size); err == nil {
			d, err = parsePlain(paragraphs)
		}
	} else {
		raw := make([]byte, size)
		if _, rerr := src.ReadAt(raw, 0); rerr != nil && !errors.Is(rerr, io.EOF) {
			return nil, rerr
		}
		lines := splitLines(toUTF8(raw))
		switch format {
		case WebVTT:
			d, err = parseVTT(lines)
		case SubRip:
			d, err = parseSRT(lines)
		case Plain:
			d, err = parsePlain(lines)
		default:
			err = fmt.Errorf("format %q", format)
		}
	}
	if err == nil && len(d.cues) == 0 {
		err = errors.New("nothing is said in it")
	}
	if err != nil {
		return nil, referent.E(referent.CodeTranscriptBroken, op, err)
	}
	return d.transcript(), nil
}
