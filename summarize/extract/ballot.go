package extract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

func itoa(n int) string { return strconv.Itoa(n) }

// result is what one sentence says of the result of a vote.
type result struct {
	forVotes, against, blank *int
	unanimous, fell, adopted bool
	double                   bool // the chair's vote decided
	corrected                bool // a number was taken back in the same breath
	bare                     bool // an answer that is a number and little more
	nobody                   bool // those against were asked for, and nobody was
	firstOf                  bool // forVotes and against were said as a pair, "sju mot fire"
}

func (r result) counted() bool { return r.forVotes != nil || r.against != nil || r.blank != nil }

const (
	voters = "stemmer|stemme|stemte|stemmende|røyster|røyst|røysta|røystande|representanter|representantar|medlemmer|medlemer|hender|personer|personar"
	cast   = "stemmer|stemme|stemte|røyster|røyst|røysta|røystar"
)

var (
	unanimous    = norsk.Phrases("enstemmig~", "samrøystes", "einstemmig~", "en stemmig", "ein stemmig", "alle|samtlige|samtlege stemte|røysta for", "uten|utan motstemmer|motrøyster|mothrøyster", "uten|utan stemmer|røyster mot|imot", "alle som ein|éin|én", "uten|utan at noen|nokon ..2 imot|mot")
	notUnanimous = norsk.Phrases("ikke|ikkje|nesten|neppe|knapt ..1 enstemmig|samrøystes|einstemmig", "har ..1 enstemmig|samrøystes|einstemmig innstilt",
		"enstemmig|samrøystes|einstemmig ..1 innstilte|innstiller|innstilling|tilråding|tilrådd|tilrådde|anbefalt|anbefaling|innstillinga|innstillingen")
	fallen = []string{"falt", "fall", "faller", "fell", "falne", "nedstemt", "nedstemte", "nedrøysta", "forkastet", "forkasta", "avvist"}
	fell   = norsk.Phrases("ikke|ikkje ..2 vedtatt|vedteke|vedteken|flertall|fleirtal|bifalt|gjennom", "fikk|fekk|får ingen tilslutning|tilslutnad")
	passed = norsk.Phrases("er|ble|blei|blir|vart|vert|blitt|dermed|då|da|altså|stemmig|enstemmig|samrøystes|einstemmig|anses|reknast ..7 vedtatt|vedtatte|vedteke|vedteken|vedtekne|bifalt|godkjent|godkjend|godteke|godtatt|tiltrådt|valgt|vald",
		"fikk|fekk|får|har|fått ..3 flertall|fleirtal", "kjent|kjend|erklært|erklærd|funnet ..2 inhabil|habil|ugild|gild")
	votingWord = norsk.Phrases("stemme~", "stemte", "stemt", "røyst~", "votering~", "vedtatt~", "vedtek~", "vedteke~", "falt", "fall", "faller", "fell", "flertall", "fleirtal", "enstemmig", "samrøystes", "einstemmig", "en|ein stemmig", "hender", "stemmetegn", "stemmeteikn", "nedstemt", "nedrøysta", "bifalt")
	aboutWord  = norsk.Phrases("forslag~", "framlegg~", "innstilling~", "tilråding~", "tilleggsforslag~", "endringsforslag~", "utsettelsesforslag~", "utsetjingsframlegg~", "fellesforslag~", "tilleggsframlegg~", "endringsframlegg~", "fellesframlegg~", "motforslag~", "punkt~", "innstilt")

	forCount = norsk.Phrases("# "+voters+" ..2 for", "# som|er|var|har ..2 for", "# for", "for|ja ..4 stemte|røysta|stemmer|røystar #", "for er|var ..1 #", "# ja", "# ja-stemmer|ja-røyster|jastemmer|jarøyster",
		"fikk|fekk|får|fått ..2 # "+cast, "# støttet|støtta|støtter|stør|støttar")
	notCount = norsk.Phrases("# "+voters+" ..2 mot|imot", "# som|er|var|har ..2 mot|imot", "# mot|imot", "# i mot", "mot|imot|nei ..4 stemte|røysta|stemmer|røystar #", "imot|mot er|var|blir ..2 #", "# nei", "# nei-stemmer|nei-røyster|neistemmer|neirøyster",
		"mot|imot ..3 # "+cast, "# motstemmer|motstemme|motrøyster|motrøyst")
	blankCount = norsk.Phrases("# "+voters+"? ..1 blankt|blanke|blank", "blankt ..2 stemte|røysta #", "# avsto|avstod|avholdende")
	nobody     = norsk.Phrases("ingen ..1 stemte|stemmer|røysta|røystar mot|imot", "mot|imot ingen|null", "ingen|null stemmer|røyster mot|imot")
	doubleVote = norsk.Phrases("dobbeltstemme~", "dobbeltrøyst~", "dobbelstemme~", "dobbelrøyst~", "dobbel|dobbelt stemme~|røyst~", "avgjørende|avgjerande stemme~|røyst~")

	// notResult are words that make a sentence speak of another vote than the one just held.
	notResult = norsk.Phrases("hvis", "viss", "dersom", "om ..3 blir|vert|faller|fell", "når", "håper|håpar", "tror|trur", "kanskje", "i fjor", "forrige|førre", "sist gang|gong|møte|høst|haust|vår|år|uke|veke|måned|månad", "siste møte",
		"de|dei som", "den som", "har ..2 innstilt|tilrådd|tilrådt|anbefalt", "kommer|kjem ..1 til å", "vil ..2 bli|falle|få", "skal ..3 stemme|røyste", "hadde", "den gangen|gongen", "innstilte", "tilrådde", "i 19~|20~ ble|blei|vart|var|hadde|stemte|røysta|vedtok|gikk|gjekk|falt|fall", "ble|blei|vart|var ..3 i 19~|20~",
		"på # tallet", "bør|burde|kan|kunne|må|skulle ..1 bli|falle|vedtas|vedtakast|få")
	correction = norsk.Phrases("unnskyld", "orsak", "retter", "rettar", "rette", "korrigerer", "korrigere", "jeg|eg mente|meinte", "jeg|eg sa feil", "feil", "om igjen|att", "nei ..2 #", "talte|telte feil", "beklager", "skal være|vere #")
)

