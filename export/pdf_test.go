package export_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/export"
	"github.com/referent/referent/export/pdf/pdftest"
)

// inPDF is what a PDF says, in the order of its structure, as structure.order tells it.
func inPDF(f *pdftest.File) (order []string, logoText string) {
	for _, e := range f.Blocks() {
		switch e.Role {
		case "H2", "H3", "H4":
			order = append(order, fmt.Sprintf("heading %d %s", e.Role[1]-'1', line(e.Text)))
		case "H1", "P", "LBody": // the title is a paragraph of a DOCX
			order = append(order, "text "+line(e.Text))
		case "TH", "TD":
			order = append(order, "cell "+line(e.Text))
		case "Figure":
			logoText = e.Alt
		}
	}
	return order, logoText
}

// The PDF says what the DOCX says, in the same order, with the same headings and numbers, whatever the kind and
// the form.
func TestPDFSaysWhatTheDOCXSays(t *testing.T) {
	_, path := logo(t)
	brand, err := export.LoadBrand("Fjordvik kommune", path)
	if err != nil {
		t.Fatal(err)
	}
	r := export.Renderer{Brand: brand, Version: "1.2.3"}
	check := func(name, label, lang string, docx, pdf []byte) {
		t.Helper()
		f := pdftest.Read(t, pdf)
		got, logoText := inPDF(f)
		equal(t, name, ofDOCX(t, docx).order, got)
		if logoText != "Fjordvik kommune" || f.Lang != lang || f.Title != "Møte i havnestyret" || !f.Marked {
			t.Errorf("%s: %q in %s by %q", name, f.Title, f.Lang, logoText)
		}
		for i, aside := range f.Asides {
			if !strings.Contains(aside, label) || !strings.Contains(aside, fmt.Sprintf("Side %d av %d", i+1, f.Pages)) {
				t.Errorf("%s: on page %d stands %q", name, i+1, aside)
			}
		}
	}
	for _, k := range referent.Kinds {
		for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
			mi, tr, m := sample(l, k)
			label, lang := referent.DraftLabel, "nb-NO"
			if l == referent.Nynorsk {
				label, lang = "Utkast laga ved hjelp av KI – må kontrollerast", "nn-NO"
			}
			check(string(k)+"-"+string(l), label, lang, minutesBy(t, r, mi, tr, m, "docx"), minutesBy(t, r, mi, tr, m, "pdf"))
		}
	}
	mi, tr, m := sample(referent.Bokmal, referent.KindReferat)
	mi.Approval = &referent.Approval{By: "Kari Nordmann", At: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	approved := minutesBy(t, r, mi, tr, m, "pdf")
	check("approved", "Godkjent av Kari Nordmann 25.\u00a0november 2026", "nb-NO", minutesBy(t, r, mi, tr, m, "docx"), approved)
	for _, s := range []string{"<rdf:li>Kari Nordmann</rdf:li>", "<referent:approved-at>2026-11-25T09:00:00Z<", "<referent:referent-version>1.2.3<"} {
		if !bytes.Contains(approved, []byte(s)) {
			t.Errorf("the properties lack %s", s)
		}
	}
	if bytes.Contains(approved, []byte(referent.DraftLabel)) || bytes.Contains(approved, []byte("ai-model")) {
		t.Error("approved minutes are marked as a machine's draft")
	}
	by := func(format string) []byte {
		return render(t, func(w io.Writer) error { return r.Transcript(w, tr, m, format) })
	}
	check("transcript", referent.DraftLabel, "nb-NO", by("docx"), by("pdf"))
}

// Another program finds the same in the file: Poppler's, which stand in Debian's poppler-utils.
func TestPopplerReadsThePDF(t *testing.T) {
	for _, program := range []string{"pdfinfo", "pdftotext"} {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatal(program + " is missing: make system-test installs it")
		}
		t.Skip("SKIPPED: " + program + " is not installed, so no PDF is opened in it; make system-test installs it")
	}
	mi, tr, m := sample(referent.Nynorsk, referent.KindProtocol)
	mi.PossiblyMissed = append(mi.PossiblyMissed, referent.Point{Text: "Ŋuolla helste 😀 frå مرحبا."})
	path := filepath.Join(t.TempDir(), "minutes.pdf")
	if err := os.WriteFile(path, minutesBy(t, export.Renderer{}, mi, tr, m, "pdf"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(name string, args ...string) string {
		t.Helper()
		var faults bytes.Buffer
		c := exec.CommandContext(t.Context(), name, args...)
		c.Stderr = &faults
		out, err := c.Output()
		if err != nil || faults.Len() > 0 {
			t.Fatalf("%s: %v: %s", name, err, &faults)
		}
		return string(out)
	}
	about := line(ask("pdfinfo", path))
	for _, want := range []string{"Title: Møte i havnestyret", "Tagged: yes", "Suspects: no", "Pages: 2", "Encrypted: no", "(A4)", "PDF version: 1.7"} {
		if !strings.Contains(about, want) {
			t.Errorf("pdfinfo gives no %q: %s", want, about)
		}
	}
	text, at := line(ask("pdftotext", path, "-")), 0
	for _, want := range []string{"Møte i havnestyret", "må kontrollerast", "Havnestyret", "Kari Nordmann (H)", "Tilråding", "Framlegg frå Ola Lunde (Sp):", "250", "Oppgåve", "Sende brev.", "Ŋuolla helste 😀 frå", "Nokre teikn"} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("%q does not follow: %s", want, text[at:])
		}
		at += i
	}
	tree := line(ask("pdfinfo", "-struct", path))
	for _, want := range []string{"Document H1 (block) P (block)", "L (block): /ListNumbering /Disc LI (block) Lbl (block) LBody (block)", "THead TR TH: /Scope /Column", "TBody TR TD", "LBody (block) Span (inline)"} {
		if !strings.Contains(tree, want) {
			t.Errorf("pdfinfo finds no %q in the structure: %s", want, tree)
		}
	}
}
