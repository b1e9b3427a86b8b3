package eval_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent/eval"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"Møtet er satt, kl. 10.30!":    "møtet er satt kl 10.30",
		"3,5 prosent – 10 000 kroner.": "3,5 prosent 10 000 kroner",
		"«Ja», sa han.":                "ja sa han",
		"IKT-avdelingen":               "ikt avdelingen",
		"don't, don’t":                 "don't don't",
		"  ":                           "",
		"Å være.Eller ikke":            "å være eller ikke",
	} {
		if got := strings.Join(eval.Words(text), " "); got != want {
			t.Errorf("Words(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWER(t *testing.T) {
	for _, c := range []struct {
		reference, hypothesis string
		want                  eval.Errors
		rate                  float64
	}{
		{"en to tre", "En, to, tre.", eval.Errors{Reference: 3}, 0},
		{"en to tre", "en tre", eval.Errors{Deletions: 1, Reference: 3}, 1.0 / 3},
		{"en to tre", "en to to tre", eval.Errors{Insertions: 1, Reference: 3}, 1.0 / 3},
		{"en to tre", "en fire tre", eval.Errors{Substitutions: 1, Reference: 3}, 1.0 / 3},
		{"", "", eval.Errors{}, 0},
		{"", "støy her", eval.Errors{Insertions: 2}, 1},
		{"en to", "", eval.Errors{Deletions: 2, Reference: 2}, 1},
		{"a b", "c d e f", eval.Errors{Substitutions: 2, Insertions: 2, Reference: 2}, 2},
	} {
		got := eval.WER(c.reference, c.hypothesis)
		if got != c.want || got.Rate() != c.rate {
			t.Errorf("WER(%q, %q) = %+v %v, want %+v %v", c.reference, c.hypothesis, got, got.Rate(), c.want, c.rate)
		}
	}
	if got := eval.CER("abcd", "abxd"); got.Rate() != 0.25 {
		t.Errorf("CER gave %+v", got)
	}
}

// The counts must be those of a shortest edit script: checked against the plain recursive definition.
func TestCompareIsMinimal(t *testing.T) {
	words := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 7)
	rapid.Check(t, func(t *rapid.T) {
		a, b := words.Draw(t, "a"), words.Draw(t, "b")
		e := eval.Compare(a, b)
		if got, want := e.Substitutions+e.Deletions+e.Insertions, edits(a, b); got != want {
			t.Fatalf("%v against %v: %d edits, want %d", b, a, got, want)
		}
		if len(a)-e.Deletions+e.Insertions != len(b) {
			t.Fatalf("%v against %v: %+v does not give the length", b, a, e)
		}
		if slices.Equal(a, b) && e.Rate() != 0 {
			t.Fatal("equal sequences differ")
		}
	})
}

func edits(a, b []int) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	if a[0] == b[0] {
		return edits(a[1:], b[1:])
	}
	return 1 + min(edits(a[1:], b), edits(a, b[1:]), edits(a[1:], b[1:]))
}
