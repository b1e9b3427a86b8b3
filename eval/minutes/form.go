package minutes

import (
	"regexp"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Words that one form of Norwegian has and the other has not. What both allow ("blir", "skole", "bare") is
// left out, and so is what means something else in the other form ("same", "viss", "seier").
var (
	onlyBokmal = wordSet(`ikke jeg hun dere noen noe hva hvem hvor hvordan hvorfor hvilken hvilket hvilke hver hvert hverandre hvis
		en et fra ble vedtatt enstemmig møteleder leder ledere lederen møtested beslutning beslutninger beslutningen ansvarlig
		oppgave oppgaver oppgaven uke uken uker måned måneder måneden selv samme ganger tidligere videre senere senest
		følgende hennes deres representanter deltakere muligheter mulighet mulig virksomhet bekreftes kontrolleres finnes
		høres flere uten utenfor utenom innen øvrige kun syk sykdom hjem hjemme kommer gjelder behandlet behandles mener mente
		trenger trukket funnet skrevet avstemning avstemningen forrige sammen ellers derfor mens tilstede`)
	onlyNynorsk = wordSet(`ikkje eg dykk dykkar nokon noko nokre kva kven kvar korleis kvifor kvart kvarandre ein eit eitt frå mykje
		meir berre vere vore gjere gjer vart vorte teke teken gjeve vedteken vedteke vedtekne samrøystes røyst røyster røysta
		røysting røystinga tilråding tilrådinga handsaming handsama møteleiar leiar leiaren møtestad avgjerd avgjerder avgjerda
		ansvarleg oppgåve oppgåver oppgåva veke veka veker månad månader månaden sjølv gonger tidlegare vidare seinare seinast
		følgjande hennar deira representantar deltakarar deltakarlista moglegheiter mogleg verksemd stadfestast kontrollerast
		finst høyrest høyrd fleire utan utanfor utanom innan kjem meiner meinte dei saman elles difor medan`)
)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

// quoted is what stands in quotation marks: it stays as it was said.
var quoted = regexp.MustCompile(`«[^»]*»`)

// form looks for words of the other form among those that the writer chose itself: in statements what the
// cited lines do not hold, and headings, outcomes, reasons and what is listed as missing.
func (s *scoring) form() {
	other := onlyNynorsk
	if s.got.Language == referent.Nynorsk {
		other = onlyBokmal
	}
	look := func(where, text string, spoken map[string]bool) {
		for _, t := range norsk.Tokens(quoted.ReplaceAllString(text, " ")) {
			if other[t.Lower] && !spoken[t.Lower] {
				s.Mixed++
				s.fault(MixedForm, text, "%s: %q", where, t.Lower)
			}
		}
	}
	for _, st := range approved(s.got) {
		lines, _ := s.c.cited(st.evidence)
		spoken := s.c.words(lines)
		for _, text := range st.texts {
			look(st.where, text, spoken)
		}
		look("outcome", st.outcome, nil)
	}
	given := s.c.words(nil)
	for i := range s.c.Lines {
		for w := range s.c.words([]int{i + 1}) {
			given[w] = true
		}
	}
	for _, item := range s.got.Items {
		look("heading", item.Heading, given)
	}
	for _, v := range s.got.Votes {
		for _, f := range v.Faults {
			look("fault", f, given)
		}
	}
	for _, r := range s.got.NeedsReview {
		look("reason", r.Reason, nil)
	}
	for _, m := range s.got.Missing {
		look("missing", m, given)
	}
}

// words are the words of lines, and those that were given with the meeting: names, agenda, title.
func (c *Case) words(lines []int) map[string]bool {
	set := map[string]bool{}
	add := func(texts ...string) {
		for _, text := range texts {
			for _, t := range norsk.Tokens(text) {
				set[t.Lower] = true
			}
		}
	}
	add(c.Title, c.Body)
	for _, a := range c.Agenda {
		add(a.Number, a.Title)
	}
	for _, p := range c.Participants {
		add(p.Name, p.Role)
	}
	for _, n := range lines {
		add(c.Lines[n-1].Text)
	}
	return set
}
