package summarize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/referent/referent"
)

func TestTake(t *testing.T) {
	tr := &referent.Transcript{}
	for i := range 60 {
		text := "Dette er en vanlig setning om budsjettet."
		if i == 25 {
			text = "Da går vi videre til skolestruktur."
		}
		tr.Segments = append(tr.Segments, referent.Segment{ID: fmt.Sprintf("s%d", i), Text: text})
	}
	b := newBudget(4096, 0)
	b.part = 700
	next, startsAtTheme := 0, false
	for rest := linesOf(&referent.Meeting{}, tr, nil); len(rest) > 0; {
		n := b.take(rest)
		size := 0
		for _, l := range rest[:n] {
			if l.segment != next {
				t.Fatalf("segment %d where %d follows", l.segment, next)
			}
			next++
			size += b.tokens(len(l.String()) + 1)
		}
		if n == 0 || size > 700 {
			t.Fatalf("a part of %d lines and %d tokens", n, size)
		}
		startsAtTheme = startsAtTheme || rest[0].segment == 25
		rest = rest[n:]
	}
	if next != 60 || !startsAtTheme {
		t.Errorf("%d of 60 segments; a part starts at the theme: %v", next, startsAtTheme)
	}
}

// Halving goes on inside a line, and every word comes in one half, once and in order.
func TestHalves(t *testing.T) {
	var words []string
	for i := range 400 {
		words = append(words, fmt.Sprintf("ord%d", i))
	}
	tr := &referent.Transcript{Segments: []referent.Segment{{ID: "s1", Text: strings.Join(words[:300], " ")}, {ID: "s2", Text: strings.Join(words[300:], " ")}}}
	var got []string
	var down func(part []line)
	down = func(part []line) {
		one, other, ok := halves(part)
		if !ok {
			if len(part) != 1 || len(part[0].words) >= 2*leastLine {
				t.Errorf("%d lines of %d bytes cannot be halved", len(part), len(part[0].words))
			}
			got = append(got, strings.Fields(part[0].words)...)
			return
		}
		down(one)
		down(other)
	}
	down(linesOf(&referent.Meeting{}, tr, nil))
	if strings.Join(got, " ") != strings.Join(words, " ") {
		t.Errorf("%d words of 400", len(got))
	}
}

func TestBudget(t *testing.T) {
	b := newBudget(8192, 2000)
	if all := b.part + b.answer + b.tokens(2000) + overhead; all > 8192 || all < 8192-1 {
		t.Errorf("%+v is %d of 8192 tokens", b, all)
	}
	before := b.part
	for _, nonsense := range []int{0, 1, 100, 50000} { // counted for 10,000 bytes: no server can mean that
		b.learn(nonsense, 10000)
	}
	if b.measured != 0 || b.part != before {
		t.Errorf("learnt from nonsense: %+v", b)
	}
	b.learn(2800, 10000)
	if b.measured != 0.28 || b.part <= before {
		t.Errorf("learnt %+v", b)
	}
	for tokens, want := range map[int]bool{0: false, 3360: false, 3000: false, 2500: true, 1: true} {
		if b.shortened(tokens, 12000) != want {
			t.Errorf("%d tokens for 12,000 bytes: %v", tokens, !want)
		}
	}
	b.shrink(2500)
	if all := b.part + b.answer + b.tokens(2000) + overhead; all > 2500 {
		t.Errorf("%+v is %d of 2500 tokens", b, all)
	}
	// A long agenda takes from the answer before it takes all of the room.
	if b := newBudget(4096, 5000); b.part < 2*minPart || b.answer < 2*minPart || b.part+b.answer+b.tokens(5000)+overhead > 4096 {
		t.Errorf("with a long agenda: %+v", b)
	}
}
