package export_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/export"
	"github.com/referent/referent/templates"
)

// soffice is the office program that documents are opened in. Debian has it in libreoffice-writer-nogui.
func soffice(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"soffice", "libreoffice"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("LibreOffice is missing: make system-test installs it")
	}
	t.Skip("SKIPPED: LibreOffice is not installed, so no document is opened in it; make system-test installs it")
	return ""
}

// opened converts files to another form, as if somebody opened them and saved them anew, and gives the results
// in the same order.
func opened(t *testing.T, program, form string, files ...string) [][]byte {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + t.TempDir(), "--headless", "--norestore", "--convert-to", form, "--outdir", dir}
	c := exec.CommandContext(t.Context(), program, append(args, files...)...)
	c.Env = append(os.Environ(), "HOME="+t.TempDir(), "SAL_USE_VCLPLUGIN=svp")
	c.WaitDelay = 10 * time.Second
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var list [][]byte
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(filepath.Base(f), ".docx")+"."+form))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, data)
	}
	return list
}

// logo is an image of the organisation's, and the file that it lies in.
func logo(t *testing.T) (data []byte, path string) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 90, 30))
	for i := range 90 * 30 {
		img.Set(i%90, i/90, color.RGBA{R: uint8(i), G: 90, B: 140, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "logo.png")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), path
}

// What we write is what LibreOffice reads: the same headings of the same levels, paragraphs of the same
// styles, tables of the same cells, the logo's own bytes, label and page numbers on every page, and the
// properties that tell machines what it is.
func TestLibreOfficeReadsTheDocuments(t *testing.T) {
	program := soffice(t)
	picture, path := logo(t)
	brand, err := export.LoadBrand("Fjordvik kommune", path)
	if err != nil {
		t.Fatal(err)
	}
	own, err := templates.Parse("example.yaml", templates.Example)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "own.yaml"), templates.Example, 0o600); err != nil {
		t.Fatal(err)
	}
	catalogue, err := templates.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	r := export.Renderer{Templates: catalogue, Brand: brand, Version: "1.2.3"}
	var files []string
	var written [][]byte
	dir := t.TempDir()
	add := func(name string, data []byte) {
		t.Helper()
		file := filepath.Join(dir, name+".docx")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files, written = append(files, file), append(written, data)
	}
	kinds := append(slices.Clone(referent.Kinds), referent.Kind(own.ID))
	for _, k := range kinds {
		for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
			mi, tr, m := sample(l, k)
			mi.Language = l
			add(string(k)+"-"+string(l), minutesBy(t, r, mi, tr, m, "docx"))
		}
	}
	for i, text := range opened(t, program, "fodt", files...) {
		name := filepath.Base(files[i])
		wrote, read := ofDOCX(t, written[i]), ofODT(t, text)
		if len(wrote.headings) < 3 || len(wrote.paragraphs) < 10 {
			t.Fatalf("%s: the test sees no document: %+v", name, wrote)
		}
		equal(t, name+": headings", wrote.headings, read.headings)
		equal(t, name+": paragraphs", wrote.paragraphs, read.paragraphs)
		equal(t, name+": tables", wrote.tables, read.tables)
		if !bytes.Equal(read.logo, picture) || read.logoText != "Fjordvik kommune" {
			t.Errorf("%s: the logo is not there: %d bytes, %q", name, len(read.logo), read.logoText)
		}
		nynorsk := strings.HasSuffix(name, "-nn.docx")
		label, language := referent.DraftLabel, "nb-NO"
		if nynorsk {
			label, language = "Utkast laga ved hjelp av KI – må kontrollerast", "nn-NO"
		}
		if !strings.Contains(read.footer, label) || !strings.Contains(read.footer, "Side") || !slices.Contains(read.fields, "page-number") || !slices.Contains(read.fields, "page-count") {
			t.Errorf("%s: footer %q with %v", name, read.footer, read.fields)
		}
		for key, want := range map[string]string{"title": "Møte i havnestyret", "language": language, "description": label, "ai-label": label, "ai-model": "modell-1", "referent-version": "1.2.3"} {
			if read.meta[key] != want {
				t.Errorf("%s: property %s is %q, want %q", name, key, read.meta[key], want)
			}
		}
	}
	// A protocol fills a page that can be printed.
	if pdf := opened(t, program, "pdf", files[2]); !bytes.HasPrefix(pdf[0], []byte("%PDF-")) || len(pdf[0]) < 10_000 {
		t.Errorf("%d bytes of PDF", len(pdf[0]))
	}
}

func equal(t *testing.T, about string, wrote, read []string) {
	t.Helper()
	for i := range max(len(wrote), len(read)) {
		if i >= len(wrote) || i >= len(read) || wrote[i] != read[i] {
			t.Errorf("%s: they part at %d:\nwritten %q\nread    %q", about, i, wrote[min(i, len(wrote)):], read[min(i, len(read)):])
			return
		}
	}
}

// structure is what a document is made of, for comparing.
type structure struct {
	headings   []string // "1 Saksliste"
	paragraphs []string // "Minutes Head|Tid: …", outside tables
	order      []string // all of it: "heading 1 2. Saksliste", "text Tid: …", "cell 12"
	tables     []string // a row each: "Oppgave|Ansvarlig"
	logo       []byte
	logoText   string
	footer     string
	fields     []string
	meta       map[string]string
}

