package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// notTasks follow a verb that then commits nobody: "jeg tar ordet", "jeg ser at".
var notTasks = norsk.Phrases("ordet", "en|ein tanke", "at", "ikke|ikkje", "aldri", "bare|berre si|seie", "meg for", "det for gitt", "votering~", "saken til votering", "om ordet", "inn for", "til grunn",
	"vekk", "imot", "plass~", "på min|mi|si|sin kappe", "seg at|også|òg", "om at", "takk", "det? i protokollen|referatet|møteboka|møteboken|protokoll", "ut|inn på|i", "en|ei|ein innledning|innleiing|kort", "beskjed|vite", "en|ein liten?|kort? pause|kommentar", "fram til", "utgangspunkt", "forbehold", "permisjon", "avstand", "hverandre|kvarandre", "pause", "det opp til", "sjansen", "forslag~ opp til", "replikk",
	"til etterretning|orientering", "opp ..2 forslag~|framlegg~|saken|saka|tråden", "protokolltilførsel~|protokollmerknad~", "det til orientering|etterretning", "selvkritikk|sjølvkritikk", "turen|bussen|toget|bilen|ferja", "å si|seie", "fri|ferie", "helg", "hensyn|omsyn",
	"litt? kort", "meg", "oss fram|tilbake", "videre|vidare til", "frem|fram til? at", "på meg", "lett på", "opp hånda|hånden|handa", "nå|no over|videre|vidare", "gjerne? en|ein kaffe|kopp")

// assigned reads the tasks that a sentence gives: "Kari sender ...", "jeg skal ...", "så tar Ola ...". A task
// whose object is only a pronoun has no text yet.
func assigned(u *utterance, p *people, c *calendar) []task {
	list := hits(u, p)
	var out []task
	for k, h := range list {
		end := len(u.tokens)
		if k+1 < len(list) {
			end = list[k+1].from
			for end > h.rest && slices.Contains([]string{"og", "men", "så", "mens", "da", "då"}, u.tokens[end-1].Lower) {
				end--
			}
		}
		if t, ok := h.task(u, end, k == len(list)-1, p, c); ok {
			out = append(out, t)
		}
	}
	if len(list) == 0 {
		out = append(out, ordered(u, p, c)...)
	}
	if len(out) == 0 {
		out = append(out, passive(u, p, c)...)
	}
	if len(out) == 0 {
		out = append(out, entrusted(u, p, c)...)
	}
	return out
}

// task makes the item from what follows the verb, up to token end.
func (h hit) task(u *utterance, end int, last bool, p *people, c *calendar) (task, bool) {
	rest := u.tokens[h.rest:end]
	_, seesTo := startsWith(norsk.Phrases("meg|seg av"), rest) // "jeg tar meg av postlista"
	if _, ok := startsWith(notTasks, rest); ok && !seesTo {
		return task{}, false
	}
	if slices.Contains([]string{"sette", "setje", "legge", "leggje", "ta", "stille", "gi", "gje", "gjere", "gjøre"}, h.verb.infinitive) && norsk.Has(norsk.Phrases("forslag~|framlegg~|endringsforslag~|innstilling~|tilråding~"), rest) && !norsk.Has(norsk.Phrases("til"), rest) {
		return task{}, false // puts a proposal forward, here and now
	}
	for _, t := range u.tokens[max(0, h.from-1):h.rest] {
		if slices.Contains(negations, t.Lower) {
			return task{}, false
		}
	}
	if norsk.Has(norsk.Phrases("ikke|ikkje"), rest[:min(2, len(rest))]) {
		return task{}, false
	}
	t := task{ActionItem: referent.ActionItem{Owner: h.owner.name, Evidence: u.evidence}, ambiguous: h.owner.ambiguous, verb: h.verb}
	words, due, found := object(u, h.rest, end, p, c)
	if !found { // a deadline can stand before the verb: "Innen fredag sender jeg ..."
		begin := clauseStart(u.tokens, h.from)
		if l, ok := c.find(u.tokens[begin:h.from]); ok {
			l.From, l.To = l.From+begin, l.To+begin
			due, found = l, true
		}
	}
	if found {
		t.due(due, u)
	}
	if pronouns(words) {
		if strings.Contains(" "+strings.ToLower(words)+" ", " det ") || strings.Contains(" "+strings.ToLower(words)+" ", " den ") || before(u, h.from) || h.verb.strong && (found || words != "") {
			t.bare, t.rest = true, words
			return t, true
		}
		if h.verb.strong && words == "" {
			t.bare, t.silent = true, true
			return t, true
		}
		return task{}, false
	}
	if (here[h.verb.infinitive] && h.present || h.verb.infinitive == "telle" && h.present || h.verb.infinitive == "telje" && h.present) && !found && !h.owner.group {
		return task{}, false
	}
	if slices.Contains([]string{"si", "seie", "se", "sjå", "få", "be", "komme", "kome", "stå", "høre", "høyre"}, h.verb.infinitive) && !h.verb.committing(rest) {
		return task{}, false
	}
	if _, listed := infinitives[h.verb.infinitive]; !listed && !h.verb.strong && (!found || due.Day.IsZero() || h.owner.group) {
		return task{}, false // a verb known by its ending alone
	}
	if !h.verb.committing(rest) && !found && !(h.verb.infinitive == "ta" && h.owner.name != "" && len(norsk.Tokens(words)) <= 5 && !h.owner.group) {
		return task{}, false
	}
	if h.present {
		words = allInfinitive(words)
	}
	if subject, ok := topic(u, h); ok && slices.Contains([]string{"ta", "fikse", "ordne", "gjøre", "gjere"}, h.verb.infinitive) && len(norsk.Tokens(words)) == 0 {
		words = subject
	}
	if words == "feil" {
		return task{}, false // "jeg tar feil"
	}
	if after, ok := strings.CutPrefix(words, "meg av "); ok {
		words = "seg av " + after
	}
	t.Task = norsk.Capitalise(h.verb.infinitive) + " " + words + "."
	return t, true
}

// here are verbs of what speakers do in the meeting itself; they are a task only when a deadline is said.
var here = wordSet("svare lese presentere orientere stille spørre spørje notere vise høre høyre fortelle fortelje starte begynne byrje referere kommentere oppsummere drøfte diskutere")
