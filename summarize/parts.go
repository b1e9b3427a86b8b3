package summarize

import (
	"math"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

const (
	// defaultContext is the context in tokens when neither the configuration nor the server tells.
	defaultContext = 4096
	// maxContext bounds what a server may tell: more than any model has.
	maxContext = 1 << 20
	// minContext is the least that holds the instructions, a little text and an answer.
	minContext = 2048
	// maxPart bounds a part in tokens however large the context: small models lose the middle of more.
	maxPart = 6000
	// minPart is what a part may hold at least; a server for which that is too much says so.
	minPart = 256
	// overhead covers the chat template and the names of roles, in tokens.
	overhead = 96
)

// The tokens of a byte. Norwegian runs at three to four bytes a token with common vocabularies; the guess
// is from above, because servers drop the beginning of what is too long without a word.
const (
	guess = 0.4
	// sparse and dense bound what a server's count can mean; outside of them it counts something else.
	sparse, dense = 1.0 / 7, 1.0
	// margin is added to what was measured: the rest of a meeting is not its beginning.
	margin = 1.1
	// dropped is the share of the expected tokens below which a server has not read all of a prompt.
	dropped = 0.8
)

// budget is how a context is shared between what is read and what is answered, in tokens.
type budget struct {
	context  int
	fixed    int     // bytes of instructions and head, without a part
	perByte  float64 // tokens of a byte, with margin
	measured float64 // tokens of a byte, as this server counts; 0: not known
	part     int     // transcript of one part
	answer   int     // max_tokens
}

func newBudget(context, fixed int) budget {
	b := budget{context: context, fixed: fixed, perByte: guess}
	b.share()
	return b
}

// share gives the answer two fifths of the context, and less where a long agenda would leave no room for
// what was said.
func (b *budget) share() {
	b.answer = min(b.context*2/5, 4096)
	free := b.context - b.tokens(b.fixed) - overhead
	if free-b.answer < 2*minPart {
		b.answer = max(2*minPart, free-2*minPart)
	}
	b.part = min(max(minPart, free-b.answer), maxPart)
}

// tokens estimates the length of n bytes of text for the model.
func (b *budget) tokens(n int) int { return int(math.Ceil(float64(n) * b.perByte)) }

// room is how many tokens an answer to n bytes may have: more than any summary of them needs, so that a small
// model that repeats itself is stopped long before it has filled the context.
func (b *budget) room(n int) int { return min(b.answer, 512+2*b.tokens(n)) }

// learn takes what a server counted for n bytes, if it can be that.
func (b *budget) learn(tokens, n int) {
	if ratio := float64(tokens) / float64(max(n, 1)); ratio >= sparse && ratio <= dense {
		b.measured, b.perByte = ratio, ratio*margin
		b.share()
	}
}

// shortened reports whether a server that counted so many tokens cannot have read all of the n bytes that
// it was sent, instructions included. A server that does not count tells 0.
func (b *budget) shortened(tokens, n int) bool {
	if tokens <= 0 {
		return false
	}
	least := b.measured * dropped
	if b.measured == 0 {
		least = sparse
	}
	return float64(tokens) < least*float64(n)
}

// shrink takes what a server has read at most for its context: it has that much room, and no more was seen.
func (b *budget) shrink(tokens int) {
	b.context = min(b.context, tokens)
	b.share()
}

// line is one numbered line that a model is shown: a segment, or a piece of one too long for a part.
type line struct {
	segment int // index in the transcript; shown as the number after it
	who     string
	words   string
	opens   bool // a case or theme begins here
}

// maxLine bounds the words of a line, in bytes, so that parts of any size can be made of lines.
const maxLine = 1200

// linesOf is the transcript as a model is to see it, every word of it once, masked by v.
func linesOf(m *referent.Meeting, t *referent.Transcript, v *veil) []line {
	opens := extract.Openings(m, t)
	texts := make([]string, len(t.Segments))
	for i, s := range t.Segments {
		texts[i] = quiet(s.Text)
	}
	texts = v.maskAll(texts)
	who := map[string]string{}
	var lines []line
	for i, s := range t.Segments {
		name, ok := who[s.Speaker]
		if !ok {
			name = quiet(v.mask(t.SpeakerName(s.Speaker)))
			who[s.Speaker] = name
		}
		for n, piece := range pieces(texts[i], maxLine) {
			lines = append(lines, line{segment: i, who: name, words: piece, opens: opens[s.ID] && n == 0})
		}
	}
	return lines
}

// take returns how many of the lines make the next part: as many as the budget holds, or those before a
// new case or theme when the part is at least half full by then.
func (b *budget) take(lines []line) int {
	size := 0
	for i, l := range lines {
		n := b.tokens(len(l.String()) + 1)
		if i > 0 && (size+n > b.part || l.opens && size > b.part/2) {
			return i
		}
		size += n
	}
	return len(lines)
}

// leastLine is the shortest line that is cut in two, in bytes: what is too long then is not the line.
const leastLine = 80

// halves cuts a part in two: between lines, or in its only one. It is false for a part that is too short.
func halves(part []line) (one, other []line, ok bool) {
	if len(part) > 1 {
		half := len(part) / 2
		return part[:half], part[half:], true
	}
	l := part[0]
	cut := pieces(l.words, len(l.words)/2+1)
	if len(l.words) < leastLine || len(cut) < 2 {
		return nil, nil, false
	}
	at := len(cut) / 2
	a, b := l, l
	a.words, b.words = strings.Join(cut[:at], " "), strings.Join(cut[at:], " ")
	b.opens = false
	return []line{a}, []line{b}, true
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
