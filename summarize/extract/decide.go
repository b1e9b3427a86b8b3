package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// decided are the wordings that settle something, here and now.
var decided = norsk.Phrases(
	"vi|me vedtar|vedtek|beslutter|beslutta|bestemmer|avgjer|avgjør",
	"da|då|så|dermed|nå|no vedtar|vedtek|beslutter|bestemmer vi|me",
	"er|ble|vart|blei|blir ..2 vedtatt|vedteke|vedteken|vedtekne|vedtatte|bestemt|avgjort|avgjord|besluttet|beslutta",
	"er|ble|vart|blei ..4 godkjent|godkjend|godkjente|godkjende",
	"vi|me konkluderer|konkluderar med",
	"vi|me har ..2 bestemt|besluttet|vedtatt|vedteke|beslutta",
	"konklusjonen er|blir|vart|ble",
	"beslutningen|avgjerda|vedtaket er|blir|lyder|lyd",
	"enstemmig|samrøystes|einstemmig vedtatt|vedteke|vedteken|godkjent|godkjend",
	"tatt|tatte|tas|teke|teken|tekne|tek|tar|takast ..7 til orientering|etterretning|vitende|vitande",
	"kjennes|kjent|kjend|kjenner|erklært|erklæres|erklærast|erklærer|ansett|funnet ..3 inhabil|habil|ugild|gild|inhabile|habile|ugilde|gilde",
	"da|då|dermed er ..4 habil|inhabil|gild|ugild", "er|ble|blir|vart|vert ..1 valgt|vald|valde|valgte|gjenvalgt|attvald som|til|inn",
)

// undecided are words before a wording of decision that make it something else: a condition, a
// proposal, a hope, or a decision made at another time.
var undecided = norsk.Phrases("hvis", "viss", "dersom", "når", "om vi|me", "før", "jeg|eg|vi|me vil? foreslår|føreslår|foreslå|føreslå", "foreslått|føreslått",
	"foreslo|føreslo", "bør", "burde", "skulle", "kunne", "kanskje", "ønsker|ønskjer", "håper|håpar", "tror|trur", "synes|synest", "jeg|eg mener|meiner", "i fjor",
	"forrige|førre|sist", "tidligere|tidlegare", "allerede|allereie", "den gang|gongen", "som vi|me vedtok", "ennå|enno",
	"må|skal|kan bli", "avhengig av at")

var negations = []string{"ikke", "ikkje", "aldri", "ennå", "enno", "verken", "korkje"}

// lies back tells what was decided elsewhere or at another time, said after the wording.
var liesBack = norsk.Phrases("i fjor", "forrige|førre møte|gang|gong|uke|veke|runde", "sist møte|uke|veke", "sist", "for # år|uker|veker|måneder|månader siden|sidan", "i går", "på årsmøtet", "av ..1 kommunestyret|ledelsen|leiinga|rådmannen|kommunedirektøren|departementet|styret|fylket|direktoratet|sentralt|stortinget|regjeringen|regjeringa|kommunen|eieren",
	"sentralt", "den gang|gongen", "da|då vi", "tidligere|tidlegare i år|høst|haust|vår|uka|veka", "i # desember|januar|februar|mars|april|mai|juni|juli|august|september|oktober|november", "før jul|sommeren|sommaren|ferien")

// decides finds the wording of a decision in an utterance, as token indices.
func decides(u *utterance) (from, to int, ok bool) {
	if u.question() || u.joke {
		return 0, 0, false
	}
	if norsk.Has(norsk.Phrases("man|ein|en er|blir|vert ..2 habil|inhabil|gild|ugild", "er|blir|vert man|ein|en|du habil|inhabil|gild|ugild"), u.tokens) { // the law, not the meeting
		return 0, 0, false
	}
	from, to, ok = worded(u, decided)
	if ok && len(u.tokens) > 2*longestRuling && !norsk.Has(votingWord, u.tokens) {
		return 0, 0, false
	}
	return from, to, ok
}

// worded finds a wording of decision that is not turned, conditional, or of another time.
func worded(u *utterance, wordings []norsk.Pattern) (from, to int, ok bool) {
	from, to, ok = norsk.FindAny(wordings, u.tokens)
	if !ok || spoils(undecided, u.tokens[:from]) {
		return 0, 0, false
	}
	clause := from // a "no" in the clause of the wording turns it; in another clause it does not
	for clause > 0 && u.tokens[clause-1].Mark == 0 {
		clause--
	}
	for i, t := range u.tokens[clause:min(to+1, len(u.tokens))] {
		if slices.Contains(negations, t.Lower) && (clause+i < to || u.tokens[to-1].Mark == 0 && u.tokens[to-1].Lower != "at") {
			return 0, 0, false
		}
	}
	for k := to; k+1 < len(u.tokens); k++ { // "den ble vedtatt i 2024"
		if n, ok := norsk.Number(u.tokens[k+1].Lower); ok && u.tokens[k].Lower == "i" && n > 1800 && n < 2100 && k-to <= 1 && !presently(u.tokens[from:to]) {
			return 0, 0, false
		}
	}
	// "vedtatt i fjor", "ble bestemt på forrige møte": said after the wording, it still lies back.
	if f, _, back := norsk.FindAny(liesBack, u.tokens[to:]); back && (f == 0 || u.tokens[to+f-1].Lower != "som") {
		if l := u.tokens[to+f].Lower; l != "før" && l != "i" && l != "da" && l != "då" || f < 4 && u.tokens[to+f].Lower != "før" {
			return 0, 0, false
		}
	}
	return from, to, true
}

