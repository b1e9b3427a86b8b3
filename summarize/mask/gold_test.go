package mask_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/summarize/mask"
)

// The names of the gold cases: with the roster none may remain, and without it, where everybody must be
// found by lists and context alone, few.
func TestNamesOfTheGoldCases(t *testing.T) {
	cases, err := minutes.Cases()
	if err != nil {
		t.Fatal(err)
	}
	wider, err := minutes.Wider()
	if err != nil {
		t.Fatal(err)
	}
	cases = append(cases, wider...)
	for _, known := range []bool{true, false} {
		told, remain := 0, 0
		for _, c := range cases {
			whole := map[string]bool{}
			var texts []string
			for _, p := range c.Participants {
				whole[p.Name] = true
			}
			for _, l := range c.Lines {
				if l.Speaker != "?" {
					whole[l.Speaker] = true
				}
				texts = append(texts, l.Text)
			}
			var names []string
			words := map[string]bool{}
			for name := range whole {
				names = append(names, name)
				for w := range strings.FieldsSeq(name) {
					words[w] = true
				}
			}
			slices.Sort(names)
			m := mask.New(nil)
			if known {
				m = mask.New(names)
			}
			m.Learn(texts...)
			var body strings.Builder
			for _, text := range texts {
				masked := m.Mask(text)
				if back := m.Unmask(masked); back != text {
					t.Errorf("%s: %q comes home as %q", c.Name, text, back)
				}
				if l := m.Leaks([]byte(masked)); l != nil {
					t.Errorf("%s: the final check refuses %v in %q", c.Name, l, masked)
				}
				body.WriteString(m.Mask(strings.Join(names, ", ")) + ": " + masked + "\n")
				before, after := capitals(text, words), capitals(masked, words)
				told += len(before)
				remain += len(after)
				if len(after) > 0 {
					t.Logf("%s: %v remain of %q", c.Name, after, text)
				}
			}
			if l := m.Leaks(outgoing(t, body.String())); l != nil {
				t.Errorf("%s: the final check refuses the whole meeting: %v", c.Name, l)
			}
		}
		t.Logf("%d cases, roster given: %v: %d words of names told, %d remain", len(cases), known, told, remain)
		if told == 0 || known && remain > 0 || remain*100 > told {
			t.Errorf("%d of %d remain", remain, told)
		}
	}
}

// capitals are the words of a text that are words of a name, with or without an ending of possession.
func capitals(text string, names map[string]bool) []string {
	var out []string
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" ,.?!:;«»\"()-", r) }) {
		if names[w] || names[strings.TrimSuffix(w, "s")] {
			out = append(out, w)
		}
	}
	return out
}