var dashed = regexp.MustCompile(`^(\d{1,3})[-–](\d{1,3})$`)

// readVote reads what a sentence by itself says of a vote's result.
func readVote(u *utterance) (result, bool) { return readBallot(u, false) }

// readBallot reads what a sentence says of a vote's result. While a vote is open, its numbers need no word
// about voting beside them.
func readBallot(u *utterance, open bool) (result, bool) {
	var r result
	if u.question() || u.joke || otherVote(u.tokens) || forInformation(u) {
		return r, false
	}
	voting := open || norsk.Has(votingWord, u.tokens)
	about := norsk.Has(aboutWord, u.tokens)
	r.unanimous = norsk.Has(unanimous, u.tokens)
	if r.unanimous && norsk.Has(notUnanimous, u.tokens) {
		return result{}, false
	}
	r.double = norsk.Has(doubleVote, u.tokens)
	r.fell = falls(u.tokens, about, open || r.double)
	r.adopted = !r.fell && norsk.Has(passed, u.tokens) || !r.fell && startsPassed(u.tokens)
	if voting {
		r.readCounts(u.tokens)
	}
	if r.fell && r.firstOf && *r.forVotes > *r.against {
		r.forVotes, r.against = r.against, r.forVotes // "falt med åtte mot tre": the eight were against
	}
	some := r.unanimous || r.fell || r.counted() || r.double
	return r, some
}

