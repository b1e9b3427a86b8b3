package summarize

import (
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

const (
	// defaultContext is the context in tokens when neither the configuration nor the server tells.
	defaultContext = 4096
	// minContext is the least that holds the instructions, a little text and an answer.
	minContext = 2048
	// maxPart bounds a part in tokens however large the context: small models lose the middle of more.
	maxPart = 6000
	// overhead covers the chat template and the names of roles.
	overhead = 96
)

// tokens estimates a text's length for a model from above: Norwegian runs at three to four bytes a
// token with common vocabularies, and servers drop the beginning of what is too long without a word.
func tokens(s string) int { return (len(s)*2 + 4) / 5 }

// budget is how a context is shared between what is read and what is answered, in tokens.
type budget struct {
	part   int // transcript of one part
	answer int // max_tokens
}

func newBudget(context, fixed int) budget {
	answer := min(context*2/5, 4096)
	return budget{answer: answer, part: min(max(256, context-answer-fixed-overhead), maxPart)}
}

// partition cuts a transcript into parts that fit the budget, each line in one part. It cuts where a
// new case or theme begins when that leaves the part at least half full, else between segments.
func partition(m *referent.Meeting, t *referent.Transcript, limit int) [][]line {
	opens := extract.Openings(m, t)
	var parts [][]line
	var part []line
	size := 0
	flush := func() {
		if len(part) > 0 {
			parts = append(parts, part)
		}
		part, size = nil, 0
	}
	for i, s := range t.Segments {
		if opens[s.ID] && size > limit/2 {
			flush()
		}
		for _, piece := range pieces(s.Text, limit*2) {
			l := line{segment: i, text: render(i+1, t.SpeakerName(s.Speaker), piece)}
			n := tokens(l.text) + 1
			if size+n > limit {
				flush()
			}
			part, size = append(part, l), size+n
		}
	}
	flush()
	return parts
}

// pieces cuts a text longer than limit bytes at sentences, and a sentence longer than that at words.
func pieces(s string, limit int) []string {
	if len(s) <= limit {
		if strings.TrimSpace(s) == "" {
			return nil
		}
		return []string{s}
	}
	var units []string
	for _, sentence := range norsk.Sentences(s) {
		if len(sentence) <= limit {
			units = append(units, sentence)
		} else {
			units = append(units, strings.Fields(sentence)...)
		}
	}
	var out []string
	current := ""
	for _, u := range units {
		if current != "" && len(current)+1+len(u) > limit {
			out, current = append(out, current), ""
		}
		for len(u) > limit { // a "word" without end: cut between characters
			cut := limit
			for cut > 0 && u[cut]&0xC0 == 0x80 {
				cut--
			}
			out, u = append(out, u[:cut]), u[cut:]
		}
		current = strings.TrimSpace(current + " " + u)
	}
	if current != "" {
		out = append(out, current)
	}
	return out
}
