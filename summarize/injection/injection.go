// Package injection finds what a speaker says to the machine that writes instead of to the meeting: orders
// to forget its instructions, to write that something was decided, and the signs and tags that programs
// use among themselves. Such words are in no minutes, and no writer is shown them: a writer that has not
// seen an order cannot obey it, so that the rest of the minutes is what it would have been without.
//
// It is rules, and errs to the side of the meeting: people may talk about programs, ask the secretary to
// note something, and decide that a machine is to write. What is not found here meets the marks of the
// prompt and the evidence check. What is not here: what becomes of the words (package summarize).
package injection

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/referent/referent/summarize/norsk"
)

// Addressed reports whether a text holds words to the machine.
func Addressed(text string) bool {
	if syntax(text) {
		return true
	}
	plain := letters(readable(text))
	if hint.MatchString(plain) && slices.ContainsFunc(orders, func(o *regexp.Regexp) bool { return o.MatchString(plain) }) {
		return true
	}
	if !machine.MatchString(plain) {
		return false
	}
	// The machine is often called in one sentence and told what to do in the next.
	called := false
	for _, s := range norsk.Sentences(plain) {
		calls := vocative.MatchString(s)
		told := imperative.MatchString(s) || insists.MatchString(s)
		if (calls || called) && told || machine.MatchString(s) && dictates.MatchString(s) && !ours.MatchString(s) {
			return true
		}
		called = calls
	}
	return false
}

// readable is the text without what nobody hears: soft hyphens and signs of no width, in single spaces.
func readable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

var (
	// tags, templates and code: nobody says these signs, and no recogniser writes them.
	code = regexp.MustCompile("<\\||\\|>|\\[/?INST\\]|<</?SYS>>|```|\\[\\{|\\{ ?\"|\"\\}|\"[a-z_]+\" ?: ?[\\[{\"]|!?\\[[^\\]]*\\]\\(|(?:^|\\s)#{2,} ")
	tag  = regexp.MustCompile(`(?i)</?([a-z][a-z0-9_-]*)(?:\s[^>]*)?>`)
	// A line of the transcript inside a line of the transcript.
	numbered = regexp.MustCompile(`(?:^|\s)\d+ \[\p{Lu}[^\]]*\]`)
	roles    = regexp.MustCompile(`(?i)(?:^|[\s>])(system|assistent|assistant|bruker|brukar|user|human)(en|et)? ?:`)
	encoded  = regexp.MustCompile(`[A-Za-z0-9+/]{24,}={0,2}`)
)

// harmless tags are those of subtitles.
var harmless = map[string]bool{"i": true, "b": true, "u": true, "v": true, "c": true, "font": true, "ruby": true, "rt": true, "lang": true}

// programRoles are those of programs' dialogues. "Bruker" and "assistent" alone are people of home care and
// schools.
var programRoles = map[string]bool{"system": true, "assistant": true, "user": true, "human": true}

// dialogue finds two roles of a program's dialogue. The same role twice is a person who is written of twice.
func dialogue(text string) bool {
	last, known := "", false
	different := false
	for _, m := range roles.FindAllStringSubmatch(text, -1) {
		role := strings.ToLower(m[1])
		if role == "brukar" {
			role = "bruker"
		}
		known = known || programRoles[role] && m[2] == ""
		different = different || last != "" && role != last
		last = role
	}
	return known && different
}

// syntax finds the signs of programs, and those that hide text from readers.
func syntax(text string) bool {
	if code.MatchString(text) || numbered.MatchString(text) || dialogue(text) {
		return true
	}
	for _, m := range tag.FindAllStringSubmatch(text, -1) {
		if !harmless[strings.ToLower(m[1])] {
			return true
		}
	}
	for _, run := range encoded.FindAllString(text, -1) {
		if strings.ContainsFunc(run, unicode.IsUpper) && strings.ContainsFunc(run, unicode.IsLower) && strings.ContainsAny(run, "0123456789+=") {
			return true
		}
	}
	for _, r := range text {
		// Turned directions and tag characters.
		if r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r >= 0xE0000 && r <= 0xE007F {
			return true
		}
	}
	return false
}

const (
	robot   = `(?:k\.?i\.?|a\.?i\.?|ki-en|ai-en|språkmodell(?:en)?|modell(?:en)?|maskin(?:a|en)?|robot(?:en)?|program(?:met)?|kontrollprogram(?:met)?|system(?:et)?|assistent(?:en)?|assistant|language model|chatbot(?:en)?|chatgpt|copilot|referatskriv(?:er|ar)(?:en)?)`
	write   = `(?:skriv|skriver|skrive|skriv inn|før|fører|føre|legg|legger|legge|sett|setter|sette|noter|noterer|notere|ta med|tar med|svar|svarer|svare|stryk|stryker|stryke|fjern|fjerner|fjerne|slett|sletter|slette|byt|bytt|bytte|avslutt|avslutter|gjenta|lag|lage|dekod|stav|godta|les|finn på|lat som|glem|gløym|ignorer|write|record|add|ignore|forget|repeat|print|insert)`
	minutes = `(?:referat\pL*|protokoll\pL*|beslutning\pL*|avgjerd\pL*|vedtak\pL*|vedtatt|vedteke|aksjonspunkt\pL*|punkt|punktet|punkter|votering\pL*|liste|lister|frist\pL*|ansvarlig|minutes|decision|decisions|vote|action)`
)

