package eval

// Invented counts words that a recogniser wrote where nobody speaks.
type Invented struct {
	Words   int     `json:"words"`
	Seconds float64 `json:"seconds"` // how long nobody speaks
}

// PerMinute is the number of invented words in a minute without speech.
func (i Invented) PerMinute() float64 {
	if i.Seconds <= 0 {
		return 0
	}
	return 60 * float64(i.Words) / i.Seconds
}

// Add sums two recordings.
func (i Invented) Add(o Invented) Invented {
	return Invented{i.Words + o.Words, i.Seconds + o.Seconds}
}

// margin is how far, in seconds, a word may lie from the speech that it belongs to.
const margin = 0.25

// Hallucination counts the words of a recording of the given length, in seconds, no part of which lies
// within a quarter of a second of speech. words normalises and splits a word: what is no word after
// it does not count.
func Hallucination(hypothesis []Word, speech []Region, length float64, words func(string) []string) Invented {
	whole := []Region{{0, length}}
	i := Invented{Seconds: length - Seconds(Intersect(speech, whole))}
	for _, w := range hypothesis {
		near := false
		for _, r := range speech {
			near = near || w.Start <= r.End+margin && w.End >= r.Start-margin
		}
		if !near {
			i.Words += len(words(w.Text))
		}
	}
	return i
}

// Coverage is the share of the speech, in seconds, that lies within the stretches that have text, 0 to 1.
// Without speech it is 1: nothing is missing.
func Coverage(speech, text []Region) float64 {
	all := Seconds(speech)
	if all == 0 {
		return 1
	}
	return Seconds(Intersect(speech, text)) / all
}