// otherVote tells sentences about a vote that is not held here and now. What stands behind the words of the
// result ("vedtatt, og når ...") is another matter.
func otherVote(tokens []norsk.Token) bool {
	end := len(tokens)
	if from, _, ok := norsk.FindAny(passed, tokens); ok {
		_, to, _ := norsk.FindAny(passed, tokens[from:])
		end = from + to
	}
	if spoils(notResult, tokens[:end]) {
		return true
	}
	return norsk.Has(norsk.Phrases("i fjor", "forrige|førre møte|gang|gong|periode", "sist møte|gang|gong|høst|haust"), tokens)
}

// asTo names what a sentence is about, and is no "when" of another time.
var asTo = norsk.Phrases("når det gjelder|gjeld")

// spoils reports whether any of the phrases stands in a text, other than in "når det gjelder".
func spoils(list []norsk.Pattern, tokens []norsk.Token) bool {
	for {
		from, _, ok := norsk.FindAny(list, tokens)
		if !ok {
			return false
		}
		end, about := phraseAt(asTo, tokens, from)
		if !about {
			return true
		}
		tokens = tokens[end:]
	}
}

func startsPassed(tokens []norsk.Token) bool {
	return len(tokens) > 0 && slices.Contains([]string{"vedtatt", "vedteke", "vedteken", "vedtekne"}, tokens[0].Lower)
}

// falls reports whether a sentence says that a proposal fell. "Elevtallet falt" is not about a proposal.
func falls(tokens []norsk.Token, about, open bool) bool {
	if norsk.Has(fell, tokens) && (about || open || norsk.Has(norsk.Phrases("det|dette|den ..2 ikke|ikkje"), tokens)) {
		return true
	}
	if norsk.Has(norsk.Phrases("faller|fell|falt|fall ..6 bort|vekk"), tokens) {
		return false // what was not voted on any more
	}
	at := slices.IndexFunc(tokens, func(t norsk.Token) bool { return slices.Contains(fallen, t.Lower) })
	if at < 0 || at > 0 && slices.Contains(negations, tokens[at-1].Lower) {
		return false
	}
	if at+1 < len(tokens) && slices.Contains([]string{"på", "ned", "fra", "frå", "til"}, tokens[at+1].Lower) && !open {
		return false
	}
	return about || open
}

// readCounts reads the numbers of a sentence about a vote.
func (r *result) readCounts(tokens []norsk.Token) {
	if a, b, again, ok := pairOf(tokens); ok {
		r.forVotes, r.against, r.firstOf, r.corrected = &a, &b, true, again
	} else {
		r.forVotes = counted(forCount, tokens)
		r.against = counted(notCount, tokens)
		if r.against == nil && norsk.Has(nobody, tokens) {
			none := 0
			r.against = &none
		}
	}
	r.blank = counted(blankCount, tokens)
	if (r.unanimous || r.adopted) && r.forVotes == nil && (r.against == nil || !r.unanimous) {
		r.forVotes = counted(withVotes, tokens) // "enstemmig vedtatt, med ti stemmer"
	}
}

var withVotes = norsk.Phrases("med # "+cast, "# hender|hand|hånd|stemmetegn|kort", "alle #", "# av #")

// pairOf reads "sju mot fire", "8 stemmer (Ap og Sp) mot 3", "7-4". Of two pairs in one sentence ("sju mot to,
// nei, seks mot tre") the second counts.
func pairOf(tokens []norsk.Token) (a, b int, again, ok bool) {
	for from := 0; from < len(tokens); {
		x, y, next, found := firstPair(tokens, from)
		if !found {
			break
		}
		a, b, again, ok = x, y, ok, true
		from = next
	}
	return a, b, again, ok
}