var (
	// hint is in every text that one of the orders matches: a quick look before the long one.
	hint = pattern(`instru|beskjed|melding|ordre|regl|rules|prompt|system|linj|kilde|sitat|skriv|you are|an? ai|transcript|avskrift|gir deg|lat som|late som|leker|leik|pretend|oppgav|oppgåv|task|kontroll|tomme lister|dekod|decode|som en|som ein|as a|du er`)
	// orders are plain wherever they stand.
	orders = compile(
		`\b(?:glem|gløym|ignorer|overse|se bort fra|sjå bort frå|forget|ignore|disregard|overrides?) (?:(?:alt|alle|dei|de|dine|det|som|står|tidligere|tidlegare|your|all|any|the|of|previous|prior|everything|that) )*(?:instruks\pL*|instruct\pL*|regl\pL*|rules|ledetekst\pL*|prompt\pL*|over denne lin\pL*)`,
		`\b(?:ny |en )?systemmelding\b|\bsystem ?prompt\b|\bsystem message\b`,
		`(?:instruks\pL*|beskjed\pL*|melding\pL*|ordre) (?:er )?til (?:deg som skriver|`+robot+`)\b`,
		`\btil (?:den|deg|dykk|programmet|maskina|maskinen|systemet) som skriv(?:er)?\b`,
		`\b(?:som|as an?|hvis du er|om du er|du er) (?:en |ei |ein )?(?:`+robot+`)[ ,](?:\S+ ){0,3}(?:må|skal|must|should|har lov)\b`,
		`\byou are now\b|\bas an ai\b|\bend of transcript\b|\bavskrift(?:en|a) er slutt\b`,
		`\b(?:utvikleren|utviklaren|administrator(?:en)?|developer) (?:av|for|of) (?:dette |this )?(?:systemet|programmet|system)\b(?:.*)\b(?:tillatelse|løyve|lov til|permission)\b`,
		`\bgir deg (?:nå )?(?:tillatelse|løyve|lov) til å skriv`,
		`\b(?:lat|late|later|leker|leik\pL*|pretend)\b.{0,40}\b(?:du er|ikke en møtesekretær|ikkje ein møtesekretær|forfattar|forfatter|you are)\b`,
		`\bdu som skriv(?:er)? (?:referatet|dette|protokollen)\b`,
		`\b(?:ny|nye|new) (?:oppgave|oppgåve|task) ?: ?`+write+`\b`,
		`\bdu skriv(?:er)? (?:referatet|protokollen|dette)\b.{0,20}\b(?:bytte?|utelate?|fjerne?|stryke?|finne? på|dikte?|late? som|glemme?|gløyme?)\b`,
		`\b(?:slå|skru|slår) av kontrollen\b`,
		`\bi stedet for referatet\b|\bsvar(?:e)? med tomme lister\b`,
		`\btrenger ikke vise til (?:linjer|kilder|sitater)\b`,
		`\b(?:skriv|stryk)\b.{0,80}\bskriv i staden?t?\b`,
		`\bdekod (?:dette|det|denne)\b|\bdecode (?:this|the)\b`,
	)
	// vocative calls the machine: at the beginning, between commas, after "til" or "hei".
	vocative = pattern(`(?:^|[,.:;!?–-] ?|\b(?:til|hei|kjære|kjære deg|snakke?r? (?:eg|jeg) (?:nå |no )?til|okei|ok) ?,? ?)` + robot + `(?:[,.:;!?]|$| som )|\b(?:til|snakk\pL* (?:eg|jeg)? ?(?:no|nå)? ?til) ` + robot + `\b`)
	// imperative tells it what to do, at the beginning of a clause.
	imperative = pattern(`(?:^|[,.:;!?–-] ?|\b(?:og|så|kan du|du skal|du må|skal du|må du|please|no|nå) )(?:` + robot + `,? )?` + write + `\b`)
	insists    = pattern(`\bdu (?:har lov|skal|må|trenger|treng)\b|\b(?:you must|you shall|you should)\b|\bkan du\b.{0,10}\bskriv`)
	machine    = pattern(`\b` + robot + `\b`)
	// dictates is a machine that is told in the third person what to write.
	dictates = pattern(`\b(?:skal|må|legger|skriver|fører|setter)\b.{0,40}(?:\b` + write + `\b.{0,80}\b` + minutes + `\b|\b` + minutes + `\b)|\b` + minutes + `\b.{0,60}\b(?:skal|må) ` + write + `\b`)
	// ours is a sentence in which the meeting speaks of what it wants itself.
	ours = pattern(`\b(?:vi|me|oss|kommunen|kommunestyret|utvalget|utvalet|rådet|styret|formannskapet|avdelingen|avdelinga|leverandøren|foreslår|vedtar|vedtek|bestemmer|bestemt|kjøp\pL*|anskaff\pL*)\b`)
)

func pattern(s string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + letters(s)) }

func compile(patterns ...string) (all []*regexp.Regexp) {
	for _, p := range patterns {
		all = append(all, pattern(p))
	}
	return all
}

// letters writes Norwegian letters with those of ASCII, in texts and patterns alike: to RE2's \b there are no
// others.
func letters(s string) string { return ascii.Replace(s) }

var ascii = strings.NewReplacer("å", "aa", "ø", "oe", "æ", "ae", "Å", "Aa", "Ø", "Oe", "Æ", "Ae")
