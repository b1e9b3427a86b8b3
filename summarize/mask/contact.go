package mask

import (
	"regexp"
	"strings"
)

// The two ways in which an e-mail address comes: written, and said with "krøllalfa".
var (
	writtenEmail = regexp.MustCompile(`[\p{L}0-9._%+'\-]+ ?@ ?[\p{L}0-9\-]+(?:\.[\p{L}0-9\-]+)+`)
	spokenEmail  = regexp.MustCompile(`(?i)(?:[\p{L}0-9_\-]+(?: ?[._\-] ?| (?:punktum|prikk|dot|punkt|bindestrek|understrek|strek|nedestrek) ))*[\p{L}0-9_\-]+,? ` +
		`?(?:krøllalfa|krølla|krøll-alfa|krøll alfa|alfakrøll|alfa krøll|krullalfa|snabel-a|snabel a|snabela|@),? ?` +
		`[\p{L}0-9\-]+(?:(?:\.| (?:punktum|prikk|dot|punkt) )[\p{L}0-9\-]+)*`)
)

func (r *reader) emails() {
	for _, pattern := range []*regexp.Regexp{writtenEmail, spokenEmail} {
		for _, at := range pattern.FindAllStringIndex(r.text, -1) {
			s := strings.ToLower(strings.Join(strings.Fields(r.text[at[0]:at[1]]), " "))
			r.claim(finding{from: at[0], to: at[1], label: labelEmail, canonical: s})
		}
	}
}

// streetEndings end the names of streets; sure ones also in small letters.
var (
	sureStreets  = []string{"gata", "gate", "gaten", "gt", "vegen", "veien", "veg", "vei", "vn", "allé", "alleen", "alléen"}
	otherStreets = []string{"plassen", "plass", "bakken", "svingen", "stien", "sti", "tunet", "tun", "haugen", "lia", "åsen", "torget", "torg", "brygga", "brygge", "kaia", "kroken",
		"løkka", "løkken", "terrasse", "terrassen", "ringen", "jordet", "hagen", "kleiva", "grenda", "flata", "myra", "marka", "skogen", "toppen", "lunden", "enga", "dalen", "smuget",
		"smauet", "gangen", "faret", "råket", "ruta", "stranda", "neset", "odden", "holmen", "høgda", "høyda", "kollen", "brauta", "brinken", "stubben", "kneika", "geila", "gutua", "sletta", "moen"}
	// openRoads are roads of the map, which nobody lives in by number.
	openRoads = wordSet("fylkesveg fylkesvei fylkesvegen fylkesveien riksveg riksvei riksvegen riksveien europaveg europavei europavegen europaveien motorveg motorvei kommuneveg kommunevei " +
		"gangveg gangvei sykkelvei sykkelveg sideveg sidevei skogsveg skogsvei hovedvei hovudveg omveg omvei snarveg snarvei underveg undervei jernveg jernvei adkomstveg adkomstvei tilkomstveg " +
		"barnehageplass barnehageplassen arbeidsplass arbeidsplassen lekeplass lekeplassen parkeringsplass parkeringsplassen rasteplass møteplass skoleplass praksisplass " +
		"sykehjemsplass sjukeheimsplass korttidsplass institusjonsplass læreplass flyplass flyplassen idrettsplass idrettsplassen holdeplass haldeplass")
)

