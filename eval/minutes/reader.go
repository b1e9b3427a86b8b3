package minutes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// reader finds names, numbers and dates of the minutes that the cited words do not hold. It shares no rule
// with the checks of package summarize, which it is there to test; words, numbers and dates in Norwegian
// it reads with package norsk, as they do.
type reader struct {
	c     *Case
	day   time.Time
	names map[string]bool // every part of every participant's and speaker's name, lower case
	whole [][]string      // those names, part by part
	given map[string]bool // capitalised and numbered things that everybody knew: body, title, agenda
}

func newReader(c *Case) *reader {
	r := &reader{c: c, names: map[string]bool{}, given: map[string]bool{}}
	r.day, _ = time.Parse(time.DateOnly, c.Date) // validated
	for _, p := range c.Participants {
		r.know(p.Name)
	}
	for _, l := range c.Lines {
		if l.Speaker != "?" {
			r.know(l.Speaker)
		}
	}
	texts := []string{c.Body, c.Title}
	for _, a := range c.Agenda {
		texts = append(texts, a.Number, a.Title)
	}
	for _, text := range texts {
		for _, w := range parts(text) {
			r.given[w] = true
		}
	}
	return r
}

func (r *reader) know(name string) {
	words := strings.Fields(norsk.Fold(name))
	if slices.ContainsFunc(r.whole, func(known []string) bool { return slices.Equal(known, words) }) {
		return
	}
	r.whole = append(r.whole, words)
	for _, w := range parts(name) {
		r.names[w] = true
	}
}

// parts are the words of a text in lower case, those joined by a hyphen each by itself too.
func parts(text string) []string {
	var out []string
	for _, t := range norsk.Tokens(text) {
		out = append(out, t.Lower)
		if strings.Contains(t.Lower, "-") && !strings.ContainsAny(t.Lower[:1], "0123456789") {
			out = append(out, strings.Split(t.Lower, "-")...)
		}
	}
	return out
}

// heard is what the cited lines hold.
type heard struct {
	words   map[string]bool
	spoken  []string // the same in order, each line's speaker first
	text    string   // folded
	numbers []string
	dates   []string
	clocks  []string
}

func (r *reader) hear(lines []int) *heard {
	h := &heard{words: map[string]bool{}}
	for _, n := range lines {
		line := r.c.Lines[n-1]
		tokens := norsk.Tokens(line.Text)
		h.text += " " + norsk.Fold(line.Text)
		for _, w := range parts(line.Text) {
			h.words[w] = true
		}
		if line.Speaker != "?" {
			for _, w := range parts(line.Speaker) {
				h.words[w] = true
			}
			h.spoken = append(h.spoken, strings.Fields(norsk.Fold(line.Speaker))...)
		}
		h.spoken = append(append(append(h.spoken, "."), strings.Fields(norsk.Fold(line.Text))...), ".")
		h.numbers = append(h.numbers, norsk.Numbers(tokens)...)
		for _, d := range norsk.Dates(tokens, r.day) {
			h.dates = append(h.dates, d.ISO())
		}
		h.clocks = append(h.clocks, clocks(tokens)...)
	}
	return h
}

// clocks are the times of day that a text names after "kl." or "klokka", and those that say by themselves what they
// are: "halv elleve", "kvart over ni".
func clocks(tokens []norsk.Token) (all []string) {
	for at := 0; at < len(tokens); {
		text, _, to, ok := norsk.Clock(tokens[at:])
		if !ok {
			break
		}
		all = append(all, text)
		at += to
	}
	for at := 0; at < len(tokens); {
		text, from, _, ok := norsk.SpokenClock(tokens[at:])
		if !ok {
			break
		}
		all = append(all, text)
		at += from + 1
	}
	return all
}

// unsupported lists what a statement says and the lines it cites do not.
func (r *reader) unsupported(st *statement, lines []int) []string {
	h := r.hear(lines)
	var out []string
	for _, name := range st.names {
		if name != "" && !r.person(name, h, st.vote) {
			out = append(out, "name "+name)
		}
	}
	for _, n := range st.numbers {
		if v := strconv.Itoa(n); !slices.Contains(h.numbers, v) && !(n == 0 && st.vote && anyOf(h, "enstemmig", "samrøystes", "einstemmig", "ingen", "alle", "samtlige", "samtlege")) {
			out = append(out, "number "+v)
		}
	}
	for _, d := range st.dates {
		if !slices.Contains(h.dates, d) {
			out = append(out, "date "+d)
		}
	}
	if st.clock != "" && !h.holdsClock(st.clock) {
		out = append(out, "time "+st.clock)
	}
	if st.double && !h.begins("dobbeltst", "dobbeltr", "dobbelst", "avgjør", "avgjer", "avgjorde") {
		out = append(out, "double vote")
	}
	if st.moved != "" && !h.begins(movedBy[st.moved]...) {
		out = append(out, "movement "+st.moved)
	}
	for _, text := range st.texts {
		out = append(out, r.text(text, h)...)
	}
	return append(out, r.text(st.outcome, h)...)
}

