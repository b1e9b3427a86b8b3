package extract

import (
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// careHeadings are the fixed headings of a home-care note with the words that send a sentence there.
// The order is the note's; when several fit, the one whose test comes first in careTests wins.
var careHeadings = []norsk.Word{norsk.Situation, norsk.Observation, norsk.Measures, norsk.Assessment, norsk.PlanAhead, norsk.NextShift}

var careTests = []struct {
	heading norsk.Word
	cues    []norsk.Pattern
}{
	{norsk.NextShift, norsk.Phrases("beskjed til", "neste vakt", "nattevakt~", "kveldsvakt~", "dagvakt~", "morgenvakt~", "dere|dykk som kommer|kjem", "gi beskjed", "husk|hugs at?")},
	{norsk.PlanAhead, norsk.Phrases("plan|planen", "videre|vidare", "i morgen|morgon", "neste besøk|veke|uke|gang|gong", "skal|må kontaktes|følges|følgjast|bestilles|tingast|vurderes|vurderast",
		"følge|følgje opp", "avtalt|avtalt time", "ny kontroll", "skal til")},
	{norsk.Assessment, norsk.Phrases("vurderer|vurdering~", "vurderes|vert vurdert", "virker|verkar ..4 som", "mener|meiner", "tyder på", "bedre|betre enn", "verre enn", "risiko~", "fare for", "trolig|truleg", "sannsynligvis", "inntrykk~", "uendret|uendra")},
	{norsk.Measures, norsk.Phrases("ga|gav|gitt|gjeve|fikk|fekk ..4 medisin~|tablett~|paracet~|insulin|smertestillende|milligram|mg", "hjalp|hjelpte|hjulpet|hjelpt", "skiftet|skifta", "stelte|stell|dusj~|dusjet|vasket|vaska", "smurte|smurt", "satte|sette|sett på|opp", "laget|laga mat|frokost|middag|kveldsmat",
		"målte|måla|tok ..2 blodtrykk~|blodsukker~|temperatur~", "ringte|ringde|kontaktet|kontakta", "mobiliserte", "la om|på", "bandasje~", "serverte", "tilkalte")},
	{norsk.Observation, norsk.Phrases("blodtrykk~", "blodsukker~", "puls~", "temperatur~", "sår~", "rød|raud|hoven|blå", "smerte~|vondt", "spiste|spist|åt|drakk|drukket|drukke", "sov|søvn~", "klar og orientert", "observer~", "ser|såg|så ut", "virker|virket|verka|verkar", "kvalm~", "svimmel~", "hevelse~|ødem~", "vekt~", "kilo", "avføring~|urin~", "hoster|hostar", "pust~")},
	{norsk.Situation, norsk.Phrases("kom|kommer|kjem", "var|er", "besøk", "ligger|ligg|låg|lå", "sitter|sit|satt|sat", "brukar|bruker|pasient~")},
}

var (
	doses = norsk.Phrases("# milligram|mg|mikrogram|gram|ml|milliliter|enheter|einingar|eining|enhet|tablett|tabletter|tablettar|tabletten|dråper|dropar|plaster|kapsel|kapsler|kapslar|sugetablett~|brusetablett~|spray|drag|mikstur|pille|piller", medicines,
		"dose|dosen|dosar|doser|dosett|dosetten|dosering~|kveldsdosen|morgendosen|morgondosen", "medisin~|legemidd~|antibiotika~|antibiotikum|smertestillende|smertestillande|blodfortynnende|blodfortynnande|sovemedisin|vanndrivende|vassdrivande|øyedråp~|augedrop~|innhalasjon~|inhalator")
)

// medicines are names that home-care notes use often, as prefixes. None of them is put right: who hears the
// recording decides.
const medicines = "insulin~|paracet~|pinex~|panodil~|paralgin~|ibux~|ibuprof~|naproxen~|voltaren~|diklofenak~|morfin~|dolcontin~|oxycontin~|oxynorm~|oksykodon~|tramadol~|nobligan~|norspan~|fentanyl~|durogesic~|" +
	"marevan~|warfarin~|eliquis~|apixaban~|xarelto~|pradaxa~|albyl~|plavix~|klopidogrel~|fragmin~|klexane~|metoprolol~|selo-zok~|selozok~|bisoprolol~|amlodipin~|norvasc~|ramipril~|enalapril~|losartan~|cozaar~|atacand~|kandesartan~|" +
	"furix~|furosemid~|burinex~|diural~|spirix~|digoksin~|digitoksin~|simvastatin~|atorvastatin~|lipitor~|metformin~|glucophage~|novorapid~|lantus~|tresiba~|levemir~|toujeo~|humalog~|ozempic~|januvia~|jardiance~|" +
	"levaxin~|prednisolon~|medrol~|ventoline~|symbicort~|seretide~|spiriva~|atrovent~|imovane~|zopiklon~|stilnoct~|zolpidem~|sobril~|oksazepam~|stesolid~|diazepam~|valium~|vival~|rivotril~|haldol~|risperdal~|seroquel~|zyprexa~|" +
	"remeron~|mirtazapin~|cipralex~|escitalopram~|cipramil~|citalopram~|zoloft~|sertralin~|madopar~|sinemet~|stalevo~|aricept~|donepezil~|ebixa~|memantin~|laktulose~|lactulose~|movicol~|laxoberal~|dulcolax~|somac~|pantoprazol~|nexium~|losec~|" +
	"apocillin~|penicillin~|selexid~|pivmecillinam~|trimetoprim~|bactrim~|keflex~|dalacin~|fosamax~|alendron~|calcigran~|kalsium~|nitroglycerin~|nitrolingual~|imdur~|monoket~|afipran~|kvalmestillende|zofran~|betolvex~|b12~|folsyre~|kajos~|natriumklorid~"

// careNote sorts the sentences of a dictated note under the fixed headings. Doses and deviations are pointed
// out, never changed; codes and numbers that have no place in a note are left out of it, and the private
// matters of others wait for a person.
func careNote(out *referent.Minutes, us []utterance) {
	form := string(out.Language)
	under := map[norsk.Word][]referent.Point{}
	review := func(text string, why norsk.Word, ids []string) {
		out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: text, Reason: why.In(form), Evidence: ids})
	}
	at := norsk.Situation
	cued := false // the sentence before spoke of a code
	user := users(out.Title, us)
	us = struck(us)
	for i := range us {
		u := &us[i]
		text := norsk.Clean(u.text)
		if text == "" || norsk.Has(norsk.Phrases("test test", "hallo"), u.tokens) {
			continue
		}
		if h, rest := spokenHeading(u); h != "" {
			at = h
			if rest == "" {
				continue
			}
			text = rest
		} else {
			at = careHeading(u, at)
		}
		text, secret := withoutSecrets(text, form, cued)
		cued = norsk.Has(codeCues, u.tokens)
		if secret {
			review(text, norsk.ReasonSecret, u.evidence)
		}
		if aboutOthers(u.tokens) || namesOther(u) || ofAnother(u.tokens, user) {
			review(text, norsk.ReasonOthers, u.evidence)
			continue
		}
		under[at] = append(under[at], referent.Point{Text: text, Evidence: u.evidence})
		if norsk.Has(doses, u.tokens) {
			review(text, norsk.ReasonDose, u.evidence)
		}
		if norsk.Has(deviation, u.tokens) {
			review(text, norsk.ReasonDeviation, u.evidence)
		}
	}
	for _, h := range careHeadings {
		out.Items = append(out.Items, referent.Item{Heading: h.In(form), Points: under[h]})
	}
}

// spokenHeading reads a heading that was dictated: "Observasjon: ...", "Plan videre."
func spokenHeading(u *utterance) (norsk.Word, string) {
	for _, h := range careHeadings {
		for _, form := range []string{"nb", "nn"} {
			words := norsk.Tokens(h.In(form))
			if len(u.tokens) < len(words) {
				continue
			}
			same := true
			for i := range words {
				same = same && words[i].Lower == u.tokens[i].Lower
			}
			last := u.tokens[len(words)-1]
			if same && (last.Mark == ':' || last.Mark == '.' || last.Mark == ',' || len(u.tokens) == len(words)) {
				return h, norsk.Clean(strings.TrimLeft(u.text[last.End:], ":., "))
			}
		}
	}
	return "", ""
}

// careHeading is where a sentence belongs; one without cues stays with the sentence before it.
func careHeading(u *utterance, before norsk.Word) norsk.Word {
	for _, t := range careTests {
		if t.heading == norsk.Situation && before != norsk.Situation {
			return before
		}
		if norsk.Has(t.cues, u.tokens) {
			return t.heading
		}
	}
	return before
}
