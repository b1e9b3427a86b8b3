// Package falsify makes true statements about a meeting false, as a model that invents would: for tests of
// the evidence check. What is not here: the statements, which are those of the gold cases (eval/minutes),
// and the check itself.
package falsify

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	gold "github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/summarize/norsk"
)

// Statement is a true statement made false in one way.
type Statement struct{ How, Text string }

// Marks are words that only invented clauses and names have: none may stand in approved minutes.
var Marks = []string{"Kvistad", "selger rådhuset", "870 000", "lønnsøkning", "brannstasjon."}

var (
	figures  = regexp.MustCompile(`\d[\d .]*\d|\d`)
	weekdays = []string{"mandag", "tirsdag", "onsdag", "torsdag", "fredag", "måndag", "tysdag"}
	months   = []string{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"}
	inWords  = map[string]string{"to": "ni", "tre": "sju", "fire": "åtte", "fem": "ti", "seks": "tolv", "sju": "fire", "åtte": "tre", "ni": "seks", "ti": "fem", "elleve": "femten", "tolv": "tjue"}
	finite   = strings.Fields("er blir vert skal får har kan må vil tar tek settes brukes lages legges gis kjøpes flyttes økes leies åpner sender leveres fylles brøytes holdes byttes starter begynner går kommer koster dekkes selges bygges vedtas utsettes")
)

// turned are words of going on with a matter, each with one of turning it down or putting it off.
var turned = map[string]string{"vedtas": "avvises", "vedtatt": "avvist", "vedteke": "avvist", "vedtek": "avviser", "godkjennes": "avslås", "godkjent": "avslått", "godkjend": "avslått", "tillates": "avslås",
	"kjøpes": "utsettes", "bygges": "utsettes", "innføres": "utsettes", "gis": "avslås", "leies": "utsettes", "startes": "utsettes", "settes": "utsettes",
	"avslås": "innvilges", "avvises": "vedtas", "utsettes": "vedtas", "avvist": "vedtatt", "utsatt": "vedtatt", "avslått": "innvilget", "utset": "vedteke", "utsett": "vedteke"}

// Statements makes a statement of a case false in every way that its words allow.
func Statements(text string, c *gold.Case) []Statement {
	var out []Statement
	add := func(how, s string) {
		if s != text {
			out = append(out, Statement{how, s})
		}
	}
	tokens := norsk.Tokens(text)
	if at := figures.FindStringIndex(text); at != nil {
		digits := strings.NewReplacer(" ", "", ".", "").Replace(text[at[0]:at[1]])
		if n, err := strconv.Atoi(digits); err == nil && !strings.Contains(text, "/") {
			add("number", text[:at[0]]+strconv.Itoa(3*n+17)+text[at[1]:])
		}
	}
	replaceWord := func(how string, i int, with string) {
		add(how, text[:tokens[i].Start]+with+text[tokens[i].End:])
	}
	for i, t := range tokens {
		switch {
		case slices.Contains(weekdays, t.Lower):
			for _, other := range []string{"onsdag", "tirsdag", "lørdag"} {
				if !strings.Contains(strings.ToLower(text), other) {
					replaceWord("weekday", i, other)
					break
				}
			}
		case slices.Contains(months, t.Lower):
			replaceWord("month", i, months[(slices.Index(months, t.Lower)+5)%12])
		case inWords[t.Lower] != "":
			replaceWord("number word", i, inWords[t.Lower])
		case turned[t.Lower] != "":
			replaceWord("turned round", i, turned[t.Lower])
		case t.Lower == "ikke" || t.Lower == "ikkje":
			add("denial dropped", strings.NewReplacer(" ,", ",", " .", ".").Replace(strings.Join(strings.Fields(text[:t.Start]+text[t.End:]), " ")))
		case i > 0 && tokens[i-1].Mark == 0 && t.Capitalised():
			replaceWord("unknown name", i, "Kvistad")
		}
	}
	for _, unit := range [][2]string{{"kroner", "prosent"}, {"timer", "dager"}, {"uker", "måneder"}, {"prosent", "kroner"}, {"meter", "kilometer"}, {"minutter", "timer"}} {
		if number := regexp.MustCompile(`(\d+) ` + unit[0] + `\b`); number.MatchString(text) && !strings.Contains(text, unit[1]) {
			add("unit", number.ReplaceAllString(text, "$1 "+unit[1]))
		}
	}
	for _, p := range c.Participants {
		first, _, _ := strings.Cut(p.Name, " ")
		if strings.Contains(text, p.Name) {
			add("unknown name", strings.Replace(text, p.Name, "Osvald Kvistad", 1))
		} else if strings.Contains(text, first+" ") {
			add("unknown name", strings.Replace(text, first+" ", "Osvald ", 1))
		}
	}
	denial := "ikke"
	if c.Language == "nn" {
		denial = "ikkje"
	}
	if !strings.Contains(" "+strings.ToLower(text), " "+denial+" ") {
		for i, t := range tokens {
			if i > 0 && slices.Contains(finite, t.Lower) {
				add("denial added", text[:t.End]+" "+denial+text[t.End:])
				break
			}
		}
	}
	if at := thing(tokens); at >= 0 {
		for _, other := range things {
			if !spoken(c, other[:5]) {
				replaceWord("another thing", at, other)
				break
			}
		}
	}
	open := strings.TrimRight(text, ". ")
	for _, clause := range []string{", og Osvald Kvistad får ansvaret", ", og kommunen selger rådhuset", ", og rammen er 870 000 kroner", ", men bare fram til 3. oktober", ", og alle ansatte får lønnsøkning", ", fordi loven krever en ny brannstasjon"} {
		add("clause added", open+clause+".")
	}
	return out
}

// things are what a model may put in the place of what was spoken of.
var things = []string{"biblioteket", "svømmehallen", "parkeringshuset", "kantinen", "hjemmesykepleien"}

// thing is the longest word of a statement that can be replaced by a thing, -1 for none: no name, no number, no verb
// as far as its ending tells, and not what the statement begins with, which in a task is its verb.
func thing(tokens []norsk.Token) int {
	at := -1
	for i, t := range tokens {
		if i == 0 || t.Capitalised() || norsk.Functional(t.Lower) || len([]rune(t.Lower)) < 6 || strings.HasSuffix(t.Lower, "es") || strings.HasSuffix(t.Lower, "ast") ||
			slices.Contains(strings.Fields("blir bli ble vert verte vart er var å og eller har få får"), tokens[i-1].Lower) || slices.Contains(finite, t.Lower) {
			continue
		}
		if at < 0 || len(t.Lower) > len(tokens[at].Lower) {
			at = i
		}
	}
	return at
}

// spoken reports whether a word that begins so was said in the case, or stands on its agenda.
func spoken(c *gold.Case, begins string) bool {
	texts := []string{c.Title, c.Body}
	for _, a := range c.Agenda {
		texts = append(texts, a.Title)
	}
	for _, l := range c.Lines {
		texts = append(texts, l.Text)
	}
	return strings.Contains(strings.ToLower(strings.Join(texts, "\n")), begins)
}

// stopping are words that say by themselves that something is not to be.
var stopping = strings.Fields("utsettes utsatt utset avlyses avlyst avlysast stanses stansast droppes nedlegges slutter sluttar mangler manglar stengt stengd avvises utgår")

// Denied is a sentence whose word that stops something is denied, of which the sentence itself is then false:
// "Løpet avlyses ikke." for "Løpet avlyses." ok is false for one without such a word or with a denial.
func Denied(text string, c *gold.Case) (said string, ok bool) {
	denial := "ikke"
	if c.Language == "nn" {
		denial = "ikkje"
	}
	tokens := norsk.Tokens(text)
	if slices.ContainsFunc(tokens, func(t norsk.Token) bool {
		return slices.Contains(strings.Fields("ikke ikkje ingen inga aldri uten utan nei"), t.Lower)
	}) {
		return "", false
	}
	for i, t := range tokens {
		if i > 0 && slices.Contains(stopping, t.Lower) {
			return text[:t.End] + " " + denial + text[t.End:], true
		}
	}
	return "", false
}

// Elsewhere are lines of a case that none of the keys stands in, as far from those cited as may be.
func Elsewhere(c *gold.Case, lines []int, keys []string) []int {
	var out []int
	for step := len(c.Lines) / 2; len(out) < 2 && step < len(c.Lines)+len(c.Lines)/2; step++ {
		n := (lines[0]-1+step)%len(c.Lines) + 1
		said := strings.ToLower(c.Lines[n-1].Text)
		if !slices.Contains(lines, n) && !slices.ContainsFunc(keys, func(k string) bool { return strings.Contains(said, strings.ToLower(k)) }) {
			out = append(out, n)
		}
	}
	return out
}

// Counts tells how many of each kind were tried and how many stood.
type Counts map[string][2]int

// Stood is how many stood in all.
func (n Counts) Stood() int {
	total := 0
	for _, v := range n {
		total += v[1]
	}
	return total
}

// Add counts one.
func (n Counts) Add(kind string, stands bool) {
	v := n[kind]
	v[0]++
	if stands {
		v[1]++
	}
	n[kind] = v
}

func (n Counts) String() string {
	var kinds []string
	for k := range n {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	var b strings.Builder
	total := [2]int{}
	for _, k := range kinds {
		fmt.Fprintf(&b, "\n  %-40s %5d tried %4d stand", k, n[k][0], n[k][1])
		total[0], total[1] = total[0]+n[k][0], total[1]+n[k][1]
	}
	return fmt.Sprintf("%d tried, %d stand%s", total[0], total[1], b.String())
}
