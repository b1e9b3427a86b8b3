// Package pdf sets headings, paragraphs, lists and tables on A4 pages and writes them as one file that is both
// PDF/A-2a (to be kept, ISO 19005-2) and PDF/UA-1 (to be read by everybody, ISO 14289-1): structure that a screen
// reader walks, text that can be copied, language, title, bookmarks, embedded fonts, colours with a profile.
//
// What is not here: what stands in a document (package export), any other page size, links, forms, signatures,
// hyphenation, and scripts that are written from right to left or whose letters join; such letters are shown as
// □, kept for whoever copies or listens, and told of once at the end.
//
// It is written here because none of the Go libraries that were looked at and could be had writes structure: fpdf,
// gopdf and maroto draw without, pdfcpu checks it but does not make it. What is hard and stands elsewhere is taken
// from there: glyphs and kerning from x/image, character clusters from uax29, directions from x/text.
package pdf

import (
	"io"
	"time"

	"github.com/referent/referent"
)

// Document is one file. All text is plain UTF-8; what is not becomes U+FFFD.
type Document struct {
	Lang        string // BCP 47, "nb-NO"; needed
	Title       string // shown by readers for the file's name; needed
	Subject     string
	Author      string
	Description string
	Created     time.Time   // zero: unknown, and not in the file
	Properties  [][2]string // names (XML names) and values for machines, in the metadata

	Brand string // whose document it is, at the top of each page; may be empty
	Logo  *Logo  // in place of Brand, which is its text then; nil: none
	Name  string // what the document is, at the top of each page; may be empty
	Label string // at the bottom of each page; may be empty
	Page  func(page, pages int) string
	Lost  func(characters string) string // says that characters ("U+1F600, U+0634") are shown as □

	Blocks []Block
}

// Block is a Heading, Paragraph, List or Table.
type Block interface {
	// boxes are the block's parts as they are set, with their places in the structure.
	boxes(f *flow) []box
}

// Run is text in one face.
type Run struct {
	Text  string
	Face  Face
	Quiet bool // smaller and grey, for references
}

// Face is one of the fonts of a document.
type Face int

const (
	Regular Face = iota
	Bold
	Italic
	faces
)

// Heading is a heading of level 1, the document's, to 6. A level that is more than one below the heading before
// it is told as one below, as the standard demands; it looks as it was given.
type Heading struct {
	Level int
	Text  string
}

// Paragraph is running text.
type Paragraph struct {
	Style Style
	Runs  []Run
}

// Style is what a paragraph looks like.
type Style int

const (
	Body     Style = iota
	Subtitle       // under the title
	Notice         // a coloured field that nobody overlooks
	Line           // of a head: little space around it
	Fine           // smaller, under a rule where it is the first
)

// List is a list with bullets, or with numbers from 1 on.
type List struct {
	Ordered bool
	Items   [][]Run
}

// Table is a table. Its head stands on every page that it fills; a row is broken only where it is longer than
// a page. Rows have as many cells as the head.
type Table struct {
	Head []string
	Rows [][][]Run
}

// Write writes the file. The same document gives the same bytes. The error is w's, or CodeInternal.
func (d *Document) Write(w io.Writer) error {
	const op = "pdf: write document"
	f, err := newFlow(d)
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	f.set(d.Blocks)
	if list := f.lost(); list != "" && d.Lost != nil {
		f.set([]Block{Paragraph{Fine, []Run{{Text: d.Lost(list)}}}})
	}
	data, err := f.file()
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	_, err = w.Write(data)
	return err
}