// streets claims a street with a number, and a street that somebody lives in.
func (r *reader) streets() {
	for i := range r.atoms {
		end, sure, ok := r.streetAt(i)
		if !ok {
			continue
		}
		first := i
		// The name may have words before its last: "Karl Johans gate", "Nedre Storgate".
		for n := 0; n < 3 && first > 0 && r.is(first-1, word) && r.atoms[first-1].capital && !r.taken[first-1] && !r.atoms[first].newLine; n++ {
			if r.atoms[first-1].begins && (starts[r.low(first-1)] || titles[r.low(first-1)]) {
				break
			}
			first--
		}
		if !r.atoms[i].capital && first == i && len(r.low(i)) < 7 {
			continue // "veien 12", "gate 3"
		}
		if tail, ok := r.houseNumber(end); ok {
			r.claimAtoms(first, tail, labelAddress, fold(r.text[r.atoms[first].from:r.atoms[tail-1].to]))
			continue
		}
		if sure && (r.atoms[i].capital || first < i) && (r.low(first-1) == "i" || r.low(first-1) == "på") && homes[r.low(first-2)] {
			r.claimAtoms(first, end, labelAddress, fold(r.text[r.atoms[first].from:r.atoms[end-1].to]))
		}
	}
}

// homes come before "i" or "på" and where somebody lives.
var homes = wordSet("bor bur bodde budde bo heime hjemme adresse adressen adressa leilighet leilegheit hus huset flyttet flytta")

// streetAt reports whether a street's name ends at atom i; end is the atom after it.
func (r *reader) streetAt(i int) (end int, sure, ok bool) {
	if !r.is(i, word) || r.taken[i] || openRoads[r.low(i)] {
		return 0, false, false
	}
	w := r.low(i)
	has := func(endings []string) bool {
		for _, e := range endings {
			if strings.HasSuffix(w, e) && (len(w) >= len(e)+3 || w == e && r.is(i-1, word) && r.atoms[i-1].capital) {
				return true
			}
		}
		return false
	}
	switch {
	case has(sureStreets):
		return i + 1, true, true
	case r.atoms[i].capital && has(otherStreets):
		return i + 1, false, true
	}
	return 0, false, false
}

// houseNumber reads "12", "12 B", "12b", "tolv b" at atom i. A number that counts something is none.
func (r *reader) houseNumber(i int) (end int, ok bool) {
	if r.low(i) == "nummer" || r.low(i) == "nr" {
		if i++; r.low(i) == "." {
			i++
		}
	}
	switch {
	case r.is(i, digits) && len(r.low(i)) <= 3 && r.low(i)[0] != '0':
		end = i + 1
	case r.is(i, word) && len(digitWords[r.low(i)]) > 0 && !articles[r.low(i)]:
		end = i + 1
	default:
		return 0, false
	}
	if units[r.low(end)] || r.low(end) == "%" || r.low(end) == "." && r.is(end+1, word) && dayWords[r.low(end+1)] != "" {
		return 0, false
	}
	if r.is(end, word) && len(r.low(end)) == 1 && r.low(end) != "i" && r.low(end) != "å" && !r.atoms[end].newLine {
		end++
	}
	return end, true
}

var articles = wordSet("en ein ei et eit ett eitt to null")

// postcodes claims four digits with the name of a place.
func (r *reader) postcodes() {
	for i := range r.atoms {
		if !r.is(i, digits) || r.taken[i] || len(r.low(i)) != 4 || i > 0 && r.atoms[i].afterDigit ||
			!r.is(i+1, word) || r.taken[i+1] || !r.atoms[i+1].capital || r.atoms[i+1].begins || r.atoms[i+1].newLine {
			continue
		}
		place := r.low(i + 1)
		addressed := i > 0 && r.taken[i-1] || i > 1 && r.low(i-1) == "," && r.taken[i-2]
		// Postcodes of the kind 2026 are years unless the place is known.
		likely := r.low(i) < "1800" || r.low(i) > "2100"
		if firstNames[place] && !places[place] || units[place] || bodies[place] || !addressed && !likely && !places[place] || beforeTimes[r.low(i-1)] && !addressed && !homes[r.low(i-2)] && "1500" < r.low(i) && r.low(i) < "2100" {
			continue
		}
		end := i + 2
		if r.is(end, word) && r.atoms[end].capital && (places[r.low(end)] || r.low(end) == "i") {
			end++
		}
		r.claimAtoms(i, end, labelAddress, fold(r.text[r.atoms[i].from:r.atoms[end-1].to]))
	}
}
