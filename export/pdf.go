package export

import (
	"io"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/export/pdf"
)

// writePDF writes a document as PDF/A-2a and PDF/UA-1: what the DOCX has, in the same order.
func writePDF(w io.Writer, d *document) error {
	words := wordsOf(referent.Language(d.lang))
	out := &pdf.Document{
		Lang: d.lang + "-NO", Title: d.title, Subject: d.name, Author: "Referent", Description: d.label, Created: d.provenance.Created,
		Properties: d.properties(), Brand: d.brandName(), Name: d.name, Label: d.label,
		Page: func(page, pages int) string {
			return strings.NewReplacer("{page}", strconv.Itoa(page), "{pages}", strconv.Itoa(pages)).Replace(words.page)
		},
		Lost: func(characters string) string { return strings.ReplaceAll(words.lost, "{characters}", characters) },
	}
	if d.approval != nil {
		out.Author = oneLine(d.approval.By)
	}
	if d.brand.hasLogo() {
		out.Logo = d.brand.onPaper
	}
	add := func(b pdf.Block) { out.Blocks = append(out.Blocks, b) }
	add(pdf.Heading{Level: 1, Text: d.title})
	add(pdf.Paragraph{Style: pdf.Notice, Runs: []pdf.Run{{Text: d.label}}})
	if d.name != d.title {
		add(pdf.Paragraph{Style: pdf.Subtitle, Runs: []pdf.Run{{Text: d.name}}})
	}
	for _, h := range d.head {
		add(pdf.Paragraph{Style: pdf.Line, Runs: []pdf.Run{{Text: h[0] + ": ", Face: pdf.Bold}, {Text: h[1]}}})
	}
	for i := range d.parts {
		out.Blocks = append(out.Blocks, pdfPart(&d.parts[i])...)
	}
	for _, f := range d.footer {
		add(pdf.Paragraph{Style: pdf.Fine, Runs: []pdf.Run{{Text: f}}})
	}
	return out.Write(w)
}

// pdfPart is a heading with what stands under it.
func pdfPart(p *part) []pdf.Block {
	var out []pdf.Block
	if p.heading != "" {
		text := p.heading
		if p.number > 0 {
			text = strconv.Itoa(p.number) + ". " + text
		}
		out = append(out, pdf.Heading{Level: p.level, Text: text})
	}
	list := pdf.List{Ordered: p.style == ordered}
	for _, s := range p.points {
		var runs []pdf.Run
		if s.lead != "" {
			runs = append(runs, pdf.Run{Text: s.lead + ": ", Face: pdf.Bold})
		}
		runs = append(runs, pdf.Run{Text: s.text})
		if s.note != "" {
			runs = append(runs, pdf.Run{Text: " – " + s.note, Face: pdf.Italic})
		}
		runs = append(runs, pdfEvidence(s.evidence)...)
		if p.style == prose {
			out = append(out, pdf.Paragraph{Runs: runs})
		} else {
			list.Items = append(list.Items, runs)
		}
	}
	if len(list.Items) > 0 {
		out = append(out, list)
	}
	if len(p.columns) > 0 {
		out = append(out, pdfTable(p))
	}
	return out
}

func pdfTable(p *part) pdf.Table {
	t := pdf.Table{Head: p.columns}
	for _, r := range p.rows {
		cells := make([][]pdf.Run, len(r.cells))
		for i, c := range r.cells {
			cells[i] = []pdf.Run{{Text: c}}
			if i == p.cited {
				cells[i] = append(cells[i], pdfEvidence(r.evidence)...)
			}
			if r.note != "" && i == len(r.cells)-1 {
				note := r.note
				if c != "" {
					note = " – " + note
				}
				cells[i] = append(cells[i], pdf.Run{Text: note, Face: pdf.Italic})
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// pdfEvidence writes the places a statement can be heard, none of them broken.
func pdfEvidence(places []string) []pdf.Run {
	var out []pdf.Run
	for _, p := range places {
		out = append(out, pdf.Run{Text: " [" + strings.ReplaceAll(p, " ", hard) + "]", Quiet: true})
	}
	return out
}
