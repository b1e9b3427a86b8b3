package pdf

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"time"
)

// producer is the program, as the file's properties name it.
const producer = "Referent"

// file puts the whole together.
func (f *flow) file() ([]byte, error) {
	f.feet()
	o := newObjects()
	catalogue, tree, outline := o.promise(), o.promise(), o.promise()
	for _, p := range f.pages {
		p.ref = o.promise()
	}
	var resources strings.Builder
	resources.WriteString("<</Font <<")
	for i, font := range f.fonts {
		if font.err != nil {
			return nil, font.err
		}
		if len(font.chars) == 0 {
			continue
		}
		r, err := font.write(o, Face(i))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&resources, "/F%d %s ", i, r)
	}
	resources.WriteString(">>")
	if f.doc.Logo != nil {
		resources.WriteString(" /XObject <</Logo " + f.doc.Logo.write(o).String() + ">>")
	}
	resources.WriteString(">>")
	shared := o.add(resources.String())
	var kids strings.Builder
	for i, p := range f.pages {
		content := o.stream("", []byte(p.body.String()))
		o.put(p.ref, fmt.Sprintf("<</Type /Page /Parent %s /MediaBox [0 0 %s] /Resources %s /Contents %s /StructParents %d /Tabs /S>>", tree, nums(pageWidth, pageHeight), shared, content, i))
		kids.WriteString(p.ref.String() + " ")
	}
	o.put(tree, fmt.Sprintf("<</Type /Pages /Kids [%s] /Count %d>>", strings.TrimSpace(kids.String()), len(f.pages)))
	o.put(outline, "<</Type /Outlines"+putBookmarks(o, bookmarks(f.contents), outline)+">>")
	root := structure(o, f.document, f.pages)
	profile := o.stream("/N 3", sRGB())
	intent := o.add("<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1) /DestOutputProfile " + profile.String() + ">>")
	metadata := o.plainStream("/Type /Metadata /Subtype /XML", f.doc.xmp()) // not packed: programs look for it in the file
	o.put(catalogue, fmt.Sprintf("<</Type /Catalog /Pages %s /Outlines %s /StructTreeRoot %s /MarkInfo <</Marked true>> /Lang %s /ViewerPreferences <</DisplayDocTitle true>> /OutputIntents [%s] /Metadata %s>>",
		tree, outline, root, text(f.doc.Lang), intent, metadata))
	return o.finish(catalogue, o.add(f.doc.info())), nil
}

// info is what programs without XMP show; it says the same.
func (d *Document) info() string {
	var b strings.Builder
	b.WriteString("<<")
	for _, x := range [][2]string{{"Title", d.Title}, {"Author", d.Author}, {"Subject", d.Description}, {"Creator", producer}, {"Producer", producer}} {
		if x[1] != "" {
			b.WriteString("/" + x[0] + " " + text(clean(x[1])) + " ")
		}
	}
	if !d.Created.IsZero() {
		at := d.Created.UTC().Format("20060102150405")
		fmt.Fprintf(&b, "/CreationDate (D:%sZ) /ModDate (D:%sZ)", at, at)
	}
	b.WriteString(">>")
	return b.String()
}

// ownSpace names our properties for machines.
const ownSpace = "urn:referent:document:1:"

// xmp is the metadata, ISO 16684-1. PDF/A wants each set of properties that it does not know described in it.
func (d *Document) xmp() []byte {
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"` +
		` xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"` +
		` xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" xmlns:referent="` + ownSpace + `">` + "\n" +
		"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>\n")
	element := func(name, before, value, after string) {
		if value != "" {
			b.WriteString("<" + name + ">" + before + escaped(value) + after + "</" + name + ">\n")
		}
	}
	const alternatives, alternativesEnd = `<rdf:Alt><rdf:li xml:lang="x-default">`, "</rdf:li></rdf:Alt>"
	element("dc:title", alternatives, d.Title, alternativesEnd)
	element("dc:creator", "<rdf:Seq><rdf:li>", d.Author, "</rdf:li></rdf:Seq>")
	element("dc:description", alternatives, d.Description, alternativesEnd)
	element("dc:subject", "<rdf:Bag><rdf:li>", d.Subject, "</rdf:li></rdf:Bag>")
	element("dc:language", "<rdf:Bag><rdf:li>", d.Lang, "</rdf:li></rdf:Bag>")
	element("xmp:CreatorTool", "", producer, "")
	element("pdf:Producer", "", producer, "")
	if !d.Created.IsZero() {
		at := d.Created.UTC().Format(time.RFC3339)
		element("xmp:CreateDate", "", at, "")
		element("xmp:ModifyDate", "", at, "")
	}
	for _, p := range d.Properties {
		element("referent:"+p[0], "", p[1], "")
	}
	b.WriteString("<pdfaExtension:schemas><rdf:Bag>")
	b.WriteString(described("PDF/UA identification schema", "http://www.aiim.org/pdfua/ns/id/", "pdfuaid", "internal", "Integer", [][2]string{{"part", ""}}))
	if len(d.Properties) > 0 {
		b.WriteString(described("Referent document properties", ownSpace, "referent", "external", "Text", d.Properties))
	}
	b.WriteString("</rdf:Bag></pdfaExtension:schemas>\n</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>")
	return []byte(b.String())
}

