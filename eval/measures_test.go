package eval_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent/eval"
)

// The alignment is the one that is counted, and walks through both sequences from end to end.
func TestAlign(t *testing.T) {
	words := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		a, b := words.Draw(t, "reference"), words.Draw(t, "hypothesis")
		edits := eval.Align(a, b)
		if got, want := eval.Count(edits), eval.Compare(a, b); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
		i, j := 0, 0
		for _, e := range edits {
			if e.Reference != i || e.Hypothesis != j {
				t.Fatalf("step %+v at %d, %d", e, i, j)
			}
			if (e.Kind == eval.Equal || e.Kind == eval.Substitution) && (a[i] == b[j]) != (e.Kind == eval.Equal) {
				t.Fatalf("step %+v: %d and %d", e, a[i], b[j])
			}
			if e.Kind != eval.Insertion {
				i++
			}
			if e.Kind != eval.Deletion {
				j++
			}
		}
		if i != len(a) || j != len(b) {
			t.Fatalf("ends at %d, %d of %d, %d", i, j, len(a), len(b))
		}
		pieces := eval.Pieces(edits, 5)
		if eval.Sum(pieces) != eval.Count(edits) {
			t.Fatalf("pieces %+v do not add up", pieces)
		}
		for _, p := range pieces {
			if p.Reference > 5 {
				t.Fatalf("piece %+v is too long", p)
			}
		}
	})
}

func TestWordTimes(t *testing.T) {
	reference := []eval.Word{{Text: "En", Start: 0, End: 0.5}, {Text: "IKT-plan,", Start: 1, End: 2}, {Text: "tre", Start: 3, End: 3.5}}
	hypothesis := []eval.Word{{Text: "en", Start: 0.1, End: 0.4}, {Text: "IKT", Start: 1.3, End: 1.5}, {Text: "plan", Start: 1.5, End: 1.9}, {Text: "fire", Start: 9, End: 9}}
	e := eval.WordTimes(reference, hypothesis, eval.Words)
	near := func(got, want []float64) bool {
		return slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	}
	if e.Reference != 4 || !near(e.Start, []float64{0.1, 0.3}) || !near(e.End, []float64{-0.1, -0.1}) {
		t.Errorf("got %+v", e)
	}
	s := eval.TimeStatsOf(e.All())
	if s.Count != 4 || math.Abs(s.Mean-0.15) > 1e-9 || math.Abs(s.Bias-0.05) > 1e-9 || math.Abs(s.Median-0.1) > 1e-9 || s.Near != 0.75 || math.Abs(s.P95-0.27) > 1e-9 {
		t.Errorf("got %+v", s)
	}
	if s := eval.TimeStatsOf([]float64{1.38 - 1.18, 0.9 - 1.1}); s.Near != 1 {
		t.Errorf("exactly 200 ms is near: %+v", s)
	}
	if s := eval.TimeStatsOf(nil); s != (eval.TimeStats{}) {
		t.Errorf("nothing: %+v", s)
	}
}

func TestHallucination(t *testing.T) {
	words := []eval.Word{
		{Text: "før", Start: 0, End: 0.5},           // invented
		{Text: "nær", Start: 1.6, End: 1.8},         // within a quarter of a second
		{Text: "inne", Start: 3, End: 4},            // speech
		{Text: "…", Start: 20, End: 21},             // no word
		{Text: "Ai-Media", Start: 25, End: 26},      // two
		{Text: "lang", Start: 4.5, End: 9},          // touches speech
		{Text: "tekst", Start: 10.5, End: 10.6},     // invented
		{Text: "strøm", Start: 29.999, End: 30.001}, // speech from 30 on
	}
	speech := []eval.Region{{Start: 2, End: 5}, {Start: 30, End: 40}}
	got := eval.Hallucination(words, speech, 35, eval.Words)
	if got != (eval.Invented{Words: 4, Seconds: 27}) || math.Abs(got.PerMinute()-60*4.0/27) > 1e-12 {
		t.Errorf("got %+v, %v a minute", got, got.PerMinute())
	}
	if got := eval.Hallucination(nil, nil, 0, eval.Words).PerMinute(); got != 0 {
		t.Errorf("nothing: %v", got)
	}
}

func TestRegions(t *testing.T) {
	r := func(ends ...float64) (regions []eval.Region) {
		for i := 0; i < len(ends); i += 2 {
			regions = append(regions, eval.Region{Start: ends[i], End: ends[i+1]})
		}
		return regions
	}
	if got := eval.Union(r(5, 6, 1, 3, 2, 4, 4, 4.5, 7, 7)); !slices.Equal(got, r(1, 4.5, 5, 6)) {
		t.Errorf("union %v", got)
	}
	if got := eval.Intersect(r(0, 4, 5, 9), r(3, 6, 8, 20)); !slices.Equal(got, r(3, 4, 5, 6, 8, 9)) {
		t.Errorf("intersection %v", got)
	}
	if got := eval.Without(r(0, 10), r(-1, 1, 3, 4, 9, 12)); !slices.Equal(got, r(1, 3, 4, 9)) {
		t.Errorf("difference %v", got)
	}
	if got := eval.Coverage(r(0, 4, 6, 8), r(1, 7)); math.Abs(got-4.0/6) > 1e-12 {
		t.Errorf("coverage %v", got)
	}
	if eval.Coverage(nil, nil) != 1 || eval.Coverage(r(0, 1), nil) != 0 {
		t.Error("coverage of nothing, by nothing")
	}
}

