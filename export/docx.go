package export

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
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
}

// writeDOCX writes a WordprocessingML document. Its bytes depend on the document alone.
func writeDOCX(w io.Writer, d *document) error {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	at := d.provenance.Created
	if at.Year() < 1980 { // what a zip entry can hold
		at = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	add := func(name, content string) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at.UTC()})
		if err == nil {
			_, err = io.WriteString(f, content)
		}
		return err
	}
	parts := [][2]string{}
	for _, n := range docxNames {
		data, err := docxParts.ReadFile(n[1])
		if err != nil {
			return referent.E(referent.CodeInternal, "export: write DOCX", err)
		}
		parts = append(parts, [2]string{n[0], string(data)})
	}
	styles, err := docxParts.ReadFile("docx/styles.xml")
	if err != nil {
		return referent.E(referent.CodeInternal, "export: write DOCX", err)
	}
	locale := map[string]string{"nb": "nb-NO", "nn": "nn-NO"}[d.lang]
	parts = append(parts,
		[2]string{"word/styles.xml", strings.ReplaceAll(string(styles), "LANGUAGE", locale)},
		[2]string{"word/document.xml", docxDocument(d)},
		[2]string{"word/footer1.xml", docxFooter(d)},
		[2]string{"docProps/core.xml", docxCore(d, locale, at)},
		[2]string{"docProps/custom.xml", docxCustom(d)},
	)
	for _, p := range parts {
		if err := add(p[0], p[1]); err != nil {
			return referent.E(referent.CodeInternal, "export: write DOCX", err)
		}
	}
	if err := z.Close(); err != nil {
		return referent.E(referent.CodeInternal, "export: write DOCX", err)
	}
	_, err = w.Write(buf.Bytes())
	return err
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

const wordSpaces = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

// xmlText escapes text; characters that XML cannot hold become the replacement character.
func xmlText(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a bytes.Buffer never fails
	return b.String()
}

// run is text with character properties, e.g. "<w:b/>".
func run(text, properties string) string {
	if text == "" {
		return ""
	}
	if properties != "" {
		properties = "<w:rPr>" + properties + "</w:rPr>"
	}
	return "<w:r>" + properties + `<w:t xml:space="preserve">` + xmlText(text) + "</w:t></w:r>"
}

func paragraph(style string, runs ...string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>` + strings.Join(runs, "") + "</w:p>"
}

// evidenceRuns writes the places a statement can be heard, in their own style.
func evidenceRuns(places []string) string {
	var b strings.Builder
	for _, p := range places {
		b.WriteString(run(" ["+p+"]", `<w:rStyle w:val="Evidence"/>`))
	}
	return b.String()
}

func docxDocument(d *document) string {
	var b strings.Builder
	b.WriteString(xmlHead + "<w:document " + wordSpaces + "><w:body>")
	b.WriteString(paragraph("Title", run(d.title, "")))
	if d.label != "" {
		b.WriteString(paragraph("AILabel", run(d.label, "")))
	}
	if d.name != d.title {
		b.WriteString(paragraph("Subtitle", run(d.name, "")))
	}
	for _, h := range d.head {
		b.WriteString(paragraph("Head", run(h[0]+": ", "<w:b/>"), run(h[1], "")))
	}
	for i := range d.parts {
		docxPart(&b, &d.parts[i])
	}
	for _, f := range d.footer {
		b.WriteString(paragraph("Provenance", run(f, "")))
	}
	b.WriteString(`<w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/>` +
		`<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417" w:bottom="1417" w:left="1417" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr>`)
	b.WriteString("</w:body></w:document>")
	return b.String()
}

func docxPart(b *strings.Builder, p *part) {
	if p.heading != "" {
		b.WriteString(paragraph(fmt.Sprintf("Heading%d", p.level-1), run(p.heading, "")))
	}
	style := "ListBullet"
	if p.prose {
		style = "BodyText"
	}
	for _, s := range p.points {
		var runs []string
		if s.lead != "" {
			runs = append(runs, run(s.lead+": ", "<w:b/>"))
		}
		runs = append(runs, run(s.text, ""))
		if s.note != "" {
			runs = append(runs, run(" – "+s.note, "<w:i/>"))
		}
		runs = append(runs, evidenceRuns(s.evidence))
		b.WriteString(paragraph(style, runs...))
	}
	if len(p.columns) > 0 {
		docxTable(b, p)
	}
}

// textWidth is the width between the margins, in twentieths of a point.
const textWidth = 11906 - 2*1417

func docxTable(b *strings.Builder, p *part) {
	widths := columnWidths(len(p.columns), p.cited)
	b.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="Table"/><w:tblW w:w="5000" w:type="pct"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>`)
	for _, n := range widths {
		fmt.Fprintf(b, `<w:gridCol w:w="%d"/>`, n)
	}
	b.WriteString("</w:tblGrid>")
	cell := func(i int, content string) {
		fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>%s</w:tc>`, widths[i], content)
	}
	b.WriteString("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>") // the head repeats on every page
	for i, c := range p.columns {
		cell(i, paragraph("TableText", run(c, "<w:b/>")))
	}
	b.WriteString("</w:tr>")
	for _, r := range p.rows {
		b.WriteString("<w:tr><w:trPr><w:cantSplit/></w:trPr>")
		for i, c := range r.cells {
			runs := []string{run(c, "")}
			if i == p.cited {
				runs = append(runs, evidenceRuns(r.evidence))
			}
			cell(i, paragraph("TableText", runs...))
		}
		b.WriteString("</w:tr>")
	}
	b.WriteString("</w:tbl>" + paragraph("TableText"))
}

// columnWidths gives the cited column, which holds sentences, three shares of the text's width.
func columnWidths(n, cited int) []int {
	share := textWidth / (n + 2)
	out := make([]int, n)
	for i := range out {
		out[i] = share
	}
	out[cited] = textWidth - share*(n-1)
	return out
}

// docxFooter repeats the label on every page, beside the page's number.
func docxFooter(d *document) string {
	return xmlHead + "<w:ftr " + wordSpaces + ">" + paragraph("Footer", run(d.label, ""), `<w:r><w:tab/></w:r>`,
		`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>`+
			`<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`) + "</w:ftr>"
}

// docxCore is the document's properties: title, language, and the label as its status and description.
func docxCore(d *document, locale string, at time.Time) string {
	stamp := at.UTC().Format("2006-01-02T15:04:05Z")
	return xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		"<dc:title>" + xmlText(d.title) + "</dc:title><dc:subject>" + xmlText(d.name) + "</dc:subject>" +
		"<dc:creator>Referent</dc:creator><dc:description>" + xmlText(d.label) + "</dc:description>" +
		"<dc:language>" + locale + "</dc:language>" +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + stamp + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + stamp + "</dcterms:modified>" +
		"</cp:coreProperties>"
}

// docxCustom marks the document for machines: that AI made it, with what, and from which prompt.
func docxCustom(d *document) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">`)
	pid := 2 // the first that the format allows
	for _, p := range [][2]string{{"AI-label", d.label}, {"AI-writer", d.provenance.Writer}, {"AI-model", d.provenance.Model}, {"AI-prompt-SHA256", d.provenance.PromptSHA256}} {
		if p[1] == "" {
			continue
		}
		fmt.Fprintf(&b, `<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="%d" name="%s"><vt:lpwstr>%s</vt:lpwstr></property>`, pid, p[0], xmlText(p[1]))
		pid++
	}
	b.WriteString("</Properties>")
	return b.String()
}