// presently tells a wording in the present tense: what "blir vedtatt i 2027" is yet to come.
func presently(tokens []norsk.Token) bool {
	return norsk.Has(norsk.Phrases("er|blir|vert|vi|me"), tokens)
}

// Decides reports whether a text holds the wording of a decision.
func Decides(text string) bool {
	for _, s := range norsk.Sentences(text) {
		u := utterance{text: s, tokens: spoken(norsk.Tokens(s))}
		if _, _, ok := decides(&u); ok {
			return true
		}
		if how := settles(&u); how != notSettled {
			return true
		}
		if _, ok := readVote(&u); ok {
			return true
		}
	}
	return false
}

// lead is what stands before the matter of a proposal and can be taken away.
var lead = norsk.Phrases(
	"jeg|eg|vi|me vil? derfor|difor? foreslår|føreslår|foreslå|føreslå derfor|difor|da|då? at",
	"da|då|derfor|difor foreslår|føreslår jeg|eg|vi|me at",
	"kommunedirektøren|rådmannen|administrasjonen innstiller|foreslår|føreslår|tilrår|anbefaler på? at",
	"kommunedirektørens|rådmannens|administrasjonens|utvalgets? innstilling|tilråding er|lyder|lyd|går ut? på? at",
	"innstillingen|innstillinga|tilrådinga|tilrådingen ..3 er|lyder|lyd|går ut? på? at",
	"mitt|vårt forslag|framlegg er|går|lyder|lyd ut? på? at",
	"forslaget|framlegget ..3 er|lyder|lyd|går ut? på? at",
	"vi|me vedtar|vedtek ..1 at", "det er da|då|herved|dermed? enstemmig|samrøystes? vedtatt|vedteke|bestemt|avgjort at",
	"vi|me konkluderer|konkluderar med at", "da|då er det enstemmig|samrøystes? vedtatt|vedteke|bestemt|avgjort at",
	"vi|me er|blir enige|enig|einige|einig|samde om at", "konklusjonen er|blir at", "da|då er vi|me enige|enig|einige|einig|samde om at",
	"vi|me bestemmer|bestemme nå|no? at", "da|då bestemmer|bestemme|sier|seier vi|me at", "vi|me sier|seier at", "vi|me har bestemt at",
	"jeg|eg synes|synest vi|me skal|bør", "hva|ka om vi|me", "skal|bør|kan vi|me da|då|ikke|ikkje|heller|bare|berre?", "la oss",
)

// quoted leads to a proposal's own words, after a colon.
var quoted = norsk.Phrases("forslaget|framlegget|innstillingen|innstillinga|tilrådinga|tilrådingen|vedtaket ..3 lyder|lyd|er|blir", "innstilling|tilråding|forslag|framlegg|vedtak")

// matter is a sentence without the words that lead to it: "Vi vedtar at biblioteket åpner" gives
// "Biblioteket åpner". A clause whose word order depends on its lead keeps it.
func matter(text string) string {
	text = norsk.Clean(text)
	tokens := spoken(norsk.Tokens(text))
	for _, p := range quoted {
		if end, ok := p.At(tokens, 0); ok && tokens[end-1].Mark == ':' && len(tokens)-end >= 2 {
			return norsk.Capitalise(text[tokens[end].Start:])
		}
	}
	for first := 0; first < min(4, len(tokens)); first++ {
		for _, p := range lead {
			end, ok := p.At(tokens, first)
			if !ok || len(tokens)-end < 3 {
				continue
			}
			if inverted(tokens[end:]) {
				return norsk.Capitalise(text[tokens[first].Start:])
			}
			return norsk.Capitalise(strings.ReplaceAll(text[tokens[end].Start:], " og at ", " og "))
		}
		if !openers[tokens[first].Lower] {
			break
		}
	}
	return text
}

// openers lead to a sentence and say nothing.
var openers = wordSet("ja jo ok okei okey men og så nei greit fint bra flott altså da då jaja jada vel supert godt enig")

// inverted reports whether a clause after "at" holds a word that would stand elsewhere without it.
func inverted(tokens []norsk.Token) bool {
	return slices.ContainsFunc(tokens, func(t norsk.Token) bool {
		return slices.Contains([]string{"ikke", "ikkje", "aldri", "alltid", "også", "òg"}, t.Lower)
	})
}

