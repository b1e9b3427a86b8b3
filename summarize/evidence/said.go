package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// word is a token with what it is compared by.
type word struct {
	norsk.Token
	root     string
	function bool // says nothing of the matter
}

func readWords(text string) []word {
	tokens := norsk.Tokens(text)
	out := make([]word, len(tokens))
	for i, t := range tokens {
		if rest := strings.TrimLeft(text[t.End:], "])»\"”"); t.Mark == 0 && len(rest) < len(text[t.End:]) && strings.HasPrefix(rest, ",") {
			t.Mark = ',' // "[name left out], because ..."
		}
		out[i] = word{Token: t, root: norsk.Root(t.Lower), function: norsk.Functional(t.Lower)}
	}
	return out
}

func tokensOf(words []word) []norsk.Token {
	out := make([]norsk.Token, len(words))
	for i, w := range words {
		out[i] = w.Token
	}
	return out
}

// sentence is one sentence with its clauses, as ranges of its words.
type sentence struct {
	segment  int    // index in the transcript; -1 in a statement
	speaker  string // name of who said it
	text     string
	words    []word
	tokens   []norsk.Token
	clauses  []span
	question bool
	refuted  []span // clauses that the words after them deny: "det står at jeg var der. Det var jeg ikke."
}

type span struct{ from, to int }

// segment is what one segment holds.
type segment struct {
	index     int
	speaker   string
	label     []word // name, role and party of the voice
	sentences []sentence
}

func readSegment(index int, label, text string) segment {
	name, _, _ := strings.Cut(label, "\n")
	s := segment{index: index, speaker: name, label: readWords(label)}
	for _, part := range norsk.Sentences(text) {
		s.sentences = append(s.sentences, readSentence(index, name, part))
	}
	refute(s.sentences)
	return s
}

func readSentence(index int, speaker, text string) sentence {
	s := sentence{segment: index, speaker: speaker, text: text, words: readWords(text), question: strings.HasSuffix(strings.TrimRight(text, " »\"”"), "?")}
	s.tokens = tokensOf(s.words)
	s.clauses = clauses(s.words)
	return s
}

// longClause is how many words a stretch without punctuation may have: recognised speech may lack it.
const longClause = 24

// clauses cuts a sentence at punctuation inside it (a full stop there belongs to "1. mai"), at "men", and at "og" before what begins a new clause. A
// subordinate clause with "at" or "som" stays with what leads to it, so that its denial is not lost.
func clauses(words []word) []span {
	var out []span
	from := 0
	cut := func(to int) {
		if to > from {
			out = append(out, span{from, to})
			from = to
		}
	}
	for i, w := range words {
		if i > from && (w.Lower == "men" || w.Lower == "og" && i+1 < len(words) && begins(words[i+1]) || w.Lower == "så" && i+1 < len(words) && (words[i+1].Lower == "da" || words[i+1].Lower == "då") || i-from >= longClause) {
			cut(i)
		}
		if w.Mark != 0 && w.Mark != '.' && !(w.Mark == ',' && i+1 < len(words) && slices.Contains([]string{"at", "som"}, words[i+1].Lower)) {
			cut(i + 1)
		}
	}
	cut(len(words))
	return out
}

// begins tells the words that a new main clause starts with after "og".
func begins(w word) bool {
	return slices.Contains([]string{"vi", "me", "jeg", "eg", "han", "hun", "ho", "de", "dei", "det", "da", "då", "så", "at", "du", "dere", "dykk", "derfor", "difor", "dette"}, w.Lower)
}

// source is what a statement cites.
type source struct {
	segments  []segment
	sentences []sentence // of all segments, in order
	words     []word     // of all sentences
	labels    []word     // of all voices
}

func (s source) empty() bool { return len(s.segments) == 0 }

// cite gathers the segments of the ids that exist, in the transcript's order.
func (c *Checker) cite(ids []string) source {
	var s source
	for _, id := range c.Valid(ids) {
		seg := c.said[c.order[id]]
		s.segments = append(s.segments, seg)
		s.sentences = append(s.sentences, seg.sentences...)
		s.labels = append(s.labels, seg.label...)
	}
	for _, st := range s.sentences {
		s.words = append(s.words, st.words...)
	}
	return s
}

// statement is a text to be checked.
type statement struct {
	text      string
	sentences []sentence
	words     []word
	initial   []bool // the word begins a sentence, a quotation or what follows a colon
	fact      []bool // the word is part of a name, number, day or time, and checked as such
}

func readStatement(text string) *statement {
	st := &statement{text: text, words: readWords(text)}
	st.initial = make([]bool, len(st.words))
	st.fact = make([]bool, len(st.words))
	for i, w := range st.words {
		before := strings.TrimRight(text[:w.Start], " \t\n")
		st.initial[i] = i == 0 || before == "" || strings.ContainsAny(before[len(before)-1:], ".?!:") && !strings.HasSuffix(before, "...") || strings.HasSuffix(before, "«") ||
			strings.HasSuffix(before, "–") || strings.HasSuffix(before, "\"") || strings.HasSuffix(before, "(")
	}
	total := 0
	for _, part := range norsk.Sentences(text) {
		st.sentences = append(st.sentences, readSentence(-1, "", part))
		total += len(st.sentences[len(st.sentences)-1].words)
	}
	if total != len(st.words) { // words that only the whole text joins: it is one sentence then
		st.sentences = []sentence{readSentence(-1, "", text)}
	}
	refute(st.sentences)
	return st
}

// quote is the statement's words [from, to) as they stand.
func (st *statement) quote(from, to int) string {
	return st.text[st.words[from].Start:st.words[to-1].End]
}

func (st *statement) mark(from, to int) {
	for i := from; i < to; i++ {
		st.fact[i] = true
	}
}

func (st *statement) tokens() []norsk.Token { return tokensOf(st.words) }

// around is the sentence of a statement that holds word i, as a statement.
func (st *statement) around(i int) *statement {
	base := 0
	for _, s := range st.sentences {
		if end := base + len(s.words); i < end {
			return &statement{text: st.text, sentences: []sentence{s}, words: st.words[base:end], initial: st.initial[base:end], fact: st.fact[base:end]}
		}
		base += len(s.words)
	}
	return st
}
