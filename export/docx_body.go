package export

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

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

func paragraph(style string, runs ...string) string { return paragraphWith(style, "", runs...) }

// paragraphWith is a paragraph with properties beside its style's, e.g. "<w:numPr>…".
func paragraphWith(style, properties string, runs ...string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/>` + properties + `</w:pPr>` + strings.Join(runs, "") + "</w:p>"
}

// numberedHeading counts sections with the list of numbering.xml that is kept for them.
const numberedHeading = `<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>`

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
	b.WriteString(`<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader"/><w:footerReference w:type="default" r:id="rIdFooter"/>` +
		`<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417" w:bottom="1417" w:left="1417" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr>`)
	b.WriteString("</w:body></w:document>")
	return b.String()
}

func docxPart(b *strings.Builder, p *part) {
	if p.heading != "" {
		properties := ""
		if p.number > 0 {
			properties = numberedHeading
		}
		b.WriteString(paragraphWith(fmt.Sprintf("Heading%d", p.level-1), properties, run(p.heading, "")))
	}
	style := map[pointStyle]string{bullets: "ListBullet", prose: "BodyText", ordered: "ListNumber"}[p.style]
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
			if r.note != "" && i == len(r.cells)-1 {
				note := r.note
				if c != "" {
					note = " – " + note
				}
				runs = append(runs, run(note, "<w:i/>"))
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