// decisions finds what was settled in a theme. Votes were read before: what one adopts is a decision.
// In an informal meeting, people also settle things without the words of a vote. What the meeting went back on
// is no decision and is returned by itself.
func decisions(us []utterance, th theme, props []proposal, votes []vote, form string, informal bool) (standing, revoked []referent.Decision) {
	var out []referent.Decision
	taken := map[int]bool{}
	approved := -1 // the approval of the meeting's papers
	for _, v := range votes {
		for _, i := range v.utterances {
			taken[i] = true
		}
		if v.adopted {
			out = append(out, referent.Decision{Text: v.Proposal, Case: th.heading, Evidence: v.Evidence})
		}
	}
	for i := th.from; i < th.to; i++ {
		u := &us[i]
		if text, ids, ok := approvedAgenda(us, th, i); ok {
			// "Vi godkjenner innkallingen, om ingen protesterer. Godkjent.": once, in the words that say most
			if n := len(out) - 1; n >= 0 && approved == n && alike(out[n].Text, text) >= 0.5 {
				if len(papersIn(&utterance{tokens: norsk.Tokens(text), text: text})) < 2 {
					text = out[n].Text
				}
				out[n].Text, out[n].Evidence = text, evidence(out[n].Evidence, ids)
				continue
			}
			out, approved = append(out, referent.Decision{Text: text, Case: th.heading, Evidence: ids}), len(out)
			continue
		}
		if taken[i] {
			continue
		}
		from, to, ok := decides(u)
		if !ok && informal {
			if d, ok := settled(us, th, i, taken); ok {
				d.Case = th.heading
				out = append(out, d)
			}
			continue
		}
		if !ok {
			continue
		}
		d := referent.Decision{Text: matter(deciding(u, from)), Case: th.heading, Evidence: u.evidence}
		if said := withoutConfirmation(u); informal && said != u.text {
			d.Text = matter(said)
		}
		switch {
		case forInformation(u) && noted(u) < 2: // what is taken note of is not named beside it
			d.Text = norsk.Capitalise(norsk.ForInformation.In(form)) + "."
			if norsk.Has(norsk.Phrases("til etterretning"), u.tokens) && !norsk.Has(norsk.Phrases("til orientering"), u.tokens) {
				d.Text = norsk.Clean(deciding(u, from))
			}
		case u.wordsBeside(from, to) < 4 && (!ownMatter(u) || informal && empty(u.tokens)):
			// "Da er det bestemt.": what was settled is the latest proposal, or what was said just before.
			if p := latest(props, i); p >= 0 && !props[p].settled && !informal {
				d.Text, d.Evidence = matter(props[p].text), evidence(props[p].evidence, u.evidence)
				props[p].settled = true
			} else if text, ids, j := meant(us, th, i); j >= 0 {
				d.Text, d.Evidence = text, evidence(ids, u.evidence)
				taken[j] = true
				if informal {
					d = decision(us, th, max(i, j), text, d.Evidence, taken)
					d.Case = th.heading
				}
			} else if informal {
				continue
			}
		}
		out = append(out, d)
	}
	return revise(us, unlike(out))
}

// deciding is the part of a sentence that decides: "Det ser jeg ikke, og da er lista godkjent." without
// what another clause says before it.
func deciding(u *utterance, from int) string {
	begin := from
	for begin > 0 && u.tokens[begin-1].Mark == 0 {
		begin--
	}
	if begin > 0 && len(u.tokens)-begin >= 6 && slices.Contains([]string{"og", "så", "men"}, u.tokens[begin].Lower) {
		return u.text[u.tokens[begin+1].Start:]
	}
	return u.text
}

// noted counts the words that name what is taken note of.
func noted(u *utterance) int {
	return naming(slices.DeleteFunc(slices.Clone(u.tokens), func(t norsk.Token) bool {
		return strings.HasPrefix(t.Lower, "orienter") || strings.HasPrefix(t.Lower, "etterretning") || noteWords[t.Lower]
	}))
}

var noteWords = wordSet("tatt tatte tas teken teke tekne tek takast samrøystes enstemmig einstemmig dermed saken saka")

func forInformation(u *utterance) bool {
	return norsk.Has(norsk.Phrases("til orientering|etterretning"), u.tokens)
}

// unlike drops decisions that say the same, keeping all their evidence at the first.
func unlike(list []referent.Decision) []referent.Decision {
	var out []referent.Decision
	for _, d := range list {
		same := slices.IndexFunc(out, func(o referent.Decision) bool {
			a, b := norsk.Fold(o.Text), norsk.Fold(d.Text)
			return a == b || len(b) > 20 && strings.Contains(a, b) || len(a) > 20 && strings.Contains(b, a)
		})
		if same >= 0 {
			out[same].Evidence = evidence(out[same].Evidence, d.Evidence)
			continue
		}
		out = append(out, d)
	}
	return out
}
