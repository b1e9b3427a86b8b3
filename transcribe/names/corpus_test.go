package names_test

import (
	"compress/gzip"
	"encoding/json"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/names"
)

// shared is a file of the evaluation data, which a test on a stranger's machine does without.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "eval", name))
	if err != nil {
		t.Skipf("%s of ../shared/eval is not here", name)
	}
	return b
}

// borne are first names and surnames as many bear them, each as often as it is among its first thousands.
func borne(t *testing.T) (first, last []string) {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(string(shared(t, "names/norwegian_fake_data_names.json.gz"))))
	if err != nil {
		t.Fatal(err)
	}
	var data struct {
		First map[string][][2]any `json:"first_names"`
		Last  map[string][][2]any `json:"surnames"`
	}
	if err := json.NewDecoder(r).Decode(&data); err != nil {
		t.Fatal(err)
	}
	take := func(groups map[string][][2]any) (all []string) {
		seen := map[string]bool{}
		for _, g := range groups {
			for _, x := range g {
				if n, ok := x[0].(string); ok && !seen[n] {
					seen[n] = true
					all = append(all, n)
				}
			}
		}
		slices.Sort(all)
		return all
	}
	return take(data.First), take(data.Last)
}

// written are texts in which every name is right: proceedings of the Storting and human transcripts.
func written(t *testing.T) []string {
	t.Helper()
	var texts []string
	for _, n := range []string{"2011-03-11", "2013-01-08", "2016-01-21"} {
		texts = append(texts, string(shared(t, "minutes/storting/"+n+"_proceedings.txt")))
	}
	conversations, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "eval", "minutes", "nrk", "*.json"))
	for _, path := range conversations {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var turns []struct{ Ref, ASR string }
		if err := json.Unmarshal(b, &turns); err != nil {
			t.Fatal(err)
		}
		for _, x := range turns {
			texts = append(texts, x.Ref, x.ASR)
		}
	}
	return texts
}

// transcript makes segments of text whose words have the probability that p gives them.
func transcript(texts []string, p func(word string, i int) float64) []referent.Segment {
	var segments []referent.Segment
	n := 0
	for _, text := range texts {
		for line := range strings.Lines(text) {
			s := referent.Segment{ID: "s" + string(rune('a'+len(segments)%26))}
			for _, w := range strings.Fields(line) {
				n++
				s.Words = append(s.Words, referent.Word{Text: w, Start: float64(n), End: float64(n) + 0.5, Probability: p(w, n)})
			}
			if len(s.Words) > 0 {
				s.Text = plain(s)
				segments = append(segments, s)
			}
		}
	}
	return segments
}

// Texts in which nothing is wrong, with rosters of people who are not in them: every change is a false one.
// How sure the recogniser is of a word follows no meaning here, and in the second run it is sure of none.
func TestNothingIsMadeWorse(t *testing.T) {
	texts := written(t)
	first, last := borne(t)
	chance := func(w string, i int) float64 {
		h := fnv.New64a()
		h.Write([]byte(w))
		x := rand.New(rand.NewPCG(h.Sum64(), uint64(i))).Float64()
		return 1 - 0.9*x*x*x // one in ten below a half
	}
	for _, run := range []struct {
		name string
		p    func(string, int) float64
		most float64 // changes in a million words
	}{
		{"as sure as a recogniser is", chance, 10},
		{"sure of nothing", func(string, int) float64 { return 0.45 }, 150},
	} {
		words, changed := 0, 0
		examples := map[string]int{}
		for seed := range uint64(8) {
			rng := rand.New(rand.NewPCG(seed, 7))
			var terms []referent.Term
			for range 25 {
				terms = append(terms, referent.Term{Text: first[rng.IntN(len(first))] + " " + last[rng.IntN(len(last))], Source: "roster"})
			}
			segments := transcript(texts, run.p)
			for _, s := range segments {
				words += len(s.Words)
			}
			for _, c := range names.Correct(segments, terms) {
				changed++
				examples[c.From+" -> "+c.To]++
			}
		}
		rate := float64(changed) * 1e6 / float64(words)
		t.Logf("%s: %d changes in %d words with 8 rosters of 25, %.1f in a million", run.name, changed, words, rate)
		if os.Getenv("SHOW") != "" {
			for x, n := range examples {
				t.Log(n, x)
			}
		}
		if rate > run.most {
			t.Errorf("%s: %.1f false changes in a million words, want at most %.0f", run.name, rate, run.most)
		}
	}
}

// The machine's own transcripts of the Storting, where hardly any name is spelt right and nothing has a
// capital: without one no word is taken for a name that was misheard.
func TestSmallLettersStay(t *testing.T) {
	first, last := borne(t)
	var texts []string
	for _, n := range []string{"2011-03-11", "2013-01-08", "2016-01-21"} {
		texts = append(texts, string(shared(t, "minutes/storting/"+n+"_transcription.csv")))
	}
	lower := func(s string) string { return strings.Map(unicode.ToLower, strings.ReplaceAll(s, ",", " ")) }
	for i := range texts {
		texts[i] = lower(texts[i])
	}
	segments := transcript(texts, func(string, int) float64 { return 0.3 })
	var terms []referent.Term
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		terms = append(terms, referent.Term{Text: first[rng.IntN(len(first))] + " " + last[rng.IntN(len(last))], Source: "roster"})
	}
	if got := names.Correct(segments, terms); len(got) != 0 {
		t.Errorf("%d changes, such as %+v", len(got), got[0])
	}
}
