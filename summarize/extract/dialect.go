package extract

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent/summarize/norsk"
)

// dialect maps words as they are spoken to the written words that the rules know.
var dialect = map[string]string{
	"æ": "jeg", "jæ": "jeg", "æg": "jeg", "ej": "jeg", "je": "jeg", "dokker": "dere", "dokk": "dere", "dåkker": "dere", "døkk": "dere",
	"va": "var", "vart": "vart", "ka": "hva", "kem": "hvem", "koffer": "hvorfor", "korsen": "hvordan", "kordan": "hvordan", "katti": "når",
	"itj": "ikke", "ittj": "ikke", "itte": "ikke", "isje": "ikke", "ente": "ikke", "inte": "ikke", "nokka": "noe", "noka": "noe", "nåkka": "noe", "noken": "noen", "nån": "noen", "nåen": "noen",
	"dæ": "deg", "mæ": "meg", "sæ": "seg", "hu": "hun", "hæ": "hva", "sir": "sier", "sjer": "skjer", "gjær": "gjør", "gjørr": "gjør", "tekk": "tar", "tæk": "tar", "tar'n": "tar",
	"ska": "skal", "vil'": "vil", "trenge": "trenger", "bestemme": "bestemmer", "trur": "tror", "kjæm": "kommer", "kjem": "kommer", "anna": "annet", "ho": "ho",
	"ringje": "ringe", "noko": "noe", "dem": "dem", "dom": "de", "vess": "hvis", "mått": "måtte", "bli": "bli", "blir": "blir", "skrive": "skrive", "bynne": "begynne", "bynner": "begynner",
	"kainn": "kan", "kanj": "kan", "kajn": "kan", "kann": "kan", "kainne": "kan", "sku": "skulle", "vill": "vil", "tell": "til", "hain": "han", "hanj": "han", "hannj": "han",
	"kæm": "hvem", "åssen": "hvordan", "åffer": "hvorfor", "nåkken": "noen", "nokken": "noen", "nokkon": "noen", "nånn": "noen", "nåkke": "noe", "nokke": "noe", "åsså": "også", "mei": "meg", "dåkk": "dere", "døkker": "dere",
	"gjørra": "gjøre", "gjæra": "gjøre", "gjær'": "gjøre", "berr": "bare", "bærre": "bare", "bærr": "bare", "ferr": "for",
	"då": "da", "okei": "ok", "okey": "ok", "oki": "ok", "førr": "for", "henn": "hen", "heile": "hele", "sånt": "slikt",
}

// spoken makes the words of dialects comparable: their Lower is the written word. What is quoted stays as
// it was said, since Text does not change.
func spoken(tokens []norsk.Token) []norsk.Token {
	tokens = unjoined(tokens)
	for i, t := range tokens {
		if w, ok := dialect[t.Lower]; ok {
			tokens[i].Lower = w
			continue
		}
		if t.Lower == "te" && i+1 < len(tokens) && t.Mark == 0 && tokens[i+1].Lower != "og" { // "te torsdag"
			tokens[i].Lower = "til"
		}
		// "e" is "er", and "jeg" beside a modal verb.
		if t.Lower == "e" {
			tokens[i].Lower = "er"
			if i+1 < len(tokens) && modal(tokens[i+1].Lower) || i > 0 && modal(tokens[i-1].Lower) {
				tokens[i].Lower = "jeg"
			}
		}
		// "vi bytte", "æ sende": the present without its r
		if i > 0 && (tokens[i-1].Lower == "vi" || tokens[i-1].Text == "æ" || tokens[i-1].Text == "Æ") && t.Mark != ',' {
			if v, ok := infinitives[t.Lower]; ok && v.infinitive == t.Lower && len(t.Lower) > 3 && (i < 2 || !modal(tokens[i-2].Lower)) {
				tokens[i].Lower = t.Lower + "r"
			}
		}
	}
	return tokens
}

// joinedWords are what is left of a pronoun that is said as one with the word before it: "tar'n", "æ'n", "har'u".
var joinedWords = map[string]string{"n": "den", "a": "hun", "u": "du", "t": "det", "o": "hun", "em": "dem", "r": "dere"}

// unjoined splits such words in two.
func unjoined(tokens []norsk.Token) []norsk.Token {
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		at := strings.IndexAny(t.Lower, "'’")
		if at <= 0 || len(t.Lower) != len(t.Text) {
			continue
		}
		_, size := utf8.DecodeRuneInString(t.Lower[at:])
		word, ok := joinedWords[t.Lower[at+size:]]
		if !ok {
			continue
		}
		head, tail := t, t
		head.Text, head.Lower, head.End, head.Mark = t.Text[:at], t.Lower[:at], t.Start+at, 0
		tail.Text, tail.Lower, tail.Start = t.Text[at+size:], word, t.Start+at+size
		tokens = slices.Concat(tokens[:i], []norsk.Token{head, tail}, tokens[i+1:])
		i++
	}
	return tokens
}

func modal(w string) bool {
	switch w {
	case "skal", "ska", "må", "kan", "får", "vil", "bør":
		return true
	}
	return false
}
