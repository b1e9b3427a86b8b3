package review_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
)

// told writes a comparison as "=same ~[-gone-] {+new+}".
func told(lines []review.Line) string {
	var out []string
	for _, l := range lines {
		var words []string
		for _, p := range l.Pieces {
			switch p.Op {
			case review.Removed:
				words = append(words, "[-"+p.Text+"-]")
			case review.Added:
				words = append(words, "{+"+p.Text+"+}")
			default:
				words = append(words, p.Text)
			}
		}
		out = append(out, string(l.Op)+": "+strings.Join(words, " "))
	}
	return strings.Join(out, "\n")
}

func TestCompare(t *testing.T) {
	before := &referent.Minutes{Title: "Møte", Decisions: []referent.Decision{{Text: "Vi kjøper en rød snøfreser til skolen."}, {Text: "Brygga repareres."}}}
	after := &referent.Minutes{Title: "Møte", Decisions: []referent.Decision{{Text: "Vi kjøper en blå snøfreser til skolen."}, {Text: "Rådhuset males hvitt i vår."}}}
	want := "same: Møte\nchanged: Vi kjøper en [-rød-] {+blå+} snøfreser til skolen.\nremoved: [-Brygga repareres.-]\nadded: {+Rådhuset males hvitt i vår.+}"
	if got := told(review.Compare(before, after)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, l := range review.Compare(protocol(), protocol()) {
		if l.Op != review.Same {
			t.Errorf("%+v differs from itself", l)
		}
	}
	if lines := review.Compare(&referent.Minutes{}, &referent.Minutes{}); lines == nil || len(lines) != 0 {
		t.Errorf("nothing compared with nothing: %v", lines)
	}
}

// Minutes that a program handed in may hold a movement of no known kind.
func TestCompareAnUnknownMovement(t *testing.T) {
	m := &referent.Minutes{Movements: []referent.Movement{{Name: "Per", What: "danced"}}}
	if got := told(review.Compare(&referent.Minutes{}, m)); !strings.Contains(got, "Per") {
		t.Errorf("got %q", got)
	}
}

// However long two versions are, and however little they have in common, they are compared in a moment, and
// nothing of them is left out.
func TestCompareIsBounded(t *testing.T) {
	const n = 20000
	of := func(word string) *referent.Minutes {
		m := &referent.Minutes{}
		for i := range n {
			m.Decisions = append(m.Decisions, referent.Decision{Text: strings.Repeat(word+strconv.Itoa(i)+" ", 20)})
		}
		return m
	}
	began := time.Now()
	lines := review.Compare(of("a"), of("b"))
	if took := time.Since(began); len(lines) != 2*n || took > 20*time.Second {
		t.Errorf("%d lines after %s", len(lines), took)
	}
}

// What is left of a comparison without what was added is the first version, and without what was removed the
// second.
func TestCompareLosesNoWord(t *testing.T) {
	texts := rapid.SliceOfN(rapid.StringMatching(`[ab]( [abc]){0,6}`), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		of := func(name string) *referent.Minutes {
			m := &referent.Minutes{}
			for _, s := range texts.Draw(t, name) {
				m.Decisions = append(m.Decisions, referent.Decision{Text: s})
			}
			return m
		}
		before, after := of("before"), of("after")
		side := func(without review.Op) string {
			var out []string
			for _, l := range review.Compare(before, after) {
				var words []string
				for _, p := range l.Pieces {
					if p.Op != without {
						words = append(words, p.Text)
					}
				}
				if len(words) > 0 {
					out = append(out, strings.Join(words, " "))
				}
			}
			return strings.Join(out, "\n")
		}
		plain := func(m *referent.Minutes) string {
			var out []string
			for _, d := range m.Decisions {
				out = append(out, d.Text)
			}
			return strings.Join(out, "\n")
		}
		if got := side(review.Added); got != plain(before) {
			t.Fatalf("before: %q, want %q", got, plain(before))
		}
		if got := side(review.Removed); got != plain(after) {
			t.Fatalf("after: %q, want %q", got, plain(after))
		}
	})
}
