package export

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The box that a logo is fitted into, in English Metric Units: 45 by 14 millimetres.
const (
	logoWidth  = 45 * 36000
	logoHeight = 14 * 36000
)

// docxHeader shows on every page whose document it is and what it is.
func docxHeader(d *document) string {
	var left string
	if d.brand.hasLogo() {
		left = docxLogo(d.brand)
	} else {
		left = run(d.brandName(), "")
	}
	return xmlHead + "<w:hdr " + wordSpaces + ` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">` +
		paragraph("Header", left, "<w:r><w:tab/></w:r>", run(d.name, "")) + "</w:hdr>"
}

// docxLogo is the logo in the line, with the organisation's name for those who do not see it.
func docxLogo(b *Brand) string {
	w, h := b.fit(logoWidth, logoHeight)
	name := strings.ReplaceAll(xmlText(b.Name), `"`, "&#34;")
	return fmt.Sprintf(`<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%[1]d" cy="%[2]d"/><wp:docPr id="1" name="Logo" descr="%[3]s"/>`+
		`<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">`+
		`<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="Logo" descr="%[3]s"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rIdLogo"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>`+
		`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%[1]d" cy="%[2]d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`, w, h, name)
}

func docxLogoRelation(b *Brand) string {
	return xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rIdLogo" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/logo.` + b.form + `"/></Relationships>`
}

// docxFooter repeats the label on every page, beside the page's number: "Side 1 av 3".
func docxFooter(d *document) string {
	words := &bokmal
	if d.lang == "nn" {
		words = &nynorsk
	}
	before, rest, _ := strings.Cut(words.page, "{page}")
	between, after, _ := strings.Cut(rest, "{pages}")
	return xmlHead + "<w:ftr " + wordSpaces + ">" + paragraph("Footer", run(d.label, ""), `<w:r><w:tab/></w:r>`,
		run(before, ""), docxField("PAGE"), run(between, ""), docxField("NUMPAGES"), run(after, "")) + "</w:ftr>"
}

// docxField is a number that the reader's program fills in.
func docxField(name string) string {
	return `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> ` + name + ` </w:instrText></w:r>` +
		`<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`
}

// docxCore is the document's properties: title, language, and the label as its description.
func docxCore(d *document, locale string, at time.Time) string {
	stamp := at.Format("2006-01-02T15:04:05Z")
	creator := "Referent"
	if d.approval != nil {
		creator = oneLine(d.approval.By)
	}
	return xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		"<dc:title>" + xmlText(d.title) + "</dc:title><dc:subject>" + xmlText(d.name) + "</dc:subject>" +
		"<dc:creator>" + xmlText(creator) + "</dc:creator><dc:description>" + xmlText(d.label) + "</dc:description>" +
		"<dc:language>" + locale + "</dc:language>" +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + stamp + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + stamp + "</dcterms:modified>" +
		"</cp:coreProperties>"
}

// docxCustom marks the document for machines.
func docxCustom(d *document) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">`)
	pid := 2 // the first that the format allows
	for _, p := range d.properties() {
		fmt.Fprintf(&b, `<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="%d" name="%s"><vt:lpwstr>%s</vt:lpwstr></property>`, pid, p[0], xmlText(p[1]))
		pid++
	}
	b.WriteString("</Properties>")
	return b.String()
}

// properties are what a machine reads of how the document came to be: until it is approved that AI made it,
// with what model and version and from which prompt; then who answers for it, and when.
func (d *document) properties() [][2]string {
	p := d.provenance
	var writers, models []string // of parts that were taken from another version
	for _, t := range p.Taken {
		if t.Writer != p.Writer && !slices.Contains(writers, t.Writer) {
			writers = append(writers, t.Writer)
		}
		if t.Model != p.Model && !slices.Contains(models, t.Model) {
			models = append(models, t.Model)
		}
	}
	list := [][2]string{{"ai-label", d.label}, {"ai-writer", p.Writer}, {"ai-model", p.Model}, {"ai-server", p.Server},
		{"ai-part-writers", strings.Join(writers, ", ")}, {"ai-part-models", strings.Join(models, ", ")},
		{"ai-prompt-sha256", p.PromptSHA256}}
	if d.approval != nil {
		list = [][2]string{{"approved-by", d.approval.By}, {"approved-at", d.approval.At.UTC().Format(time.RFC3339)}}
	}
	list = append(list, [2]string{"template", p.Template}, [2]string{"template-sha256", p.TemplateSHA}, [2]string{"referent-version", d.version})
	out := list[:0]
	for _, x := range list {
		if x[1] = oneLine(x[1]); x[1] != "" {
			out = append(out, x)
		}
	}
	return out
}
