package extract

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// utterance is one sentence by one voice, with the segments it was said in.
type utterance struct {
	text     string
	tokens   []norsk.Token
	speaker  string // the voice's name; "" while nobody named it
	voice    string // the voice's id
	evidence []string
	quality  bool // every segment can be trusted
	theme    int
	task     bool // an action item was read from it
	joke     bool // taken as said for fun
	turns    bool // takes back or corrects something
	leads    bool // its voice leads the meeting

	you, they named // whom "du" and "han" can mean in it; nameless where nobody is known
}

func (u *utterance) question() bool { return strings.HasSuffix(u.text, "?") }

// words counts what is left of a sentence beside a phrase at [from, to).
func (u *utterance) wordsBeside(from, to int) int { return len(u.tokens) - (to - from) }

// longestRun bounds, in bytes, what is joined to one sentence when the recognition has set no full stop.
const longestRun = 400

// utterances splits a transcript into sentences. A sentence that runs over several segments of one
// voice is one utterance with all of them as evidence.
func utterances(t *referent.Transcript) []utterance {
	names := map[string]string{}
	for _, s := range t.Speakers {
		names[s.ID] = s.Name
	}
	var out []utterance
	var run []referent.Segment
	size := 0
	flush := func() {
		if len(run) > 0 {
			out = append(out, sentencesOf(run, names[run[0].Speaker])...)
		}
		run, size = nil, 0
	}
	raw := unmarked(t)
	for _, s := range t.Segments {
		if len(run) > 0 && (raw || s.Speaker != run[0].Speaker || s.Speaker == "" && opensSentence(s.Text) || size > longestRun || norsk.EndsSentence(run[len(run)-1].Text)) {
			flush()
		}
		run = append(run, s)
		size += len(s.Text)
	}
	flush()
	return mended(out)
}

// unmarked reports whether recognition has set no full stops: a segment is then the nearest thing to a sentence.
func unmarked(t *referent.Transcript) bool {
	marked := 0
	for _, s := range t.Segments {
		if strings.ContainsAny(s.Text, ".?!") {
			marked++
		}
	}
	return 10*marked < len(t.Segments)
}

// opensSentence reports whether a text begins with a capital letter. Voices that nobody told apart are not
// known to go on.
func opensSentence(s string) bool {
	tokens := norsk.Tokens(s)
	return len(tokens) > 0 && tokens[0].Capitalised()
}

// mended takes in what speakers correct in their next sentence ("Det kom på 92 000. Nei, vent, 29 000."), and
// marks what they took as a joke.
func mended(us []utterance) []utterance {
	var out []utterance
	for _, u := range us {
		if n := len(out) - 1; n >= 0 && out[n].voice == u.voice && !out[n].question() && norsk.Corrects(u.tokens) && len(u.tokens) <= 9 {
			joined := out[n].text + " " + u.text
			if text := norsk.Corrected(joined); text != joined {
				out[n].text, out[n].tokens = text, spoken(norsk.Tokens(text))
				out[n].evidence, out[n].quality = evidence(out[n].evidence, u.evidence), out[n].quality && u.quality
				continue
			}
		}
		out = append(out, u)
	}
	for i := range out {
		out[i].turns = norsk.Has(amends, out[i].tokens) || norsk.Has(revokes, out[i].tokens) || norsk.Corrects(out[i].tokens)
		if !jokes(&out[i]) {
			continue
		}
		out[i].joke = true
		if i > 0 && len(out[i].tokens) <= 6 {
			out[i-1].joke = true
		}
	}
	return out
}

// sentencesOf cuts the joined text of segments into sentences.
func sentencesOf(run []referent.Segment, speaker string) []utterance {
	var text strings.Builder
	ends := make([]int, len(run)) // where each segment's text ends
	for i, s := range run {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(strings.TrimSpace(s.Text))
		ends[i] = text.Len()
	}
	all := text.String()
	var out []utterance
	at := 0
	for _, sentence := range cut(norsk.Sentences(all)) {
		from := at + strings.Index(all[at:], sentence)
		to := from + len(sentence)
		at = to
		text := norsk.Corrected(sentence)
		u := utterance{text: text, tokens: spoken(norsk.Tokens(text)), speaker: speaker, voice: run[0].Speaker, quality: true}
		if len(u.tokens) == 0 {
			continue
		}
		for i, s := range run {
			begin := 0
			if i > 0 {
				begin = ends[i-1]
			}
			if begin < to && ends[i] > from {
				u.evidence = append(u.evidence, s.ID)
				u.quality = u.quality && s.Quality.OK
			}
		}
		out = append(out, u)
	}
	return out
}

// evidence joins the segments of several utterances in their order, each once.
func evidence(list ...[]string) []string {
	out := []string{}
	for _, ids := range list {
		for _, id := range ids {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// meetingDay is the day relative dates are reckoned from, in the zone it was given in.
func meetingDay(m *referent.Meeting) time.Time { return m.Start }