// line is text as both programs give it: runs of space are one, and tabs are spaces.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// ofDOCX reads our own document part, as it stands in the file.
func ofDOCX(t *testing.T, docx []byte) structure {
	t.Helper()
	parts := wellFormed(t, docx)
	names := map[string]string{} // style id -> name
	walk(t, parts["word/styles.xml"], func(path []xml.StartElement, _ string, end bool) {
		if e := path[len(path)-1]; !end && e.Name.Local == "name" && len(path) > 1 {
			names[attribute(path[len(path)-2], "styleId")] = attribute(e, "val")
		}
	})
	var s structure
	var style, text string
	var cells []string
	depth, sections, numbered := 0, 0, false
	add := func(role, text string) {
		if text != "" {
			s.order = append(s.order, role+" "+text)
		}
	}
	walk(t, parts["word/document.xml"], func(path []xml.StartElement, chars string, end bool) {
		e := path[len(path)-1]
		if chars != "" {
			if e.Name.Local == "t" {
				text += chars
			}
			return
		}
		switch name := e.Name.Local; {
		case name == "tbl" && !end:
			depth++
		case name == "tbl":
			depth--
		case name == "pStyle" && !end:
			style = names[attribute(e, "val")]
		case name == "numId" && !end:
			numbered = attribute(e, "val") == "3" // the list that counts sections
		case name == "p" && !end:
			style, text, numbered = "", "", false
		case name == "p" && depth > 0:
			cells = append(cells, line(text))
			add("cell", line(text))
		case name == "p":
			if n, ok := strings.CutPrefix(style, "heading "); ok {
				s.headings = append(s.headings, n+" "+line(text))
				if numbered {
					sections++
					text = strconv.Itoa(sections) + ". " + text
				}
				add(style, line(text))
			} else if add("text", line(text)); line(text) != "" {
				s.paragraphs = append(s.paragraphs, style+"|"+line(text))
			}
		case name == "tr" && !end:
			cells = nil
		case name == "tr":
			s.tables = append(s.tables, strings.Join(cells, "|"))
		}
	})
	return s
}

// ofODT reads what LibreOffice saved.
func ofODT(t *testing.T, fodt []byte) structure {
	t.Helper()
	s := structure{meta: map[string]string{}}
	parent, display := map[string]string{}, map[string]string{}
	var text, key, picture string
	var cells []string
	inBody, depth, inFooter, inHeader := false, 0, false, false
	styleOf := func(e xml.StartElement) string {
		name := attribute(e, "style-name")
		if p := parent[name]; p != "" {
			name = p
		}
		if d := display[name]; d != "" {
			name = d
		}
		return strings.ReplaceAll(name, "Text body", "Body Text") // its own name for Word's
	}
	walk(t, string(fodt), func(path []xml.StartElement, chars string, end bool) {
		e := path[len(path)-1]
		name := e.Name.Local
		if chars != "" {
			switch {
			case name == "binary-data" && inHeader:
				picture += chars
			case name == "binary-data":
			case name == "desc" && inHeader:
				s.logoText += chars
			case key != "":
				s.meta[key] += chars
			default:
				text += chars
			}
			return
		}
		switch {
		case len(path) > 1 && path[len(path)-2].Name.Local == "meta" && !end:
			if key = name; name == "user-defined" {
				key = attribute(e, "name")
			}
		case len(path) > 1 && path[len(path)-2].Name.Local == "meta":
			key = ""
		case name == "style" && !end && e.Name.Space == "urn:oasis:names:tc:opendocument:xmlns:style:1.0":
			if d := attribute(e, "display-name"); d != "" {
				display[attribute(e, "name")] = d
			}
			if isAutomatic(path) {
				parent[attribute(e, "name")] = attribute(e, "parent-style-name")
			}
		case name == "text" && e.Name.Space == "urn:oasis:names:tc:opendocument:xmlns:office:1.0":
			inBody = !end
		case name == "header":
			inHeader = !end
		case name == "footer":
			inFooter = !end
		case name == "table":
			depth += map[bool]int{false: 1, true: -1}[end]
		case name == "table-row" && !end:
			cells = nil
		case name == "table-row":
			s.tables = append(s.tables, strings.Join(cells, "|"))
		case (name == "p" || name == "h") && !end:
			text = ""
		case name == "s" || name == "tab":
			if !end {
				text += " "
			}
		case (name == "page-number" || name == "page-count") && end && inFooter:
			s.fields = append(s.fields, name)
		case name == "p" && end && inFooter:
			s.footer = line(text)
		case name == "p" && end && inBody && depth > 0:
			cells = append(cells, line(text))
		case name == "h" && end && inBody:
			s.headings = append(s.headings, attribute(e, "outline-level")+" "+line(text))
		case name == "p" && end && inBody && line(text) != "":
			s.paragraphs = append(s.paragraphs, styleOf(e)+"|"+line(text))
		}
	})
	var err error
	if s.logo, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(picture), "")); err != nil {
		t.Errorf("the logo cannot be read: %v", err)
	}
	return s
}

func isAutomatic(path []xml.StartElement) bool {
	return slices.ContainsFunc(path, func(e xml.StartElement) bool { return e.Name.Local == "automatic-styles" })
}

// walk gives each start (end false, no text), text and end of a document with the elements that it stands in.
func walk(t *testing.T, text string, visit func(path []xml.StartElement, chars string, end bool)) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	var path []xml.StartElement
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			path = append(path, x.Copy())
			visit(path, "", false)
		case xml.CharData:
			if len(path) > 0 && len(x) > 0 {
				visit(path, string(x), false)
			}
		case xml.EndElement:
			visit(path, "", true)
			path = path[:len(path)-1]
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
