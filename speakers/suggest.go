package speakers

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Reason is how a name was heard to be a speaker's. It is the key of the sentence that a person reads
// (package locale, "speakers.reason.<reason>").
type Reason string

// The reasons, the surest first.
const (
	Introduced Reason = "introduced"  // the speaker said the name as its own: "jeg heter ..."
	GivenFloor Reason = "given_floor" // the one before gave the word: "ordet til ..."
	Thanked    Reason = "thanked"     // the one after gave thanks: "takk, ..."
	Addressed  Reason = "addressed"   // the one after spoke to a role that one participant has: "takk, ordfører"
)

// Suggestion is a name that a speaker may have. It is for a person to accept or not.
type Suggestion struct {
	Speaker    string     `json:"speaker" doc:"Id of a speaker without a name."`
	Name       string     `json:"name"`
	Expected   bool       `json:"expected" doc:"The name is on the meeting's list of participants."`
	Confidence float64    `json:"confidence" doc:"0 to 1, lower where other things that were said speak against it."`
	Evidence   []Evidence `json:"evidence" nullable:"false" doc:"Why, in the order it was said."`
}

// Evidence is one thing that was said for a suggestion.
type Evidence struct {
	Reason  Reason  `json:"reason" enum:"introduced,given_floor,thanked,addressed"`
	Segment string  `json:"segment" doc:"Where it was said."`
	Start   float64 `json:"start" doc:"When that segment begins, in seconds."`
	Quote   string  `json:"quote" doc:"The words, as they stand in the segment."`
}

// leastConfidence is what a suggestion must have to be shown.
const leastConfidence = 0.3

// reach is the longest pause in seconds, and aside the longest run of another's words, between a name
// and the speaker it points to.
const (
	reach = 20.0
	aside = 1.0
)

// vote says that a speaker has a name.
type vote struct {
	speaker string
	person  person
	weight  float64
	Evidence
}

// Suggest finds names for the speakers that have none, from how they introduce themselves and how the
// others speak to them. A name goes to one speaker at most and never to two; those that a speaker has
// already are not suggested again. The surest comes first.
func Suggest(t *referent.Transcript, participants []referent.Participant) []Suggestion {
	book := newBook(participants)
	runs := runsOf(t)
	var votes []vote
	for r, run := range runs {
		for i := run.from; i < run.to; i++ {
			votes = append(votes, heard(t, runs, r, i, book)...)
		}
	}
	return elect(t, votes)
}

// heard are the votes of one segment.
func heard(t *referent.Transcript, runs []run, at, segment int, b *book) []vote {
	s := &t.Segments[segment]
	tokens := norsk.Tokens(s.Text)
	var out []vote
	for _, m := range mentions(tokens, b) {
		target := ""
		switch m.points {
		case self:
			target = s.Speaker
		case next:
			target = follower(t, runs, at, 1)
		case previous:
			target = follower(t, runs, at, -1)
		}
		if target == "" {
			continue
		}
		quote := s.Text[tokens[m.from].Start:tokens[m.to-1].End]
		out = append(out, vote{target, m.person, m.weight, Evidence{m.reason, s.ID, s.Start, quote}})
	}
	return out
}

// run is what one speaker says until another does: segments [from, to).
type run struct {
	speaker  string
	from, to int
}

func runsOf(t *referent.Transcript) []run {
	var out []run
	for i, s := range t.Segments {
		if n := len(out); n > 0 && out[n-1].speaker == s.Speaker {
			out[n-1].to = i + 1
			continue
		}
		out = append(out, run{s.Speaker, i, i + 1})
	}
	return out
}

// follower is who speaks after (step 1) or before (step -1) a run. A word thrown in by another is passed
// over where there is somebody behind it; after a long pause nobody is meant.
func follower(t *referent.Transcript, runs []run, at, step int) string {
	edge := func(r run, after bool) float64 {
		if after {
			return t.Segments[r.to-1].End
		}
		return t.Segments[r.from].Start
	}
	first := ""
	for r := at + step; r >= 0 && r < len(runs); r += step {
		gap := edge(runs[r], false) - edge(runs[at], true)
		if step < 0 {
			gap = edge(runs[at], false) - edge(runs[r], true)
		}
		if gap > reach || runs[r].speaker == "" || runs[r].speaker == runs[at].speaker {
			break
		}
		if first == "" {
			first = runs[r].speaker
		}
		length := edge(runs[r], true) - edge(runs[r], false)
		if length > aside || length == 0 { // without times there is nothing to tell it by
			return runs[r].speaker
		}
	}
	return first
}

// claim is a speaker and a name.
type claim struct{ speaker, name string }

// elect weighs the votes against each other. What speaks for a claim adds up as independent chances do;
// what speaks for other names of the speaker, or for other speakers of the name, takes from it.
func elect(t *referent.Transcript, votes []vote) []Suggestion {
	doubt := map[claim]float64{} // the chance that none of the votes is right
	people := map[string]person{}
	evidence := map[claim][]Evidence{}
	for _, v := range votes {
		c := claim{v.speaker, v.person.key()}
		if _, ok := doubt[c]; !ok {
			doubt[c] = 1
		}
		doubt[c] *= 1 - v.weight
		people[c.name] = v.person
		if !slices.Contains(evidence[c], v.Evidence) {
			evidence[c] = append(evidence[c], v.Evidence)
		}
	}
	ofSpeaker, ofName := map[string]float64{}, map[string]float64{}
	for c, d := range doubt {
		ofSpeaker[c.speaker] += 1 - d
		ofName[c.name] += 1 - d
	}
	named, taken := map[string]bool{}, map[string]bool{}
	for _, s := range t.Speakers {
		if s.Name != "" {
			named[s.ID], taken[norsk.Fold(s.Name)] = true, true
		}
	}
	confidence := func(c claim) float64 {
		score := 1 - doubt[c]
		return score * score / max(ofSpeaker[c.speaker], ofName[c.name])
	}
	claims := slices.SortedFunc(maps.Keys(doubt), func(a, b claim) int {
		return cmp.Or(cmp.Compare(confidence(b), confidence(a)), strings.Compare(a.speaker, b.speaker), strings.Compare(a.name, b.name))
	})
	out := []Suggestion{}
	for _, c := range claims {
		if named[c.speaker] || taken[c.name] || confidence(c) < leastConfidence {
			continue
		}
		named[c.speaker], taken[c.name] = true, true
		p := people[c.name]
		out = append(out, Suggestion{Speaker: c.speaker, Name: p.name, Expected: p.expected,
			Confidence: math.Round(100*confidence(c)) / 100, Evidence: evidence[c]})
	}
	return out
}