// movedBy are the beginnings of words of which at least one tells of each kind of movement.
var movedBy = map[string][]string{
	referent.MovementArrived:      {"kom", "kjem", "ankom", "møt", "tiltr", "slutt", "plass", "sted", "stad", "velkom", "forsink", "forseink", "inn", "her"},
	referent.MovementLeft:         {"forlat", "forlot", "forlet", "forlét", "forlèt", "går", "gå", "gikk", "gjekk", "dra", "dro", "reis", "permi", "fratr", "ut", "tr"},
	referent.MovementDisqualified: {"inhabil", "ugild", "habil", "gild"},
	referent.MovementSubstitute:   {"vara", "for", "sete", "plass", "tiltr", "inn", "i"},
	referent.MovementReturned:     {"tilbake", "attende", "igjen", "att", "tiltr"},
}

// begins reports whether any word of the cited lines begins so.
func (h *heard) begins(with ...string) bool {
	for w := range h.words {
		if slices.ContainsFunc(with, func(p string) bool { return strings.HasPrefix(w, p) }) {
			return true
		}
	}
	return false
}

// met reports whether a name is of the roster or of a voice, or was said in the meeting. A list of who was
// there cites nothing.
func (r *reader) met(name string) bool {
	words := strings.Fields(norsk.Fold(name))
	if slices.ContainsFunc(r.whole, func(known []string) bool { return slices.Equal(known, words) }) {
		return true
	}
	all := make([]int, len(r.c.Lines))
	for i := range all {
		all[i] = i + 1
	}
	h := r.hear(all)
	return !slices.ContainsFunc(words, func(w string) bool { return !h.name(w) })
}

// person reports whether a person is named in the cited words: by any part of the name, as the one who
// speaks, or by the role or party that the roster gives them. In a vote, "de andre stemte for" names the rest.
func (r *reader) person(name string, h *heard, vote bool) bool {
	for _, party := range partyNames(name) { // a party can put a proposal forward too
		if h.name(party) {
			return true
		}
	}
	if r.named(strings.Fields(norsk.Fold(name)), h) {
		return true
	}
	for _, p := range r.c.Participants {
		if norsk.Fold(p.Name) != norsk.Fold(name) {
			continue
		}
		if role := norsk.Fold(p.Role); role != "" && strings.Contains(h.text, " "+role) {
			return true
		}
		for _, party := range partyNames(p.Party) {
			if h.words[party] {
				return true
			}
		}
		if vote && anyOf(h, "resten", "øvrige", "andre", "alle", "samtlige", "samtlege", "enstemmig", "samrøystes", "einstemmig") {
			return true
		}
	}
	return false
}

func anyOf(h *heard, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return h.words[w] })
}

// named reports whether any part of a name stands in the cited words, and not as a part of another person's
// name: "Kari Moe" does not name Kari Berg.
func (r *reader) named(whole []string, h *heard) bool {
	for i, w := range h.spoken {
		if !slices.Contains(whole, w) && !slices.Contains(whole, strings.TrimSuffix(w, "s")) || len([]rune(w)) < 2 {
			continue
		}
		other := slices.ContainsFunc(r.whole, func(p []string) bool {
			if len(p) < 2 || slices.Equal(p, whole) {
				return false
			}
			short := []string{p[0], p[len(p)-1]} // without the middle name
			return covers(h.spoken, i, p) || covers(h.spoken, i, short) && !slices.Equal(short, whole)
		})
		if !other {
			return true
		}
	}
	return false
}

// covers reports whether a sequence of words stands around position i, its last word in the genitive too.
func covers(words []string, i int, seq []string) bool {
	for from := max(0, i-len(seq)+1); from <= i && from+len(seq) <= len(words); from++ {
		at := words[from : from+len(seq)]
		last := len(seq) - 1
		if slices.Equal(at[:last], seq[:last]) && (at[last] == seq[last] || at[last] == seq[last]+"s") {
			return true
		}
	}
	return false
}

