package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// What a body approves before its first case: the notice, the list of cases, and the record of its last meeting.
var (
	papers = norsk.Phrases("innkalling~", "saksliste~|sakliste~|sakslista|saklista|sakslisten", "sakskart~|sakskartet", "dagsorden~|dagsordenen", "agenda~|agendaen", "protokoll~ fra|frå|av", "protokollen", "møtebok|møteboka|møteboken", "referatet")
	// fine says that they are, with the verb that approves.
	approves = norsk.Phrases("godkjent|godkjend|godkjente|godkjende|godkjenner|godkjennes|godkjennast")
)

// approved reads at utterance i that the papers of a meeting are approved, in whatever words: "Ingen som sier noe
// der, da er begge deler godkjent.", "Godkjent, da." What they are may have been said before.
func approvedAgenda(us []utterance, th theme, i int) (text string, ids []string, ok bool) {
	u := &us[i]
	at, _, said := norsk.FindAny(approves, u.tokens)
	if !said || u.question() || u.joke || len(u.tokens) > 30 || norsk.Has(undecided, u.tokens[:at]) && !norsk.Has(papers, u.tokens) {
		return "", nil, false
	}
	if slices.ContainsFunc(u.tokens[max(0, at-2):at], func(t norsk.Token) bool { return slices.Contains(negations, t.Lower) }) {
		return "", nil, false
	}
	own := papersIn(u)
	if len(own) > 0 && !norsk.Has(norsk.Phrases("begge|alle"), u.tokens) {
		begin := deciding(u, at)
		if len(norsk.Tokens(begin)) > 18 {
			return "", nil, false
		}
		return norsk.Clean(begin), u.evidence, true
	}
	if len(own) == 0 && naming(u.tokens[clauseStart(u.tokens, at):]) > 2 {
		return "", nil, false // approves something else
	}
	named := own
	ids = u.evidence
	for j := i - 1; j >= max(0, i-6) && (len(named) < 2 || us[j].voice == us[i].voice); j-- {
		if list := papersIn(&us[j]); len(list) > 0 {
			for _, n := range named {
				first, _, _ := strings.Cut(n, " ")
				if !slices.ContainsFunc(list, func(o string) bool { return strings.HasPrefix(o, first) }) {
					list = append(list, n)
				}
			}
			named = list
			ids = evidence(us[j].evidence, ids)
		}
	}
	if len(named) == 0 {
		return "", nil, false
	}
	word := u.tokens[at].Lower
	if strings.HasPrefix(word, "godkjenn") {
		word = map[bool]string{true: "godkjend", false: "godkjent"}[nynorsk(us)]
	}
	return norsk.Capitalise(enumerate(named)) + " " + word + ".", ids, true
}

// papersIn are the papers that a sentence names, as it names them: "protokollen fra 18. mai".
func papersIn(u *utterance) []string {
	var out []string
	for i := 0; i < len(u.tokens); i++ {
		if u.tokens[i].Capitalised() && i > 0 && u.tokens[i-1].Mark == 0 {
			continue
		}
		end, ok := phraseAt(papers, u.tokens, i)
		if !ok {
			continue
		}
		if w := u.tokens[end-1].Lower; w == "av" || w == "fra" || w == "frå" {
			end--
		}
		for _, d := range norsk.Dates(relimit(u.tokens), anyDay) {
			if d.From <= end+1 && d.From >= end && u.tokens[end-1].Mark == 0 {
				end = d.To
			}
		}
		words := u.text[u.tokens[i].Start:u.tokens[end-1].End]
		if i == 0 {
			words = strings.ToLower(words[:1]) + words[1:]
		}
		out = appendNew(out, words)
		i = end - 1
	}
	return out
}

// relimit lets a day after "fra" be found, which else lies back.
func relimit(tokens []norsk.Token) []norsk.Token {
	out := slices.Clone(tokens)
	for i := range out {
		if out[i].Lower == "fra" || out[i].Lower == "frå" {
			out[i].Lower = "·"
		}
	}
	return out
}

// nynorsk reports whether the meeting speaks nynorsk, by its commonest words.
func nynorsk(us []utterance) bool {
	nn, nb := 0, 0
	for i := range us {
		for _, t := range us[i].tokens {
			switch t.Lower {
			case "ikkje", "eg", "frå", "vert", "noko", "korleis", "me", "dei":
				nn++
			case "ikke", "jeg", "fra", "blir", "noe", "hvordan", "vi", "de":
				nb++
			}
		}
	}
	return nn > nb
}
