package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// What a note must not hold: codes and passwords, telephone and identity numbers, and the private matters of
// others than the one it is about.
var (
	codeCues  = norsk.Phrases("nøkkelboks~|nykelboks~|nykleboks~|nøkleboks~", "kode|koden|kodar|koder|kodelås~|dørkode~|alarmkode~|portkode~|kodeboks~", "pin|pinkode~|pin-kode~|pinnen", "safe~|alarmen")
	passwords = norsk.Phrases("passord~ ..6 er|blir|heter|heiter|lyder", "passord~|brukernavn~|brukarnamn~")
	phoneCues = norsk.Phrases("telefon~|tlf|mobil~|telefonnummer~|mobilnummer~|nummeret|nummer", "fødselsnummer~|personnummer~|kontonummer~|kontonr")
	// relation is whoever a sentence is about beside the user.
	relation = norsk.Phrases("naboen|naboane|nabo|naboer", "datteren|datter|dattera|dotter|dottera|sønnen|sønn|son|sonen|svigerdatter~|svigersønn~|svigerson~|svigerdotter~", "broren|bror|søsteren|søster|søstera|syster|systera|ektefellen|kona|konen|samboeren|sambuaren|barnebarn~|niese~|nevø~", "mannen hennes|hennar", "mannen|mora|moren|faren|sonen til",
		"pårørende|pårørande", "en|ein annen|annan bruker|brukar|pasient|beboer|bebuar", "brukeren|brukaren|pasienten|beboeren|bebuaren i|på ..2 #", "hjemmehjelpen|heimehjelpa|kollega|kollegaen")
	// nearby says where somebody else lives or lies: "i etasjen under", "på naborommet".
	nearby  = norsk.Phrases("i|på etasjen|leiligheten|leilegheita|rommet|naborommet|nabohuset|oppgangen|naboleiligheten|gangen|huset|senga ..1 under|over|ved|overfor|vegg|bortenfor|nedenfor|ovenfor", "på naborommet|nabogården|nabogarden", "i nabohuset|naboleiligheten|nabolaget|gata|gaten|bygda|oppgangen|grenda", "vegg i vegg")
	private = norsk.Phrases("kreft|kreften|kreftsyk|kreftsjuk|hjerneslag|hjerteinfarkt|hjarteinfarkt|slag|alzheimer|parkinson|cellegift|døende|døyande|døde|døydde|diabetes|demens|dement|depresjon|deprimert|diagnose~|psykisk|psykose|angst|kols|hiv|abort|gravid", "alvorleg|alvorlig|dødeleg|dødelig|uhelbredelig|uhelbredeleg syk|sjuk", "alkohol~|alkis|drikker|drikk|rus|rusa|ruset|narkotika|stoff|drikkeproblem~",
		"fengsel|dømt|politiet|anmeldt|meldt|straff~", "gjeld|konkurs|namsmann~|inkasso|trygd|uføre~|uføretrygd~|sosialhjelp", "skilt|skilles|skilsmisse~|utro|separert", "barnevern~", "sykmeldt|sjukmeldt|sykemeldt|sjukemeldt", "selvmord~|sjølvmord~|overdose~", "innlagt|operert")
	deviation = norsk.Phrases("avvik|avviket|avvika|avvikene|avviksmelding~|avviksmelde~|legemiddelavvik~|medisinavvik~|feilmedisiner~")
)

// withoutSecrets is a sentence with its codes, passwords and private numbers left out. cued: the sentence
// before it spoke of a code. found tells what was left out, "" for nothing.
func withoutSecrets(text, form string, cued bool) (out string, found bool) {
	tokens := norsk.Tokens(text)
	code := cued && len(tokens) <= 8 || norsk.Has(codeCues, tokens)
	phone := norsk.Has(phoneCues, tokens)
	type cut struct {
		from, to int // bytes
		put      string
	}
	var cuts []cut
	dated := make([]bool, len(tokens))
	for _, d := range norsk.Dates(tokens, anyDay) {
		for i := d.From; i < d.To; i++ {
			dated[i] = true
		}
	}
	for i := 0; i < len(tokens); {
		end, digits, single := numberRun(tokens, i)
		if end == i || dated[i] {
			i = max(end, i+1)
			continue
		}
		amount := end < len(tokens) && (measured[tokens[end].Lower]) || i > 0 && slices.Contains([]string{"klokka", "klokken", "kl", "over", "uke", "veke", "sak"}, tokens[i-1].Lower) || end < len(tokens) && tokens[end].Lower == "over"
		switch {
		case amount && !single:
		case code && digits >= 3 && digits <= 8, single && end-i >= 4 && digits < 8:
			cuts = append(cuts, cut{tokens[i].Start, tokens[end-1].End, norsk.CodeLeftOut.In(form)})
		case digits >= 8 && (phone || digits == 8 || digits == 11), phone && digits >= 5:
			cuts = append(cuts, cut{tokens[i].Start, tokens[end-1].End, norsk.NumberLeftOut.In(form)})
		}
		i = end
	}
	if _, to, ok := norsk.FindAny(passwords, tokens); ok && len(cuts) == 0 && to < len(tokens) {
		if w := tokens[to-1].Lower; w == "er" || w == "blir" || w == "lyder" || w == "heter" || w == "heiter" || tokens[to-1].Mark == ':' || tokens[to-1].Mark == ',' {
			end := to
			for end < len(tokens)-1 && tokens[end].Mark == 0 && !slices.Contains([]string{"og", "men", "så"}, tokens[end+1].Lower) {
				end++
			}
			cuts = append(cuts, cut{tokens[to].Start, tokens[end].End, norsk.CodeLeftOut.In(form)})
		}
	}
	var b strings.Builder
	at := 0
	for _, c := range cuts {
		b.WriteString(text[at:c.from] + c.put)
		at = c.to
	}
	b.WriteString(text[at:])
	return b.String(), len(cuts) > 0
}