// name reports whether a name stands in the cited words, in the genitive too.
func (h *heard) name(w string) bool {
	return h.words[w] || h.words[w+"s"] || h.words[strings.TrimSuffix(w, "s")]
}

// holdsClock reports whether a time of day was said, a full hour without "klokka" included. Four in the
// afternoon is said as "fire".
func (h *heard) holdsClock(clock string) bool {
	hour, minute, _ := strings.Cut(strings.ReplaceAll(clock, ":", "."), ".")
	n, err := strconv.Atoi(hour)
	if err != nil {
		return false
	}
	said := []int{n}
	if n >= 12 {
		said = append(said, n-12)
	}
	return slices.ContainsFunc(said, func(n int) bool {
		return slices.ContainsFunc(h.clocks, func(c string) bool { return sameClock(c, fmt.Sprintf("%02d.%s", n, minute)) }) ||
			strings.Trim(minute, "0") == "" && slices.Contains(h.numbers, strconv.Itoa(n))
	})
}

// text reads one sentence or more: dates and times of day first, then what numbers are left, then names.
func (r *reader) text(text string, h *heard) (out []string) {
	tokens := norsk.Tokens(text)
	skip := make([]bool, len(tokens))
	for _, d := range norsk.Dates(tokens, r.day) {
		if iso := d.ISO(); iso != "" {
			if !slices.Contains(h.dates, iso) {
				out = append(out, "date "+iso)
			}
			for i := d.From; i < d.To; i++ {
				skip[i] = true
			}
		}
	}
	for at := 0; at < len(tokens); {
		clock, from, to, ok := norsk.Clock(tokens[at:])
		if !ok {
			break
		}
		if !skip[at+from] {
			if !h.holdsClock(clock) {
				out = append(out, "time "+clock)
			}
			for i := at + from; i < at+to; i++ {
				skip[i] = true
			}
		}
		at += to
	}
	for from := 0; from < len(tokens); from++ {
		to := from
		for to < len(tokens) && !skip[to] {
			to++
		}
		for _, n := range norsk.Numbers(tokens[from:to]) {
			if !slices.Contains(h.numbers, n) && !r.given[n] {
				out = append(out, "number "+n)
			}
		}
		from = to
	}
	for i, t := range tokens {
		if skip[i] || !t.Capitalised() {
			continue
		}
		if starts(text, tokens, i) && !r.names[t.Lower] {
			continue
		}
		if !r.said(t.Lower, h) {
			out = append(out, "name "+t.Text)
		}
	}
	return out
}

// said reports whether a capitalised word is known: it stands in the cited words or in what was given with
// the meeting, or belongs to a person one of whose other names is cited.
func (r *reader) said(word string, h *heard) bool {
	if h.name(word) || r.given[word] {
		return true
	}
	for _, party := range partyNames(word) { // "H" for who said "Høyre"
		if h.name(party) {
			return true
		}
	}
	if pieces := strings.Split(word, "-"); len(pieces) > 1 { // "Kvam-Berge", "Høyre-forslaget"
		return r.said(pieces[0], h)
	}
	for _, p := range r.c.Participants {
		whole := strings.Fields(norsk.Fold(p.Name))
		if (slices.Contains(whole, word) || slices.Contains(whole, strings.TrimSuffix(word, "s"))) && r.named(whole, h) {
			return true
		}
	}
	return false
}

// starts reports whether a token begins a sentence, a quotation, or what follows a colon.
func starts(text string, tokens []norsk.Token, i int) bool {
	if i == 0 {
		return true
	}
	between := text[tokens[i-1].End:tokens[i].Start]
	return strings.ContainsAny(between, ".?!:;«»\"“”\n–•")
}

// parties are what a party is called, the short form first.
var parties = [][]string{
	{"ap", "arbeiderpartiet", "arbeidarpartiet"}, {"h", "høyre", "høgre"}, {"sp", "senterpartiet"},
	{"frp", "fremskrittspartiet", "framstegspartiet"}, {"sv", "sosialistisk"}, {"v", "venstre"},
	{"krf", "kristelig", "kristeleg"}, {"r", "rødt", "raudt"}, {"mdg", "miljøpartiet"}, {"inp", "industri"},
	{"pp", "pensjonistpartiet"},
}

func partyNames(party string) []string {
	party = norsk.Fold(party)
	if party == "" {
		return nil
	}
	for _, names := range parties {
		if slices.Contains(names, party) {
			return names
		}
	}
	return []string{party}
}