// firstPair is the first pair at or after a token; next is the token of its second number.
func firstPair(tokens []norsk.Token, from int) (a, b, next int, ok bool) {
	for i := from; i < len(tokens); i++ {
		t := tokens[i]
		if m := dashed.FindStringSubmatch(t.Text); m != nil {
			a, _ = strconv.Atoi(m[1])
			b, _ = strconv.Atoi(m[2])
			return a, b, i + 1, true
		}
		first := count(t)
		if first == nil {
			continue
		}
		if i+1 < len(tokens) && t.Mark == 0 && tokens[i+1].Start-t.End == len("–") && t.Text[0] <= '9' && len(tokens[i+1].Text) <= 2 {
			if second := count(tokens[i+1]); second != nil { // "8–1"
				return *first, *second, i + 1, true
			}
		}
		for j := i + 1; j < min(len(tokens), i+11); j++ {
			w := tokens[j].Lower
			if w == "mot" || w == "imot" {
				k := j + 1
				if k < len(tokens) && slices.Contains([]string{"de", "dei", "til"}, w) {
					k++
				}
				if k < len(tokens) {
					if second := count(tokens[k]); second != nil && tokens[j].Mark == 0 && !unitAfter(tokens, k) && !unitAfter(tokens, i) {
						return *first, *second, k, true
					}
				}
				break
			}
			if count(tokens[j]) != nil || strings.ContainsRune(".;", tokens[j].Mark) && tokens[j].Mark != 0 {
				break
			}
		}
	}
	return 0, 0, 0, false
}

// unitAfter reports whether the number at i measures something: "8 kroner", "3 prosent".
func unitAfter(tokens []norsk.Token, i int) bool {
	return i+1 < len(tokens) && tokens[i].Mark == 0 && unitWord(tokens[i+1].Lower)
}

// counted reads the number of the first of the phrases that stands in the text. "Ein for alle" counts nobody.
func counted(list []norsk.Pattern, tokens []norsk.Token) *int {
	for from := 0; from < len(tokens); from++ {
		i, to, ok := norsk.FindAny(list, tokens[from:])
		if !ok {
			return nil
		}
		i, to = i+from, to+from
		for k, t := range tokens[i:to] {
			n := count(t)
			if n == nil || unitAfter(tokens, i+k) {
				continue
			}
			article := slices.Contains([]string{"en", "ein", "ei", "et", "eit"}, t.Lower)
			voter := slices.ContainsFunc(tokens[i:min(len(tokens), i+k+3)], func(w norsk.Token) bool {
				return slices.Contains(strings.Split(voters, "|"), w.Lower)
			})
			if !article || voter {
				return n
			}
		}
		from = i
	}
	return nil
}

func count(t norsk.Token) *int {
	if n, ok := norsk.Number(t.Lower); ok && n < 1000 {
		return &n
	}
	return nil
}

// bareCount reads an answer to "de som er for?": "Fire.", "Jeg teller seks.", "En, to, tre.", "Det er fem, ja."
func bareCount(tokens []norsk.Token) *int {
	if len(tokens) > 8 {
		return nil
	}
	var n *int
	for i, t := range tokens {
		c := count(t)
		if c == nil || unitAfter(tokens, i) {
			if !slices.Contains([]string{"det", "er", "var", "jeg", "eg", "vi", "me", "får", "teller", "tel", "talde", "ser", "til", "ja", "da", "då", "altså", "stemmer", "røyster", "stykker", "stykk", "også", "òg", "og", "hender", "blir", "vert",
				"nei", "bare", "berre", "kun", "der", "her", "så", "akkurat", "takk", "stemme", "røyst", "ha", "skal", "tror", "ser", "ut", "eh", "har", "representanter", "medlemmer", "medlemer", "fikk", "fekk", "ok", "igjen", "for", "mot", "imot", "kort", "alle", "sit", "sitt", "ned", "dere", "litt", "nå", "no", "me", "da", "som", "er", "med"}, t.Lower) {
				return nil
			}
			continue
		}
		article := slices.Contains([]string{"en", "ein", "ei", "et", "eit"}, t.Lower)
		if article && len(tokens) > 4 && n == nil && i+1 < len(tokens) && count(tokens[i+1]) == nil {
			continue
		}
		if n != nil && *c != *n+1 && !article { // not a count upwards
			return nil
		}
		n = c
	}
	return n
}
