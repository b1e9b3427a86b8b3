package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/referent/referent/export/pdf"
	"github.com/referent/referent/export/pdf/pdftest"
	"golang.org/x/text/unicode/norm"
)

// made is a document of blocks as a file.
func made(t testing.TB, blocks ...pdf.Block) []byte {
	t.Helper()
	return written(t, &pdf.Document{Lang: "nb-NO", Title: "Møte", Name: "Protokoll", Label: "Utkast",
		Page:   func(page, pages int) string { return fmt.Sprintf("Side %d av %d", page, pages) },
		Lost:   func(list string) string { return "Vises som □: " + list },
		Blocks: append([]pdf.Block{pdf.Heading{Level: 1, Text: "Møte"}}, blocks...)})
}

func written(t testing.TB, d *pdf.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func runs(text string) []pdf.Run { return []pdf.Run{{Text: text}} }

func TestStructure(t *testing.T) {
	logo := image.NewRGBA(image.Rect(0, 0, 40, 20))
	logo.Set(3, 3, color.RGBA{R: 200, A: 255})
	d := &pdf.Document{Lang: "nn-NO", Title: "Årsmøte i Ávjovárri", Brand: "Kárášjoga gielda", Logo: pdf.NewLogo(logo), Name: "Referat", Label: "Utkast",
		Created: time.Date(2026, 11, 24, 12, 5, 0, 0, time.UTC), Properties: [][2]string{{"ai-label", "Utkast & <slik>"}},
		Page: func(page, pages int) string { return fmt.Sprintf("%d/%d", page, pages) },
		Blocks: []pdf.Block{
			pdf.Heading{Level: 1, Text: "Årsmøte i Ávjovárri"},
			pdf.Paragraph{Style: pdf.Notice, Runs: runs("Utkast")},
			pdf.Heading{Level: 3, Text: "1. Čoahkkin ŋŧđž"}, // told as level 2: none is left out
			pdf.Paragraph{Runs: []pdf.Run{{Text: "Ola Ås: ", Face: pdf.Bold}, {Text: "Båt på fjøra"}, {Text: " – sjå", Face: pdf.Italic}, {Text: " [s1 00:03]", Quiet: true}}},
			pdf.Paragraph{}, pdf.Heading{Level: 2}, pdf.List{Items: [][]pdf.Run{nil}},
			pdf.List{Items: [][]pdf.Run{runs("Ein"), runs("To")}},
			pdf.List{Ordered: true, Items: [][]pdf.Run{runs("Først"), runs("Så")}},
			pdf.Heading{Level: 3, Text: "Røysting"},
			pdf.Table{Head: []string{"Sak", "For"}, Rows: [][][]pdf.Run{{runs("Båtplassar"), runs("12")}, {runs("Kaia")}}},
		}}
	data := written(t, d)
	f := pdftest.Read(t, data)
	if f.Lang != "nn-NO" || f.Title != d.Title || !f.Marked || f.Pages != 1 {
		t.Errorf("%+v", f)
	}
	want := `Document
  Figure: Kárášjoga gielda
  H1: Årsmøte i Ávjovárri
  P: Utkast
  H2: 1. Čoahkkin ŋŧđž
  P: Ola Ås: Båt på fjøra – sjå [s1 00:03]
  L
    LI
      Lbl: •
      LBody: Ein
    LI
      Lbl: •
      LBody: To
  L
    LI
      Lbl: 1.
      LBody: Først
    LI
      Lbl: 2.
      LBody: Så
  H3: Røysting
  Table
    THead
      TR
        TH: Sak
        TH: For
    TBody
      TR
        TD: Båtplassar
        TD: 12
      TR
        TD: Kaia
        TD
`
	if got := f.Document.String(); got != want {
		t.Errorf("%s", got)
	}
	if f.Asides[0] != "ReferatUtkast1/1" {
		t.Errorf("beside the document: %q", f.Asides[0])
	}
	if got := strings.Join(f.Bookmarks, "|"); got != "Årsmøte i Ávjovárri|1. Čoahkkin ŋŧđž|\tRøysting" {
		t.Errorf("bookmarks: %q", got)
	}
	for _, s := range []string{"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>", "<pdfuaid:part>1</pdfuaid:part>", "Årsmøte i Ávjovárri</rdf:li>",
		"<xmp:CreateDate>2026-11-24T12:05:00Z<", "<referent:ai-label>Utkast &amp; &lt;slik&gt;<", "(D:20261124120500Z)"} {
		if !bytes.Contains(data, []byte(s)) {
			t.Errorf("the metadata lacks %s", s)
		}
	}
}

// Whose document it is stands on each page and is read once; without a logo, in words, and all of them.
func TestBrand(t *testing.T) {
	d := &pdf.Document{Lang: "nb-NO", Title: "Møte", Brand: strings.TrimSpace(strings.Repeat("Interkommunalt selskap ", 5)), Blocks: []pdf.Block{pdf.Heading{Level: 1, Text: "Møte"}}}
	for range 60 {
		d.Blocks = append(d.Blocks, pdf.Paragraph{Runs: runs("En linje")})
	}
	f := pdftest.Read(t, written(t, d))
	if first := f.Blocks()[0]; first.Role != "P" || first.Text != d.Brand || f.Pages != 2 || f.Asides[0] != "" || f.Asides[1] != d.Brand {
		t.Errorf("%+v, beside it %q", first, f.Asides)
	}
}

// The same document gives the same bytes, also when many are written at once.
func TestDeterministic(t *testing.T) {
	blocks := []pdf.Block{pdf.Paragraph{Runs: runs("Blåbærsyltetøy 😀")}, pdf.Table{Head: []string{"A"}, Rows: [][][]pdf.Run{{runs("b")}}}}
	first := made(t, blocks...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if !bytes.Equal(first, made(t, blocks...)) {
				t.Error("other bytes")
			}
		})
	}
	wg.Wait()
}

