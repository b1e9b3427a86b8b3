package export_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/export"
	"github.com/referent/referent/export/pdf/pdftest"
	"github.com/referent/referent/templates"
)

// catalogue is the templates of a folder with these files.
func catalogue(t *testing.T, texts ...string) *templates.Catalogue {
	t.Helper()
	dir := t.TempDir()
	for i, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.yaml", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := templates.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGoldenOwnTemplate(t *testing.T) {
	r := export.Renderer{Templates: catalogue(t, string(templates.Example))}
	for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
		mi, tr, m := sample(l, "prosjektmote")
		mi.Items = append(mi.Items, referent.Item{Heading: "risiko", Points: []referent.Point{{Text: "Kaien kan sige.", Evidence: []string{"s2"}}}})
		for _, f := range []string{"md", "html"} {
			compare(t, "prosjektmote."+string(l)+"."+f, minutesBy(t, r, mi, tr, m, f))
		}
		r := r
		r.Brand = &export.Brand{Name: "Fjordvik kommune"}
		compare(t, "prosjektmote."+string(l)+".txt", minutesBy(t, r, mi, tr, m, "txt"))
	}
}

// bare is a template with next to nothing in it: what it has no place for stands after all the same.
const bare = `id: bare
base: %s
name: {nb: Kort, nn: Kort}
fields: []
sections: [%s]
layout: {evidence: false}
`

// A template arranges and never drops: every statement of the minutes stands in the document, once in a list
// of decisions or votes, whatever the template leaves out.
func TestNothingIsDropped(t *testing.T) {
	for base, section := range map[referent.Kind]string{referent.KindReferat: "{source: signatures, heading: {nb: Navn, nn: Namn}, signers: [{nb: Leder, nn: Leiar}]}",
		referent.KindProtocol: "{source: cases}", referent.KindDictate: "{source: text, heading: {nb: Annet, nn: Anna}}"} {
		r := export.Renderer{Templates: catalogue(t, fmt.Sprintf(bare, base, section))}
		for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
			mi, tr, m := sample(l, "bare")
			md := strings.ReplaceAll(string(minutesBy(t, r, mi, tr, m, "md")), "\u00a0", " ")
			for _, want := range []string{"Det koster 250 000 kroner.", "«takk for i år»", "Havnen får tolv nye båtplasser.", "Sende brev.", "Ringe.", "| Utsettes.",
				"Ola Lunde", "kl. 10.45", "10. desember 2026", "- Møtested", "*Skal bekreftes.*", "Noe mer.", "*10 stemmer av 11.*"} {
				if !strings.Contains(md, want) && !strings.Contains(md, strings.ReplaceAll(want, "10. des", `10\. des`)) {
					t.Errorf("%s, %s: no %q in\n%s", base, l, want, md)
				}
			}
			if n := strings.Count(md, "Havnen får tolv nye båtplasser."); n != 1 {
				t.Errorf("%s: a decision stands %d times", base, n)
			}
			if strings.Contains(md, "[s") {
				t.Errorf("%s: evidence is shown though the layout hides it", base)
			}
			if base == referent.KindReferat && strings.Index(md, "Sende brev.") > strings.Index(md, "\\_\\_") {
				t.Errorf("what has no section stands after the signatures:\n%s", md)
			}
		}
	}
}

// Minutes whose template is gone, or lacks their form, are still readable, and in their own form.
func TestTemplateGone(t *testing.T) {
	mi, tr, m := sample(referent.Nynorsk, "borte")
	if md := string(minutesBy(t, export.Renderer{}, mi, tr, m, "md")); !strings.Contains(md, "**Møteprotokoll**") || !strings.Contains(md, "### Handsaming") {
		t.Errorf("with cases:\n%s", md)
	}
	mi.Cases = nil
	r := export.Renderer{Templates: catalogue(t, "id: borte\nbase: referat\nname: {nb: Bare bokmål}\nsections: [{source: items}]\n")}
	if md := string(minutesBy(t, r, mi, tr, m, "md")); !strings.Contains(md, "**Møtereferat**") || strings.Contains(md, "Bare bokmål") || !strings.Contains(md, "## Avgjerder") {
		t.Errorf("without:\n%s", md)
	}
}

// Until a person answers for the document every format says that a machine made it, also when the minutes
// came without the label; from then on it says who did.
func TestApproval(t *testing.T) {
	mi, tr, m := sample(referent.Bokmal, referent.KindReferat)
	mi.Label = ""
	for _, f := range []string{"md", "html", "docx"} {
		if out := shown(t, minutesBy(t, export.Renderer{}, mi, tr, m, f), f); !strings.Contains(out, referent.DraftLabel) {
			t.Errorf("%s: no label", f)
		}
	}
	mi.Approval = &referent.Approval{By: "Kari <Nordmann>", At: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	for f, want := range map[string][]string{
		"md":   {`**Godkjent av Kari \<Nordmann\> 25.` + "\u00a0november 2026**"},
		"html": {`name="approved-by" content="Kari &lt;Nordmann&gt;"`, "Godkjent av Kari &lt;Nordmann&gt;"},
		"docx": {`name="approved-by"><vt:lpwstr>Kari &lt;Nordmann&gt;`, "2026-11-25T09:00:00Z", "<dc:creator>Kari &lt;Nordmann&gt;", "Godkjent av Kari"},
	} {
		out := shown(t, minutesBy(t, export.Renderer{}, mi, tr, m, f), f)
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s holds no %q", f, w)
			}
		}
		if strings.Contains(out, referent.DraftLabel) || strings.Contains(out, `name="ai-`) {
			t.Errorf("%s still says that it is a draft", f)
		}
	}
	mi.Language = referent.Nynorsk
	if md := string(minutesBy(t, export.Renderer{}, mi, tr, m, "md")); !strings.Contains(md, "Godkjend av") {
		t.Errorf("%s", md)
	}
}

