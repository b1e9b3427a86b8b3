package extract

import (
	"regexp"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

var (
	closes = norsk.Phrases("møtet|møte|saken|saka|delen|døra|dørene|dørene ..4 lukkes|lukkast|lukket|lukka|lukkes", "lukker|lukkar|lukke|lukkes|lukkast|lukking ..4 møtet|møte|saken|saka|delen|dørene|den", "lukkede|lukka|stengte|stengde dører", "for ..1 lukkede|lukka|stengte|stengde dører|dørar", "lukket|lukka møte",
		"behandles|behandlast|handsamast|tas ..3 lukket|lukka", "lukker|lukkar vi|me")
	notClosed = norsk.Phrases("ikke|ikkje ..3 lukke~|lukka", "lukker|lukkar|lukke|lukkes|lukkast ..1 ikke|ikkje", "hvorfor|kvifor", "i fjor", "forrige|førre", "åpner|opnar|åpnet|opna ..3 igjen|att", "hvis|viss|dersom")
)

// legalBasis is a section of an act as it is said or written: "kommuneloven § 11-5 andre ledd bokstav a".
var legalBasis = regexp.MustCompile(`(?i)(?:(?:kommunelov|kommunelovas?|kommunelova|kommuneloven|kommunelovens|offentleglova|offentleglovens?|offentleglova|offentlighetsloven|forvaltningsloven|forvaltningslova|forvaltningslovens|koml\.?|offl\.?|fvl\.?)\s+)?` +
	`(?:§§?|paragraf(?:en)?)\s*(?:\d+(?:\s*(?:-|–|strek|bindestrek)\s*\d+)?|[a-zæøå]+ strek [a-zæøå]+)` +
	`(?:,?\s*(?:(?:første|fyrste|andre|annet|anna|tredje|fjerde|femte|\d\.?)\s*(?:ledd|punktum)|(?:ledd|nr\.?|nummer|pkt\.?|punkt)\s*\d+|(?:bokstav|litra)\s*[a-zæøå]\b|og|jf\.?|jamfør|jmf\.?|offentleglova|forvaltningsloven|(?:§|paragraf)\s*\d+(?:-\d+)?))*`)

// closedPart finds that a theme, or a part of it, was treated behind closed doors, and on what legal basis.
func (s *sitting) closedPart(th theme) *referent.Closed {
	var out *referent.Closed
	for i := th.from; i < th.to; i++ {
		u := &s.us[i]
		said := norsk.Has(closes, u.tokens) && !norsk.Has(notClosed, u.tokens) && !u.question()
		if out == nil && !said {
			continue
		}
		if !said && (out.Basis != "" || !s.near(i, out.Evidence)) {
			continue
		}
		basis := basisIn(u.text)
		switch {
		case out == nil:
			out = &referent.Closed{Basis: basis, Evidence: u.evidence}
			if basis == "" && i > th.from { // "Etter paragraf 11-5 ... Da lukker vi møtet."
				if before := basisIn(s.us[i-1].text); before != "" {
					out.Basis, out.Evidence = before, evidence(s.us[i-1].evidence, u.evidence)
				}
			}
		case basis != "" && out.Basis == "":
			out.Basis, out.Evidence = basis, evidence(out.Evidence, u.evidence)
		case basis != "" && said && out.Basis != basis && !strings.Contains(out.Basis, basis):
			out.Basis, out.Evidence = out.Basis+"; "+basis, evidence(out.Evidence, u.evidence)
		case said:
			out.Evidence = evidence(out.Evidence, u.evidence)
		}
	}
	return out
}

// near reports whether utterance i stands within three after one that rests on the segments.
func (s *sitting) near(i int, ids []string) bool {
	for _, at := range s.citedBy(ids) {
		if i-at >= 0 && i-at <= 3 {
			return true
		}
	}
	return false
}

// basisIn is the legal basis that a text gives, as it stands there; "" when none.
func basisIn(text string) string {
	for _, m := range legalBasis.FindAllString(text, -1) {
		m = strings.TrimRight(strings.TrimSpace(m), ",. ")
		for _, tail := range []string{" og", ", og", " jf"} {
			m = strings.TrimSuffix(m, tail)
		}
		if m != "" {
			return m
		}
	}
	return ""
}