func TestBootstrap(t *testing.T) {
	rate := func(all []eval.Errors) float64 { return eval.Sum(all).Rate() }
	if _, ok := eval.Bootstrap([]eval.Errors{{Reference: 9}}, rate); ok {
		t.Error("one recording tells nothing of another")
	}
	units := make([]eval.Errors, 100)
	for i := range units {
		units[i] = eval.Errors{Reference: 10}
		if i%2 == 0 {
			units[i].Substitutions = 4
		}
	}
	got, ok := eval.Bootstrap(units, rate)
	// The mean is 0.2, its standard error 0.02: the interval is about 0.16 to 0.24.
	if !ok || math.Abs(got.Low-0.16) > 0.01 || math.Abs(got.High-0.24) > 0.01 {
		t.Errorf("got %+v", got)
	}
	if again, _ := eval.Bootstrap(units, rate); again != got {
		t.Errorf("%+v, then %+v", got, again)
	}
	same := slices.Repeat([]eval.Errors{{Substitutions: 1, Reference: 4}}, 7)
	if got, _ := eval.Bootstrap(same, rate); got.Low != 0.25 || got.High != 0.25 {
		t.Errorf("nothing varies: %+v", got)
	}
}

func TestReadersRefuse(t *testing.T) {
	rttm := func(s string) error { _, err := eval.ReadRTTM(strings.NewReader(s)); return err }
	stm := func(s string) error { _, err := eval.ReadSTM(strings.NewReader(s)); return err }
	ctm := func(s string) error { _, err := eval.ReadCTM(strings.NewReader(s)); return err }
	uem := func(s string) error { _, err := eval.ReadUEM(strings.NewReader(s)); return err }
	seglst := func(s string) error { _, err := eval.ReadSegLST(strings.NewReader(s)); return err }
	for name, c := range map[string]struct {
		read func(string) error
		text string
	}{
		"few fields":        {rttm, "SPEAKER f 1 0 1 <NA> <NA>"},
		"no time":           {rttm, "SPEAKER f 1 null 1 <NA> <NA> hemmelig <NA>"},
		"negative length":   {rttm, "SPEAKER f 1 0 -1 <NA> <NA> hemmelig <NA>"},
		"not a number":      {rttm, "SPEAKER f 1 0 NaN <NA> <NA> hemmelig <NA>"},
		"infinite":          {rttm, "SPEAKER f 1 0 Inf <NA> <NA> hemmelig <NA>"},
		"backwards":         {stm, "f 1 hemmelig 3 2 ord"},
		"no end":            {stm, "f 1 hemmelig 3"},
		"word without text": {ctm, "f 1 0 1"},
		"half a region":     {uem, "f 1 0"},
		"backwards region":  {uem, "f 1 3 1"},
		"no list":           {seglst, `{"words": "hemmelig"}`},
		"no times":          {seglst, `[{"words": "hemmelig"}]`},
		"wrong type":        {seglst, `[{"words": 5}]`},
		"two lists":         {seglst, `[] []`},
		"long line":         {stm, "f 1 hemmelig 0 1 " + strings.Repeat("ord ", 1<<19)},
	} {
		err := c.read(c.text)
		if err == nil {
			t.Errorf("%s is read", name)
		} else if strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("%s: the error tells what the file says: %v", name, err)
		}
	}
	u, err := eval.ReadSTM(strings.NewReader("\ufefff 1 A 0 1 <o,f0,male> en  to\n;; x\n\nf 1 B 1 1\n"))
	if err != nil || len(u) != 2 || u[0].Text != "en to" || u[0].Session != "f" || u[1].Text != "" {
		t.Errorf("%+v, %v", u, err)
	}
}

// Whatever the bytes are, what is read has sane times, and scoring it ends.
func FuzzReaders(f *testing.F) {
	f.Add("SPEAKER f 1 0 1.5 <NA> <NA> A <NA> <NA>\n;; x\nSPEAKER f 1 1e8 0 <NA> <NA> B <NA>\n")
	f.Add("f 1 A 0 1 <o> en to\nf 1 B 0.5 2 tre")
	f.Add("f 1 0.1 0.2 en 0.9\nf 1 0.1 0.2 to")
	f.Add(`[{"session_id":"a","speaker":"b","words":"en to","start_time":"0","end_time":1.5}]`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip() // scoring is quadratic
		}
		sane := func(start, end float64) {
			if !(start >= 0 && end >= start && end <= 2e9) {
				t.Fatalf("times %v to %v", start, end)
			}
		}
		if turns, err := eval.ReadRTTM(strings.NewReader(text)); err == nil {
			for _, u := range turns {
				sane(u.Start, u.End)
			}
			if e := eval.DER(turns, turns, eval.Scoring{}); e.Rate() > 1e-9 {
				t.Fatalf("against itself: %+v", e)
			}
		}
		if words, err := eval.ReadCTM(strings.NewReader(text)); err == nil {
			for _, w := range words {
				sane(w.Start, w.End)
			}
			if s := eval.TimeStatsOf(eval.WordTimes(words, words, eval.Words).All()); s.Mean != 0 {
				t.Fatalf("against itself: %+v", s)
			}
		}
		if regions, err := eval.ReadUEM(strings.NewReader(text)); err == nil {
			for _, all := range regions {
				for _, r := range all {
					sane(r.Start, r.End)
				}
			}
		}
		for _, read := range []func() ([]eval.Utterance, error){
			func() ([]eval.Utterance, error) { return eval.ReadSTM(strings.NewReader(text)) },
			func() ([]eval.Utterance, error) { return eval.ReadSegLST(strings.NewReader(text)) },
		} {
			if said, err := read(); err == nil {
				for _, u := range said {
					sane(u.Start, u.End)
				}
				if e, _ := eval.CPWER(said, said, eval.Words); e.Wrong() != 0 {
					t.Fatalf("against itself: %+v", e)
				}
			}
		}
	})
}