// shown is a document as one text, all parts of a DOCX after each other.
func shown(t *testing.T, data []byte, format string) string {
	t.Helper()
	if format != "docx" {
		return string(data)
	}
	var b strings.Builder
	for _, part := range wellFormed(t, data) {
		b.WriteString(part)
	}
	return b.String()
}

func TestBrand(t *testing.T) {
	picture, path := logo(t)
	brand, err := export.LoadBrand(" Fjordvik \"kommune\" & <b> ", path)
	if err != nil {
		t.Fatal(err)
	}
	mi, tr, m := sample(referent.Bokmal, referent.KindReferat)
	r := export.Renderer{Brand: brand}
	docx := minutesBy(t, r, mi, tr, m, "docx")
	parts := wellFormed(t, docx)
	if parts["word/media/logo.png"] != string(picture) || !strings.Contains(parts["word/header1.xml"], `descr="Fjordvik &#34;kommune&#34; &amp; &lt;b&gt;"`) ||
		!strings.Contains(parts["word/_rels/header1.xml.rels"], "media/logo.png") {
		t.Error("the logo is not in the DOCX")
	}
	page := string(minutesBy(t, r, mi, tr, m, "html"))
	if !strings.Contains(page, `<img src="data:image/png;base64,`) || !strings.Contains(page, `alt="Fjordvik &#34;kommune&#34; &amp; &lt;b&gt;"`) {
		t.Error("the logo is not in the page")
	}
	if md := string(minutesBy(t, r, mi, tr, m, "md")); !strings.Contains(md, `**Møtereferat** · Fjordvik "kommune" \& \<b\>`) {
		t.Errorf("%s", md)
	}
	r.Templates = catalogue(t, "id: uten\nbase: referat\nname: {nb: Uten logo}\nsections: [{source: items}]\nlayout: {logo: false}\n")
	mi.Kind = "uten"
	if parts := wellFormed(t, minutesBy(t, r, mi, tr, m, "docx")); parts["word/media/logo.png"] != "" {
		t.Error("the layout wants no logo, and has one")
	}

	// A JPEG is as good; what is neither, too small, too large or broken is refused.
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, image.NewGray(image.Rect(0, 0, 40, 80)), nil); err != nil {
		t.Fatal(err)
	}
	put := func(name string, data []byte) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if b, err := export.LoadBrand("x", put("a.jpg", jpg.Bytes())); err != nil {
		t.Error(err)
	} else if parts := wellFormed(t, minutesBy(t, export.Renderer{Brand: b}, &referent.Minutes{Kind: referent.KindReferat}, nil, nil, "docx")); parts["word/media/logo.jpeg"] == "" {
		t.Error("the JPEG is not in the DOCX")
	} else if list := pdftest.Read(t, minutesBy(t, export.Renderer{Brand: b}, &referent.Minutes{Kind: referent.KindReferat}, nil, nil, "pdf")).Blocks(); list[0].Role != "Figure" || list[0].Alt != "x" {
		t.Errorf("the JPEG is not in the PDF: %+v", list[0])
	}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	for about, file := range map[string]string{"SVG": put("a.svg", []byte("<svg/>")), "cut short": put("b.png", picture[:len(picture)/2]), "small": put("c.jpg", small.Bytes()),
		"too many bytes": put("d.png", append(bytes.Clone(picture), make([]byte, 1<<20)...)), "none": filepath.Join(t.TempDir(), "none.png")} {
		if _, err := export.LoadBrand("x", file); referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%s: %v", about, err)
		}
	}
	if _, err := export.LoadBrand("", path); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("a logo that nobody can be told of: %v", err)
	}
	if b, err := export.LoadBrand("", ""); b != nil || err != nil {
		t.Errorf("%v, %v", b, err)
	}
}

func TestTypesetting(t *testing.T) {
	for in, want := range map[string]string{
		"Det koster 250 000 kroner.":           "Det koster 250~000~kroner.",
		"1 250 000 kr og 12 %":                 "1~250~000~kr og 12~%",
		"Ring 22 33 44 55 eller 900 12 345":    "Ring 22 33 44 55 eller 900 12 345",
		"kl. 10.30 den 21. november 2026":      "kl.~10.30 den 21.~november 2026",
		"etter § 11-5, sak 12/25":              "etter §~11-5, sak~12/25",
		`Hun sa "ja" og "nei".`:                "Hun sa «ja» og «nei».",
		`en tomme er 1"`:                       `en tomme er 1"`,
		"1234 567":                             "1234 567",
		"  to\n linjer ":                       "to linjer",
		"I 2026 100 000 innbyggere":            "I 2026 100 000 innbyggere",
		"6 av 12 medlemmer, 3 kroner, 3 krone": "6 av 12 medlemmer, 3~kroner, 3 krone",
	} {
		mi := &referent.Minutes{Kind: referent.KindDictate, Items: []referent.Item{{Points: []referent.Point{{Text: in}}}}}
		md := string(minutesBy(t, export.Renderer{}, mi, nil, nil, "md"))
		if want = strings.ReplaceAll(want, "~", "\u00a0"); !strings.Contains(md, "\n"+want+"\n") {
			t.Errorf("%q becomes\n%s", in, md)
		}
	}
}
