// Package export lays out transcripts and minutes as the files that people and other programs read:
// JSON, Markdown, HTML, DOCX, PDF, WebVTT, SRT, plain text, and RTTM for who spoke when.
//
// What is not here: deciding what stands in a document (package summarize) and in which order (package
// templates), sentences about a recording (package locale has them), how text is set on a page of PDF (package
// pdf), and archives (a later format has its own files here). Everything a meeting brings in, titles, names and
// what was said, is text: it can never become markup, a script, a field or a cue.
package export

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/templates"
)

// Renderer writes documents. The zero value is ready: built-in templates, no logo. It is safe for concurrent
// use.
type Renderer struct {
	Templates *templates.Catalogue // how minutes of each kind are laid out; nil: the built-in kinds
	Brand     *Brand               // the organisation's name and logo; nil: none
	Version   string               // of the program, for the documents' properties; may be empty
}

// TranscriptFormats lists the formats of Renderer.Transcript.
func TranscriptFormats() []string {
	return []string{"json", "md", "html", "docx", "pdf", "vtt", "srt", "txt", "rttm"}
}

// MinutesFormats lists the formats of Renderer.Minutes.
func MinutesFormats() []string { return []string{"json", "md", "html", "docx", "pdf", "txt"} }

// MediaType is the media type of a format, for HTTP answers.
func MediaType(format string) string {
	switch format {
	case "json":
		return "application/json"
	case "md":
		return "text/markdown; charset=utf-8"
	case "html":
		return "text/html; charset=utf-8"
	case "vtt":
		return "text/vtt; charset=utf-8"
	case "srt":
		return "application/x-subrip; charset=utf-8"
	case "txt", "rttm":
		return "text/plain; charset=utf-8"
	case "docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case "pdf":
		return "application/pdf"
	}
	return "application/octet-stream"
}

// Transcript writes a transcript in one of TranscriptFormats. The meeting gives title, date and
// language form; it may be nil. json, md, html, docx, pdf and vtt carry the transcript's AI label, how well it
// was heard and how its speakers were told apart; srt has no place for remarks, txt holds the words
// alone, rttm only ids and times. An unknown format is CodeInvalid; a failing w is returned as it is.
func (r Renderer) Transcript(w io.Writer, t *referent.Transcript, m *referent.Meeting, format string) error {
	const op = "export: write transcript"
	if t == nil {
		return referent.E(referent.CodeInvalid, op, nil).WithHint("there is no transcript")
	}
	if m == nil {
		m = &referent.Meeting{}
	}
	switch format {
	case "json":
		return writeJSON(w, complete(t))
	case "md":
		return write(w, transcriptMarkdown(t, m))
	case "html":
		return writeHTML(w, r.layOutTranscript(t, m))
	case "docx":
		return writeDOCX(w, r.layOutTranscript(t, m))
	case "pdf":
		return writePDF(w, r.layOutTranscript(t, m))
	case "vtt":
		return write(w, vtt(t, lang(m.Language)))
	case "srt":
		return write(w, srt(t, lang(m.Language)))
	case "rttm":
		return write(w, rttm(t))
	case "txt":
		return write(w, plain(t))
	}
	return unknown(op, format, TranscriptFormats())
}

// Minutes writes minutes in one of MinutesFormats, laid out as the template that their kind names. The
// transcript gives the times of the evidence; it may be nil, and then the evidence stands as segment ids
// alone. The meeting gives what the head needs beside the minutes: body, time of day, roles and parties; it
// may be nil too.
func (r Renderer) Minutes(w io.Writer, mi *referent.Minutes, t *referent.Transcript, m *referent.Meeting, format string) error {
	const op = "export: write minutes"
	if mi == nil {
		return referent.E(referent.CodeInvalid, op, nil).WithHint("there are no minutes")
	}
	switch format {
	case "json":
		return writeJSON(w, mi)
	case "md":
		return write(w, documentMarkdown(r.layOut(mi, t, m)))
	case "html":
		return writeHTML(w, r.layOut(mi, t, m))
	case "docx":
		return writeDOCX(w, r.layOut(mi, t, m))
	case "pdf":
		return writePDF(w, r.layOut(mi, t, m))
	case "txt":
		return write(w, documentText(r.layOut(mi, t, m, inLines)))
	}
	return unknown(op, format, MinutesFormats())
}

func unknown(op, format string, known []string) error {
	return referent.E(referent.CodeInvalid, op, fmt.Errorf("format %q", format)).WithHint("one of %v", slices.Clone(known))
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// complete is a transcript with its AI label, whose lists are never null in JSON. It shares what it does not change.
func complete(t *referent.Transcript) *referent.Transcript {
	c := *t
	c.Label = cmp.Or(t.Label, referent.DraftLabel)
	c.Segments = slices.Clone(t.Segments)
	if c.Models == nil {
		c.Models = []referent.ModelUse{}
	}
	if c.Speakers == nil {
		c.Speakers = []referent.Speaker{}
	}
	if c.Segments == nil {
		c.Segments = []referent.Segment{}
	}
	for i := range c.Segments {
		if c.Segments[i].Words == nil {
			c.Segments[i].Words = []referent.Word{}
		}
	}
	return &c
}

func write(w io.Writer, s string) error {
	_, err := io.WriteString(w, s)
	return err
}
