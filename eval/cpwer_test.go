package eval_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent/eval"
)

func TestCPWER(t *testing.T) {
	say := func(all ...string) (u []eval.Utterance) {
		for i, s := range all {
			speaker, text, _ := strings.Cut(s, ": ")
			u = append(u, eval.Utterance{Speaker: speaker, Start: float64(i), End: float64(i + 1), Text: text})
		}
		return u
	}
	for _, c := range []struct {
		name                  string
		reference, hypothesis []eval.Utterance
		want                  eval.Errors
		pairs                 int
	}{
		{"names do not matter", say("A: en to", "B: tre", "A: fire"), say("2: En to.", "1: Tre!", "2: Fire?"), eval.Errors{Reference: 4}, 2},
		{"one word with the wrong speaker", say("A: en to tre", "B: fire fem"), say("1: en to", "2: tre fire fem"), eval.Errors{Deletions: 1, Insertions: 1, Reference: 5}, 2},
		{"two heard as one", say("A: en to tre", "B: fire fem"), say("1: en to tre fire fem"), eval.Errors{Deletions: 2, Insertions: 2, Reference: 5}, 2},
		{"one heard as two", say("A: en to tre"), say("1: en to", "2: tre"), eval.Errors{Deletions: 1, Insertions: 1, Reference: 3}, 2},
		{"nothing heard", say("A: en to", "B: tre"), nil, eval.Errors{Deletions: 3, Reference: 3}, 2},
		{"nothing said", nil, say("1: en"), eval.Errors{Insertions: 1}, 1},
		{"nothing at all", nil, nil, eval.Errors{}, 0},
	} {
		got, pairs := eval.CPWER(c.reference, c.hypothesis, eval.Words)
		if got != c.want || len(pairs) != c.pairs {
			t.Errorf("%s: %+v in %d pairs, want %+v in %d", c.name, got, len(pairs), c.want, c.pairs)
		}
	}
	// The order is that of time, not of the list.
	late := []eval.Utterance{{Speaker: "A", Start: 5, Text: "to"}, {Speaker: "A", Start: 1, Text: "en"}}
	if got, _ := eval.CPWER(say("X: en to"), late, eval.Words); got.Wrong() != 0 {
		t.Errorf("order of time: %+v", got)
	}
}

// The pairing is the best of all permutations.
func TestCPWERIsMinimal(t *testing.T) {
	some := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 5), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		utterances := func(all [][]string) (u []eval.Utterance) {
			for i, words := range all {
				u = append(u, eval.Utterance{Speaker: string(rune('p' + i)), Text: strings.Join(words, " ")})
			}
			return u
		}
		r, h := some.Draw(t, "reference"), some.Draw(t, "hypothesis")
		got, _ := eval.CPWER(utterances(r), utterances(h), strings.Fields)
		for len(r) < 3 {
			r = append(r, nil)
		}
		for len(h) < 3 {
			h = append(h, nil)
		}
		best := math.MaxInt
		for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			sum := 0
			for i, j := range order {
				sum += eval.Compare(r[i], h[j]).Wrong()
			}
			best = min(best, sum)
		}
		if got.Wrong() != best {
			t.Fatalf("%d errors, want %d", got.Wrong(), best)
		}
	})
}

// What meeteval 0.4.3 says of its fixtures: cpWER of the words as they are written.
func TestMeetevalCPWER(t *testing.T) {
	dir := sharedData(t, "speakers", "meeteval")
	read := func(names ...string) map[string][]eval.Utterance {
		var all []eval.Utterance
		for _, name := range names {
			all = append(all, readFile(t, filepath.Join(dir, name), func(r *strings.Reader) (u []eval.Utterance, err error) {
				switch {
				case strings.HasSuffix(name, ".json"):
					return eval.ReadSegLST(r)
				case strings.HasSuffix(name, ".stm"):
					return eval.ReadSTM(r)
				}
				words, err := eval.ReadCTM(r) // one speaker a file
				for _, w := range words {
					u = append(u, eval.Utterance{Session: w.Session, Speaker: name, Start: w.Start, End: w.End, Text: w.Text})
				}
				return u, err
			})...)
		}
		return eval.Sessions(all)
	}
	a, b := eval.Errors{Substitutions: 2, Reference: 62}, eval.Errors{Insertions: 8, Deletions: 15, Reference: 30}
	for _, c := range []struct {
		reference, hypothesis []string
		want                  map[string]eval.Errors
		rate                  float64
	}{
		{[]string{"ref.stm"}, []string{"hyp.stm"}, map[string]eval.Errors{"recordingA": a, "recordingB": b}, 0.2717391304347826},
		{[]string{"ref.seglst.json"}, []string{"hyp.seglst.json"}, map[string]eval.Errors{"recordingA": a, "recordingB": b}, 0.2717391304347826},
		{[]string{"ref.stm"}, []string{"hyp.seglst.json"}, map[string]eval.Errors{"recordingA": a, "recordingB": b}, 0.2717391304347826},
		{[]string{"ref.stm"}, []string{"hyp1.ctm", "hyp2.ctm"}, map[string]eval.Errors{"recordingA": a, "recordingB": b}, 0.2717391304347826},
		{[]string{"refA.stm"}, []string{"hypA.stm"}, map[string]eval.Errors{"recordingA": a}, 0.03225806451612903},
		{[]string{"refB.stm"}, []string{"hypB.stm"}, map[string]eval.Errors{"recordingB": b}, 0.7666666666666667},
		{[]string{"ref_siso.stm"}, []string{"hyp_siso.stm"}, map[string]eval.Errors{"recordingA": {Substitutions: 2, Reference: 24}, "recordingC": {Reference: 7}}, 0.06451612903225806},
	} {
		reference, hypothesis := read(c.reference...), read(c.hypothesis...)
		var total eval.Errors
		for session, want := range c.want {
			got, _ := eval.CPWER(reference[session], hypothesis[session], strings.Fields)
			if got != want {
				t.Errorf("%v %s: %+v, want %+v", c.hypothesis, session, got, want)
			}
			total = total.Add(got)
		}
		if math.Abs(total.Rate()-c.rate) > 1e-6 {
			t.Errorf("%v: %v, want %v", c.hypothesis, total.Rate(), c.rate)
		}
	}
}
