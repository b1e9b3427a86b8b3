package summarize

import (
	"strings"
	"testing"

	"github.com/referent/referent"
)

// A number that is said in two segments is masked in both, and costs no other line its mask or its place.
func TestNumberAcrossSegments(t *testing.T) {
	tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1", Name: "Torbjørg Fnatthode"}}}
	for _, text := range []string{"Det gjelder fødselsnummeret null en null en sju null", "ni ni åtte fem ni", "Ring 91 23 45 67.", "Takk."} {
		tr.Segments = append(tr.Segments, referent.Segment{Speaker: "S1", Text: text})
	}
	m := &referent.Meeting{}
	v := newVeil(m, tr)
	lines := linesOf(m, tr, v)
	if len(lines) != len(tr.Segments) {
		t.Fatalf("%d lines of %d segments", len(lines), len(tr.Segments))
	}
	var sent strings.Builder
	for i, l := range lines {
		sent.WriteString(l.String() + "\n")
		if back := v.m.Unmask(l.words); l.segment != i || back != tr.Segments[i].Text {
			t.Errorf("line %d comes back as %q", i, back)
		}
	}
	for _, secret := range []string{"sju null", "åtte", "91 23"} {
		if strings.Contains(sent.String(), secret) {
			t.Errorf("%q goes out: %s", secret, &sent)
		}
	}
	if got := v.counts(); got["identity"] != 1 || got["phone"] != 1 || v.leaks([]byte(sent.String())) {
		t.Errorf("masked %v", got)
	}
	if lines := linesOf(m, &referent.Transcript{}, v); len(lines) != 0 {
		t.Errorf("%d lines of nothing", len(lines))
	}
}
