package mask

import "strings"

// units come after numbers that count or measure something.
var units = wordSet("kr kroner krone kronar nok euro dollar øre mill million millioner millionar milliard milliarder milliardar mrd tusen prosent pst promille prosentpoeng " +
	"meter m km kilometer mil cm mm kvm kvadratmeter m2 mål dekar daa hektar liter tonn kg kilo gram kwh mwh gwh kw mw timer timar dager dagar uker veker måneder månader år minutt minutter " +
	"stk stykk stykker innbyggere innbyggarar innbyggjarar elever elevar barn ansatte tilsette årsverk stemmer røyster plasser plassar boliger bustader personer personar " +
	"poeng ganger gonger saker brukere brukarar medlemmer medlemer husstander husstandar kubikk kubikkmeter besøk besøkende besøkande")

// currency comes before.
var currency = wordSet("kr nok eur usd € $")

// shieldAmounts keeps the atoms of numbers that count something from being read as part of other numbers:
// "12 500 000 kroner", "kr 2.400.000,-", and groups of three that end in zeros with no word of what it is.
func (r *reader) shieldAmounts() {
	r.shield = make([]bool, len(r.atoms))
	for i := 0; i < len(r.atoms); i++ {
		if !r.is(i, digits) || r.taken[i] {
			continue
		}
		end, groups := r.grouped(i)
		decimals := end
		if r.low(end) == "," && (r.is(end+1, digits) || r.low(end+1) == "-") {
			decimals = end + 2
		}
		follows := units[r.low(decimals)] || r.low(decimals) == "%" || r.low(decimals) == "€" || r.low(decimals) == "‰"
		precedes := currency[r.low(i-1)] || r.low(i-1) == "." && currency[r.low(i-2)]
		round := groups > 1 && strings.HasSuffix(r.low(end-1), "00")
		// Eleven digits in one piece are no amount, whatever word follows; nor is the end of a number that
		// is said in pieces: "98 76 54 32".
		single := groups == 1 && (len(r.low(i)) >= 11 || i > 0 && len(r.numerals(i-1)) > 0)
		if (follows || precedes || round) && !single && r.low(i)[0] != '0' {
			for j := i; j < end; j++ {
				r.shield[j] = true
			}
		}
		i = end - 1
	}
}

// grouped is the end of a number written in groups of three, and how many groups there are; else of the
// digits at i alone, or of a whole run that reads as one ("2 4 0 0 kroner" is no amount).
func (r *reader) grouped(i int) (end, groups int) {
	if len(r.low(i)) > 3 {
		return i + 1, 1
	}
	end, groups = i+1, 1
	for {
		at := end
		if r.low(at) == "." && !r.atoms[at].spaced {
			at++
		}
		if !r.is(at, digits) || len(r.low(at)) != 3 || r.atoms[at].newLine || at > end && r.atoms[at].spaced {
			break
		}
		end, groups = at+1, groups+1
	}
	// A shorter or longer group behind it makes it something else: 987 654 32.
	if r.is(end, digits) && !r.atoms[end].newLine {
		return i + 1, 1
	}
	return end, groups
}
