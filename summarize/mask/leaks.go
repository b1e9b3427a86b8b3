package mask

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Leak is personal data in outgoing bytes. It tells the kind and the place, never the words.
type Leak struct {
	Kind   string // Person, Phone, ...
	Offset int    // bytes from the beginning, as they would go out
}

// Fixed names texts of our own that go out as they are: prompts, schemas, the name of the model. What
// stands in them is no leak, also where somebody is called like a word of theirs.
func (m *Masker) Fixed(texts ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range texts {
		for _, form := range []string{t, escaped(t, true), escaped(t, false)} {
			if strings.TrimSpace(t) != "" && !slices.Contains(m.fixed, form) {
				m.fixed = append(m.fixed, form)
			}
		}
	}
	// The longest first: a short one may be part of it.
	slices.SortStableFunc(m.fixed, func(a, b string) int { return len(b) - len(a) })
}

// escaped is a text as it stands between the quotes of JSON, with or without the escapes that HTML needs.
func escaped(t string, html bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(html)
	if err := e.Encode(t); err != nil {
		return t // no string fails
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
}

// Leaks is the final check of a request. It reads the bytes as they are and with JSON's escapes undone,
// once and twice, looks for everything that was masked and for known names, and for numbers and addresses
// of its own account: it does not ask what Mask made of them. No leaks: nil.
func (m *Masker) Leaks(outgoing []byte) []Leak {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Leak
	v := plainView(outgoing)
	for range 3 {
		v.text = m.blank(v.text)
		out = append(out, m.leaksIn(v)...)
		next := v.unescape()
		if len(next.text) == len(v.text) {
			break
		}
		v = next
	}
	slices.SortFunc(out, func(a, b Leak) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	return slices.Compact(out)
}

// view is a text with the offset in the outgoing bytes for each of its bytes.
type view struct {
	text string
	at   []int
}

func plainView(b []byte) view {
	v := view{text: string(b), at: make([]int, len(b))}
	for i := range v.at {
		v.at[i] = i
	}
	return v
}

// unescape undoes the escapes of JSON strings, wherever they stand.
func (v view) unescape() view {
	out := view{at: make([]int, 0, len(v.text))}
	var b strings.Builder
	put := func(s string, at int) {
		b.WriteString(s)
		for range len(s) {
			out.at = append(out.at, at)
		}
	}
	for i := 0; i < len(v.text); {
		c := v.text[i]
		if c != '\\' || i+1 == len(v.text) {
			b.WriteByte(c)
			out.at = append(out.at, v.at[i])
			i++
			continue
		}
		switch e := v.text[i+1]; e {
		case 'u':
			r, n := escapedRune(v.text[i:])
			if n == 0 {
				put(`\u`, v.at[i])
				i += 2
				continue
			}
			put(string(r), v.at[i])
			i += n
		case 'n', 't', 'r', 'b', 'f':
			put(map[byte]string{'n': "\n", 't': "\t", 'r': "\n", 'b': " ", 'f': "\n"}[e], v.at[i])
			i += 2
		case '"', '\\', '/':
			put(string(e), v.at[i])
			i += 2
		default:
			put(`\`, v.at[i])
			i++
		}
	}
	out.text = b.String()
	return out
}

// escapedRune reads \uXXXX, or two that make one letter, and how many bytes they take; 0 when it is none.
func escapedRune(s string) (rune, int) {
	hex := func(s string) (rune, bool) {
		if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
			return 0, false
		}
		var r rune
		for _, c := range []byte(s[2:6]) {
			switch {
			case '0' <= c && c <= '9':
				r = r<<4 | rune(c-'0')
			case 'a' <= c|0x20 && c|0x20 <= 'f':
				r = r<<4 | rune(c|0x20-'a'+10)
			default:
				return 0, false
			}
		}
		return r, true
	}
	r, ok := hex(s)
	if !ok {
		return 0, 0
	}
	if 0xd800 <= r && r < 0xdc00 {
		if low, ok := hex(s[6:]); ok && 0xdc00 <= low && low < 0xe000 {
			return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000, 12
		}
	}
	return r, 6
}

func (m *Masker) leaksIn(v view) []Leak {
	text := v.text
	var out []Leak
	add := func(kind string, at int) {
		out = append(out, Leak{Kind: kind, Offset: v.at[at]})
	}
	m.nameLeaks(text, add)
	m.numberLeaks(text, add)
	for _, at := range mailbox.FindAllStringIndex(text, -1) {
		add(Email, at[0])
	}
	// Addresses and passwords are looked for as they stood. Those without a digit may be ordinary words: where
	// they gave themselves away once, they need not be personal elsewhere.
	for p, words := range m.register.words {
		if p.label == labelEmail || (p.label == labelAddress || p.label == labelCode) && telling(words) {
			if i := strings.Index(text, words); i >= 0 {
				add(kindOf[p.label], i)
			}
		}
	}
	return out
}

// telling reports whether words of an address or a password are nothing else: letters and digits together.
func telling(words string) bool {
	first, _ := utf8.DecodeRuneInString(words)
	return unicode.IsLetter(first) && strings.ContainsAny(words, "0123456789")
}

var mailbox = regexp.MustCompile(`[\p{L}0-9._%+\-]{1,64}@[\p{L}0-9\-]+\.[\p{L}0-9.\-]+|(?i:[\p{L}0-9]+ (?:krøllalfa|alfakrøll|snabel-a) [\p{L}0-9]+)`)

// blank writes over our own placeholders and fixed texts with a sign that ends every word and number.
func (m *Masker) blank(text string) string {
	b := []byte(text)
	over := func(from, to int) {
		for i := from; i < to; i++ {
			b[i] = '#'
		}
	}
	for _, fixed := range m.fixed {
		for at := 0; ; {
			i := strings.Index(text[at:], fixed)
			if i < 0 {
				break
			}
			from, to := at+i, at+i+len(fixed)
			if apart(text, from) && apart(text, to) {
				over(from, to)
			}
			at = to
		}
	}
	for _, f := range placeholders(text) {
		if f.id.String() == text[f.from:f.to] && m.register.taken(f.id) {
			over(f.from, f.to)
		}
	}
	return string(b)
}

// apart reports whether no word or number goes on over offset i.
func apart(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	inside := func(r rune) bool { return letter(r) || unicode.IsDigit(r) }
	return !inside(before) || !inside(after)
}

// nameLeaks looks for known names: whole ones in any letters, their parts with a capital.
func (m *Masker) nameLeaks(text string, add func(kind string, at int)) {
	type seen struct {
		at  int
		low string
	}
	var row []seen // the words that stand together
	gap := false
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !letter(r) {
			if !unicode.IsSpace(r) && r != '-' {
				gap = true
			}
			i += n
			continue
		}
		end := span(text, i, letter)
		w := seen{i, fold(text[i:end])}
		if gap {
			row = row[:0]
		}
		gap = false
		row = append(row, w)
		if m.isPart(w.low) && unicode.IsUpper(r) {
			add(Person, i)
		}
		key := w.low
		for k := len(row) - 2; k >= 0 && k >= len(row)-5; k-- {
			key = row[k].low + " " + key
			if m.people.whole[key] != nil || strings.HasSuffix(key, "s") && m.people.whole[key[:len(key)-1]] != nil {
				add(Person, row[k].at)
			}
		}
		i = end
	}
}

func (m *Masker) isPart(w string) bool {
	return utf8.RuneCountInString(w) > 1 && (m.people.known(w) || strings.HasSuffix(w, "s") && len(w) > 3 && m.people.known(w[:len(w)-1]))
}
