package export

import (
	"archive/zip"
	"bytes"
	"embed"
	"io"
	"time"

	"github.com/referent/referent"
)

// The package is written part by part with encoding/xml's escaping and our own style sheet: real
// headings, lists, table heads that repeat, and a proofing language, in some 20 KB. The Go libraries
// with a permissive licence that were looked at have no document properties and bring 900 KB of styles.
//
//go:embed docx/*.xml
var docxParts embed.FS

// docxNames maps the fixed parts of a document to the files they are kept in.
var docxNames = [][2]string{
	{"[Content_Types].xml", "docx/content_types.xml"},
	{"_rels/.rels", "docx/package_rels.xml"},
	{"word/_rels/document.xml.rels", "docx/document_rels.xml"},
	{"word/numbering.xml", "docx/numbering.xml"},
	{"word/settings.xml", "docx/settings.xml"},
	{"word/styles.xml", "docx/styles.xml"},
}

// docxPackage is a document's parts, put into one archive.
type docxPackage struct {
	zip *zip.Writer
	at  time.Time
	err error // the first; nothing is written after it
}

func (p *docxPackage) add(name string, content []byte) {
	if p.err != nil {
		return
	}
	f, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.at})
	if err == nil {
		_, err = f.Write(content)
	}
	p.err = err
}

// writeDOCX writes a WordprocessingML document. Its bytes depend on the document alone.
func writeDOCX(w io.Writer, d *document) error {
	const op = "export: write DOCX"
	var buf bytes.Buffer
	at := d.provenance.Created.UTC()
	if at.Year() < 1980 || at.Year() > 2107 { // what a zip entry can hold
		at = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	p := &docxPackage{zip: zip.NewWriter(&buf), at: at}
	locale := map[string]string{"nb": "nb-NO", "nn": "nn-NO"}[d.lang]
	for _, n := range docxNames {
		data, err := docxParts.ReadFile(n[1])
		if err != nil {
			return referent.E(referent.CodeInternal, op, err)
		}
		p.add(n[0], bytes.ReplaceAll(data, []byte("LANGUAGE"), []byte(locale)))
	}
	p.add("word/document.xml", []byte(docxDocument(d)))
	p.add("word/header1.xml", []byte(docxHeader(d)))
	p.add("word/footer1.xml", []byte(docxFooter(d)))
	if d.brand.hasLogo() {
		p.add("word/_rels/header1.xml.rels", []byte(docxLogoRelation(d.brand)))
		p.add("word/media/logo."+d.brand.form, d.brand.logo)
	}
	p.add("docProps/core.xml", []byte(docxCore(d, locale, at)))
	p.add("docProps/custom.xml", []byte(docxCustom(d)))
	if p.err == nil {
		p.err = p.zip.Close()
	}
	if p.err != nil {
		return referent.E(referent.CodeInternal, op, p.err)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

const wordSpaces = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
