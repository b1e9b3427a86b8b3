package extract

import (
	"regexp"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// theme is a stretch of the meeting about one case or point of the agenda.
type theme struct {
	heading string
	number  string // "12/25" or "3"; "" when it has none
	from    int    // first utterance
	to      int    // after the last
}

var caseNumber = regexp.MustCompile(`^\d{1,4}/\d{2,4}$`)

var caseWords = []string{"sak", "saka", "saken", "ps", "ds", "rs", "fo", "os", "fs"}

// announcements open a new point; what follows them names it.
var announcements = norsk.Phrases(
	"da|då|så går vi|me over|videre|vidare? til|på",
	"da|då|så går vi|me løs|laus på",
	"vi|me går nå|no? over|videre|vidare? til",
	"da|då er vi|me på|ved|framme|fremme|komne|kommet ved|på|til?",
	"da|då|så tar|tek vi|me",
	"da|då|så starter|startar|begynner|begynnar vi|me med",
	"vi|me starter|startar|begynner|begynnar med",
	"neste sak|punkt|tema på? saklista|sakslista|sakslisten|lista|agendaen? er|blir|gjelder|gjeld|handler|handlar? om?",
	"neste er sak|punkt?",
	"første|fyrste|siste sak|punkt|tema på? saklista|sakslista|sakslisten|agendaen? er|blir|gjelder|gjeld? om?",
	"over til",
)

// references speak of a case without opening it.
var references = norsk.Phrases("tilbake til", "viser|viste|syner til", "jamfør|jf|jfr", "se|sjå sak", "knyttet|knytt til", "vedtok|vedtatt|vedteke i",
	"gjelder|gjeld sak", "kommer|kjem til", "vi|me har ..3 saker", "saklista|sakslista|sakslisten i dag", "henger|heng sammen|saman med")

// caseFirst is a case called up with a question about it: "Sak 21, kven vil me ha i styringsgruppa?"
var caseFirst = norsk.Phrases("sak|ps #")

var anyOther = norsk.Phrases("på|til|under|over|tar|tek ..2 eventuelt|ymse")

// themes finds where each case or point begins. Everything before the first is one theme without
// heading; a meeting without any is one theme.
func themes(us []utterance, agenda []referent.AgendaItem) []theme {
	list := []theme{{}}
	done := map[int]bool{} // agenda items that were opened
	for i := range us {
		heading, number, item := opens(us, i, agenda, done)
		if heading != "" && heading != list[len(list)-1].heading && (number == "" || number != list[len(list)-1].number) {
			list[len(list)-1].to = i
			list = append(list, theme{heading: heading, number: number, from: i})
			if item >= 0 {
				done[item] = true
			}
		}
		us[i].theme = len(list) - 1
	}
	list[len(list)-1].to = len(us)
	return list
}

// opens reads which point an utterance opens: its heading and number, and its place on the agenda or -1.
func opens(us []utterance, i int, agenda []referent.AgendaItem, done map[int]bool) (heading, number string, item int) {
	u := &us[i]
	if norsk.Has(anyOther, u.tokens) && len(u.tokens) <= 14 {
		if j := slices.IndexFunc(agenda, func(a referent.AgendaItem) bool {
			return norsk.Fold(a.Title) == "eventuelt" || norsk.Fold(a.Title) == "ymse"
		}); j >= 0 {
			return agendaHeading(agenda[j]), "", j
		}
		return norsk.AnyOther.In("nb"), "", -1
	}
	if u.question() && !begins(caseFirst, u.tokens) || norsk.Has(references, u.tokens) {
		return "", "", -1
	}
	_, after, announced := norsk.FindAny(announcements, u.tokens)
	if n, end, ok := saidNumber(u.tokens); ok && (announced || end <= 6) {
		if j := onAgenda(agenda, n); j >= 0 {
			return agendaHeading(agenda[j]), n, j
		}
		title := titleAfter(u, end)
		if ofAgenda := len(agenda) > 0 && u.tokens[end-2].Lower == "punkt"; !ofAgenda && (title != "" || announced) { // a point of a proposal is no case
			return strings.TrimSpace("Sak " + n + " " + title), n, -1
		}
	}
	if j := titled(u, agenda, done); j >= 0 && (announced || len(u.tokens) <= 8) {
		return agendaHeading(agenda[j]), numberOf(agenda[j].Number), j
	}
	if j := fromAgenda(us, i, agenda, done); j >= 0 {
		return agendaHeading(agenda[j]), numberOf(agenda[j].Number), j
	}
	if !announced {
		return "", "", -1
	}
	if after == len(u.tokens) || norsk.Has(norsk.Phrases("neste sak|punkt|tema", "videre|vidare"), u.tokens[after:]) {
		// "Da går vi til neste punkt.": the next sentence, or the agenda, names it.
		if i+1 < len(us) {
			if j := titled(&us[i+1], agenda, done); j >= 0 {
				return agendaHeading(agenda[j]), numberOf(agenda[j].Number), j
			}
		}
		for j := range agenda {
			if !done[j] {
				return agendaHeading(agenda[j]), numberOf(agenda[j].Number), j
			}
		}
		return "", "", -1
	}
	if len(agenda) > 0 {
		return "", "", -1 // with an agenda, only its own points are headings
	}
	title := titleAfter(u, after)
	if k, _ := reads(u); title == "" || k == thenWe && (empty(u.tokens[after:]) || len(bareDates(u.tokens[after:])) > 0) {
		return "", "", -1 // "Da tar vi imot det.", "Da tar vi vasken på mandag.": settles, and opens nothing
	}
	return title, "", -1
}

func agendaHeading(a referent.AgendaItem) string {
	return strings.TrimSpace(strings.TrimSpace(a.Number) + " " + strings.TrimSpace(a.Title))
}

// numberOf is the comparable part of a case number: "PS 12/25" -> "12/25".
func numberOf(s string) string {
	for _, t := range norsk.Tokens(s) {
		if caseNumber.MatchString(t.Text) {
			return t.Text
		}
		if _, ok := norsk.Number(t.Lower); ok {
			return t.Lower
		}
	}
	return ""
}

// onAgenda finds a said number, "12/25" or its running part "12", on the agenda.
func onAgenda(agenda []referent.AgendaItem, n string) int {
	return slices.IndexFunc(agenda, func(a referent.AgendaItem) bool {
		own := numberOf(a.Number)
		running, _, _ := strings.Cut(own, "/")
		return own != "" && (own == n || running == n)
	})
}

// saidNumber reads "sak 12/25", "PS 12/25", "sak nummer tolv" when exactly one case is named.
func saidNumber(tokens []norsk.Token) (number string, end int, ok bool) {
	found := 0
	for i, t := range tokens {
		if caseNumber.MatchString(t.Text) {
			number, end = t.Text, i+1
			found++
			continue
		}
		if i == 0 {
			continue
		}
		before := tokens[i-1].Lower
		if before == "nummer" && i > 1 {
			before = tokens[i-2].Lower
		}
		if n, isNumber := norsk.Number(t.Lower); isNumber && slices.Contains([]string{"sak", "punkt"}, before) && tokens[i-1].Mark == 0 {
			number, end = itoa(n), i+1
			found++
		}
	}
	if found != 1 {
		return "", 0, false
	}
	if caseNumber.MatchString(number) {
		// a fraction or a date is no case: one of the words for a case must stand before it
		from := max(0, end-4)
		if !slices.ContainsFunc(tokens[from:end-1], func(t norsk.Token) bool { return slices.Contains(caseWords, t.Lower) }) {
			return "", 0, false
		}
	}
	return number, end, true
}

// titleAfter is the heading that follows token i: at most ten words, without the words that lead to it.
func titleAfter(u *utterance, i int) string {
	for i < len(u.tokens) && slices.Contains([]string{"er", "om", "gjelder", "gjeld", "som", "handler", "handlar", "blir", "og", "det", "på", "til"}, u.tokens[i].Lower) {
		i++
	}
	n := len(u.tokens) - i
	if n <= 0 || n > 12 {
		return ""
	}
	end := len(u.tokens)
	for j := i; j < len(u.tokens)-1; j++ {
		if u.tokens[j].Mark == ',' && j-i >= 1 {
			end = j + 1
			break
		}
	}
	return norsk.Capitalise(strings.TrimSpace(u.text[u.tokens[i].Start:u.tokens[end-1].End]))
}

// titled finds the agenda item not yet opened whose title the utterance speaks.
func titled(u *utterance, agenda []referent.AgendaItem, done map[int]bool) int {
	best, at := 0.0, -1
	for j, a := range agenda {
		if done[j] {
			continue
		}
		if score := overlap(a.Title, u.tokens); score > best {
			best, at = score, j
		}
	}
	if best < 0.6 {
		return -1
	}
	return at
}

// overlap is the share of a title's content words that stand in the text, endings aside.
func overlap(title string, tokens []norsk.Token) float64 {
	total, found := 0, 0
	for _, w := range norsk.Tokens(title) {
		if len([]rune(w.Lower)) < 4 {
			continue
		}
		total++
		if slices.ContainsFunc(tokens, func(t norsk.Token) bool { return sameStem(w.Lower, t.Lower) }) {
			found++
		}
	}
	if total == 0 {
		return 0
	}
	return float64(found) / float64(total)
}

// sameStem compares two words without their endings: they share all but the last three letters of the
// shorter, and at least four.
func sameStem(a, b string) bool {
	if a == b {
		return true
	}
	x, y := []rune(a), []rune(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n >= 4 && n >= min(len(x), len(y))-2 && max(len(x), len(y))-n <= 4
}