// A heading never ends a page, a paragraph leaves no line alone, and a page is not wider for a long word.
func TestPages(t *testing.T) {
	long := strings.Repeat("Kommunestyret drøfta økonomiplanen. ", 12)
	for n := 24; n < 46; n++ {
		var blocks []pdf.Block
		for range n {
			blocks = append(blocks, pdf.Paragraph{Style: pdf.Line, Runs: runs("En linje")})
		}
		blocks = append(blocks, pdf.Heading{Level: 2, Text: "Sak"}, pdf.Heading{Level: 3, Text: "Vedtak"}, pdf.Paragraph{Runs: runs(long + strings.Repeat("ø", 400+80*(n%3)))})
		f := pdftest.Read(t, made(t, blocks...))
		whole, lone := 0, 0
		for _, page := range f.Lines {
			here := 0 // lines of the paragraph
			for _, l := range page {
				switch {
				case strings.HasPrefix(l, "Kommunestyret "), strings.HasPrefix(l, "drøfta "), strings.HasPrefix(l, "økonomiplanen. "):
					whole++
					here++
				case strings.HasPrefix(l, "øø"):
					here++
				}
			}
			if here == 1 {
				lone++
			}
		}
		if whole < 4 || lone > 0 {
			t.Fatalf("after %d lines, %d lines begin with words, %d stand alone on a page: %q", n, whole, lone, f.Lines)
		}
		list := f.Blocks()
		end := list[len(list)-3:]
		if end[0].Text != "Sak" || end[0].Page != end[1].Page || end[1].Page != end[2].Page {
			t.Fatalf("after %d lines the headings are on pages %d and %d, the text on %d", n, end[0].Page, end[1].Page, end[2].Page)
		}
	}
}

// Headings under which nothing stands follow each other.
func TestHeadingsWithoutText(t *testing.T) {
	blocks := make([]pdf.Block, 60)
	for i := range blocks {
		blocks[i] = pdf.Heading{Level: 2, Text: fmt.Sprintf("Sak %d", i+1)}
	}
	f := pdftest.Read(t, made(t, append(blocks, pdf.Paragraph{Runs: runs("Slutt")})...))
	list := f.Blocks()
	if end := list[len(list)-2:]; f.Pages != 3 || end[0].Text != "Sak 60" || end[0].Page != end[1].Page {
		t.Errorf("%d pages, the last heading on page %d, the text on %d", f.Pages, end[0].Page, end[1].Page)
	}
}

// A long text is set in little more memory than it is drawn with: a paragraph of 15 MB in about 550 MB, the whole
// process.
func TestLongTextIsSmall(t *testing.T) {
	const size = 1 << 19
	s := strings.Repeat("Kommunestyret drøfta økonomiplanen. ", size/38)
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	for name, b := range map[string]pdf.Block{
		"paragraph": pdf.Paragraph{Runs: runs(s)},
		"table":     pdf.Table{Head: []string{"A"}, Rows: [][][]pdf.Run{{runs(s)}}},
	} {
		var before, after runtime.MemStats
		debug.FreeOSMemory()
		runtime.ReadMemStats(&before)
		written(t, &pdf.Document{Lang: "nb-NO", Title: "Møte", Blocks: []pdf.Block{b}})
		runtime.ReadMemStats(&after)
		most := after.HeapSys - before.HeapInuse // what was asked of the system stays counted
		if t.Logf("%s: %d MB", name, most>>20); most > 100*size {
			t.Errorf("%s: %d MB for a text of half a MB", name, most>>20)
		}
	}
}

