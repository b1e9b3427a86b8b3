package evidence

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent/summarize/norsk"
)

// seasonal are words of time that stand for themselves outside of a date: each of a line means the same.
var seasonal = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(`mandag måndag mandager måndagar mandagen måndagen
tirsdag tysdag tirsdager tysdagar tirsdagen tysdagen
onsdag onsdager onsdagar onsdagen
torsdag torsdager torsdagar torsdagen
fredag fredager fredagar fredagen
lørdag laurdag lørdager laurdagar lørdagen laurdagen
søndag sundag søndager sundagar søndagen sundagen
januar
februar
mars
april
mai
juni
juli
august
september
oktober
november
desember
våren vår vårens
sommer sommeren sumar sumaren
høst høsten haust hausten
vinter vinteren
jul jula julen romjul romjula romjulen
påske påsken påska
kvartal kvartalet
`) {
		f := strings.Fields(line)
		for _, w := range f {
			m[w] = f[0]
		}
	}
	delete(m, "vår") // "our"
	return m
}()

// fixed finds the days of a text, also those after "fra", which name no deadline but are days.
func (c *Checker) fixed(tokens []norsk.Token) []norsk.Date {
	open := slices.Clone(tokens)
	for i := range open {
		if open[i].Lower == "fra" || open[i].Lower == "frå" {
			open[i].Lower = "·"
		}
	}
	var out []norsk.Date
	for _, d := range norsk.Dates(open, c.m.Start) {
		if n := len(out); n > 0 && d.From == out[n-1].To && (tokens[d.From].Lower == "før" || tokens[d.From].Lower == "etter") {
			continue // "i morgen før lunsj" is one day
		}
		out = append(out, d)
	}
	return out
}

// dates finds the days and times of day of a statement that its source does not hold.
func (c *Checker) dates(st *statement, src source) []Fault {
	var days []time.Time
	var clocks []clock
	seasons := map[string]bool{}
	var spoken strings.Builder
	for _, s := range src.sentences {
		for _, d := range c.fixed(s.tokens) {
			if !d.Day.IsZero() {
				days = append(days, d.Day)
			}
		}
		clocks = append(clocks, readClocks(s.tokens, true)...)
		for _, w := range s.words {
			if k := seasonal[w.Lower]; k != "" {
				seasons[k] = true
			}
		}
		spoken.WriteString(" " + norsk.Fold(s.text) + " .")
	}
	said := spoken.String()
	var out []Fault
	tokens := st.tokens()
	for _, d := range c.fixed(tokens) {
		st.mark(d.From, d.To)
		words := st.quote(d.From, d.To)
		from := d.From
		for from < d.To-1 && limits[tokens[from].Lower] {
			from++
		}
		asSaid := from < d.To-1 && strings.Contains(said, " "+norsk.Fold(st.quote(from, d.To))+" ") ||
			d.Day.IsZero() && strings.Contains(said, " "+norsk.Fold(st.quote(from, d.To))+" ")
		switch {
		case asSaid:
		case d.Day.IsZero() || !slices.ContainsFunc(days, d.Day.Equal):
			out = append(out, Fault{Kind: Day, Words: words})
			continue
		}
		if !d.Day.IsZero() && c.amended(d.Day, src) {
			out = append(out, Fault{Kind: Amended, Words: words})
		}
	}
	for _, k := range readClocks(tokens, false) {
		if st.fact[k.from] && st.fact[k.to-1] && k.to-k.from == 1 {
			continue // a date
		}
		if !slices.ContainsFunc(clocks, k.same) {
			out = append(out, Fault{Kind: Clock, Words: st.quote(k.from, k.to)})
		}
		st.mark(k.from, k.to)
	}
	for i, w := range st.words {
		if k := seasonal[w.Lower]; k != "" && !st.fact[i] {
			st.fact[i] = true
			if !seasons[k] {
				out = append(out, Fault{Kind: Day, Words: w.Text})
			}
		}
	}
	return out
}

var limits = map[string]bool{"innen": true, "innan": true, "senest": true, "seinast": true, "frist": true, "fristen": true, "til": true, "før": true,
	"på": true, "er": true, "blir": true, "den": true, "og": true, "med": true, "til.": true}

// amends begins, or stands in, a sentence that puts another day in the place of one just said.
var (
	amends     = norsk.Phrases("nei", "rettelse", "retting", "unnskyld", "orsak", "forresten", "korrigere", "korreksjon", "vent", "beklager", "beklagar")
	amendsHere = norsk.Phrases("rettelse", "retting", "korrigere|korrigerer|korrigerar", "mente|meinte jeg|eg", "jeg|eg mente|meinte", "sa|sagt feil", "flytter|flyttar|flytte ..2 til|heller", "heller", "i stedet|staden", "utsetter|utset|utsette")
)

// limitsIt corrects a day when it is among the cited words: "Det holder ikke. Si senest fredag."
var limitsIt = norsk.Phrases("si|sei senest|seinast|innen|innan|heller", "holder|held ikke|ikkje")

// lookahead is how many segments after the cited ones a correction may stand.
const lookahead = 5

