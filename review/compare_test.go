package review_test

import (
	"strings"
	"testing"

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
