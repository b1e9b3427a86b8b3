package mask

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kinds of what is masked: keys of Counts and of Leak.Kind.
const (
	Person       = "person"
	IdentityNo   = "identity"
	Account      = "account"
	Card         = "card"
	Organisation = "organisation"
	Phone        = "phone"
	Email        = "email"
	Address      = "address"
	Code         = "code" // PINs, codes of key boxes, passwords
)

// label is the word of a placeholder. The labels are Norwegian and say what they stand for, so that a model
// writes sentences that still fit when the words are put back.
type label string

const (
	labelPerson   label = "PERSON"
	labelFirst    label = "FORNAVN"   // the first name of the person with the same number
	labelLast     label = "ETTERNAVN" // the surname of the person with the same number
	labelIdentity label = "IDNUMMER"
	labelAccount  label = "KONTONR"
	labelCard     label = "KORTNR"
	labelOrg      label = "ORGNR"
	labelPhone    label = "TELEFON"
	labelEmail    label = "EPOST"
	labelAddress  label = "ADRESSE"
	labelCode     label = "HEMMELIG"
	labelQuote    label = "SITAT" // something said that looks like a placeholder
)

var kindOf = map[label]string{
	labelPerson: Person, labelFirst: Person, labelLast: Person, labelIdentity: IdentityNo, labelAccount: Account,
	labelCard: Card, labelOrg: Organisation, labelPhone: Phone, labelEmail: Email, labelAddress: Address, labelCode: Code,
}

// id is one placeholder. Several ways to write the same thing share a number and differ in the variant: 0,
// then B, C, D, F, G. There is no E and no S: a model may put an ending behind a placeholder.
type id struct {
	label   label
	n       int
	variant byte
}

const variants = "BCDFG"

// elsewhere is where the numbers begin of things that are spelled in more ways than there are variants.
const elsewhere = 100_000

func (p id) String() string {
	s := "[" + string(p.label) + "_" + strconv.Itoa(p.n)
	if p.variant != 0 {
		s += string(p.variant)
	}
	return s + "]"
}

// register remembers which placeholder stands for which words.
type register struct {
	words   map[id]string       // what to put back, exactly as it stood
	byWords map[spelling]id     // the reverse
	numbers map[thing]int       // canonical form -> number
	next    map[string]int      // kind -> last number given out
	given   map[string][]string // kind -> canonical forms that were really masked, in order
}

type spelling struct {
	label label
	n     int
	words string
}

type thing struct{ kind, canonical string }

func newRegister() register {
	return register{words: map[id]string{}, byWords: map[spelling]id{}, numbers: map[thing]int{}, next: map[string]int{}, given: map[string][]string{}}
}

// number is the number of a thing of a kind, the same each time.
func (r *register) number(kind, canonical string) int {
	t := thing{kind, canonical}
	if n, ok := r.numbers[t]; ok {
		return n
	}
	r.next[kind]++
	r.numbers[t] = r.next[kind]
	return r.next[kind]
}

// give returns the placeholder for a thing that stands in a text as words.
func (r *register) give(l label, n int, words string) id {
	if p, ok := r.byWords[spelling{l, n, words}]; ok {
		return p
	}
	p := id{label: l, n: n}
	for i := 0; r.taken(p); i++ {
		if i == len(variants) {
			// A seventh spelling gets a number that nothing else has.
			for p = (id{label: l, n: elsewhere}); r.taken(p); p.n++ {
			}
			break
		}
		p.variant = variants[i]
	}
	r.words[p] = words
	r.byWords[spelling{l, n, words}] = p
	return p
}

func (r *register) taken(p id) bool {
	_, ok := r.words[p]
	return ok
}

// mark counts a thing that was masked.
func (r *register) mark(kind, canonical string) {
	if kind != "" && !slices.Contains(r.given[kind], canonical) {
		r.given[kind] = append(r.given[kind], canonical)
	}
}

// loose finds what a model may have made of a placeholder: without brackets, in small letters, with a space
// or a hyphen for the line, with the signs that Markdown escapes.
var loose = func() *regexp.Regexp {
	var names []string
	for _, l := range []label{labelPerson, labelFirst, labelLast, labelIdentity, labelAccount, labelCard, labelOrg, labelPhone,
		labelEmail, labelAddress, labelCode, labelQuote} {
		names = append(names, string(l))
	}
	body := "(" + strings.Join(names, "|") + `)(?:[ _\-\x{00a0}]|\\_|)([0-9]{1,6})([BCDFGbcdfg]?)`
	return regexp.MustCompile(`(?i)\[ ?` + body + ` ?\]|\\\[` + body + `\\\]|<` + body + `>|\{` + body + `\}|` + body)
}()

// found is a placeholder, or what looks like one, in a text.
type found struct {
	from, to int
	id       id
	plain    bool // nothing but a word and a number: may well be ordinary language
}

func placeholders(s string) []found {
	var out []found
	for at := 0; at < len(s); {
		m := loose.FindStringSubmatchIndex(s[at:])
		if m == nil {
			break
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += at
			}
		}
		group := 2
		for m[group] < 0 {
			group += 6
		}
		f := found{from: m[0], to: m[1]}
		f.id.label = label(strings.ToUpper(s[m[group]:m[group+1]]))
		f.id.n, _ = strconv.Atoi(s[m[group+2]:m[group+3]]) // at most six digits
		if v := s[m[group+4]:m[group+5]]; v != "" {
			f.id.variant = v[0] &^ 0x20
		}
		bare := m[0] == m[group]
		at = f.to
		if bare {
			before, _ := utf8.DecodeLastRuneInString(s[:f.from])
			if f.from > 0 && (letter(before) || unicode.IsDigit(before)) {
				at = f.from + 1
				continue
			}
			f.plain = s[m[group]:m[group+1]] != string(f.id.label) || s[m[group+1]:m[group+2]] == ""
			after, _ := utf8.DecodeRuneInString(s[f.to:])
			if f.id.variant != 0 && f.to < len(s) && letter(after) && after != 's' {
				f.id.variant, f.to = 0, f.to-1
				after = 'b'
			}
			if unicode.IsDigit(after) {
				continue // a longer number
			}
			at = f.to
		}
		out = append(out, f)
	}
	return out
}

// Unmask puts back what the placeholders of a text stand for. It knows them also when a model has left out
// the brackets, changed their case or added an ending. Placeholders that were never given out stay; Unknown
// tells them.
func (m *Masker) Unmask(text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	at := 0
	for _, f := range placeholders(text) {
		words, ok := m.meaning(f.id)
		if !ok {
			continue
		}
		b.WriteString(text[at:f.from])
		b.WriteString(words)
		at = f.to
	}
	b.WriteString(text[at:])
	return b.String()
}

// meaning is what a placeholder stands for. A name that was given out in another form, the whole name where
// only the first name was said, is put together from what is known of the person.
func (m *Masker) meaning(p id) (string, bool) {
	if words, ok := m.register.words[p]; ok {
		return words, true
	}
	if p.variant != 0 {
		p.variant = 0
		if words, ok := m.register.words[p]; ok {
			return words, true
		}
	}
	if kindOf[p.label] == Person {
		return m.people.form(p.label, p.n)
	}
	return "", false
}

// Unknown returns the placeholders of a text that stand for nothing, as they stand there, each once.
func (m *Masker) Unknown(text string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, f := range placeholders(text) {
		if _, ok := m.meaning(f.id); !ok && !f.plain && !slices.Contains(out, text[f.from:f.to]) {
			out = append(out, text[f.from:f.to])
		}
	}
	return out
}
