package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// ref is the number of an object.
type ref int

func (r ref) String() string { return strconv.Itoa(int(r)) + " 0 R" }

// objects is a file as it grows.
type objects struct {
	buf bytes.Buffer
	at  []int // offset of each object; 0: promised
}

func newObjects() *objects {
	o := &objects{}
	o.buf.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n") // the second line tells programs that the file is not text
	return o
}

// promise gives the number of an object that is put later.
func (o *objects) promise() ref {
	o.at = append(o.at, 0)
	return ref(len(o.at))
}

func (o *objects) put(r ref, body string) {
	o.at[r-1] = o.buf.Len()
	fmt.Fprintf(&o.buf, "%d 0 obj\n%s\nendobj\n", r, body)
}

func (o *objects) add(body string) ref {
	r := o.promise()
	o.put(r, body)
	return r
}

// stream adds data, packed, with the entries of its dictionary.
func (o *objects) stream(entries string, data []byte) ref {
	return o.packedStream(entries, packed(data))
}

func (o *objects) packedStream(entries string, data []byte) ref {
	return o.plainStream(entries+" /Filter /FlateDecode", data)
}

func packed(data []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(data) // a bytes.Buffer never fails
	_ = z.Close()
	return out.Bytes()
}

func (o *objects) plainStream(entries string, data []byte) ref {
	return o.add(fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", entries, len(data), data))
}

// finish adds the table of objects and gives the file. Its identifier is the hash of what it holds.
func (o *objects) finish(catalogue, info ref) []byte {
	id := sha256.Sum256(o.buf.Bytes())
	start := o.buf.Len()
	fmt.Fprintf(&o.buf, "xref\n0 %d\n0000000000 65535 f \n", len(o.at)+1)
	for _, at := range o.at {
		fmt.Fprintf(&o.buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&o.buf, "trailer\n<</Size %d /Root %s /Info %s /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n", len(o.at)+1, catalogue, info, id[:16], id[:16], start)
	return o.buf.Bytes()
}

// maxText is the longest text outside the pages, in UTF-16 units: PDF/A allows 32767 bytes in a string.
const maxText = 16_000

// text is a string object for people. One that is too long is cut; it stands in full on the pages.
func text(s string) string {
	units := utf16.Encode([]rune(s))
	if len(units) > maxText {
		units = append(units[:maxText-1:maxText-1], '…')
		if last := units[maxText-2]; 0xD800 <= last && last < 0xDC00 { // the first half of a character
			units[maxText-2] = ' '
		}
	}
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range units {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

// num is a number with at most three decimals.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)
}

// nums are numbers with spaces between.
func nums(list ...float64) string {
	var out []string
	for _, v := range list {
		out = append(out, num(v))
	}
	return strings.Join(out, " ")
}
