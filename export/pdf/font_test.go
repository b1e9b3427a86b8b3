package pdf_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"github.com/go-fonts/liberation/liberationsansregular"
	reader "github.com/ledongthuc/pdf"
	"github.com/referent/referent/export/pdf"
	"golang.org/x/image/font/sfnt"
)

// table finds a table of a TrueType file.
func table(t *testing.T, font []byte, name string) []byte {
	t.Helper()
	for i := range int(binary.BigEndian.Uint16(font[4:])) {
		e := font[12+16*i:]
		if string(e[:4]) == name {
			at, size := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
			return font[at : at+size]
		}
	}
	t.Fatalf("the font has no %s", name)
	return nil
}

// outline is the shape of a glyph, and of those that it is put together from.
func outline(t *testing.T, font []byte, g uint32) []byte {
	t.Helper()
	loca, glyf := table(t, font, "loca"), table(t, font, "glyf")
	at := func(g uint32) uint32 {
		if table(t, font, "head")[51] == 0 {
			return 2 * uint32(binary.BigEndian.Uint16(loca[2*g:]))
		}
		return binary.BigEndian.Uint32(loca[4*g:])
	}
	shape := glyf[at(g):at(g+1)]
	out := bytes.TrimRight(shape, "\x00") // the room to the next may differ
	if len(shape) > 10 && shape[0] >= 0x80 {
		out = append(bytes.Clone(out), outline(t, font, uint32(binary.BigEndian.Uint16(shape[12:])))...)
	}
	return out
}

// Each character is drawn with its own shape: what the eye sees is what is copied. Letters with accents are put
// together from others, which are there too; letters that nobody wrote are not.
func TestShapes(t *testing.T) {
	const said = "Á blåbær, č đ ŋ š ŧ ž Ǧ ǥ ễ Ж § –"
	data := made(t, pdf.Paragraph{Runs: runs(said)})
	r, err := reader.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	font := r.Page(1).Font("F0")
	within := font.V.Key("DescendantFonts").Index(0)
	stream := func(v reader.Value) []byte {
		t.Helper()
		b, err := io.ReadAll(v.Reader())
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	program, glyphs := stream(within.Key("FontDescriptor").Key("FontFile2")), stream(within.Key("CIDToGIDMap"))
	whole, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	encoding, seen := font.Encoder(), ""
	for cid := 1; 2*cid < len(glyphs); cid++ {
		char := encoding.Decode(string([]byte{byte(cid >> 8), byte(cid)}))
		seen += char
		index, err := whole.GlyphIndex(nil, []rune(char)[0])
		if err != nil {
			t.Fatal(err)
		}
		g := uint32(binary.BigEndian.Uint16(glyphs[2*cid:]))
		if g != uint32(index) || !bytes.Equal(outline(t, program, g), outline(t, liberationsansregular.TTF, g)) {
			t.Errorf("%q is drawn as glyph %d, want %d", char, g, index)
		}
	}
	for _, c := range said {
		if !strings.ContainsRune(seen, c) {
			t.Errorf("%q is not in the font", c)
		}
	}
	index, _ := whole.GlyphIndex(nil, 'Q')
	if got := outline(t, program, uint32(index)); len(got) > 0 {
		t.Errorf("a letter that nobody wrote is there: %d bytes", len(got))
	}
	var sum uint32
	for b := program; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	if sum != 0xb1b0afba {
		t.Errorf("the font's sum is %x", sum)
	}
}
