package speakers

import (
	"cmp"
	"slices"

	"github.com/referent/referent"
)

// Voice is a speaker with what a person needs to know who it is.
type Voice struct {
	ID       string   `json:"id"`
	Name     string   `json:"name,omitempty" doc:"Empty until a person, or the transcript's own source, named it."`
	Seconds  float64  `json:"seconds" doc:"How long the voice is active."`
	Segments int      `json:"segments" doc:"How many segments are its own."`
	Samples  []string `json:"samples" nullable:"false" doc:"A few segments to listen to: clear, alone and spread over the meeting."`
}

// samples is how many segments are given to listen to, and sampleLength how long one should at least
// last, in seconds, to know a voice by.
const (
	samples      = 3
	sampleLength = 2.0
)

// List describes the speakers in the transcript's order. The time is that of the turns, or of the
// segments in a transcript without turns.
func List(t *referent.Transcript) []Voice {
	out := make([]Voice, len(t.Speakers))
	for i, s := range t.Speakers {
		v := Voice{ID: s.ID, Name: s.Name}
		var own []referent.Segment
		for _, x := range t.Segments {
			if x.Speaker == s.ID {
				own = append(own, x)
				if len(t.Turns) == 0 {
					v.Seconds += max(0, x.End-x.Start)
				}
			}
		}
		for _, x := range t.Turns {
			if x.Speaker == s.ID {
				v.Seconds += x.End - x.Start
			}
		}
		v.Segments, v.Samples = len(own), sample(own)
		out[i] = v
	}
	return out
}

// Segments are the ids of a speaker's segments, in order.
func Segments(t *referent.Transcript, speaker string) []string {
	var out []string
	for _, s := range t.Segments {
		if s.Speaker == speaker {
			out = append(out, s.ID)
		}
	}
	return out
}

// sample picks the best segment of each third of what somebody said.
func sample(own []referent.Segment) []string {
	out := []string{}
	n := min(samples, len(own))
	for k := range n {
		third := own[k*len(own)/n : (k+1)*len(own)/n]
		best := slices.MaxFunc(third, func(a, b referent.Segment) int { return cmp.Compare(clarity(a), clarity(b)) })
		out = append(out, best.ID)
	}
	return out
}

// clarity orders segments by how well a voice is known from them: recognised for certain and alone counts
// more than length, and length counts up to what one listens to.
func clarity(s referent.Segment) float64 {
	const longest = 8
	c := min(s.End-s.Start, longest)
	if c >= sampleLength {
		c += longest
	}
	if len(s.Others) == 0 {
		c += 4 * longest
	}
	if s.Quality.OK {
		c += 2 * longest
	}
	return c
}

// Listing is the speakers of one version of a transcript, as the API and its client tell of them.
type Listing struct {
	Version    int                    `json:"version" doc:"The version of the transcript; send it with an edit."`
	Edited     bool                   `json:"edited" doc:"A person made this version."`
	Method     referent.SpeakerMethod `json:"method,omitempty" enum:"voice,channels,text,off,failed" doc:"How the speakers were told apart."`
	Comparable bool                   `json:"comparable" doc:"How the voices sound is known, so that a speaker can be split and segments that sound alike found."`
	Expected   int                    `json:"expected" doc:"How many participants were to be there. A hint only: guests speak too, and some say nothing."`
	Speakers   []Voice                `json:"speakers" nullable:"false"`
}

// Change is what an edit came to.
type Change struct {
	Listing
	Speaker string   `json:"speaker" doc:"The speaker that was changed, came to be, or got the segments."`
	Moved   []string `json:"moved,omitempty" doc:"The segments that have another speaker now; with dry_run those that would."`
}

// Suggested are the suggestions for one version of a transcript.
type Suggested struct {
	Version     int          `json:"version"`
	Suggestions []Suggestion `json:"suggestions" nullable:"false"`
}

// Corrected are the corrections of one version of a transcript.
type Corrected struct {
	Version     int                   `json:"version"`
	Corrections []referent.Correction `json:"corrections" nullable:"false"`
}

// Expected is how many of the participants were to be there.
func Expected(participants []referent.Participant) int {
	n := 0
	for _, p := range participants {
		if !p.Absent {
			n++
		}
	}
	return n
}