// described is the description of a set of properties.
func described(name, space, prefix, category, kind string, properties [][2]string) string {
	var b strings.Builder
	b.WriteString(`<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>` + name + "</pdfaSchema:schema><pdfaSchema:namespaceURI>" + space +
		"</pdfaSchema:namespaceURI><pdfaSchema:prefix>" + prefix + "</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>\n")
	for _, p := range properties {
		b.WriteString(`<rdf:li rdf:parseType="Resource"><pdfaProperty:name>` + p[0] + "</pdfaProperty:name><pdfaProperty:valueType>" + kind +
			"</pdfaProperty:valueType><pdfaProperty:category>" + category + "</pdfaProperty:category><pdfaProperty:description>" + p[0] + "</pdfaProperty:description></rdf:li>\n")
	}
	b.WriteString("</rdf:Seq></pdfaSchema:property></rdf:li>")
	return b.String()
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(clean(s))) // a bytes.Buffer never fails
	return b.String()
}

// sRGB is the colour profile of the screens that documents are made on, by the numbers of IEC 61966-2-1 for ICC
// version 2: the primaries as seen in the light of the profile space (D50), and the curve as 1024 steps.
func sRGB() []byte {
	xyz := func(x, y, z float64) []byte {
		out := append([]byte("XYZ "), 0, 0, 0, 0)
		for _, v := range []float64{x, y, z} {
			out = be.AppendUint32(out, uint32(math.Round(v*65536)))
		}
		return out
	}
	const steps = 1024
	curve := be.AppendUint32(append([]byte("curv"), 0, 0, 0, 0), steps)
	for i := range steps {
		v := float64(i) / (steps - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		curve = be.AppendUint16(curve, uint16(math.Round(v*65535)))
	}
	const name = "sRGB IEC61966-2.1\x00"
	description := be.AppendUint32(append([]byte("desc"), 0, 0, 0, 0), uint32(len(name)))
	description = append(append(description, name...), make([]byte, 4+4+2+1+67)...) // without the other forms of the name
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", description}, {"cprt", []byte("text\x00\x00\x00\x00No copyright\x00")}, {"wtpt", xyz(0.9505, 1, 1.0891)},
		{"rXYZ", xyz(0.43607, 0.22249, 0.01392)}, {"gXYZ", xyz(0.38515, 0.71687, 0.09708)}, {"bXYZ", xyz(0.14307, 0.06061, 0.7141)},
		{"rTRC", curve}, {"gTRC", nil}, {"bTRC", nil}, // nil: as the one before
	}
	at := 128 + 4 + 12*len(tags)
	table := be.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	place, size := 0, 0
	for _, t := range tags {
		if t.data != nil {
			place, size = at+len(data), len(t.data)
			data = append(data, t.data...)
			data = append(data, make([]byte, -len(data)&3)...)
		}
		table = append(table, t.name...)
		table = be.AppendUint32(be.AppendUint32(table, uint32(place)), uint32(size))
	}
	head := make([]byte, 128)
	be.PutUint32(head, uint32(at+len(data)))
	be.PutUint32(head[8:], 0x02100000)
	copy(head[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2026, 1, 1, 0, 0, 0} {
		be.PutUint16(head[24+2*i:], v)
	}
	copy(head[36:], "acsp")
	copy(head[68:], xyz(0.9642, 1, 0.8249)[8:])
	return append(append(head, table...), data...)
}