// measured are units: a number before one is an amount.
var measured = wordSet("milligram mg gram kilo kg ml milliliter liter desiliter dl enheter einingar tabletter tablettar tablett prosent grader gradar kroner timer timar minutter minutt dager dagar uker veker måneder månader år centimeter cm meter slag ganger gonger mmol")

// numberRun is a run of numbers said one after the other from token i, with how many digits they have; single
// when each is one digit.
func numberRun(tokens []norsk.Token, i int) (end, digits int, single bool) {
	single = true
	for end = i; end < len(tokens); end++ {
		t := tokens[end]
		if slices.Contains([]string{"stjerne", "firkant", "hash", "skigard", "emneknagg"}, t.Lower) && end > i {
			continue
		}
		n := 0
		for _, r := range t.Text {
			if r >= '0' && r <= '9' {
				n++
			}
		}
		if n == 0 {
			value, ok := norsk.Number(t.Lower)
			if !ok || slices.Contains([]string{"en", "ein", "ei", "et", "eit"}, t.Lower) && (end == i || end+1 >= len(tokens)) {
				break
			}
			n = len(itoa(value))
		}
		if strings.ContainsAny(t.Text, "/:") || strings.Contains(t.Text, ",") {
			break
		}
		digits += n
		single = single && n == 1
		if t.Mark == '.' && end > i && digits > 4 {
			end++
			break
		}
	}
	return end, digits, single && digits > 0
}

// aboutOthers tells a sentence that holds private matters of somebody else than the user.
func aboutOthers(tokens []norsk.Token) bool {
	at, _, ok := norsk.FindAny(relation, tokens)
	if from, _, beside := norsk.FindAny(nearby, tokens); beside && (!ok || from < at) {
		at, ok = 0, true
	}
	if !ok {
		return false
	}
	if from, _, ok := norsk.FindAny(private, tokens[at:]); ok && from > 0 {
		return true
	}
	return false
}

// ofAnother tells a sentence in which a named person other than the user has a private matter: "Gerd Moland har
// fått kreft". user holds the words of the user's own name.
func ofAnother(tokens []norsk.Token, user map[string]bool) bool {
	for i, t := range tokens {
		if !t.Capitalised() || user[t.Lower] || len([]rune(t.Text)) < 3 || i+1 >= len(tokens) || t.Mark != 0 && t.Mark != ',' {
			continue
		}
		if i == 0 && !tokens[1].Capitalised() || i > 0 && atPlace[tokens[i-1].Lower] || norsk.Has(doses, tokens[i:i+1]) {
			continue // a sentence's first word, a place, a medicine
		}
		rest := tokens[i+1:]
		has, _, ok := norsk.FindAny(having, rest[:min(8, len(rest))])
		if !ok {
			continue
		}
		if norsk.Has(private, rest[has:]) {
			return true
		}
	}
	return false
}

// atPlace stand before the name of a place rather than of a person.
var (
	atPlace = wordSet("på i ved til fra frå hos")
	having  = norsk.Phrases("har|hadde|fikk|fekk|er|var|ble|vart|blei|skal|lider|lir")
)

// users are the words of the name of the one a note is about: the first full name that is said in it, and those of
// its title.
func users(title string, us []utterance) map[string]bool {
	out := map[string]bool{}
	for _, t := range norsk.Tokens(title) {
		if t.Capitalised() {
			out[t.Lower] = true
		}
	}
	for k := range us[:min(4, len(us))] {
		tokens := us[k].tokens
		for i := 0; i+1 < len(tokens); i++ {
			if tokens[i].Capitalised() && tokens[i+1].Capitalised() && tokens[i].Mark == 0 {
				for ; i < len(tokens) && tokens[i].Capitalised(); i++ {
					out[tokens[i].Lower], out[tokens[i].Lower+"s"] = true, true
				}
				return out
			}
		}
	}
	return out
}

// otherUser is whoever else the service visits.
var otherUser = norsk.Phrases("naboen|naboane|nabo", "i|på nummer|nr|leilighet|leiligheit|rom|avdeling #", "i|på nummer|nr|leilighet|leiligheit|rom", "på lista|listen|runden|ruta|ruten", "en|ein|den annen|annan|andre|neste bruker|brukar|pasient|beboer|bebuar", "forrige|førre|neste bruker|brukar|pasient|besøk", "videre|vidare|innom|bortom|heimom|hjemom ..1 til|hos?")

// namesOther tells a sentence that names somebody else whom the service visits, with first and last name.
func namesOther(u *utterance) bool {
	if !norsk.Has(otherUser, u.tokens) {
		return false
	}
	for i := 1; i+1 < len(u.tokens); i++ {
		a, b := u.tokens[i], u.tokens[i+1]
		if a.Capitalised() && b.Capitalised() && a.Mark == 0 && len(a.Text) > 2 && len(b.Text) > 2 && strings.ToUpper(a.Text) != a.Text {
			return true
		}
	}
	return false
}
