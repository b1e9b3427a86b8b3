package evidence

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// openingWithin is how many segments before the first one cited the case that a heading names may have
// been opened.
const openingWithin = 60

// Heading checks a heading over statements that cite the ids, or the name of a case: it is one of the
// agenda, or its names, numbers and days were said there or where the case was opened, and not all of it
// is about something else.
func (c *Checker) Heading(heading string, ids []string) []Fault {
	if strings.TrimSpace(heading) == "" || c.OnAgenda(heading) {
		return nil
	}
	valid := c.Valid(ids)
	if len(valid) == 0 {
		return []Fault{{Kind: Uncited, Words: heading}}
	}
	src := c.cite(c.opening(valid))
	for _, a := range c.m.Agenda {
		src.words = append(src.words, readWords(a.Number+" "+a.Title)...)
	}
	src.words = append(src.words, readWords(c.m.Title+" "+c.m.Body)...)
	st := readStatement(heading)
	out := slices.Concat(c.dates(st, src), c.quantities(st, c.withAgenda(src)), c.names(st, src, asCited), c.outcomes(st, c.cite(valid)))
	n, ok := 0, 0
	var missing []string
	for i, w := range st.words {
		if w.function || st.fact[i] || deciding(w.Lower) || template(w.Lower) || abstract(w.Lower) {
			continue
		}
		n++
		if inSource(w, src) {
			ok++
		} else {
			missing = append(missing, w.Text)
		}
	}
	if n >= 2 && 3*ok < n {
		out = append(out, Fault{Kind: Unsupported, Words: strings.Join(missing, " ")})
	}
	return out
}

// OnAgenda reports whether a heading is that of an agenda item: its number, its title, or both.
func (c *Checker) OnAgenda(heading string) bool {
	h := norsk.Fold(heading)
	return slices.ContainsFunc(c.m.Agenda, func(a referent.AgendaItem) bool {
		title, number := norsk.Fold(a.Title), norsk.Fold(a.Number)
		return h == title || number != "" && (h == number || h == number+" "+title || h == "sak "+number+" "+title)
	})
}

// withAgenda adds the agenda to a source as something said, for the numbers of cases.
func (c *Checker) withAgenda(src source) source {
	for _, a := range c.m.Agenda {
		src.sentences = append(slices.Clone(src.sentences), readSentence(-1, "", a.Number+" "+a.Title))
	}
	return src
}

// opening adds the segments before the first of ids.
func (c *Checker) opening(ids []string) []string {
	first := c.order[ids[0]]
	var out []string
	for i := max(0, first-openingWithin); i < first; i++ {
		out = append(out, c.t.Segments[i].ID)
	}
	return append(out, ids...)
}

// abstract are words that headings are made of.
func abstract(lower string) bool {
	return slices.Contains(strings.Fields(`status gjennomgang orientering diskusjon oppsummering eventuelt ymse innledning innleiing avslutning avslutting informasjon planlegging plan
videre arbeid oppfølging generelt annet anna drift økonomi utstyr budsjett bemanning personal tiltak saker aktuelt åpning opning møtestart neste møte oppgaver oppgåver
situasjon observasjon vurdering beskjed vakt innstilling behandling votering vedtak tilråding handsaming røysting forslag framlegg`), lower)
}
