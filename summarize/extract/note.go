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
	{norsk.Assessment, norsk.Phrases("vurderer|vurdering~", "vurderes|vert vurdert", "virker|verkar ..4 som", "mener|meiner", "tyder på", "bedre|betre enn", "verre enn|enn", "risiko~", "fare for", "trolig|truleg", "sannsynligvis", "inntrykk~", "uendret|uendra")},
	{norsk.Measures, norsk.Phrases("ga|gav|gitt|gjeve|fikk|fekk ..4 medisin~|tablett~|paracet~|insulin|smertestillende|milligram|mg", "hjalp|hjelpte|hjulpet|hjelpt", "skiftet|skifta", "stelte|stell|dusj~|dusjet|vasket|vaska", "smurte|smurt", "satte|sette|sett på|opp", "laget|laga mat|frokost|middag|kveldsmat",
		"målte|måla|tok ..2 blodtrykk~|blodsukker~|temperatur~", "ringte|ringde|kontaktet|kontakta", "mobiliserte", "la om|på", "bandasje~", "serverte", "tilkalte")},
	{norsk.Observation, norsk.Phrases("blodtrykk~", "blodsukker~", "puls~", "temperatur~", "sår~", "rød|raud|hoven|blå", "smerte~|vondt", "spiste|spist|åt|drakk|drukket|drukke", "sov|søvn~", "klar og orientert", "observer~", "ser|såg|så ut", "virker|virket|verka|verkar", "kvalm~", "svimmel~", "hevelse~|ødem~", "vekt~", "kilo", "avføring~|urin~", "hoster|hostar", "pust~")},
	{norsk.Situation, norsk.Phrases("kom|kommer|kjem", "var|er", "besøk", "ligger|ligg|låg|lå", "sitter|sit|satt|sat", "brukar|bruker|pasient~")},
}

var (
	doses   = norsk.Phrases("# milligram|mg|mikrogram|gram|ml|milliliter|enheter|einingar|tablett|tabletter|tablettar|dråper|dropar", "insulin|paracet|paracetamol|marevan|metoprolol|ibux|ibuprofen|morfin|oxynorm|furix|albyl|eliquis|zopiklon|imovane|sobril")
	secrets = norsk.Phrases("nøkkelboks~", "kode|koden|kodelås~ ..3 #", "pin|pinkode|pin-kode|pinkoden", "passord~")
)

// careNote sorts the sentences of a dictated note under the fixed headings. Doses and codes are
// pointed out, never changed.
func careNote(out *referent.Minutes, us []utterance) {
	form := string(out.Language)
	under := map[norsk.Word][]referent.Point{}
	at := norsk.Situation
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
		under[at] = append(under[at], referent.Point{Text: text, Evidence: u.evidence})
		if norsk.Has(doses, u.tokens) {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: text, Reason: norsk.ReasonDose.In(form), Evidence: u.evidence})
		}
		if norsk.Has(secrets, u.tokens) {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: text, Reason: norsk.ReasonSecret.In(form), Evidence: u.evidence})
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

// pause, in seconds, is a silence that begins a new paragraph of a dictation; paragraphSentences begins
// one when the speaker never pauses.
const (
	pause              = 2.0
	paragraphSentences = 6
)

// dictate writes a dictation out: its sentences cleaned, in paragraphs, nothing left out.
func dictate(out *referent.Minutes, t *referent.Transcript) {
	var points []referent.Point
	var text []string
	var ids []string
	sentences := 0
	flush := func() {
		if joined := norsk.Clean(strings.Join(text, " ")); joined != "" {
			points = append(points, referent.Point{Text: joined, Evidence: evidence(ids)})
		}
		text, ids, sentences = nil, nil, 0
	}
	for i, s := range t.Segments {
		broken := i > 0 && (s.Start-t.Segments[i-1].End >= pause || s.Speaker != t.Segments[i-1].Speaker)
		if len(text) > 0 && (broken || sentences >= paragraphSentences && norsk.EndsSentence(t.Segments[i-1].Text)) {
			flush()
		}
		text, ids = append(text, strings.TrimSpace(s.Text)), append(ids, s.ID)
		sentences += max(1, len(norsk.Sentences(s.Text)))
	}
	flush()
	if len(points) > 0 {
		out.Items = []referent.Item{{Heading: "", Points: points}}
	}
}