// amended reports whether the last cited mention of a day was corrected to another, in the same sentence
// or shortly after.
func (c *Checker) amended(day time.Time, src source) bool {
	last := src.segments[len(src.segments)-1].index
	first := -1
	for _, s := range src.sentences {
		if slices.ContainsFunc(c.fixed(s.tokens), func(d norsk.Date) bool { return d.Day.Equal(day) }) {
			first = s.segment
		}
	}
	if first < 0 {
		return false
	}
	found := false // the day's last mention has been passed
	gone, unsure := false, false
	for i := first; i < min(len(c.said), last+1+lookahead); i++ {
		for _, s := range c.said[i].sentences {
			dates := c.fixed(s.tokens)
			doubted := found && len(s.words) > 0 && norsk.Has(norsk.Phrases("nei", "vent", "forresten"), s.tokens[:min(3, len(s.tokens))])
			here := slices.IndexFunc(dates, func(d norsk.Date) bool { return d.Day.Equal(day) })
			if here >= 0 {
				found, gone = true, false
				unsure = doubted
				if doubted { // "Nei, mandag har jeg fri, så tirsdag"
					gone = slices.ContainsFunc(dates[here+1:], func(d norsk.Date) bool { return !d.Day.IsZero() && !d.Day.Equal(day) })
				}
				for _, d := range dates[here+1:] { // "fredag, nei, mandag"
					gone = gone || !d.Day.IsZero() && !d.Day.Equal(day) && norsk.Has(amends, s.tokens[dates[here].To:d.From])
				}
				continue
			}
			if !found || len(s.words) > 16 || s.question {
				continue
			}
			other := slices.ContainsFunc(dates, func(d norsk.Date) bool { return !d.Day.IsZero() })
			if other && (unsure && len(s.words) <= 5 || norsk.Has(amends, s.tokens[:min(3, len(s.tokens))]) || norsk.Has(amendsHere, s.tokens) || i <= last && norsk.Has(limitsIt, s.tokens)) {
				gone = true
			} else if other && i > last {
				found = false // of another matter by now: what is corrected after it is that
			}
		}
	}
	return gone
}

// clock is a time of day in a text.
type clock struct {
	from, to int
	h, m     int
	figures  bool
}

// same compares two times. Said in words, six is also eighteen.
func (k clock) same(o clock) bool {
	return k.m == o.m && (k.h == o.h || k.h%12 == o.h%12 && (!o.figures || o.m == 0 && o.h < 12 && k.h >= 12 && k.h < 23))
}

// readClocks finds the times of day of a text. Spoken text may say them without "klokka": "halv elleve",
// "ti tretti"; loose takes the latter too.
func readClocks(tokens []norsk.Token, loose bool) []clock {
	var out []clock
	for i := 0; i < len(tokens); {
		k, ok := clockAt(tokens, i, loose)
		if !ok {
			i++
			continue
		}
		out = append(out, k)
		i = k.to
	}
	return out
}

func clockAt(tokens []norsk.Token, i int, loose bool) (clock, bool) {
	at := i
	announced := slices.Contains([]string{"kl", "klokka", "klokken", "klokkå"}, tokens[i].Lower)
	if announced {
		if at++; at >= len(tokens) {
			return clock{}, false
		}
	}
	if h, m, ok := hourMinute(tokens[at].Text); ok {
		if at+1 < len(tokens) && (scales[tokens[at+1].Lower] > 0 || units[tokens[at+1].Lower] != "") && tokens[at].Mark == 0 {
			return clock{}, false
		}
		return clock{i, at + 1, h, m, true}, true
	}
	if k, ok := spokenClock(tokens, at); ok {
		k.from = i
		return k, true
	}
	h, ok := norsk.Number(tokens[at].Lower)
	if !ok || h > 24 || !announced && !loose {
		return clock{}, false
	}
	if at+1 < len(tokens) && tokens[at].Mark == 0 {
		if m, ok := norsk.Number(tokens[at+1].Lower); ok && m < 60 && m >= 5 && (at+2 >= len(tokens) || units[tokens[at+2].Lower] == "" && scales[tokens[at+2].Lower] == 0) {
			return clock{i, at + 2, h % 24, m, false}, true
		}
	}
	if !announced {
		return clock{}, false
	}
	return clock{i, at + 1, h % 24, 0, figures(tokens[at].Text)}, true
}

// spokenClock reads "halv elleve", "kvart over ti", "fem på halv tre".
func spokenClock(tokens []norsk.Token, i int) (clock, bool) {
	hour := func(j int) (int, bool) {
		if j >= len(tokens) {
			return 0, false
		}
		h, ok := norsk.Number(tokens[j].Lower)
		return h, ok && h >= 1 && h <= 24 && !slices.Contains(articles, tokens[j].Lower)
	}
	if tokens[i].Lower == "halv" {
		if h, ok := hour(i + 1); ok {
			return clock{i, i + 2, (h + 23) % 24, 30, false}, true
		}
		return clock{}, false
	}
	minutes, ok := norsk.Number(tokens[i].Lower)
	if tokens[i].Lower == "kvart" || tokens[i].Lower == "kvarter" {
		minutes, ok = 15, true
	}
	if !ok || minutes > 29 || i+2 >= len(tokens) {
		return clock{}, false
	}
	sign := map[string]int{"på": -1, "over": 1}[tokens[i+1].Lower]
	if sign == 0 {
		return clock{}, false
	}
	at, base := i+2, 0
	if tokens[at].Lower == "halv" {
		at, base = at+1, -30
	}
	h, ok := hour(at)
	if !ok {
		return clock{}, false
	}
	total := ((h*60+base+sign*minutes)%1440 + 1440) % 1440
	return clock{i, at + 1, total / 60, total % 60, false}, true
}

func hourMinute(s string) (h, m int, ok bool) {
	for _, sep := range []string{".", ":"} {
		a, b, found := strings.Cut(s, sep)
		if !found || !figures(a) || len(a) > 2 || !figures(b) || len(b) != 2 {
			continue
		}
		h, _ = norsk.Number(strings.TrimLeft(a, "0"))
		m, _ = norsk.Number(strings.TrimLeft(b, "0"))
		return h % 24, m, h <= 24 && m < 60
	}
	return 0, 0, false
}
