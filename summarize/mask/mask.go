// Package mask takes personal data out of a text before it goes to an endpoint on another machine, and puts
// it back into what comes home: names, identity numbers, accounts, telephones, addresses of all sorts and
// codes, as they are written and as they are spoken ("null en null en ...").
//
// A Masker is one meeting's. The same thing gets the same placeholder in all its texts, so that a model can
// still tell people apart:
//
//	m := mask.New(names)                 // the roster and the named voices
//	m.Learn(all...)                      // the whole transcript: whom else it names
//	m.Fixed(prompt, schema)              // our own words, which go out as they are
//	out := m.Mask(text)                  // "[PERSON_1] tar kontakt med [FORNAVN_2] på [TELEFON_1]."
//	if len(m.Leaks(request)) > 0 { ... } // the bytes as they would go out: do not send them
//	back := m.Unmask(answer)
//
// Names of a person come as [PERSON_1], [FORNAVN_1] and [ETTERNAVN_1]; endings stay outside ("[FORNAVN_1]s").
// The final check reads the outgoing bytes with rules of its own and knows nothing of what Mask believed,
// except which words it took out.
//
// Numbers that belong to a meeting stay: years, dates, clock times, amounts, cases, paragraphs, votes.
// Names that are in no list and stand in no context that gives them away are not found; nobody can promise
// that. What is not here: which endpoints need masking (package summarize) and the network.
package mask

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Masker masks the texts of one meeting. It may be used from several goroutines. The same names and the same
// texts to learn give the same placeholders; what is only met while masking is numbered in the order of calls.
type Masker struct {
	mu       sync.Mutex
	people   people
	register register
	codes    map[string]bool // the digits of codes, and passwords, that were told
	fixed    []string
}

// New makes a masker that knows these whole names: the roster, the speakers, whoever else is known. Words
// that are no names ("Taler 2", a title) are passed over.
func New(names []string) *Masker {
	m := &Masker{people: newPeople(), register: newRegister(), codes: map[string]bool{}}
	// Whole names first, so that a lone "Kari" finds her person.
	for _, single := range []bool{false, true} {
		for _, name := range names {
			if words := nameWords(name); len(words) == 1 == single {
				m.people.learn(words, false)
			}
		}
	}
	return m
}

// finding is a stretch of a text that is to be masked.
type finding struct {
	from, to  int // bytes
	label     label
	canonical string // the same for all ways to write the same thing
	n         int    // of a person; of others it comes from the register
}

// Learn reads texts for names before any of them is masked, so that a surname or first name that stands
// alone is known from where the whole name was said, also when that comes later.
func (m *Masker) Learn(texts ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, text := range texts {
		m.people.hear(text)
	}
	for _, whole := range []bool{true, false} {
		for _, text := range texts {
			r := newReader(text)
			m.find(r)
			for _, n := range m.names(r) {
				if len(n.words) > 1 == whole {
					m.people.learn(n.words, n.surname)
				}
			}
		}
	}
	// Numbers are given out here, so that they do not depend on which text is masked first: a run that is
	// taken up again masks only what is left.
	for _, text := range texts {
		m.mask(text, false)
	}
}

// Mask returns the text with placeholders for what it finds. It has as many lines as the text; what runs over
// the end of a line gets a placeholder on each.
func (m *Masker) Mask(text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mask(text, true)
}

// mask masks; count tells that the text goes out.
func (m *Masker) mask(text string, count bool) string {
	r := newReader(text)
	m.find(r)
	for _, n := range m.names(r) {
		l, number, canonical := m.people.resolve(n.words)
		r.claim(finding{from: n.from, to: n.to, label: l, n: number, canonical: canonical})
	}
	r.quotes(true)
	slices.SortFunc(r.found, func(a, b finding) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for _, f := range r.found {
		b.WriteString(text[at:f.from])
		if count {
			m.register.mark(kindOf[f.label], f.canonical)
		}
		b.WriteString(m.stand(f, text[f.from:f.to]))
		at = f.to
	}
	b.WriteString(text[at:])
	return b.String()
}

// quotes claims what is said in the form of a placeholder, so that the two cannot be confused. What is also
// ordinary language ("person 1") comes when names and numbers have been found.
func (r *reader) quotes(plain bool) {
	for _, f := range placeholders(r.text) {
		if plain || !f.plain {
			r.claim(finding{from: f.from, to: f.to, label: labelQuote, canonical: r.text[f.from:f.to]})
		}
	}
}

// stand is what stands for a finding: a placeholder on each of its lines, so that a text has as many lines
// as before and each line gets its own words back.
func (m *Masker) stand(f finding, words string) string {
	if !strings.Contains(words, "\n") {
		return m.placeholder(f, words).String()
	}
	lines := strings.Split(words, "\n")
	for i, line := range lines {
		if s := strings.TrimSpace(line); s != "" {
			from := strings.Index(line, s)
			lines[i] = line[:from] + m.placeholder(f, s).String() + line[from+len(s):]
		}
	}
	return strings.Join(lines, "\n")
}

func (m *Masker) placeholder(f finding, words string) id {
	kind := kindOf[f.label]
	n := f.n
	if n == 0 {
		n = m.register.number(cmp.Or(kind, string(f.label)), f.canonical)
	}
	return m.register.give(f.label, n, words)
}

// Counts tells how many different things of each kind were masked so far.
func (m *Masker) Counts() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]int{}
	for kind, things := range m.register.given {
		out[kind] = len(things)
	}
	return out
}