// The head of a table stands on each page of it and is read once; a row that is longer than a page goes on, and
// all of it is there.
func TestLongTable(t *testing.T) {
	table := pdf.Table{Head: []string{"Oppgave", "Ansvarlig"}}
	var want []string
	for i := range 90 {
		s := fmt.Sprintf("Oppgave nummer %d", i)
		if i == 40 {
			s = strings.TrimSpace(strings.Repeat("Lang oppgave med mange ord. ", 400))
		}
		want = append(want, s, "Kari")
		table.Rows = append(table.Rows, [][]pdf.Run{runs(s), runs("Kari")})
	}
	f := pdftest.Read(t, made(t, table))
	if f.Pages < 4 {
		t.Fatalf("%d pages", f.Pages)
	}
	for i, aside := range f.Asides {
		if strings.Contains(aside, "OppgaveAnsvarlig") == (i == 0) || !strings.Contains(aside, fmt.Sprintf("Side %d av %d", i+1, f.Pages)) {
			t.Errorf("page %d: %q", i+1, aside)
		}
	}
	var got []string
	heads := 0
	for _, e := range f.Blocks() {
		switch e.Role {
		case "TH":
			heads++
		case "TD":
			got = append(got, e.Text)
		}
	}
	if heads != 2 || strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%d heads, %d cells", heads, len(got))
	}
}

func TestCharactersThatTheFontLacks(t *testing.T) {
	f := pdftest.Read(t, made(t, pdf.Paragraph{Runs: runs("Hei 👨‍👩‍👧, مرحبا, 漢字 og Ŋuolla, Nguyễn, Łódź, Ελλάς")}))
	list := f.Blocks()
	if got := list[1].Text; got != "Hei 👨‍👩‍👧, مرحبا, 漢字 og Ŋuolla, Nguyễn, Łódź, Ελλάς" {
		t.Errorf("%q", got)
	}
	if got := list[2].Text; got != "Vises som □: U+0627, U+0628, U+062D, U+0631, U+0645, U+5B57, U+6F22, U+1F467, U+1F468, U+1F469" {
		t.Errorf("%q", got)
	}
	if list = pdftest.Read(t, made(t, pdf.Paragraph{Runs: runs("Ávjovárri soft\u00adhyphen")})).Blocks(); len(list) != 2 || list[1].Text != "Ávjovárri soft\u00adhyphen" {
		t.Errorf("%v", list)
	}
}

// What is too long for the properties is cut between characters.
func TestLongTitle(t *testing.T) {
	for at, want := range map[int]string{15_997: "😀…", 15_998: " …"} {
		before := strings.Repeat("ø", at)
		if got := pdftest.Read(t, written(t, &pdf.Document{Lang: "nb-NO", Title: before + "😀 og mer"})).Title; got != before+want {
			t.Errorf("after %d characters: %q", at, strings.TrimPrefix(got, before))
		}
	}
}

type failing struct{}

var errDisk = errors.New("full")

func (failing) Write([]byte) (int, error) { return 0, errDisk }

func TestFailingWriter(t *testing.T) {
	if err := (&pdf.Document{Lang: "nb-NO", Title: "x"}).Write(failing{}); !errors.Is(err, errDisk) {
		t.Error(err)
	}
	if err := (&pdf.Document{Lang: "nb-NO", Title: "x"}).Write(io.Discard); err != nil {
		t.Error(err)
	}
}

// FuzzText sets any text everywhere: nothing panics, nothing is drawn outside the margins, and a screen reader
// gets every character back.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", " ", "Æ ø å – «sitat» § 11-4", "\x00\x1b\x7f\u0085", "\xff\xfe abc\xc3", "😀👨‍👩‍👧🇳🇴", "שלום مرحبا", strings.Repeat("ø", 10_000),
		strings.Repeat("a\u0301\u0323", 300), "e" + strings.Repeat("\u0301", 400), "\u202eabc\u202c\u200b\u00ad", "\ue000\ufffe\uffff\U0010ffff", "a\tb\r\nc\u2028d", strings.Repeat("–/-", 200), "\u2011\u00a0\ufffd□", strings.Repeat("\u200b", 5000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 20_000 {
			t.Skip("longer than what is to be found here")
		}
		want := strings.Map(func(r rune) rune {
			switch {
			case strings.ContainsRune("\t\n\r\u2028\u2029", r):
				return ' '
			case unicode.IsControl(r):
				return '\ufffd'
			}
			return r
		}, norm.NFC.String(strings.ToValidUTF8(s, "\ufffd")))
		file := pdftest.Read(t, made(t, pdf.Heading{Level: 2, Text: s}, pdf.Paragraph{Style: pdf.Notice, Runs: runs(s)}, pdf.List{Items: [][]pdf.Run{runs(s)}},
			pdf.Table{Head: []string{"A", "B", "C"}, Rows: [][][]pdf.Run{{runs("x"), {{Text: s, Face: pdf.Bold}}, runs("x")}}}))
		if file.Document.Kids[0].Text != "Møte" {
			t.Fatal(file.Document)
		}
		if want == "" {
			return
		}
		got := 0
		for _, e := range file.Blocks()[1:] {
			if e.Text == want && (e.Role == "H2" || e.Role == "P" || e.Role == "LBody" || e.Role == "TD") {
				got++
			}
		}
		if got < 4 { // as heading, notice, item and cell
			t.Errorf("%d of 4 times, %.200q in\n%.2000s", got, want, file.Document)
		}
	})
}
